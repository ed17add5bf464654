"""Thirteen months: old events become safe counts, whole or not at all, and nothing older keeps an identifier."""

import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from portal.audience import service
from portal.audience.freeze import CUBES, STEP, freeze, freeze_month, round_count
from portal.audience.tables import EventRow, FreezeRow, FrozenCountRow
from portal.databases import Databases
from portal.privacy.calendar import PARIS, Duration, ceiling, paris_day
from tests.portal.audience.conftest import make_event

THIRTEEN_MONTHS = Duration(months=13)
JANUARY = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
DUE = datetime(2027, 1, 2, tzinfo=UTC)


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
    name = str(sorted(differences.items()))
    write(databases, *(make_event(JANUARY, f"{hash(name)}-{number}"[:32], **differences) for number in range(count)))


def count_events(databases: Databases) -> int:
    """How many events there are."""
    with databases.session("audience") as session:
        return session.scalar(select(func.count()).select_from(EventRow)) or 0


def read_counts(databases: Databases) -> dict[tuple[str, str, str], int]:
    """The counts kept for ever."""
    with databases.session("audience") as session:
        rows = session.scalars(select(FrozenCountRow))
        return {(row.cube, row.dataset, row.value): row.count for row in rows}


def test_a_due_month_becomes_counts_and_its_events_go(databases: Databases) -> None:
    """Counts of a month are rounded to five, and its events are deleted, on both engines."""
    write_visits(databases, 13, kind="page")
    write_visits(databases, 12, kind="export", format="csv", referrer="search")
    report = freeze(databases, DUE)
    assert (report.months, report.events, report.is_clean, report.oldest) == (("2026-01",), 25, True, None)
    assert count_events(databases) == 0
    counts = read_counts(databases)
    assert (counts["use", "d", "page"], counts["use", "d", "export"]) == (15, 10)
    assert (counts["format", "d", "csv"], counts["referrer", "d", "search"]) == (10, 10)


def test_small_counts_are_withheld(databases: Databases) -> None:
    """Fewer than 3 visits to a use, or 11 from an origin, are not kept, and the report says how many cells."""
    write_visits(databases, 2, kind="api", format="json")
    write_visits(databases, 10, kind="page", referrer="social")
    write_visits(databases, 11, kind="page", referrer="search")
    report = freeze(databases, DUE)
    counts = read_counts(databases)
    assert ("use", "d", "api") not in counts
    assert ("referrer", "d", "social") not in counts
    assert counts["referrer", "d", "search"] == 10
    assert report.withheld == 4


def test_one_insistent_visitor_does_not_make_a_count(databases: Databases) -> None:
    """Thresholds count visits, not calls: a thousand calls by one reader stay one."""
    write(databases, *(make_event(JANUARY, "alone") for _ in range(1000)))
    freeze(databases, DUE)
    assert read_counts(databases) == {}


def test_robots_are_counted_apart(databases: Databases) -> None:
    """Robots add nothing to the counts of people."""
    write(databases, *(make_event(JANUARY, None) for _ in range(20)))
    freeze(databases, DUE)
    assert read_counts(databases) == {("robots", "d", "page"): 20}


def test_every_kept_count_is_rounded_and_above_its_threshold() -> None:
    """The rounding step and the thresholds are those of the policy."""
    assert STEP == 5
    assert {cube.name: cube.threshold for cube in CUBES} == {"use": 3, "format": 3, "referrer": 11, "robots": 0}
    assert [round_count(count) for count in range(9)] == [0, 0, 0, 5, 5, 5, 5, 5, 10]


def test_recent_months_are_left_alone(files: Databases) -> None:
    """An event is kept while its month is less than a year old."""
    write(files, make_event(datetime(2026, 1, 1, 12, tzinfo=UTC)))
    report = freeze(files, datetime(2026, 12, 31, 22, 59, tzinfo=UTC))
    assert (report.months, report.oldest) == ((), datetime(2026, 1, 1, 12, tzinfo=UTC))
    assert freeze(files, datetime(2026, 12, 31, 23, 0, tzinfo=UTC)).months == ("2026-01",)


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2023, 1, 31, 10, tzinfo=PARIS),
        datetime(2024, 1, 31, 10, tzinfo=PARIS),
        datetime(2024, 2, 29, 23, 59, tzinfo=PARIS),
        datetime(2026, 2, 28, 12, tzinfo=PARIS),
        datetime(2025, 9, 30, 23, 30, tzinfo=UTC),
        datetime(2025, 10, 26, 0, 30, tzinfo=UTC),
        datetime(2026, 3, 1, 0, 0, tzinfo=PARIS),
    ],
)
def test_no_event_reaches_thirteen_months(files: Databases, instant: datetime) -> None:
    """At its ceiling, to the second, an event is gone, over leap days and changes of hour."""
    write(files, make_event(instant))
    report = freeze(files, ceiling(instant, THIRTEEN_MONTHS))
    assert (count_events(files), report.is_clean) == (0, True)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(instants_between("2023-01-01", "2026-01-01"), max_size=12),
    st.lists(instants_between("2024-01-01", "2027-06-01"), max_size=4),
)
def test_nothing_older_keeps_an_identifier_at_any_instant(
    files: Databases, instants: list[datetime], runs: list[datetime]
) -> None:
    """Whenever it runs, the freeze leaves no event past its ceiling, and takes none of the last eleven months."""
    with files.session("audience") as session:
        for table in (EventRow, FreezeRow, FrozenCountRow):
            session.execute(delete(table))
    write(files, *(make_event(instant) for instant in instants))
    for at in sorted(runs):
        assert freeze(files, at).is_clean
        with files.session("audience") as session:
            kept = session.scalars(select(EventRow.instant)).all()
        assert [instant for instant in kept if ceiling(instant, THIRTEEN_MONTHS) <= at] == []
        recent = [instant for instant in instants if instant > at - timedelta(days=330)]
        assert len(kept) >= len(recent)


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
    assert (late.events, late.cells, count_events(databases)) == (40, 0, 0)
    assert read_counts(databases) == before


def test_a_crash_leaves_the_events_or_the_counts_never_both(databases: Databases) -> None:
    """Interrupted after counting and deleting but before the commit, the freeze has done nothing, then all."""
    write_visits(databases, 13)

    def interrupt() -> None:
        with databases.session("audience") as session:
            freeze_month(session, JANUARY.date().replace(day=1), DUE)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert (count_events(databases), read_counts(databases)) == (13, {})
    freeze(databases, DUE)
    assert (count_events(databases), read_counts(databases)["use", "d", "page"]) == (0, 15)


def test_a_killed_process_leaves_the_events_or_the_counts_never_both(files: Databases, tmp_path: Path) -> None:
    """The same when the process is killed outright in the middle of the transaction."""
    write_visits(files, 13)
    files.close()
    child = os.fork()
    if child == 0:
        databases = Databases(SimpleNamespace(instance=tmp_path))
        with databases.session("audience") as session:
            freeze_month(session, JANUARY.date().replace(day=1), DUE)
            os.kill(os.getpid(), signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert (count_events(files), read_counts(files)) == (13, {})
    assert freeze(files, DUE).events == 13


def test_no_byte_of_an_identifier_is_left(files: Databases, tmp_path: Path) -> None:
    """After a freeze the files hold no pseudonym of what was frozen."""
    write(files, *(make_event(JANUARY, f"canary-visitor-{number}") for number in range(50)))
    freeze(files, DUE)
    files.close()
    assert not any(b"canary-visitor" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
