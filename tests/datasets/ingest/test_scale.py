"""Large files keep the memory small: what was measured by hand, bounded for every run and whole for the campaign."""

import subprocess
import sys
from pathlib import Path

import pytest

WATCH = """
import resource, sys
from datasets.errors import IngestError
from datasets.ingest import read_file
idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    print(read_file(sys.argv[1]).table.num_rows)
except IngestError as error:
    print(error.message("en"))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - idle) // 1024)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


def watch(path: Path) -> tuple[str, int]:
    """Read a file in a fresh process; return what it said and the most MiB that it, or its reader, took."""
    done = subprocess.run([sys.executable, "-c", WATCH, str(path)], capture_output=True, text=True, check=True)
    said, own, reader = done.stdout.strip().rsplit("\n", 2)
    return said, max(int(own), int(reader))


def test_a_cell_without_end_takes_little_memory(tmp_path: Path) -> None:
    """A line of 200 MB is refused at its limit, long before it is in memory."""
    path = tmp_path / "sans-fin.csv"
    with path.open("wb") as stream:
        stream.write(b"a;b\n1;")
        for _ in range(200):
            stream.write(b"x" * (1 << 20))
    said, most = watch(path)
    assert "row 2" in said
    assert most < 300


@pytest.mark.verify
def test_a_million_rows_take_less_than_a_gibibyte(tmp_path: Path) -> None:
    """A CSV file of a million rows and fourteen columns."""
    path = tmp_path / "million.csv"
    line = ";".join(f"valeur {rank} de la ligne {{0}}" for rank in range(7)) + ";{0};{0},5;12/03/2024;32013;{0};x;y\n"
    with path.open("w", encoding="utf-8") as stream:
        stream.write(";".join(f"c{rank}" for rank in range(14)) + "\n")
        for rank in range(1_000_000):
            stream.write(line.format(rank))
    said, most = watch(path)
    assert said == "1000000"
    assert most < 1024
