"""Safe counts: nothing small alone, every sum exact, and nothing that subtraction gives back."""

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.audience.cells import ALL, CUBES, LEAST, REST, STEP, TOTAL, Count, fold_line, make_safe
from portal.audience.counting import count_day
from portal.audience.service import SEPARATOR

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "d"]),
        st.sampled_from(["page", "api", "export"]),
        st.sampled_from(["", "csv", "json"]),
        st.sampled_from(["none", "search", "social", "site"]),
        st.booleans(),
        st.integers(0, 30),
    ),
    max_size=120,
)
LINES = st.dictionaries(
    st.text("abc", min_size=1, max_size=2), st.builds(Count, st.integers(1, 99), st.integers(1, 20))
)


@given(LINES, st.integers(2, 15))
def test_a_line_tells_no_value_of_too_few_visits(line: dict[str, Count], threshold: int) -> None:
    """What is below the threshold is in the rest, which is not below it either, unless it is the whole line."""
    folded, count = fold_line(line, threshold)
    assert sum(folded.values(), Count()) == sum(line.values(), Count())
    assert all(one.visits >= threshold for value, one in folded.items() if value != REST)
    assert (REST in folded) == (count > 0)
    assert REST not in folded or folded[REST].visits >= threshold or set(folded) == {REST}


@settings(max_examples=40)
@given(EVENTS)
def test_every_sum_is_exact_and_every_count_rounded(events: list[tuple[str, str, str, str, bool, int]]) -> None:
    """Counted by loops or by columns the day is the same; told, each line and each column adds up to its total."""
    rows = [
        (SEPARATOR.join((dataset, kind, form, origin, str(int(bot)))), None if bot else str(visitor))
        for dataset, kind, form, origin, bot, visitor in events
    ]
    counts = count_day([rows[:50], rows[50:]] if len(rows) > 50 else [rows] if rows else [])
    people = [event for event in events if not event[4]]
    for dataset in {event[0] for event in people}:
        mine = [event for event in people if event[0] == dataset]
        assert counts[TOTAL, dataset, ALL] == Count(len(mine), len({event[5] for event in mine}))
        for kind in {event[1] for event in mine}:
            same = [event for event in mine if event[1] == kind]
            assert counts["use", dataset, kind] == Count(len(same), len({event[5] for event in same}))
    names = (TOTAL, *(cube.name for cube in CUBES))
    tables: dict[str, dict[str, dict[str, Count]]] = {name: {} for name in names}
    for (cube, dataset, value), count in counts.items():
        if cube in tables:
            tables[cube].setdefault(dataset, {})[value] = count
    safe = make_safe(tables, seed=1).counts
    assert {count % STEP for count in safe.values()} <= {0}
    for cube in CUBES:
        for dataset in {key[1] for key in safe if key[0] == cube.name}:
            line = sum(count for key, count in safe.items() if key[:2] == (cube.name, dataset))
            assert line == safe[TOTAL, dataset, ALL]
        for value in {key[2] for key in safe if key[0] == cube.name}:
            column = [count for key, count in safe.items() if key[0] == cube.name and key[2] == value]
            assert sum(column) == 2 * safe[cube.name, ALL, value]
    told = {key[1] for key in safe if key[0] == TOTAL} - {ALL, REST}
    assert all(tables[TOTAL][dataset][ALL].visits >= LEAST for dataset in told)


def test_datasets_of_too_few_visits_are_told_together() -> None:
    """Two readers here and two there are one line; two in all are told nowhere."""

    def table(value: str, **visits: int) -> dict[str, dict[str, Count]]:
        return {dataset: {value: Count(50, number)} for dataset, number in visits.items()}

    def safe(**visits: int) -> dict[tuple[str, str, str], int]:
        values = {TOTAL: ALL, "use": "page", "format": "", "referrer": "none"}
        return dict(make_safe({cube: table(value, **visits) for cube, value in values.items()}, seed=1).counts)

    together = safe(a=2, b=2, c=40)
    assert (together[TOTAL, REST, ALL], together[TOTAL, "c", ALL], together[TOTAL, ALL, ALL]) == (100, 50, 150)
    assert (TOTAL, "a", ALL) not in together
    alone = safe(a=2, c=40)
    assert (alone[TOTAL, ALL, ALL], alone.get((TOTAL, REST, ALL))) == (50, None)
