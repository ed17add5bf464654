"""The engine: read-only, within its folders, under its limits, and answering many at once."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.errors import LimitExceeded, PortalError, QueryError, StoreError
from datasets.store.engine import BATCH_ROWS, Engine

ENDLESS = "SELECT count(*) FROM range(100000000) a, range(100000) b"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one file of a hundred thousand rows."""
    folder = tmp_path_factory.mktemp("data")
    pq.write_table(pa.table({"n": range(100_000)}), folder / "n.parquet")
    return folder


@pytest.fixture(scope="module")
def small(folder: Path) -> Iterator[Engine]:
    """An engine with little memory and little time."""
    engine = Engine(folders=[str(folder)], memory="100MB", threads=1, seconds=5)
    yield engine
    engine.close()


def ask(engine: Engine, sql: str, *params: object) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in engine.run(sql, params).read_all().to_pylist()]


def test_values_are_bound(small: Engine, folder: Path) -> None:
    """Parameters reach the query as values, the file's path among them."""
    found = ask(small, "SELECT n, $2 FROM read_parquet($1) WHERE n = $3", str(folder / "n.parquet"), "x'); --", 7)
    assert found == [(7, "x'); --")]


def test_rows_come_in_batches(small: Engine, folder: Path) -> None:
    """A large answer is given batch by batch, in the order of the file."""
    rows = small.run("SELECT n FROM read_parquet($1)", [str(folder / "n.parquet")])
    batches = list(rows)
    assert max(batch.num_rows for batch in batches) <= BATCH_ROWS
    assert pa.Table.from_batches(batches)["n"].to_pylist() == list(range(100_000))


def test_an_empty_answer_has_a_schema(small: Engine, folder: Path) -> None:
    """No row is not an error."""
    rows = small.run("SELECT n FROM read_parquet($1) WHERE false", [str(folder / "n.parquet")])
    assert rows.schema.names == ["n"]
    assert not rows.filled
    assert rows.read_all().num_rows == 0


def test_the_spatial_functions_are_there(small: Engine) -> None:
    """Geometries are understood without any download."""
    assert ask(small, "SELECT ST_AsText(ST_Point(1, 2))") == [("POINT (1 2)",)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/proc/self/environ')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM read_parquet('http://127.0.0.1:1/x.parquet')",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "ATTACH '{folder}/x.db'",
        "SET memory_limit = '10GB'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "LOAD httpfs",
        "CREATE TABLE t (a INT)",
        "SELECT 1; SELECT 2",
        "DROP MACRO words",
        "",
        "nonsense",
    ],
)
def test_nothing_but_a_select_within_the_folders_is_run(small: Engine, folder: Path, sql: str) -> None:
    """Statements that write, that change settings or that reach elsewhere are refused."""
    with pytest.raises((QueryError, StoreError)):
        small.run(sql.replace("{folder}", str(folder))).read_all()
    assert sorted(path.name for path in folder.iterdir()) == ["n.parquet"]


def test_a_missing_file_is_told_without_its_place(small: Engine, folder: Path) -> None:
    """A version that is gone or damaged is an error of the store, which keeps its paths to itself."""
    (folder / "cut.parquet").write_bytes(b"PAR1 and no more")
    for name in ("absent.parquet", "cut.parquet"):
        with pytest.raises(PortalError) as told:
            small.run("SELECT * FROM read_parquet($1)", [str(folder / name)])
        assert str(folder) not in str(told.value)
    (folder / "cut.parquet").unlink()


def test_a_query_over_its_time_is_stopped(small: Engine) -> None:
    """The time limit of a query ends it, with a clear error, and the engine goes on."""
    start = time.monotonic()
    with pytest.raises(LimitExceeded, match="time"):
        small.run(ENDLESS, seconds=0.3)
    assert time.monotonic() - start < 30
    assert ask(small, "SELECT 1") == [(1,)]


def test_a_query_over_its_memory_is_stopped(small: Engine) -> None:
    """The memory limit ends a query, with a clear error, and the engine goes on."""
    with pytest.raises(LimitExceeded, match="memory"):
        small.run("SELECT list(i) FROM range(100000000) t(i)")
    assert ask(small, "SELECT 1") == [(1,)]


def test_a_large_sort_may_spill(folder: Path, tmp_path: Path) -> None:
    """With a scratch folder, a sort larger than the memory is answered, and leaves nothing there."""
    sql = "SELECT i, repeat('x', 50) || hash(i) AS t FROM range(600000) t(i) ORDER BY t"
    for scratch, done in ((None, False), (str(tmp_path / "scratch"), True)):
        engine = Engine(folders=[str(folder)], memory="30MB", threads=1, scratch=scratch)
        try:
            assert sum(batch.num_rows for batch in engine.run(sql)) == 600_000
        except LimitExceeded:
            assert not done
        engine.close()
    assert not list((tmp_path / "scratch").glob("*"))


def test_the_time_limit_holds_while_rows_are_read(small: Engine) -> None:
    """A reader that never comes back does not hold its query beyond the limit."""
    rows = small.run("SELECT i FROM range(1000000000) t(i)", seconds=0.3)
    time.sleep(0.5)
    with pytest.raises(LimitExceeded, match="time"):
        rows.read_all()


def test_closing_ends_the_query(small: Engine) -> None:
    """close() in the middle ends the query at once, and may be called twice."""
    rows = small.run("SELECT i FROM range(1000000000) t(i)")
    iterator = iter(rows)
    next(iterator)
    start = time.monotonic()
    rows.close()
    rows.close()
    assert time.monotonic() - start < 10
    with pytest.raises(PortalError):
        next(iterator)


def test_leaving_the_loop_ends_the_query(small: Engine) -> None:
    """Abandoned iterations leave no thread behind."""
    small.run("SELECT 1")
    before = threading.active_count()
    for _ in range(20):
        for _batch in small.run("SELECT i FROM range(1000000) t(i)"):
            break
    assert threading.active_count() <= before + 1  # one of the engine's own threads may have begun


def test_many_threads_ask_at_once(small: Engine, folder: Path) -> None:
    """Queries from several threads do not disturb each other, even when one is stopped."""

    def one(number: int) -> object:
        if number % 10 == 0:
            with pytest.raises(LimitExceeded):
                small.run(ENDLESS, seconds=0.1)
            return number
        return ask(small, "SELECT n FROM read_parquet($1) WHERE n = $2", str(folder / "n.parquet"), number)[0][0]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(60))) == list(range(60))


def test_the_home_folder_is_left_alone(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written in the home folder, which may be read-only or absent."""
    monkeypatch.setenv("HOME", str(tmp_path / "absent"))
    engine = Engine(folders=[str(folder)])
    assert ask(engine, "SELECT ST_X(ST_Point(1, 2))") == [(1.0,)]
    engine.close()
    assert not (tmp_path / "absent").exists()
