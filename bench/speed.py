"""The portal beside its peers, on the same rows and the same machine, in one run: times, pages a second, memory.

    python -m bench.speed [ROWS] [FOLDER]

Writes the table of docs/performance.md. A FOLDER that is kept spares making its files again. Peers are measured when
bench/.venv holds them (bench/requirements.txt).
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import duckdb

from bench.load import Client, rate, time_it
from bench.rows import make_rows, publish_rows, write_geopackage, write_peers
from bench.servers import PEERS, PORTS, memory, most_of_one, started

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
MARK = "<!-- measured -->\n"
TOURS = "/api/explore/v2.1/catalog/datasets/tours"
GROUPED = "SELECT genre, count(*) AS n, avg(recette) AS m FROM tours GROUP BY genre"
SQL = "/tours.json?_shape=array&_size=max&sql="

TASKS: dict[str, dict[str, str]] = {
    "page of 100, known": {
        "portal": f"{TOURS}/records?limit=100",
        "roapi": "/api/tables/tours?limit=100",
        "datasette": "/tours/tours.json?_size=100&_nocount=1&_nofacet=1",
        "pygeoapi": "/collections/tours/items?limit=100&f=json",
    },
    "page of 100, new": {
        "portal": f"{TOURS}/records?limit=100&offset={{n}}",
        "roapi": "POST SELECT * FROM tours LIMIT 100 OFFSET {n}",
        "datasette": "/tours/tours.json?_size=100&_nocount=1&_nofacet=1&_next={n}",
        "pygeoapi": "/collections/tours/items?limit=100&f=json&offset={n}",
    },
    "page at row 9,000": {
        "portal": f"{TOURS}/records?limit=100&offset=9{{n}}",
        "roapi": "POST SELECT * FROM tours LIMIT 100 OFFSET 9{n}",
        "datasette": "/tours/tours.json?_size=100&_nocount=1&_nofacet=1&_next=9{n}",
        "pygeoapi": "/collections/tours/items?limit=100&f=json&offset=9{n}",
    },
    "filtered page": {
        "portal": f"{TOURS}/records?limit=100&where=genre%3D%27danse%27%20and%20jauge%3E{{n}}",
        "roapi": "POST SELECT * FROM tours WHERE genre = 'danse' AND jauge > {n} LIMIT 100",
        "datasette": "/tours/tours.json?_size=100&_nofacet=1&genre=danse&jauge__gt={n}",
        "pygeoapi": "/collections/tours/items?limit=100&f=json&genre=danse&jauge={n}",
    },
    "group-by": {
        "portal": f"{TOURS}/records?group_by=genre&select=count(*)%20as%20n,avg(recette%2B{{n}})%20as%20m",
        "roapi": "POST SELECT genre, count(*) AS n, avg(recette + {n}) AS m FROM tours GROUP BY genre",
        "datasette": SQL
        + quote("SELECT genre, count(*) AS n, avg(recette + {n}) AS m FROM tours GROUP BY genre", "{}"),
    },
    "facets": {
        "portal": f"{TOURS}/facets?facet=genre&facet=commune&where=jauge%3E{{n}}",
        "datasette": "/tours/tours.json?_size=0&_facet=genre&_facet=commune&jauge__gt={n}",
    },
    "full text": {
        "portal": f"{TOURS}/records?limit=100&where=%22armagnac%20{{n}}%22",
        "roapi": "POST SELECT * FROM tours WHERE observations ILIKE '%armagnac%' AND compagnie ILIKE '%{n}%' LIMIT 100",
        "datasette": "/tours/tours.json?_size=100&_nofacet=1&_search=armagnac+{n}",
    },
    "within 20 km": {
        "portal": f"{TOURS}/records?limit=100&where=within_distance(lieu,geom%27POINT(0.5%2043.{{n}})%27,20km)",
        "pygeoapi": "/collections/tours/items?limit=100&f=json&bbox=0.25,43.4,0.75,43.8{n}",
    },
    "CSV, all rows, by a query": {
        "portal": f"{TOURS}/exports/csv?offset=1",
        "roapi": "POST:application/csv SELECT * FROM tours",
        "duckdb": "COPY (FROM 'DATA' OFFSET 1) TO 'OUT.csv'",
    },
    "CSV, filtered (a sixth)": {
        "portal": f"{TOURS}/exports/csv?where=genre%3D%27danse%27",
        "roapi": "POST:application/csv SELECT * FROM tours WHERE genre = 'danse'",
        "datasette": "/tours/tours.csv?_stream=on&_size=max&genre=danse",
        "duckdb": "COPY (FROM 'DATA' WHERE genre = 'danse') TO 'OUT.csv'",
    },
    "GeoJSON, filtered (a sixth)": {
        "portal": f"{TOURS}/exports/geojson?where=genre%3D%27danse%27",
        "duckdb": "COPY (SELECT 'Feature' AS type, {'type': 'Point', 'coordinates': [lon, lat]} AS geometry, "
        "t AS properties FROM 'DATA' AS t WHERE genre = 'danse') TO 'OUT.json' (ARRAY true)",
    },
    "whole dataset, CSV": {
        "portal": f"{TOURS}/exports/csv",
        "static": "MADE",
        "roapi": "POST:application/csv SELECT * FROM tours",
        "datasette": "/tours/tours.csv?_stream=on&_size=max",
    },
}
"""What each server is asked; `POST` sends SQL to ROAPI, DuckDB runs a statement on the file of the version."""


def ask(client: Client, asked: str) -> Callable[[], object]:
    """Return the work of asking a server once."""
    if not asked.startswith("POST"):
        return lambda: client.get(asked)
    kind, _, sql = asked.removeprefix("POST").partition(" ")
    accept = kind.removeprefix(":") or "application/json"
    return lambda: client.get("/api/sql", sql.replace("{n}", str(Client.count)).encode(), accept)


def measure(folder: Path, data: Path) -> dict[str, dict[str, float]]:
    """Return the figures, by task then by who did it: seconds, answers a second, MiB."""
    found: dict[str, dict[str, float]] = {task: {} for task in TASKS}
    rates, crowd = found.setdefault("pages a second", {}), found.setdefault("pages a second, 32 clients", {})
    most, one = found.setdefault("memory, MiB", {}), found.setdefault("memory of the largest process, MiB", {})
    with duckdb.connect(config={"threads": os.cpu_count() or 1}) as database:
        database.execute("SET enable_progress_bar = false")
        for task, asked in TASKS.items():
            if "duckdb" in asked:
                statement = asked["duckdb"].replace("DATA", str(data)).replace("OUT", str(folder / "out"))
                found[task]["duckdb"] = time_it(lambda statement=statement: database.execute(statement))
    made = next((data.parent / ".made").glob("csv-*.identity.*"))
    names = [
        "portal",
        "empty",
        "static",
        *(name for name in ("roapi", "datasette", "pygeoapi") if (PEERS / name).exists()),
    ]
    for name in names:
        with suppress(subprocess.CalledProcessError), started(name, folder) as pid:
            client = Client(PORTS[name])
            for task, asked in TASKS.items():
                if name in asked:
                    print(name, task, flush=True)
                    found[task][name] = time_it(ask(client, asked[name].replace("MADE", str(made))))
            if name != "static":
                page = TASKS["page of 100, known"].get(name, "/empty")
                rates[name], crowd[name] = rate(PORTS[name], page), rate(PORTS[name], page, clients=32)
                most[name], one[name] = memory(pid), most_of_one(pid)
        (folder / "found.json").write_text(json.dumps(found))
    return found


def write_table(found: dict[str, dict[str, float]], rows: int) -> str:
    """Return the table of a run in Markdown, each figure beside its ratio to the portal's."""
    names = ["portal", "duckdb", "static", "empty", "roapi", "datasette", "pygeoapi"]
    lines = [
        f"{rows:,} rows of 14 columns, {describe()}.",
        "",
        "| | " + " | ".join(names) + " |",
        "|---|" + "---|" * len(names),
    ]
    for task, figures in found.items():
        cells = [tell(task, figures[name], figures["portal"]) if name in figures else "" for name in names]
        lines.append(f"| {task} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def describe() -> str:
    """Return when, on what and at which commit a run was made."""
    commit = subprocess.run(("git", "rev-parse", "--short", "HEAD"), capture_output=True, text=True, check=True).stdout
    load = f"load {os.getloadavg()[1]:.1f} while measured"
    return f"{datetime.now(UTC):%Y-%m-%d} at {commit.strip()}, {os.cpu_count()} processors, {load}"


def replace_between(mark: str, table: str) -> None:
    """Write a table between the two marks of the page, in the place of the former one."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(mark)
    PAGE.write_text(before + mark + table + mark + rest.partition(mark)[2], encoding="utf-8")


def tell(task: str, figure: float, ours: float) -> str:
    """Return a figure with its unit, and how many times the portal's it is."""
    plain = task.startswith(("pages", "memory"))
    shown = f"{figure:,.0f}" if plain else f"{figure * 1000:,.0f} ms" if figure < 1 else f"{figure:,.1f} s"
    return shown if figure == ours else f"{shown} (× {figure / ours:.2g})"


def main(rows: int = 1_000_000, kept: str = "") -> None:
    """Make the files, measure, print the table and write it in its page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(kept or name)
        folder.mkdir(exist_ok=True)
        if not (folder / "tours.gpkg").exists():
            table = make_rows(rows)
            publish_rows(table, folder / "instance")
            write_peers(table, folder)
            write_geopackage(folder)
        [data] = (folder / "instance" / "versions" / "tours").glob("*/data.parquet")
        table = write_table(measure(folder, data), rows)
    print(table)
    replace_between(MARK, table)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:3])
