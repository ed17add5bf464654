"""The texts of a file can be had again from what is published: no character is lost."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.ingest import Choice, read_file
from datasets.ingest.restoring import Writing, find_writings, lost_texts, restore, rows_of
from datasets.types import TYPES

NUMBERS = st.from_regex(r"-?[0-9]{1,3}([ .,'][0-9]{3}){0,2}([.,][0-9]{0,3})?( ?[€%])?", fullmatch=True)
DAYS = st.dates().map(lambda day: f"{day:%d/%m/%Y}")


def writing_of(folder: Path, cells: list[str], kind: str = "") -> Writing:
    """Return how a column of those cells is written."""
    path = folder / "f.csv"
    path.write_text("v;w\n" + "".join(f'"{cell}";x\n' for cell in cells), encoding="utf-8")
    found = read_file(path, {"v": Choice(type=kind, published=True)})
    return find_writings(found.raw, found.columns, found.table)[0]


@settings(max_examples=10, deadline=None)
@given(cells=st.lists(st.one_of(NUMBERS, DAYS, st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=6))))
def test_any_text_can_be_had_again(cells: list[str]) -> None:
    """Whatever the texts and the types that they are given, none is lost."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "f.csv"
        quoted = ('"' + cell.replace('"', '""') + '"' for cell in [*cells, "1"])
        path.write_text("v;w\n" + "".join(f"{cell};x\n" for cell in quoted), encoding="utf-8")
        for kind in ("", "decimal"):
            found = read_file(path, {"v": Choice(type=kind, published=True)})
            assert lost_texts(found.raw, found.columns, found.table) == []


@pytest.mark.parametrize(
    ("cells", "form", "others"),
    [
        (["12", "7"], "0", []),
        (["1 250 000", "12 500", "3"], "# ##0", []),
        (["0,50", "12,25"], "0,00", []),
        (["0,5", "12,25", "3"], "0,…", []),
        (["1 234,50 €", "12,00 €"], "# ##0,00 €", []),
        (["12,5 %", "40,0 %"], "0,0 %", []),
        (["12/03/2024", "01/02/2003", "1/2/2003"], "%d/%m/%Y", ["1/2/2003"]),
        (["12 mars 2024", "1er août 1998"], "1 janvier %Y", []),
        (["mars-24", "avr-98"], "janv-%y", []),
        (["oui", "non", "Oui"], "oui / non", ["Oui"]),
        (["2024-03-12T14:30:00Z"], "%Y-%m-%dT%H:%M:%SZ", []),
        (["12", "n.d.", ""], "0", ["n.d."]),
    ],
)
def test_the_usual_writing_of_a_column_is_found(tmp_path: Path, cells: list[str], form: str, others: list[str]) -> None:
    """The form has a name that a person understands; only what is written otherwise is kept apart."""
    writing = writing_of(tmp_path, cells)
    assert writing.form.name == form
    assert writing.others["text"].to_pylist() == others


def test_what_is_kept_apart_has_its_row(tmp_path: Path) -> None:
    """A refused value is listed with the row of the file where it stands."""
    writing = writing_of(tmp_path, ["12", "7 bis", "3"], "integer")
    assert writing.others.to_pylist() == [{"row": 3, "text": "7 bis"}]


@pytest.mark.parametrize(
    "kind", [kind for kind in TYPES.values() if kind.public != "geo_shape"], ids=lambda kind: kind.name
)
def test_the_examples_of_every_type_can_be_had_again(tmp_path: Path, kind) -> None:
    """Each way of writing that a type knows is restored, by its form or from what is kept apart."""
    path = tmp_path / "f.csv"
    quoted = ('"' + cell.replace('"', '""') + '"' for cell in kind.valid)
    path.write_text("v;w\n" + "".join(f"{cell};x\n" for cell in quoted), encoding="utf-8")
    found = read_file(path, {"v": Choice(type=kind.name, published=True)})
    assert lost_texts(found.raw, found.columns, found.table) == []


def test_a_text_that_is_lost_is_told(tmp_path: Path) -> None:
    """The check is able to fail: a value that changes after the reading is found."""
    path = tmp_path / "f.csv"
    path.write_text("v;w\n1;x\n2;y\n", encoding="utf-8")
    found = read_file(path)
    changed = found.table.set_column(1, "w", found.table["w"].take([1, 0]))
    writings = {one.column: one for one in find_writings(found.raw, found.columns, found.table)}
    assert restore(changed["w"], writings["w"], rows_of(found.raw)).to_pylist() == ["y", "x"]


def test_forms_are_told_by_name(tmp_path: Path) -> None:
    """What a version says of its file: how each column that is not text was written, and no value."""
    path = tmp_path / "f.csv"
    path.write_text("lieu;le;tarif\nAuch;12/03/2024;12,50 €\nEauze;n.d.;3,00 €\n", encoding="utf-8")
    found = read_file(path)
    assert found.written == {"le": "%d/%m/%Y", "tarif": "0,00 €"}
