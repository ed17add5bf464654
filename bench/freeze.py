"""How long a month of audience events takes to be counted, erased and made safe: `python -m bench.freeze EVENTS`.

The events are made in the folder (about 150 bytes of disk for each), then
frozen in a process of its own, whose time and memory are measured alone.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import monotonic, process_time
from types import SimpleNamespace

from sqlalchemy import text

from portal.audience.freeze import freeze
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


@dataclass(frozen=True)
class Frozen:
    """What a freeze took: events, seconds of the wall and of processor, the most memory that it held, in MiB."""

    events: int
    seconds: float
    worked: float
    memory: int

    def __str__(self) -> str:
        return (
            f"{self.events:,} events frozen in {self.seconds:.1f} s ({self.worked:.1f} s of processor), "
            f"{self.memory:,} MiB of memory at most"
        )


def fill(databases: Databases, count: int) -> None:
    """Write so many events over the days of a month, eight for each visitor of a day; days are alike."""
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        with databases.session("audience") as session:
            facts = {"count": count // DAYS, "instant": f"{day} 10:00:00.000000", "day": f"{day}"}
            session.execute(text(AGAIN if number else FILL), facts)


def measure(databases: Databases) -> Frozen:
    """Freeze, and return what it took in this process."""
    started, worked = monotonic(), process_time()
    report = freeze(databases, AT)
    seconds, worked = monotonic() - started, process_time() - worked
    return Frozen(report.events, seconds, worked, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def open_folder(folder: Path) -> Databases:
    """Return the databases of a folder."""
    return Databases(SimpleNamespace(instance=folder))  # type: ignore[arg-type] (all that it reads of settings)


def measure_apart(folder: Path, count: int) -> Frozen:
    """Write so many events in a new folder, freeze them in a process of its own, and return what that took."""
    databases = open_folder(folder)
    databases.migrate(["audience"])
    fill(databases, count)
    databases.close()
    command = [sys.executable, "-m", "bench.freeze", "--frozen", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    events, seconds, worked, memory = done.stdout.split()
    return Frozen(int(events), float(seconds), float(worked), int(memory))


def main() -> None:
    """Make events and freeze them, and print what it took."""
    parser = argparse.ArgumentParser(description="Make a month of audience events, freeze it, and say what it took.")
    parser.add_argument("events", type=int, nargs="?", default=1_000_000, help="how many (1000000)")
    parser.add_argument("--folder", type=Path, help="where to make them; a temporary folder otherwise")
    parser.add_argument("--frozen", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.frozen:
        found = measure(open_folder(asked.frozen))
        print(found.events, found.seconds, found.worked, found.memory)
        return
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        print(measure_apart(Path(folder), asked.events), flush=True)


if __name__ == "__main__":
    main()
