"""A hundred million events in one month: counted, erased and made safe in minutes and in bounded memory."""

import os
import resource
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import monotonic, process_time
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from portal.audience.counting import count_day
from portal.audience.freeze import FreezeReport, freeze
from portal.databases import Databases

DAYS = 30
FIRST = date(2026, 4, 1)
AT = datetime(2026, 5, 4, tzinfo=UTC)
FILL = """
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)
INSERT INTO event (instant, day, dataset, kind, format, referrer, bot, visitor)
SELECT :instant, :day, 'dataset-' || ((abs(random()) % 14) * (abs(random()) % 14)),
    CASE abs(random()) % 4 WHEN 0 THEN 'api' WHEN 1 THEN 'export' ELSE 'page' END,
    CASE abs(random()) % 3 WHEN 0 THEN 'csv' ELSE '' END,
    CASE abs(random()) % 4 WHEN 0 THEN 'search' WHEN 1 THEN 'site' ELSE 'none' END,
    abs(random()) % 20 = 0, printf('%016x%016x', abs(random()) % (:count / 8), :day) FROM numbers
"""


AGAIN = """
INSERT INTO event (instant, day, dataset, kind, format, referrer, bot, visitor)
SELECT :instant, :day, dataset, kind, format, referrer, bot, visitor FROM event WHERE id <= :count
"""


def fill(databases: Databases, count: int) -> None:
    """Write so many events over the days of a month, eight for each visitor of a day; days are alike."""
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        with databases.session("audience") as session:
            facts = {"count": count // DAYS, "instant": f"{day} 10:00:00.000000", "day": f"{day}"}
            session.execute(text(AGAIN if number else FILL), facts)


def measure(databases: Databases) -> tuple[FreezeReport, float, float]:
    """Freeze; return the report, the seconds and the seconds of processor that it took."""
    started, worked = monotonic(), process_time()
    report = freeze(databases, AT)
    return report, monotonic() - started, process_time() - worked


def test_sixty_thousand_events_are_frozen_at_a_bounded_cost(files: Databases) -> None:
    """At the cost of an event measured here, a hundred million take less than fifteen minutes of processor."""
    fill(files, 60_000)
    count_day([[("d\x1fpage\x1f\x1fnone\x1f0", "v")]])  # what is loaded once
    report, _, worked = measure(files)
    assert report.events == 60_000
    assert worked < 60_000 * 9e-6 + 3


def run_apart(folder: Path, count: int) -> None:
    """Fill and freeze in a process of its own, whose memory is measured alone, and say what it took."""
    databases = Databases(SimpleNamespace(instance=folder))
    databases.migrate(["audience"])
    fill(databases, count)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report, seconds, worked = measure(databases)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"{report}\n{before // 1024} {report.events} {seconds:.0f} {worked:.0f} {memory}\n")


@pytest.mark.verify
def test_a_hundred_million_events_are_frozen_in_a_quarter_of_an_hour(tmp_path: Path) -> None:
    """In one month, under fifteen minutes and 4 GiB, the time given; needs 30 GB of disk."""
    count = int(os.environ.get("AUDIENCE_EVENTS", "100000000"))
    done = subprocess.run(
        [sys.executable, "-c", f"from tests.portal.audience.test_many import run_apart as r; from pathlib import Path; "
         f"r(Path({str(tmp_path)!r}), {count})"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    sys.stdout.write(done.stdout)
    events, seconds, _worked, memory = map(int, done.stdout.splitlines()[-1].split()[1:])
    assert events == count // DAYS * DAYS
    assert seconds < 15 * 60 * count / 1e8 + 60
    assert memory < 4096
