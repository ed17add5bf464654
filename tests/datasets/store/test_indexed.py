"""The indexed copy of a version: found when it is there, left when it is damaged, gone with its version."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasets.model import Field, Schema, Version
from datasets.query import Query, count_query, find_record, find_table, run_query, source_of
from datasets.store.engine import Engine
from datasets.store.indexed import FROM_ROWS, is_indexable, locate_index, make_index
from datasets.store.made import MadeFiles
from datasets.store.versions import VersionStore

AT = datetime(2026, 11, 22, tzinfo=UTC)
SCHEMA = Schema((Field("ville", "text"), Field("note", "text"), Field("jauge", "int")))
ROWS = pa.table(
    {"ville": ["Auch", "Éauze", "Auch", None], "note": ["été à l’abri", "d'Armagnac", "ÉTÉ", ""], "jauge": [3, 1, 2, 9]}
)
WORDS = (
    *('"ete"', '"armagnac"', '"l abri"', '"abri l l ete"', '"arm* ?"', '"*"', '""', '"auch rien"', 'not "auch"'),
    *('suggest("arma")', 'suggest("auch ab")', 'suggest("")', 'suggest("...")', 'suggest(note, "ete")'),
    *('search("armagnak")', 'search("ach abry")', 'search("")', 'search("auc 3")', 'search("armagnac") or jauge = 9'),
    *('search(note, "ete")', 'search(note, note, note, "auch")', 'search(note, ville, "auch abri")'),
    *('note like "arma%"', 'ville like "auch"', 'not note like "ete"', 'ville like "" or jauge = 9'),
)


@pytest.fixture
def store(tmp_path: Path) -> VersionStore:
    """A store of one folder."""
    return VersionStore(tmp_path / "it's a store")


@pytest.fixture
def version(store: VersionStore) -> Version:
    """A version without copy."""
    return store.write("villes", SCHEMA, ROWS, created=AT)


@pytest.fixture
def engine(store: VersionStore):
    """An engine that may read the store."""
    engine = Engine(folders=[str(store.root)], memory="200MB", threads=1)
    yield engine
    engine.close()


def make(version: Version, store: VersionStore) -> None:
    """Make the copy of a version."""
    make_index(version, store, memory="200MB", threads=1)


def told(query: Query, version: Version, store: VersionStore, engine: Engine) -> list[dict[str, object]]:
    """Return the rows that a query gives."""
    return run_query(query, source_of(version, store), engine, app_metas=True).rows.read_all().to_pylist()


@pytest.mark.parametrize("query", [Query(), *(Query(where=(text,)) for text in WORDS), Query(order_by="random(3)")])
def test_the_copy_gives_the_answers_of_the_file(query, version, store, engine):
    """Rows, order, identifiers and searches are those of the file, and it is the copy that gave them."""
    expected = told(query, version, store, engine)
    make(version, store)
    assert find_table(source_of(version, store), engine)[1]
    assert told(query, version, store, engine) == expected
    assert count_query(query, source_of(version, store), engine) == len(expected)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.text("abcé' ", max_size=9) | st.none(), min_size=1, max_size=9),
    asked=st.text("abcé*? ", max_size=9),
    function=st.sampled_from(["", "search", "suggest"]),
)
def test_words_are_found_in_the_copy_as_in_the_file(texts, asked, function, monkeypatch, store, engine):
    """Whatever the texts and the words, near ones, beginnings and wildcards: few rows at a time or many."""
    monkeypatch.setattr("datasets.store.indexed.BLOCK", 4)
    monkeypatch.setattr("datasets.store.indexed.MOST_SORTED", 6)
    table = pa.table({"ville": pa.array(texts, pa.string()), "note": pa.array(texts[::-1], pa.string())})
    version = store.write("mots", Schema(SCHEMA.fields[:2]), table, created=AT)
    where = f'{function}("{asked}")' if function else f'"{asked}"', f'{function or "search"}(note, "{asked}")'
    queries = [Query(where=(each,)) for each in where]
    locate_index(store.locate(version)).unlink(missing_ok=True)
    expected = [told(query, version, store, engine) for query in queries]
    make(version, store)
    assert [told(query, version, store, engine) for query in queries] == expected


def test_copies_of_a_former_form_go(version, store):
    """What nobody reads any more takes no room."""
    former = locate_index(store.locate(version)).with_name("indexed-1.duckdb")
    former.parent.mkdir()
    former.write_bytes(b"")
    make(version, store)
    assert [each.name for each in former.parent.iterdir()] == [locate_index(store.locate(version)).name]


@pytest.mark.parametrize("record_id", ["", "nothing", "0" * 40, "'; --", "é" * 16])
def test_a_record_is_found_by_its_identifier_alone(record_id, version, store, engine):
    """In the copy too, each record answers to its identifier, and nothing to another text."""
    make(version, store)
    source = source_of(version, store)
    for row in told(Query(), version, store, engine):
        found = find_record(source, engine, str(row["_id"]))
        assert found is not None
        assert found.rows.read_all().to_pylist() == [{name: row[name] for name in SCHEMA.names}]
    assert find_record(source, engine, record_id) is None


def test_what_reads_every_record_reads_the_file(version, store, engine):
    """An export of all rows keeps none of them in the memory of the engine, as it would those of the copy."""
    make(version, store)
    with duckdb.connect(str(locate_index(store.locate(version)))) as copy:
        copy.execute("DELETE FROM rows WHERE jauge = 9")
    assert len(told(Query(limit=None), version, store, engine)) == len(ROWS)
    assert len(told(Query(limit=None, where=("jauge > 0",)), version, store, engine)) == len(ROWS) - 1
    assert len(told(Query(), version, store, engine)) == len(ROWS) - 1


def test_a_damaged_copy_is_left_for_the_file(version, store, engine):
    """A copy that cannot be opened costs no answer: the file is read."""
    make(version, store)
    locate_index(store.locate(version)).write_bytes(b"not a database")
    assert find_table(source_of(version, store), engine) == (store.locate(version), False)
    assert len(told(Query(), version, store, engine)) == len(ROWS)


def test_a_copy_made_again_is_opened_again(version, store, engine):
    """What was seen damaged is read once it was made anew, in a process that goes on."""
    test_a_damaged_copy_is_left_for_the_file(version, store, engine)
    locate_index(store.locate(version)).unlink()
    make(version, store)
    assert find_table(source_of(version, store), engine)[1]


def test_the_copy_of_a_former_version_goes_with_its_files(version, store, engine):
    """Only the present version of a dataset keeps one; a query that had it open ends well."""
    make(version, store)
    running = run_query(Query(), source_of(version, store), engine)
    later = store.write("villes", SCHEMA, ROWS.slice(1), created=AT.replace(hour=1))
    MadeFiles(store).forget_others(later)
    assert not locate_index(store.locate(version)).exists()
    assert running.rows.read_all().num_rows == len(ROWS)
    assert len(told(Query(), version, store, engine)) == len(ROWS)


def test_many_copies_are_open_at_once_and_the_last_used_stay(store, engine, monkeypatch):
    """A process keeps some copies open; one that it closed is opened again when it is asked."""
    monkeypatch.setattr("datasets.store.indexed.MOST_OPEN", 2)
    versions = [store.write(f"d{n}", SCHEMA, ROWS.slice(n), created=AT) for n in range(4)]
    for each in versions:
        make(each, store)
    for _ in range(2):
        for n, each in enumerate(versions):
            assert count_query(Query(), source_of(each, store), engine) == len(ROWS) - n


def test_only_large_versions_are_worth_a_copy(version):
    """A small file is read as soon; a field named as the place of a record could not be told from it."""
    assert not is_indexable(version)
    assert is_indexable(replace(version, rows=FROM_ROWS))
    named = Schema((*SCHEMA, Field("File_Row_Number", "int")))
    assert not is_indexable(replace(version, rows=FROM_ROWS, schema=named))
