"""Every usual way to write a CSV file is read, in every encoding met in France; what is set aside is told."""

from pathlib import Path
from typing import Any

import pytest

from datasets.errors import CellTooLong, NotText, TooManyColumns, UnknownOption
from datasets.ingest import Ingested, Reading, read_file, read_options
from datasets.ingest.formats import delimited

FRENCH = "Nom du théâtre;Région;Prix\nThéâtre de l’Été;Île-de-France;12 €\nCœur d’Armagnac – salle;Hauts-de-Seine;5\n"
PLAIN = "Théâtre;Île\nGarçon;À côté\nHôtel;forêt d'Aÿ\n"


def read(folder: Path, content: str | bytes, name: str = "fichier.csv", **options: Any) -> Ingested:
    """Read `content` as a file called `name`."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_file(path, reading=Reading(**options))


def told(found: Ingested) -> list[tuple[int, str]]:
    """Return the row and the reason of each problem."""
    return [(problem.row, problem.reason) for problem in found.report.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman"])
def test_encodings_with_typographic_signs(tmp_path: Path, encoding: str) -> None:
    """Accents, ligatures, apostrophes and the euro come out the same from every encoding that has them."""
    found = read(tmp_path, FRENCH.encode(encoding))
    assert [column.label for column in found.columns] == ["Nom du théâtre", "Région", "Prix"]
    assert found.table["nom_du_theatre"].to_pylist() == ["Théâtre de l’Été", "Cœur d’Armagnac – salle"]


@pytest.mark.parametrize("encoding", ["iso-8859-1", "iso-8859-15", "cp850", "mac_roman", "cp1252"])
def test_encodings_with_accents_alone(tmp_path: Path, encoding: str) -> None:
    """Accents alone are enough to tell the encodings apart."""
    found = read(tmp_path, PLAIN.encode(encoding))
    assert found.table.to_pylist() == [
        {"theatre": "Garçon", "ile": "À côté"},
        {"theatre": "Hôtel", "ile": "forêt d'Aÿ"},
    ]


def test_the_producer_overrules_the_encoding(tmp_path: Path) -> None:
    """What the producer asks for is used, and told in the dialect."""
    found = read(tmp_path, PLAIN.encode("cp1252"), encoding="mac_roman")
    assert found.dialect.encoding == "mac_roman"
    assert (
        found.table["theatre" if "theatre" in found.table.column_names else found.columns[0].name][0].as_py()
        != "Garçon"
    )


def test_one_cell_in_another_encoding_is_read_and_told(tmp_path: Path) -> None:
    """A line pasted from another system does not break a file of UTF-8."""
    found = read(tmp_path, PLAIN.encode() * 3 + b"Mus\xe9e;ferm\xe9\n")
    assert found.dialect.encoding == "utf-8"
    assert found.table.to_pylist()[-1] == {"theatre": "Musée", "ile": "fermé"}
    assert told(found)[-2:] == [(10, "other_encoding"), (10, "other_encoding")]


def test_damaged_letters_are_repaired_only_when_asked(tmp_path: Path) -> None:
    """UTF-8 that was read as Windows-1252 stays as it is, and is repaired by an option that tells each cell."""
    damaged = PLAIN.encode().decode("cp1252", errors="ignore")
    assert "GarÃ§on" in read(tmp_path, damaged).table.column(0).to_pylist()
    found = read(tmp_path, damaged, repair_letters=True)
    assert found.columns[0].label == "Théâtre"
    assert found.table.column(0).to_pylist() == ["Garçon", "Hôtel"]
    repaired = [(p.row, p.value, p.suggestion) for p in found.report.problems if p.reason == "letters_repaired"]
    assert repaired[0] == (2, "GarÃ§on", "Garçon")


def test_invisible_characters_are_removed_and_told(tmp_path: Path) -> None:
    """A NUL inside a cell is taken out; the cell is told with its row and column."""
    found = read(tmp_path, b"a;b\n1;u\x00v\n2;w\n")
    assert found.table["b"].to_pylist() == ["uv", "w"]
    assert [(p.row, p.column, p.reason) for p in found.report.problems] == [(2, "b", "control_characters")]
    with pytest.raises(NotText):
        read(tmp_path, b"a;b\n" + bytes(range(8)) * 50)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a;b\n'u;v';'w'\n'l''été';'x'\n", [("u;v", "w"), ("l'été", "x")]),
        ('a;b\n"u \\"v\\" w";1\n"x";2\n', [('u "v" w', 1), ("x", 2)]),
        ('a;b\n"u ""v"" w";1\r\n"x";2\r', [('u "v" w', 1), ("x", 2)]),
        ("a\tb\nu\t1\n", [("u", 1)]),
        ('"a","b"\n"1,5",2\n"2,5",3\n', [(1.5, 2), (2.5, 3)]),
    ],
)
def test_quotation_marks_and_escapes(tmp_path: Path, text: str, rows: list[tuple[Any, ...]]) -> None:
    """Apostrophes as quotation marks, backslashes, doubled marks and mixed line ends are understood."""
    found = read(tmp_path, text)
    assert [tuple(row.values()) for row in found.table.to_pylist()] == rows


def test_what_surrounds_the_table_is_set_aside_and_told(tmp_path: Path) -> None:
    """A title, a date of export, a total and a source are not rows, and none is lost."""
    text = (
        "Fréquentation des musées;;;\nExporté le;12/03/2024;;\n\nCommune;Entrées;Part;Année\nAuch;10;0,5;2024\n"
        "Condom;10;0,5;2023\nTotal;20;1;\n\nSource : comptages de l’été;;;\n"
    )
    found = read(tmp_path, text)
    assert found.table["entrees"].to_pylist() == [10, 10]
    assert (found.dialect.header, found.dialect.footer) == (4, 3)
    assert told(found) == [(1, "before_titles"), (2, "before_titles"), (7, "after_rows"), (9, "after_rows")]
    assert read(tmp_path, text, footer=0).table.num_rows == 4


def test_titles_on_two_rows_are_joined(tmp_path: Path) -> None:
    """A title over several columns goes to each of them."""
    found = read(tmp_path, "Commune;Entrées;;Recettes;\n;2023;2024;2023;2024\nAuch;1;2;3,5;4\nCondom;5;6;7;8\n")
    assert [column.label for column in found.columns] == [
        "Commune",
        "Entrées – 2023",
        "Entrées – 2024",
        "Recettes – 2023",
        "Recettes – 2024",
    ]
    assert found.dialect.header_rows == 2
    assert found.table["entrees_2024"].to_pylist() == [2, 6]


def test_duplicate_and_empty_titles(tmp_path: Path) -> None:
    """Each column gets a name of its own, whatever the titles; a title over two lines is one."""
    found = read(tmp_path, 'a;a;;"b\nc"\n1;2;3;4\n5;6;7;8\n')
    assert [column.name for column in found.columns] == ["a", "a_2", "colonne_3", "b_c"]
    assert found.table.num_rows == 2


def test_another_table_below_is_told_and_can_be_chosen(tmp_path: Path) -> None:
    """The first table is read; the row where the second begins is told, and may be asked for."""
    text = "ville;habitants\nAuch;22000\nCondom;6500\n\nmusée;entrées\nArmagnac;12\nAmériques;30\n"
    found = read(tmp_path, text)
    assert found.table.to_pylist() == [{"ville": "Auch", "habitants": 22000}, {"ville": "Condom", "habitants": 6500}]
    assert (5, "another_table") in told(found)
    assert found.offers["header"] == ("1", "5")
    assert read(tmp_path, text, header=5).table["entrees"].to_pylist() == [12, 30]


BESIDE = """ville;habitants;;musée;entrées
Auch;22000;;Armagnac;12
Condom;6500;;Amériques;30
;;;Hébraïque;7
;;;Gascogne;9
"""


def test_another_table_beside_is_told_and_can_be_chosen(tmp_path: Path) -> None:
    """The first table is read; the columns of the second are told with its titles, and may be asked for."""
    found = read(tmp_path, BESIDE)
    assert found.table.to_pylist() == [{"ville": "Auch", "habitants": 22000}, {"ville": "Condom", "habitants": 6500}]
    (problem,) = (one for one in found.report.problems if one.reason == "table_beside")
    assert problem.value == "D:E (musée, entrées)"
    assert found.dialect.columns == "A:B"
    assert found.offers["columns"] == ("A:B", "D:E")
    other = read(tmp_path, BESIDE, columns="D:E")
    assert other.table["entrees"].to_pylist() == [12, 30, 7, 9]
    assert read(tmp_path, BESIDE, columns="b:d").schema.names == ("habitants", "musee")
    partial = read(tmp_path, "a;b;c\n1;2;3\n4;5;6\n", columns="A:B")
    assert [problem.value for problem in partial.report.problems] == ["C:C (c)"]
    for wrong in ("2", "E:D", "A:", "A:B:C"):
        with pytest.raises(UnknownOption):
            read(tmp_path, BESIDE, columns=wrong)


@pytest.mark.parametrize(
    "text",
    [
        "ville;code;;2022;2023\nAuch;32013;;1;2\nCondom;32107;;3;4\n",
        "ville;code;;2022;2023\nAuch;32013;;1;2\nCondom;32107;;3;4\nTotal;;;4;6\nSource : comptages;;;;\n",
        "ville;;entrées\nAuch;;1\nCondom;;3\nEauze;;3\n;;4\n;;5\n",
        "a;b;;\n1;2;;\n3;4;;\n",
    ],
)
def test_an_empty_column_alone_parts_no_table(tmp_path: Path, text: str) -> None:
    """A column left empty for the eyes, a note, a single column: all is one table, and nothing is set aside for it."""
    found = read(tmp_path, text)
    assert "table_beside" not in {problem.reason for problem in found.report.problems}
    assert len(found.columns) == text.partition("\n")[0].count(";") + 1


def test_titles_repeated_by_a_concatenation_are_passed_over(tmp_path: Path) -> None:
    """Files put one after the other repeat their titles: they are no row."""
    found = read(tmp_path, "a;n\nu;1\na;n\nv;2\n")
    assert found.table["n"].to_pylist() == [1, 2]
    assert told(found) == [(3, "repeated_titles")]


def test_a_file_without_titles_can_be_said_so(tmp_path: Path) -> None:
    """The producer may say that the first row is a row."""
    found = read(tmp_path, "Auch;Gers\nCondom;Gers\n", header=0)
    assert found.table.num_rows == 2
    assert found.dialect.header == 0


@pytest.mark.parametrize("name", ["fichier.xlsx", "fichier.json", "fichier.parquet"])
def test_the_content_wins_over_the_name(tmp_path: Path, name: str) -> None:
    """A CSV file called otherwise is read as what it is, and it is told."""
    found = read(tmp_path, "a;b\n1;2\n", name)
    assert found.dialect.format == "csv"
    assert told(found) == [(0, "wrong_extension")]


def test_the_patient_reader_agrees_with_the_fast_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What both can read, both read alike."""
    text = 'nom;n\n"a;b";1\n"c\nd";2\né;3\n'
    fast = read(tmp_path, text).table.to_pylist()
    monkeypatch.setattr(delimited.Text, "read_fast", lambda *_: None)
    assert read(tmp_path, text).table.to_pylist() == fast


def test_a_cell_without_end_and_columns_without_number_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line of megabytes and a row of thousands of cells give errors in words, and not a full memory."""
    monkeypatch.setattr(delimited, "CELL", 1 << 16)
    with pytest.raises(CellTooLong, match="row 2"):
        read(tmp_path, "a;b\n1;" + "x" * (1 << 17) + "\n\n3\n")
    with pytest.raises(TooManyColumns, match="3000"):
        read(tmp_path, ";".join(f"c{rank}" for rank in range(3000)) + "\n" + ";".join(["1"] * 3000) + "\n")


@pytest.mark.parametrize(
    "values", [{"delimiteur": ";"}, {"header": "x"}, {"encoding": "ebcdic"}, {"format": "tableau"}, {"delimiter": ";;"}]
)
def test_options_that_do_not_exist_are_refused(tmp_path: Path, values: dict[str, str]) -> None:
    """An option that no reader knows is named, never ignored."""
    (tmp_path / "f.csv").write_text("a;b\n1;2\n", encoding="utf-8")
    with pytest.raises(UnknownOption, match=next(iter(values))):
        read_file(tmp_path / "f.csv", reading=read_options(values))


def test_options_go_through_json_and_back() -> None:
    """What is kept of options gives the same options."""
    asked = Reading(delimiter=";", quote="", header=3, repair_letters=True)
    assert read_options(asked.as_dict()) == asked
    assert read_options({"header": "", "encoding": "", "repair_letters": "on"}) == Reading(repair_letters=True)
