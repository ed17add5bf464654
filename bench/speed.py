"""The portal beside its peers, on the same rows and the same machine, in one run: times, pages a second, memory.

    python -m bench.speed [ROWS] [FOLDER]

Writes the table of docs/performance.md. A FOLDER that is kept spares making its files again. Peers are measured when
bench/.venv holds them (bench/requirements.txt), nginx and wrk when the machine has them.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb

from bench.figures import MARKS, Figures, describe, keep, replace_between, tell
from bench.load import Client, rate, time_it
from bench.rows import kept_folder, prepare, write_all_peers
from bench.servers import PORTS, memory, most_of_one, present, started
from bench.tasks import TASKS

COLUMNS = ("portal", "behind nginx", "duckdb", "nginx", "static", "empty", "roapi", "datasette", "pygeoapi")


def ask(client: Client, asked: str) -> Callable[[], object]:
    """Return the work of asking a server once."""
    if not asked.startswith("POST"):
        return lambda: client.get(asked)
    kind, _, sql = asked.removeprefix("POST").partition(" ")
    accept = kind.removeprefix(":") or "application/json"
    return lambda: client.get("/api/sql", sql.replace("{n}", str(Client.count)).encode(), accept)


def measure(folder: Path, data: Path) -> Figures:
    """Return the figures, by task then by who did it: seconds, answers a second, MiB."""
    found: Figures = {task: {} for task in TASKS}
    copy_it(folder, data, found)
    made = next((data.parent / ".made").glob("csv-*.identity.*"))
    for name in filter(present, COLUMNS):
        try:
            with started(name, folder) as pid:
                measure_server(name, pid, made, found)
        except (OSError, ValueError) as error:  # a peer that does not start, or refuses, leaves its cells empty
            print(name, str(error)[:300], flush=True)
    return found


def copy_it(folder: Path, data: Path, found: Figures) -> None:
    """Have DuckDB copy to a file what the servers send."""
    with duckdb.connect(config={"threads": os.cpu_count() or 1}) as database:
        database.execute("SET enable_progress_bar = false")
        for task, asked in TASKS.items():
            if "duckdb" in asked:
                statement = asked["duckdb"].replace("DATA", str(data)).replace("OUT", str(folder / "out"))
                found[task]["duckdb"] = time_it(lambda statement=statement: database.execute(statement))


def measure_server(name: str, pid: int, made: Path, found: Figures) -> None:
    """Ask a server each task; then pages by many clients, and its memory."""
    client, port = Client(PORTS[name]), PORTS[name]
    for task, asked in TASKS.items():
        if name in asked:
            print(name, task, flush=True)
            place = (
                asked[name].replace("MADE", str(made)).replace("NAME", f"{made.parent.parent.name}/.made/{made.name}")
            )
            found[task][name] = time_it(ask(client, place))
    if name in ("static", "nginx"):
        return
    page = TASKS["page of 100, known"].get(name, "/empty")
    for clients in (8, 32):
        found.setdefault(f"pages a second, {clients} clients", {})[name] = rate(port, page, clients)
    found.setdefault("memory, MiB", {})[name] = memory(pid)
    found.setdefault("memory of the largest process, MiB", {})[name] = most_of_one(pid)


def write_table(found: Figures, rows: int) -> str:
    """Return the table of a run in Markdown, each figure beside its ratio to the portal's."""
    names = [name for name in COLUMNS if any(name in figures for figures in found.values())]
    lines = [
        f"{rows:,} rows of 14 columns, {describe()}.",
        "",
        "| | " + " | ".join(names) + " |",
        "|---|" + "---|" * len(names),
    ]
    for task, figures in found.items():
        cells = [tell(task, figures[name], figures.get("portal")) if name in figures else "" for name in names]
        lines.append(f"| {task} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main(rows: int = 1_000_000, kept: str = "") -> None:
    """Make the files, measure, print the table and write it in its page."""
    with kept_folder(kept) as folder:
        data = prepare(rows, folder)
        write_all_peers(rows, folder)
        found = measure(folder, data)
    print(table := write_table(found, rows))
    keep("peers", found, rows)
    replace_between(MARKS["measured"], table)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:3])
