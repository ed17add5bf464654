"""What was released is served again as it was: nobody learns a contributor from the difference of two releases."""

from collections.abc import Callable
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from datasets.disclosure.comparison import compare
from datasets.disclosure.cubes import Cube, build_cube
from datasets.disclosure.frozen import Plan, append_kept, is_over, plan_cubes, sum_years
from datasets.disclosure.gate import find_release
from datasets.disclosure.layout import KEY, PERIODS, TERRITORIES, Layout
from datasets.disclosure.primary import Rules, find_unsafe

Key = tuple[str, str, str]
KM = "distance_contrefactuelle_km"
MEASURES = ["nb_dates", KM]
LAYOUT = Layout(TERRITORIES[:3], PERIODS)
AUTUMN, WINTER = date(2026, 10, 2), date(2027, 1, 2)


def build(name: str, frame: pd.DataFrame) -> Cube:
    """Return the cube of contributions."""
    options = {"holding": "holding", "levels": LAYOUT.levels, "periods": PERIODS, "dominance_measures": [KM]}
    return build_cube(frame, measures=MEASURES, name=name, **options)


def plan(frame: pd.DataFrame, served: pd.DataFrame | None, day: date) -> tuple[Plan, list[Cube]]:
    """Return what a release of the contributions would compute, on a day, after what was served."""
    earlier = {} if served is None else {"essai": served}
    return plan_cubes({"essai": frame}, {"essai": LAYOUT}, build, earlier, Rules(), lambda p: is_over(p, day))


def release(frame: pd.DataFrame, served: pd.DataFrame | None, day: date) -> tuple[pd.DataFrame, list[Cube]]:
    """Return the rows that a release serves, and the cubes that it computed."""
    planned, cubes = plan(frame, served, day)
    if not cubes:
        return planned.kept.get("essai", pd.DataFrame()), cubes
    found = find_release(
        cubes,
        lambda protection: {"essai": protection.serve(cubes[0]).assign(nature="")},
        seconds=1,
        earlier=planned.known,
        kept=planned.kept,
        withheld=planned.withheld,
        complete=lambda files: {
            name: append_kept(sum_years(rows, planned.summed, KEY, MEASURES).assign(nature="sum"), rows)
            for name, rows in files.items()
        },
    )
    return found[1]["essai"], cubes


def serve_all(frame: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return the rows that would be served on a day without any rule but that periods are over (quick)."""
    planned, [cube] = plan(frame, None, day)
    totals = {(table.level, table.period, table.block) for table in planned.withheld}
    listed = cube.cells[cube.cells["published"]]
    gone = [key in totals for key in zip(listed["niveau_geo"], listed["genre"], listed["bloc"], strict=True)]
    rows = listed.loc[~np.array(gone), [*KEY, *MEASURES]].reset_index(drop=True)
    return rows.assign(masque=find_unsafe(cube, Rules()).ne("").loc[listed.index[~np.array(gone)]].to_numpy())


@pytest.fixture(scope="module")
def frame(contributions: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """The contributions of two years."""
    return contributions(3000, 120, 2, seed=5)


@pytest.mark.parametrize(
    ("period", "day", "over"),
    [
        ("2026-T3", date(2026, 9, 30), False),
        ("2026-T3", date(2026, 10, 1), True),
        ("2026-T4", date(2026, 12, 31), False),
        ("2026-T4", date(2027, 1, 1), True),
        ("2026", date(2026, 12, 31), False),
        ("2026", date(2027, 1, 1), True),
        ("2028-T1", date(2028, 2, 29), False),
    ],
)
def test_a_period_is_over_on_the_day_after_its_last(period: str, day: date, over: bool) -> None:
    """A quarter or a year is released once its last day has passed."""
    assert is_over(period, day) is over


def test_a_running_year_shows_its_quarters_only(frame: pd.DataFrame) -> None:
    """Quarters that are over are computed; the one that runs waits, and so does the total of its year."""
    planned, [cube] = plan(frame, None, AUTUMN)
    assert set(cube.slots["trimestre"]) >= {"2025-T4", "2026-T3"}
    assert "2026-T4" not in set(cube.slots["trimestre"])
    assert {(table.period, table.block) for table in planned.withheld} == {("annee", "2026")}


def test_a_year_goes_on_when_nothing_moved(frame: pd.DataFrame) -> None:
    """The next quarter and the total of the year are computed beside the quarters as they were served."""
    served = serve_all(frame, AUTUMN)
    planned, [cube] = plan(frame, served, WINTER)
    assert planned.moved == ()
    assert not planned.withheld
    assert set(cube.slots["annee"]) == {"2026"}
    assert set(planned.known["essai"]["periode"]) == {"2026-T1", "2026-T2", "2026-T3"}
    assert set(planned.kept["essai"]["periode"].str[:4]) == {"2025"}


def test_a_running_year_without_a_new_quarter_is_not_computed(frame: pd.DataFrame) -> None:
    """Between two quarters nothing is new: nothing is computed, and the rows are served as they were."""
    served = serve_all(frame, AUTUMN)
    planned, cubes = plan(frame, served, date(2026, 11, 22))
    assert cubes == []
    assert compare(served, planned.kept["essai"]).rows.empty


def _late(frame: pd.DataFrame, row: int) -> pd.DataFrame:
    return pd.concat([frame, frame.iloc[[row]]], ignore_index=True)


def _corrected(frame: pd.DataFrame, row: int) -> pd.DataFrame:
    return frame.assign(**{KM: frame[KM].where(frame.index != row, frame[KM] * 1.001)})


def _moved_place(frame: pd.DataFrame, row: int) -> pd.DataFrame:
    other = frame["code_departement"].dropna().iloc[0]
    same = frame["lieu_id"] == frame["lieu_id"].iloc[row]
    return frame.assign(code_departement=frame["code_departement"].where(~same, other))


EDITS = {
    "one late project": _late,
    "one removed": lambda frame, row: frame.drop(index=row),
    "one corrected": _corrected,
    "a boundary that moved": _moved_place,
    "everything removed": lambda frame, row: frame[frame["trimestre"] != "2026-T2"],
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_what_moved_is_never_published(frame: pd.DataFrame, edit: Callable[..., pd.DataFrame]) -> None:
    """After a change in a released quarter its rows stay as they were, and the total of the year is withheld."""
    served = serve_all(frame, AUTUMN)
    elsewhere = frame["code_departement"].ne(frame["code_departement"].dropna().iloc[0])
    row = int(frame.index[(frame["trimestre"] == "2026-T2") & frame["code_departement"].notna() & elsewhere][0])
    planned, [cube] = plan(edit(frame, row), served, WINTER)
    assert planned.moved == ("2026",)
    assert set(cube.slots["trimestre"]) == {"2026-T4"}
    assert {table.period for table in planned.withheld} == {"annee"}
    assert compare(served, planned.kept["essai"]).rows.empty


def test_a_change_in_a_closed_year_is_not_even_looked_at(frame: pd.DataFrame) -> None:
    """The rows of a year that was released whole are served again, whatever the records have become."""
    served = serve_all(frame, WINTER)
    planned, cubes = plan(_late(frame, 0), served, date(2027, 2, 1))
    assert cubes == []
    assert planned.moved == ()
    assert compare(served, planned.kept["essai"]).rows.empty


def test_an_operator_found_late_moves_the_year(frame: pd.DataFrame) -> None:
    """No figure moved, but a row that was shown would be unsafe now: it is kept, and the year's total withheld."""
    served = serve_all(frame, AUTUMN)
    shown = served[~served["masque"] & (served["periode"] == "2026-T2") & (served["niveau_geo"] == "departement")]
    there = (frame["code_departement"] == shown["code_geo"].iloc[0]) & (frame["trimestre"] == "2026-T2")
    planned, _ = plan(frame.assign(holding=frame["holding"].where(~there, 0)), served, WINTER)
    assert planned.moved == ("2026",)


def test_a_year_that_moved_is_the_sum_of_what_is_shown() -> None:
    """It adds up the quarters as they are served, and is hidden where one of them is."""
    rows = pd.DataFrame(
        [
            *[("departement", "32", f"2026-T{q}", False, float(q), 10.0 * q) for q in (1, 2, 4)],
            ("departement", "31", "2026-T1", False, 5.0, 1.0),
            ("departement", "31", "2026-T2", True, np.nan, np.nan),
            ("departement", "32", "2025-T1", False, 7.0, 7.0),
        ],
        columns=[*KEY, "masque", *MEASURES],
    )
    made = sum_years(rows, ["2026"], KEY, MEASURES).set_index("code_geo")
    assert made.loc["32", [*KEY[2:], "masque", *MEASURES]].tolist() == ["2026", False, 7.0, 70.0]
    assert made.loc["31", "masque"]
    assert made.loc["31", MEASURES].isna().all()
    assert len(made) == 2


def grow(frame: pd.DataFrame, months: int, seed: int) -> list[tuple[date, pd.DataFrame]]:
    """Return a schedule as it is known on the second day of each month: late entries, removals and corrections."""
    rng = np.random.default_rng(seed)
    quarter = frame["trimestre"].str[-1].astype(int).to_numpy()
    month = (frame["annee"].astype(int).to_numpy() * 12 + 3 * (quarter - 1)) + rng.integers(0, 3, len(frame))
    entered = month + np.where(rng.random(len(frame)) < 0.001, rng.integers(1, 9, len(frame)), 0)
    removed = month + np.where(rng.random(len(frame)) < 0.0005, rng.integers(1, 9, len(frame)), 10_000)
    corrected = month + np.where(rng.random(len(frame)) < 0.0005, rng.integers(1, 9, len(frame)), 10_000)
    first, states = int(month.min()) + 1, []
    for now in range(first, first + months):
        known = (entered < now) & (removed >= now)
        factor = np.where(corrected < now, 1.07, 1.0)
        states.append((date(now // 12, now % 12 + 1, 2), frame.assign(**{KM: frame[KM] * factor})[known]))
    return states


def list_intervals(rows: pd.DataFrame, keys: list[Key], measure: str, parents: pd.Series) -> np.ndarray:
    """Return the least and the greatest value of some cells of a year, for who has its rows (keys × 2, scipy).

    His unknowns are the départements by quarter, and what lies outside of any: they add up to what is shown.
    """
    spots = [(place, quarter) for place in [*parents.index, ""] for quarter in "1234"]

    def holds(level: str, code: str, period: str) -> list[bool]:
        named = {"pays": lambda p: True, "region": lambda p: parents.get(p) == code, "departement": lambda p: p == code}
        return [named[level](place) and period[6:] in ("", quarter) for place, quarter in spots]

    shown = rows[~rows["masque"]]
    system = np.array([holds(*key) for key in shown[list(KEY)].itertuples(index=False, name=None)], dtype=float)
    found = []
    for key in keys:
        goal = np.array(holds(*key), dtype=float)
        ends = {sign: linprog(sign * goal, A_eq=system, b_eq=shown[measure]) for sign in (1, -1)}
        found.append([sign * end.fun if end.status == 0 else -sign * np.inf for sign, end in ends.items()])
    return np.array(found).reshape(-1, 2)


def release_monthly(states: list[tuple[date, pd.DataFrame]]) -> tuple[list[pd.DataFrame], dict[Key, float]]:
    """Return what each release served, and the kilometres of the unsafe cells as each was first released."""
    served: list[pd.DataFrame] = []
    secrets: dict[Key, float] = {}
    for day, known in states:
        rows, cubes = release(known, served[-1] if served else None, day)
        if rows.empty:
            continue
        for cube in cubes:
            unsafe = cube.cells[(find_unsafe(cube, Rules()) != "").to_numpy()].set_index(list(KEY))[KM]
            computed = rows["masque"] & (rows["nature"] != "sum")
            listed = rows.loc[computed, list(KEY)].itertuples(index=False, name=None)
            secrets = {key: unsafe[key] for key in listed if key in unsafe.index} | secrets
        served.append(rows)
    return served, secrets


def check_secrets(rows: pd.DataFrame, secrets: dict[Key, float], frame: pd.DataFrame) -> None:
    """Check that for who has all the rows each secret may be 10 % more or less than what it is."""
    parents = frame.dropna(subset="code_departement").groupby("code_departement")["code_region"].first()
    for year in sorted({key[2][:4] for key in secrets}):
        keys = [key for key in secrets if key[2][:4] == year]
        least, greatest = list_intervals(rows[rows["periode"].str.startswith(year)], keys, KM, parents).T
        values = np.array([secrets[key] for key in keys])
        assert (least <= values * 0.9 * (1 + 1e-6)).all()
        assert (greatest >= values * 1.1 * (1 - 1e-6)).all()


@pytest.mark.parametrize(
    ("months", "seed"), [(14, 1), pytest.param(50, 2, marks=pytest.mark.verify)], ids=["14 releases", "50 releases"]
)
def test_no_release_tells_more_than_the_ones_before(
    contributions: Callable[..., pd.DataFrame], months: int, seed: int
) -> None:
    """A schedule grows month after month, with late entries, removals and corrections: no released figure ever moves,
    and who has kept every file encloses no unsafe cell more narrowly than the rule allows.
    """
    frame = contributions(4000, 120, 1 + months // 12, seed=seed)
    served, secrets = release_monthly(grow(frame, months, seed))
    assert all(compare(before, after).keeps for before, after in pairwise(served))
    assert len(set(map(len, served))) > months // 4
    assert served[-1]["periode"].isin(["2025", "2026"]).any() or months < 20
    assert secrets
    check_secrets(served[-1], secrets, frame)


def test_without_the_rule_a_reader_of_two_files_finds_one_contributor(frame: pd.DataFrame) -> None:
    """The check above can fail: published anew as it is, one late project is the difference of two files."""
    late = frame.index[(frame["trimestre"] == "2026-T2") & frame["code_departement"].notna()][0]
    found = compare(serve_all(frame, AUTUMN), serve_all(_late(frame, int(late)), AUTUMN))
    moved = found.figures[(found.figures["measure"] == KM) & (found.figures["niveau_geo"] == "pays")]
    assert np.allclose(moved["after"] - moved["before"], frame.loc[late, KM])
    assert not found.keeps
    assert set(found.exposed["code_geo"]) >= {"FR"}
