"""How long a CSV file takes from received to published, against DuckDB's own `read_csv` to Parquet in the same run.

    python -m bench.ingest [ROWS] [RUNS]

Prints the median seconds (elapsed, then of processor) of each, their ratio, and the most memory the portal's way took:
until the version is there, then until the exports that are made without being asked are there too. Keeps the elapsed
ones in docs/performance.csv.
"""

import csv
import resource
import statistics
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import duckdb
import numpy as np

from bench.figures import Figures, keep
from datasets.ingest import read_file
from datasets.model import Version
from datasets.query import Query, run_query, source_of
from datasets.store.engine import Engine
from datasets.store.made import MadeFiles
from datasets.store.versions import VersionStore
from portal.explore.making import SIDE_BY_SIDE, Whole, usual_files

TITLES = (
    *("id_date", "spectacle", "compagnie", "code_insee", "commune", "code_postal", "date_representation"),
    *("heure", "jauge", "entrees", "recette", "distance_km", "genre", "observations"),
)
TOWNS = (
    ("32013", "Auch", "32000"),
    ("32107", "Condom", "32100"),
    ("01269", "Nantua", "01130"),
    ("2A004", "Ajaccio", "20000"),
)
KINDS = ("théâtre", "danse", "cirque", "musique", "jeune public", "arts de la rue")
WORDS = (
    "tournée,",
    "création",
    "accueillie à l’été",
    "dans le pays",
    "d’Armagnac;",
    "scène",
    "« plein air »",
    "reprise",
)


def write_file(path: Path, rows: int) -> None:
    """Write an invented file of tours: accents, delimiters inside quotation marks, blanks, decimal commas."""
    draw = np.random.default_rng(32)
    days, hours = draw.integers(0, 700, rows), draw.integers(10, 23, rows)
    plays, companies, seats = (draw.integers(0, top, rows) for top in (20_000, 4000, 900))
    entries, takings, metres = (draw.integers(0, top, rows) for top in (1000, 900_000, 9000))
    kinds, counts = draw.integers(0, len(KINDS), rows), draw.integers(0, 6, rows)
    words = draw.integers(0, len(WORDS), (rows, 5))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(TITLES)
        for rank in range(rows):
            writer.writerow(
                (
                    f"D{rank:08d}",
                    f"Spectacle n° {plays[rank]}",
                    f"Compagnie de l’Été {companies[rank]}",
                    *TOWNS[rank % len(TOWNS)],
                    f"{date(2024, 1, 1) + timedelta(days=int(days[rank])):%d/%m/%Y}",
                    f"{hours[rank]}:30",
                    50 + seats[rank],
                    entries[rank] if entries[rank] < 900 else "",
                    f"{takings[rank] / 100:.2f}".replace(".", ","),
                    f"{metres[rank] / 10}".replace(".", ","),
                    KINDS[kinds[rank]],
                    " ".join(WORDS[word] for word in words[rank, : counts[rank]]),
                )
            )


def publish_it(path: Path, folder: Path) -> Version:
    """Read the file as the portal does and write its version."""
    found = read_file(path)
    return VersionStore(folder / "versions").write("bench", found.schema, found.table, created=datetime.now(UTC))


def export_it(path: Path, folder: Path) -> None:
    """Publish the file, then make its usual exports as the worker does."""
    version, store = publish_it(path, folder), VersionStore(folder / "versions")
    engine, files = Engine(folders=[str(folder)], memory="500MB", threads=2), MadeFiles(store)

    def make(whole: Whole) -> None:
        found = run_query(Query(limit=None), source_of(version, store), engine, geometry=whole.exporter.geometry)
        files.make(version, whole.name, whole.exporter.write(found.schema, found.rows, whole.options))

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        list(pool.map(make, usual_files(version)))
    engine.close()


def convert_it(path: Path, folder: Path) -> None:
    """Let DuckDB read the file and write it as Parquet."""
    with duckdb.connect(config={"threads": 2}) as database:
        database.execute("SET enable_progress_bar = false")
        database.execute(f"COPY (FROM read_csv('{path}', delim=';')) TO '{folder / 'peer.parquet'}' (COMPRESSION zstd)")


PEER = "DuckDB read_csv → Parquet"
WAYS = {PEER: convert_it, "received → published": publish_it, "received → published and exported": export_it}


def measure(name: str, path: Path, folder: Path, runs: int) -> tuple[float, float, float]:
    """Return the median seconds of a way, elapsed and of processor, and the most memory that it took, in MiB."""
    elapsed, spent = [], []
    for _ in range(runs):
        start, before = time.perf_counter(), time.process_time()
        WAYS[name](path, folder)
        elapsed.append(time.perf_counter() - start)
        spent.append(time.process_time() - before)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return statistics.median(elapsed), statistics.median(spent), most


def main(rows: int = 1_000_000, runs: int = 3) -> None:
    """Measure each way on one file, in a process of its own, and print what was found."""
    with tempfile.TemporaryDirectory() as folder:
        path, peer, found = Path(folder) / "tours.csv", (0.0, 0.0), Figures()
        write_file(path, rows)
        print(f"{rows} rows × {len(TITLES)} columns, {path.stat().st_size / 1e6:.0f} MB")
        for name in WAYS:
            with ProcessPoolExecutor(1, get_context("spawn")) as process:
                elapsed, spent, most = process.submit(measure, name, path, Path(folder), runs).result()
            peer = (elapsed, spent) if name == PEER else peer
            found[name] = {"duckdb" if name == PEER else "portal": elapsed}
            print(f"{name}: {elapsed:.2f} s elapsed, {spent:.2f} s of processor, at most {most:.0f} MiB", end="")
            print(f"; ratio {elapsed / peer[0]:.2f} elapsed, {spent / peer[1]:.2f} of processor")
    keep("ingest", found, rows)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
