"""A process that needs no frame does not pay for pandas, and one that does finds everything as usual."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest


def answer(code: str) -> str:
    """Return what a new process prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_values_of_arrow_do_not_bring_pandas() -> None:
    """Values and arrays are made without pandas."""
    made = "import sys, datasets, pyarrow as pa; pa.scalar(1); pa.array(['a', None]); print('pandas' in sys.modules)"
    assert answer(made) == "False"


def test_a_conversion_brings_pandas() -> None:
    """A table that is converted becomes a frame, whoever imported pandas first."""
    convert = "import datasets, pyarrow as pa; print(pa.table({'a': [1, None]}).to_pandas()['a'].isna().sum())"
    assert answer(convert) == "1"


def test_frames_are_understood_once_pandas_is_there() -> None:
    """What is not a number in a series is null in Arrow, as when pandas is imported first of all."""
    code = "import pandas as pd, pyarrow as pa; print(pa.array(pd.Series([1.5, None])).null_count, pd.__spec__.loader)"
    assert answer("import datasets; " + code).partition(" at ")[0] == answer(code).partition(" at ")[0]
    assert answer("import datasets; " + code).startswith("1 ")


def test_a_query_with_values_does_not_bring_pandas() -> None:
    """The engine binds values without pandas, which another thread may import at that instant."""
    code = """
import sys, threading
from datasets.lean import hidden_pandas
from datasets.store.engine import Engine
engine = Engine(folders=[], memory="100MB", threads=1)
print(engine.run("SELECT $1 AS a", ["b"]).read_all().to_pylist(), "pandas" in sys.modules)
with hidden_pandas():
    other = threading.Thread(target=lambda: __import__("pandas"))
    other.start()
    other.join()
print("pandas" in sys.modules)
"""
    assert answer(code) == "[{'a': 'b'}] False\nTrue"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="Only the GNU C library has arenas.")
def test_threads_share_what_they_free(tmp_path: Path) -> None:
    """However many threads take memory at once, the C library has two arenas for all."""
    told = tmp_path / "arenas.xml"
    code = f"""
import ctypes, threading
import datasets
import pyarrow as pa

barrier = threading.Barrier(16)

def work():
    barrier.wait()
    kept = [bytes(5_000) for _ in range(200)]
    barrier.wait()

threads = [threading.Thread(target=work) for _ in range(16)]
[each.start() for each in threads], [each.join() for each in threads]
c = ctypes.CDLL(None)
c.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(c.fopen({str(told)!r}.encode(), b"w"))
c.malloc_info(0, file), c.fclose(file)
print(pa.default_memory_pool().backend_name)
"""
    assert answer(code) == "system"
    assert 1 <= told.read_text().count("<heap nr=") <= 2
