"""Events become counts the next night, counts become safe the next month; nobody is left in them at any instant."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from portal.audience import freeze as freezing
from portal.audience import service
from portal.audience.cells import ALL, REST, TOTAL, Key
from portal.audience.freeze import freeze, freeze_month
from portal.audience.tables import DayCountRow, EventRow, FreezeRow, FrozenCountRow
from portal.databases import Databases, Session
from portal.privacy.calendar import PARIS, Duration, ceiling, paris_day
from tests.portal.audience.conftest import make_event

THIRTEEN_MONTHS = Duration(months=13)
JANUARY = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
DUE = datetime(2026, 2, 4, tzinfo=UTC)


def instants_between(first: str, last: str) -> st.SearchStrategy[datetime]:
    """Instants from one day to another."""
    low, high = datetime.fromisoformat(first), datetime.fromisoformat(last)
    return st.datetimes(low, high, timezones=st.just(UTC))


def write(databases: Databases, *events: dict[str, Any]) -> None:
    """Write events."""
    with databases.session("audience") as session:
        service.write_events(session, events)


def write_visits(databases: Databases, count: int, **differences: Any) -> None:
    """Write one event for each of `count` visits."""
    name = "-".join(map(str, differences.values()))
    write(databases, *(make_event(JANUARY, f"{name}-{number}"[-32:], **differences) for number in range(count)))


def count_rows(databases: Databases, table: Any = EventRow) -> int:
    """How many rows a table has."""
    with databases.session("audience") as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def read_counts(databases: Databases) -> dict[Key, int]:
    """The counts kept for ever."""
    with databases.session("audience") as session:
        return {(row.cube, row.dataset, row.value): row.count for row in service.list_frozen(session)}


def interrupt(databases: Databases, act: Callable[[Session], object]) -> None:
    """Do something and crash before it is committed."""
    with suppress(KeyboardInterrupt), databases.session("audience") as session:
        act(session)
        raise KeyboardInterrupt


def test_events_become_counts_when_their_day_is_over(databases: Databases) -> None:
    """The next day no event of the day before is left, on both engines; those of today stay."""
    write_visits(databases, 13)
    write(databases, make_event(JANUARY + timedelta(days=1)))
    report = freeze(databases, JANUARY + timedelta(days=1))
    assert (report.events, report.months, count_rows(databases)) == (13, (), 1)
    with databases.session("audience") as session:
        (row,) = session.scalars(select(DayCountRow).where(DayCountRow.cube == TOTAL))
    assert (row.day, row.dataset, row.uses, row.visits) == (date(2026, 1, 15), "d", 13, 13)


def test_a_settled_month_becomes_safe_counts(databases: Databases) -> None:
    """Counts of a month are multiples of five whose sums are exact; the counts by day are gone."""
    write_visits(databases, 13, kind="page")
    write_visits(databases, 12, kind="export", format="csv", referrer="search")
    report = freeze(databases, DUE)
    assert (report.months, report.events, report.is_clean, report.oldest) == (("2026-01",), 25, True, None)
    assert (count_rows(databases), count_rows(databases, DayCountRow)) == (0, 0)
    counts = read_counts(databases)
    assert counts[TOTAL, ALL, ALL] == counts[TOTAL, "d", ALL] == 25
    assert counts["use", "d", "page"] + counts["use", "d", "export"] == 25
    assert counts["referrer", "d", "search"] + counts["referrer", "d", "none"] == 25
    assert {count % 5 for count in counts.values()} == {0}


def test_small_counts_are_folded_into_others(files: Databases) -> None:
    """Fewer than 3 visits to a use, or 11 from an origin, are told with others, never alone; nothing is lost."""
    write_visits(files, 2, kind="api")
    write_visits(files, 9, kind="page", referrer="social")
    write_visits(files, 50, kind="page", referrer="search")
    report = freeze(files, DUE)
    counts = read_counts(files)
    assert ("use", "d", "api") not in counts
    assert ("referrer", "d", "social") not in counts
    for cube in ("use", "referrer"):
        line = {key[2]: count for key, count in counts.items() if key[:2] == (cube, "d")}
        assert REST in line
        assert sum(line.values()) == counts[TOTAL, "d", ALL] == 60
    assert report.folded > 0


def test_one_insistent_visitor_does_not_make_a_count(files: Databases) -> None:
    """Thresholds count visits, not calls: a thousand calls by one reader are told nowhere."""
    write(files, *(make_event(JANUARY, "alone") for _ in range(1000)))
    freeze(files, DUE)
    assert set(read_counts(files).values()) <= {0}


def test_robots_are_counted_apart(databases: Databases) -> None:
    """Robots add nothing to the counts of people."""
    write(databases, *(make_event(JANUARY, None) for _ in range(20)))
    freeze(databases, DUE)
    counts = read_counts(databases)
    assert counts["robots", "d", "page"] == 20
    assert counts.get((TOTAL, "d", ALL), 0) == 0


def test_a_month_waits_until_it_is_settled(files: Databases) -> None:
    """Three days after its end, in Paris, and not before."""
    write(files, *(make_event(datetime(2026, 1, 1, 12, tzinfo=UTC), f"{number}") for number in range(4)))
    settled = datetime(2026, 2, 4, 0, 0, tzinfo=PARIS)
    assert freeze(files, settled - timedelta(seconds=1)).months == ()
    assert freeze(files, settled).months == ("2026-01",)


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2023, 1, 31, 10, tzinfo=PARIS),
        datetime(2024, 2, 29, 23, 59, tzinfo=PARIS),
        datetime(2025, 9, 30, 23, 30, tzinfo=UTC),
        datetime(2025, 10, 26, 0, 30, tzinfo=UTC),
        datetime(2026, 3, 1, 0, 0, tzinfo=PARIS),
    ],
)
def test_no_event_reaches_thirteen_months(files: Databases, instant: datetime) -> None:
    """At its ceiling, to the second, an event is gone, over leap days and changes of hour; two days on, already."""
    write(files, make_event(instant))
    assert freeze(files, instant + timedelta(days=1)).is_clean
    assert count_rows(files) == 0
    write(files, make_event(instant))
    report = freeze(files, ceiling(instant, THIRTEEN_MONTHS))
    assert (count_rows(files), report.is_clean) == (0, True)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(instants_between("2024-01-01", "2026-06-01"), max_size=12),
    st.lists(instants_between("2024-01-01", "2026-07-01"), max_size=4),
    st.integers(0, 3),
)
def test_nothing_older_keeps_an_identifier_at_any_instant(
    files: Databases, instants: list[datetime], runs: list[datetime], crash: int
) -> None:
    """Over thirty months, whenever it runs and wherever it crashes, a run leaves no event of an earlier day."""
    with files.session("audience") as session:
        for table in (EventRow, DayCountRow, FreezeRow, FrozenCountRow):
            session.execute(delete(table))
    write(files, *(make_event(instant) for instant in instants))
    for number, at in enumerate(sorted(runs)):
        if number == crash:
            interrupt(files, lambda session, at=at: service.delete_events(session, paris_day(at), 10**9))
        assert freeze(files, at).is_clean
        with files.session("audience") as session:
            kept = session.scalars(select(EventRow.day)).all()
        assert [day for day in kept if day < paris_day(at)] == []
        assert len(kept) >= len([instant for instant in instants if paris_day(instant) >= paris_day(max(runs))])


def test_the_proof_sees_what_should_not_be_there(files: Databases) -> None:
    """The report counts events past the limit that carry an identifier: it can fail."""
    write(files, make_event(JANUARY))
    with files.session("audience") as session:
        assert service.count_identified(session, paris_day(JANUARY)) == 1
        assert service.count_identified(session, paris_day(JANUARY) - timedelta(days=1)) == 0


def test_freezing_again_changes_nothing(databases: Databases) -> None:
    """A second freeze finds nothing to do; events that turn up late are deleted and change no count."""
    write_visits(databases, 13)
    freeze(databases, DUE)
    before = read_counts(databases)
    assert freeze(databases, DUE).months == ()
    write_visits(databases, 40, kind="api")
    late = freeze(databases, DUE)
    assert (late.events, late.cells, count_rows(databases), count_rows(databases, DayCountRow)) == (40, 0, 0, 0)
    assert read_counts(databases) == before


def test_late_events_of_a_running_month_are_added(files: Databases) -> None:
    """Events that waited for a database away join the counts of their day."""
    write_visits(files, 13)
    freeze(files, JANUARY + timedelta(days=1))
    write_visits(files, 12, kind="api")
    freeze(files, JANUARY + timedelta(days=2))
    freeze(files, DUE)
    assert read_counts(files)[TOTAL, ALL, ALL] == 25


@pytest.mark.parametrize("step", ["keep_day", "delete_events", "take_days", "keep_counts"])
def test_a_killed_process_leaves_the_events_or_the_counts_never_both(
    files: Databases, tmp_path: Path, step: str
) -> None:
    """Killed outright after any of its writes, the freeze has done nothing of that step; run again, it does all."""
    write_visits(files, 13)
    files.close()
    child = os.fork()
    if child == 0:
        real = getattr(service, step)

        def kill(*arguments: Any) -> None:
            real(*arguments)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(freezing.service, step, kill)
        freeze(Databases(SimpleNamespace(instance=tmp_path)), DUE)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    events, days = count_rows(files), count_rows(files, DayCountRow)
    assert (events, days > 0) in ((13, False), (0, True))
    assert read_counts(files) == {}
    freeze(files, DUE)
    assert read_counts(files)[TOTAL, ALL, ALL] in (10, 15)
    assert (count_rows(files), count_rows(files, DayCountRow)) == (0, 0)


def test_no_byte_of_an_identifier_is_left(files: Databases, tmp_path: Path) -> None:
    """After a freeze the files hold no pseudonym of what was frozen, and today's events are whole."""
    write(files, *(make_event(JANUARY, f"canary-visitor-{number}") for number in range(50)))
    write(files, make_event(DUE, "today"))
    freeze(files, DUE)
    files.close()
    assert not any(b"canary-visitor" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    with files.session("audience") as session:
        assert session.scalars(select(EventRow.visitor)).all() == ["today"]


def test_a_month_is_frozen_in_the_transaction_of_its_caller(files: Databases) -> None:
    """Interrupted before the commit, a month is as it was."""
    write_visits(files, 13)
    freeze(files, JANUARY + timedelta(days=1))
    interrupt(files, lambda session: freeze_month(session, date(2026, 1, 1), DUE))
    assert (count_rows(files, DayCountRow) > 0, read_counts(files)) == (True, {})
