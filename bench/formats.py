"""What the portal's exports take in each format: all rows by a query and a sixth of them, and the memory they need.

    python -m bench.formats [ROWS] [FOLDER]

Writes its table in docs/performance.md. Memory is the most that a process of the server held during the export of all
rows, above what it held before any.
"""

import sys
import time
from pathlib import Path

from bench.figures import MARKS, describe, keep, replace_between, tell
from bench.load import Client, time_it
from bench.rows import kept_folder, prepare
from bench.servers import PORTS, forget_peaks, most_of_one, started
from bench.tasks import FILTERED, FORMATS, TOURS

COLUMNS = ("all rows", "MB", "first bytes", "memory above idle, MiB", "a sixth")
RUNS = 3


def measure(folder: Path) -> dict[str, dict[str, float]]:
    """Return the figures, by format then by what was measured: seconds, megabytes, MiB."""
    found: dict[str, dict[str, float]] = {}
    with started("portal", folder) as pid:
        Client(PORTS["portal"]).get(f"{TOURS}/records?limit=100&offset=1")
        idle = most_of_one(pid)
        for name in FORMATS:
            print(name, flush=True)
            forget_peaks(pid)
            try:
                found[name] = measure_format(name)
            except (ValueError, OSError) as error:  # refused or cut: `ods` holds two million rows
                print(name, str(error)[:200])
                continue
            found[name]["memory above idle, MiB"] = most_of_one(pid) - idle
    return found


def measure_format(name: str) -> dict[str, float]:
    """Return the seconds, the size and the time of the first bytes of the exports in a format."""
    whole, part = f"{TOURS}/exports/{name}?offset=1", f"{TOURS}/exports/{name}?{FILTERED}"
    client = Client(PORTS["portal"])
    begun = time.perf_counter()
    size = client.get(whole)
    return {
        "first bytes": client.answered - begun,
        "MB": size / 1e6,
        "all rows": time_it(lambda: client.get(whole), RUNS),
        "a sixth": time_it(lambda: client.get(part), RUNS),
    }


def write_table(found: dict[str, dict[str, float]], rows: int) -> str:
    """Return the table in Markdown."""
    lines = [f"{rows:,} rows, {describe()}.", "", "| format | " + " | ".join(COLUMNS) + " |", "|---" * 6 + "|"]
    for name, figures in found.items():
        lines.append(f"| `{name}` | " + " | ".join(tell(each, figures[each]) for each in COLUMNS) + " |")
    return "\n".join(lines) + "\n"


def main(rows: int = 1_000_000, kept: str = "") -> None:
    """Make the rows, measure, print the table and write it in its page."""
    with kept_folder(kept) as folder:
        prepare(rows, folder)
        found = measure(folder)
    print(table := write_table(found, rows))
    keep(
        "formats",
        {f"{name}: {what}": {"portal": figures[what]} for name, figures in found.items() for what in figures},
        rows,
    )
    replace_between(MARKS["formats"], table)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:3])
