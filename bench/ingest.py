"""How long a CSV file takes from received to published, against DuckDB's own `read_csv` to Parquet in the same run.

    python bench/ingest.py [ROWS] [RUNS]

Prints the median seconds (elapsed, then of processor) of each, their ratio, and the most memory the portal's way took.
"""

import csv
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from datasets.ingest import read_file
from datasets.store.versions import VersionStore

TITLES = (
    "id_date;spectacle;compagnie;code_insee;commune;code_postal;date_representation;heure;jauge;entrees;"
    "recette;distance_km;genre;observations"
).split(";")
TOWNS = [("32013", "Auch", "32000"), ("32107", "Condom", "32100"), ("01269", "Nantua", "01130"), ("2A004", "Ajaccio", "20000")]
KINDS = ("théâtre", "danse", "cirque", "musique", "jeune public", "arts de la rue")
WORDS = "tournée, création accueillie à l’été dans le pays d’Armagnac; scène conventionnée « plein air » reprise".split(" ")


def write_file(path: Path, rows: int) -> None:
    """Write an invented file of tours: accents, delimiters inside quotation marks, blanks, decimal commas."""
    draw = random.Random(32)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(TITLES)
        for rank in range(rows):
            code, town, post = TOWNS[rank % len(TOWNS)]
            day = date(2024, 1, 1) + timedelta(days=draw.randrange(700))
            remark = " ".join(draw.choices(WORDS, k=draw.randrange(6)))
            writer.writerow(
                (
                    f"D{rank:08d}",
                    f"Spectacle n° {draw.randrange(20_000)}",
                    f"Compagnie de l’Été {draw.randrange(4000)}",
                    code,
                    town,
                    post,
                    f"{day:%d/%m/%Y}",
                    f"{draw.randrange(10, 23)}:{draw.choice(('00', '30'))}",
                    draw.randrange(50, 900),
                    draw.randrange(900) if draw.random() > 0.1 else "",
                    f"{draw.randrange(900_000) / 100:.2f}".replace(".", ","),
                    f"{draw.randrange(9000) / 10}".replace(".", ","),
                    draw.choice(KINDS),
                    remark,
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
