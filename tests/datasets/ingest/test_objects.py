"""JSON and JSON Lines become rows, whatever surrounds their list of objects."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.errors import BrokenJson, EmptyFile, UnknownOption
from datasets.ingest import Ingested, Reading, read_file
from datasets.ingest.formats.scanning import Scanner


def read(folder: Path, text: str, **options: Any) -> Ingested:
    """Read a text as a JSON file."""
    path = folder / "liste.json"
    path.write_text(text, encoding="utf-8")
    return read_file(path, **options)


def test_objects_in_objects_become_columns(tmp_path: Path) -> None:
    """Nested objects are flattened with points; lists stay JSON; a column may appear late."""
    found = read(tmp_path, '[{"a": 1, "b": {"c": "u", "d": [1, 2]}}, {"a": 2.50, "b": {"c": null}, "z": 7}]')
    assert [column.label for column in found.columns] == ["a", "b.c", "b.d", "z"]
    assert found.table.to_pylist() == [
        {"a": 1.0, "b_c": "u", "b_d": "[1, 2]", "z": None},
        {"a": 2.5, "b_c": None, "b_d": None, "z": 7},
    ]


def test_a_wrapped_list_is_found_and_the_others_told(tmp_path: Path) -> None:
    """The longest list of objects is read; the others are named, and may be asked for."""
    text = '{"total": 2, "results": [{"a": 1}, {"a": 2}], "meta": {"links": [{"rel": "suite"}]}}'
    found = read(tmp_path, text)
    assert found.table["a"].to_pylist() == [1, 2]
    assert found.offers["sheet"] == ("results", "meta.links")
    assert [(p.row, p.value, p.reason) for p in found.report.problems] == [(0, "meta.links (1)", "other_sheets")]
    assert read(tmp_path, text, reading=Reading(sheet="meta.links")).table["rel"].to_pylist() == ["suite"]
    with pytest.raises(UnknownOption, match="absente"):
        read(tmp_path, text, reading=Reading(sheet="absente"))


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('{"a": 1}\n{"a": 2, "b": "é"}\n', [{"a": 1, "b": None}, {"a": 2, "b": "é"}]),
        ('[["nom", "n"], ["A", 1], ["B", 2]]', [{"nom": "A", "n": 1}, {"nom": "B", "n": 2}]),
        ('{"a": 1, "mots": ["u", "v"]}', [{"a": 1, "mots": '["u", "v"]'}]),
        ("[10, 20]", [{"value": 10}, {"value": 20}]),
        ('[{"code": "01"}, {"code": "02"}]', [{"code": "01"}, {"code": "02"}]),
        ('[{"n": 12345678901234567}]', [{"n": 12345678901234567}]),
    ],
)
def test_every_shape_of_document(tmp_path: Path, text: str, rows: list[dict[str, Any]]) -> None:
    """JSON Lines, a list of lists, a lone object, plain values: each becomes rows, and no digit is lost."""
    assert read(tmp_path, text).table.to_pylist() == rows


@pytest.mark.parametrize(
    ("text", "error", "place"),
    [
        ('{"a": 1,\n "b": [{"c": 1}, {"c": }]}', BrokenJson, "line 2, column 24"),
        ('{"a": 1} x', BrokenJson, "column 10"),
        ('[{"a": 1}', BrokenJson, "end of the file"),
        ("[" * 100_000, BrokenJson, "nested"),
        ("[]", EmptyFile, "no row"),
    ],
)
def test_broken_documents_are_refused_at_their_place(
    tmp_path: Path, text: str, error: type[Exception], place: str
) -> None:
    """What cannot be read is said with its line and column."""
    with pytest.raises(error, match=place):
        read(tmp_path, text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None)
@given(value=JSON, indent=st.sampled_from([None, 2]))
def test_the_scanner_reads_what_json_wrote(
    tmp_path_factory: pytest.TempPathFactory, value: object, indent: int | None
) -> None:
    """Whatever the document, the scanner gives its value, then its end."""
    path = tmp_path_factory.getbasetemp() / "valeur.json"
    path.write_text(json.dumps(value, indent=indent), encoding="utf-8")
    with Scanner(path, "valeur.json") as scanner:
        assert scanner.value() == value
        scanner.end()


def test_a_list_larger_than_a_block_is_read_whole(tmp_path: Path) -> None:
    """Values that lie across two blocks of the file are not cut."""
    rows = [{"rang": rank, "texte": "é" * (rank % 97)} for rank in range(40_000)]
    found = read(tmp_path, json.dumps(rows, ensure_ascii=False))
    assert found.table["rang"].to_pylist() == list(range(40_000))
    assert found.table["texte"].to_pylist()[96] == "é" * 96
