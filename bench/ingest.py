"""How long a CSV file takes from received to published, against DuckDB's own `read_csv` to Parquet in the same run.

    python bench/ingest.py [ROWS] [RUNS]

Prints the median seconds (elapsed, then of processor) of each, their ratio, and the most memory the portal's way took.
"""

import csv
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np

from datasets.ingest import read_file
from datasets.store.versions import VersionStore

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


def publish_it(path: Path, folder: Path) -> None:
    """Read the file as the portal does and write its version."""
    found = read_file(path)
    VersionStore(folder / "versions").write("bench", found.schema, found.table, created=datetime.now(UTC))


def convert_it(path: Path, folder: Path) -> None:
    """Let DuckDB read the file and write it as Parquet."""
    with duckdb.connect(config={"threads": 2}) as database:
        database.execute(f"COPY (FROM read_csv('{path}', delim=';')) TO '{folder / 'peer.parquet'}' (COMPRESSION zstd)")


def measure(work: Callable[[Path, Path], None], path: Path, folder: Path, runs: int) -> tuple[float, float]:
    """Return the median seconds of `work`: elapsed, and of processor."""
    elapsed, spent = [], []
    for _ in range(runs):
        start, before = time.perf_counter(), time.process_time()
        work(path, folder)
        elapsed.append(time.perf_counter() - start)
        spent.append(time.process_time() - before)
    return statistics.median(elapsed), statistics.median(spent)


def main(rows: int = 1_000_000, runs: int = 3) -> None:
    """Measure both ways on one file and print what was found."""
    with tempfile.TemporaryDirectory() as name:
        folder, path = Path(name), Path(name) / "tours.csv"
        write_file(path, rows)
        print(f"{rows} rows × {len(TITLES)} columns, {path.stat().st_size / 1e6:.0f} MB")
        ours = measure(publish_it, path, folder, runs)
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        theirs = measure(convert_it, path, folder, runs)
    print(f"DuckDB read_csv → Parquet: {theirs[0]:.2f} s elapsed, {theirs[1]:.2f} s of processor")
    print(f"received → published:      {ours[0]:.2f} s elapsed, {ours[1]:.2f} s of processor, at most {most:.0f} MiB")
    print(f"ratio: {ours[0] / theirs[0]:.2f} elapsed, {ours[1] / theirs[1]:.2f} of processor")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
