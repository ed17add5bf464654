"""A file becomes rows without harm: invented extracts with the quirks of real ones."""

from pathlib import Path

import pytest

from datasets.errors import (
    BrokenArchive,
    EmptyFile,
    FileChanged,
    IngestError,
    NotText,
    UnclosedQuote,
    UnknownColumnType,
)
from datasets.ingest import Choice, Ingested, Progress, read_file

FESTIVALS = (
    "Nom du festival;Code postal (de la commune);Code Insee commune;Site internet;Adresse e-mail;"
    "Année de création;Géocodage xy\r\n"
    "Les Nuits d’Auch;32000;32013;www.nuits.example;contact1@example.invalid;2014;43.6465, 0.5863\r\n"
    "Lumière de l’Ain;01130;01269;bonjour@example.invalid;contact2@example.invalid;2019;46.152378, 5.608744\r\n"
    "Kermesse;20000;2A004;https://k.example/a;03 21 49 21 21;;\r\n"
    "Fêtes;32000;32013;www.fetes.example;contact3@example.invalid;1971;43.6465, 0.5863\r\n"
)
MUSEUMS = (
    "nom_du_musee;ref_musee;cp;telephone1;periode_ouverture;date_appellation;date_retrait;coordonnees_finales\n"
    "Musée A;0126901;01130;0474750750;Du 1er mars, 10h, à 18h;01/02/2003;;46.152378,5.608744\n"
    "Musée B;4316201;43130;0471594163;Fermé;22/04/2002;2017-04-03 00:00:00;45.202545,4.035302\n"
)
CARBON = (
    'Type;Nom;"Date de création";"Période de validité";CO2f;Total\n'
    "Elément;Pétrole;05/11/2014;déc-18;0,138;2935\n"
    'Poste;"""ADEME"", mars";21/12/2018;20/12/2021;3,80E-4;88,2\n'
    "Poste;Électricité;21/12/2018;avr-21;1,05E-3;n.d.\n"
)


def read(folder: Path, content: str | bytes, encoding: str = "utf-8", **options: object) -> Ingested:
    """Read `content` as a file of that encoding."""
    path = folder / "fichier.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return read_file(path, **options)


def types(found: Ingested) -> dict[str, str]:
    """Return the detected type of each column."""
    return {column.name: column.type for column in found.columns}


def test_festivals_with_a_double_bom(tmp_path: Path) -> None:
    """Two byte-order marks are no part of the first title; codes keep their zeros; points in one cell are points."""
    found = read(tmp_path, b"\xef\xbb\xbf\xef\xbb\xbf" + FESTIVALS.encode())
    assert types(found) == {
        "nom_du_festival": "text",
        "code_postal_de_la_commune": "postcode",
        "code_insee_commune": "insee_commune",
        "site_internet": "url",
        "adresse_e_mail": "email",
        "annee_de_creation": "year",
        "geocodage_xy": "geo_point",
    }
    assert found.table["code_insee_commune"].to_pylist() == ["32013", "01269", "2A004", "32013"]
    assert found.table["geocodage_xy"].to_pylist()[1] == {"lon": 5.608744, "lat": 46.152378}


def test_the_e_mail_column_is_not_published(tmp_path: Path) -> None:
    """A column of e-mail addresses is noticed and kept back; a lone address elsewhere is replaced and reported."""
    found = read(tmp_path, FESTIVALS)
    column = next(column for column in found.columns if column.name == "adresse_e_mail")
    assert (column.identifying, column.published) == ("email", False)
    assert "adresse_e_mail" not in found.table.column_names
    assert not any("@" in str(value) for row in found.table.to_pylist() for value in row.values())
    assert [problem.row for problem in found.report.problems if problem.reason == "e_mail_removed"] == [3]


def test_the_producer_may_publish_a_column_that_was_kept_back(tmp_path: Path) -> None:
    """What the producer decided wins, and the column is then published as it is."""
    found = read(tmp_path, FESTIVALS, declared={"adresse_e_mail": Choice(published=True)})
    assert found.table["adresse_e_mail"].to_pylist()[0] == "contact1@example.invalid"


def test_museums_keep_their_zeros(tmp_path: Path) -> None:
    """References, postcodes and telephones stay text; day-first dates are dates; telephones are to be confirmed."""
    found = read(tmp_path, MUSEUMS)
    assert types(found) == {
        "nom_du_musee": "text",
        "ref_musee": "code",
        "cp": "postcode",
        "telephone1": "phone",
        "periode_ouverture": "text",
        "date_appellation": "date",
        "date_retrait": "date",
        "coordonnees_finales": "geo_point",
    }
    assert found.table["cp"].to_pylist() == ["01130", "43130"]
    assert found.table["telephone1"].to_pylist()[0] == "0474750750"
    assert [str(day) for day in found.table["date_appellation"].to_pylist()] == ["2003-02-01", "2002-04-22"]
    assert {column.identifying for column in found.columns} == {"", "phone"}
    assert all(column.published for column in found.columns)


def test_latin_1_and_decimal_commas(tmp_path: Path) -> None:
    """ISO-8859-1 letters, decimal commas and powers of ten are read; mixed periods stay text with the reason."""
    found = read(tmp_path, CARBON, "latin-1")
    assert found.table["nom"].to_pylist() == ["Pétrole", '"ADEME", mars', "Électricité"]
    assert found.table["co2f"].to_pylist() == [0.138, 3.8e-4, 1.05e-3]
    assert found.table["total"].to_pylist() == [2935.0, 88.2, None]
    assert found.table["periode_de_validite"].to_pylist() == ["déc-18", "20/12/2021", "avr-21"]
    assert [(p.row, p.column, p.value, p.reason) for p in found.report.problems] == [
        (4, "total", "n.d.", "missing_mark")
    ]


def test_one_code_among_numbers_keeps_all_as_text(tmp_path: Path) -> None:
    """The type is judged on the whole file: a code in the last row is enough, and it is named."""
    rows = "".join(f"{n}\n" for n in range(1, 5001))
    found = read(tmp_path, f"section\n{rows}0164A\n")
    assert types(found) == {"section": "text"}
    assert found.table["section"].to_pylist()[-1] == "0164A"
    assert "integer" not in found.columns[0].reason["en"]
    assert "99.98%" in found.columns[0].reason["en"]


def test_the_producer_overrules_and_bad_values_are_reported(tmp_path: Path) -> None:
    """A declared type wins; what does not fit is null in the table and told with row, column and value."""
    found = read(tmp_path, "n\n1\n2\n0164A\n", declared={"n": Choice(type="integer")})
    assert found.table["n"].to_pylist() == [1, 2, None]
    assert [(p.row, p.column, p.value, p.reason) for p in found.report.problems] == [(4, "n", "0164A", "not_of_type")]
    with pytest.raises(UnknownColumnType, match="siren"):
        read(tmp_path, "n\n1\n", declared={"n": Choice(type="number")})


def test_headers_become_safe_unique_names(tmp_path: Path) -> None:
    """Duplicate, empty, hostile and numeric titles give safe field names; the title itself stays as the label."""
    found = read(tmp_path, 'Nom;nom;;2019;Œuvre d’art;a"b;=1+1\nx;y;z;t;o;q;f\nx;y;z;t;o;q;f\n')
    assert found.schema.names == ("nom", "nom_2", "colonne_3", "n_2019", "oeuvre_d_art", "a_b", "n_1_1")
    assert found.schema.fields[4].label["fr"] == "Œuvre d’art"


def test_a_delimiter_at_the_end_of_lines_makes_no_column(tmp_path: Path) -> None:
    """A column without title nor value is not published; one with a value is."""
    assert read(tmp_path, "a;b;\n1;2;\n3;4;\n").schema.names == ("a", "b")
    assert read(tmp_path, "a;b;\n1;2;\n3;4;x\n").schema.names == ("a", "b", "colonne_3")


def test_rows_before_the_titles_are_set_apart(tmp_path: Path) -> None:
    """A title, a blank row or a `sep=` line above the table is told, and row numbers stay those of the file."""
    found = read(tmp_path, "sep=;\nFestivals 2024;;\n\nnom;cp;n\nA;01130;1\nB;32000;n.d.\n")
    assert found.table.to_pylist() == [{"nom": "A", "cp": "01130", "n": 1}, {"nom": "B", "cp": "32000", "n": None}]
    assert [(p.row, p.reason) for p in found.report.problems] == [
        (1, "before_titles"),
        (2, "before_titles"),
        (6, "missing_mark"),
    ]
    assert read(tmp_path, "\n\nnom\nA\n\nB\n").table["nom"].to_pylist() == ["A", None, "B"]


def test_ragged_rows_are_told_and_never_lost(tmp_path: Path) -> None:
    """A short row is completed; a row with too many cells is set aside with its text; row numbers are the file's."""
    found = read(tmp_path, "a;b\n1;2\n\n3\n4;5;6\n7;8;\n")
    assert found.table.to_pylist() == [{"a": 1, "b": 2}, {"a": 3, "b": None}, {"a": 7, "b": 8}]
    assert [(p.row, p.reason, p.value) for p in found.report.problems] == [
        (3, "blank_rows", ""),
        (4, "too_few_cells", "3"),
        (5, "too_many_cells", "4;5;6"),
    ]
    assert (found.report.received, found.report.kept) == (4, 3)


def test_a_lost_zero_is_told_with_its_suggestion(tmp_path: Path) -> None:
    """A postcode that a spreadsheet damaged is published as it is, and the likely code is suggested."""
    found = read(tmp_path, "cp\n32000\n32100\n31000\n6414\n")
    assert types(found) == {"cp": "postcode"}
    assert [(p.row, p.value, p.reason, p.suggestion) for p in found.report.problems] == [
        (5, "6414", "lost_zero", "06414")
    ]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_delimiter_and_line_end(tmp_path: Path, delimiter: str, end: str) -> None:
    """Usual delimiters and line ends are found, with the other delimiters inside quoted texts."""
    lines = [("nom", "note", "total"), ('"a;b,c|d"', "é", "1"), ("e", '"f\ng"', "2"), ("h", "i", "3")]
    found = read(tmp_path, end.join(delimiter.join(line) for line in lines) + end)
    assert found.dialect.delimiter == delimiter
    assert found.table["nom"].to_pylist() == ["a;b,c|d", "e", "h"]
    assert found.table["note"].to_pylist() == ["é", "f\ng", "i"]
    assert found.table["total"].to_pylist() == [1, 2, 3]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_every_encoding(tmp_path: Path, encoding: str) -> None:
    """The usual encodings of French files give the same letters."""
    found = read(tmp_path, "nom;lieu\nÉtés;Œuvre n° 5\nNoël;Hâ\n", encoding)
    assert found.table["lieu"].to_pylist() == ["Œuvre n° 5", "Hâ"]


def test_a_late_byte_decides_the_encoding(tmp_path: Path) -> None:
    """The encoding is checked on every byte: one Latin letter after two megabytes of ASCII is read right."""
    found = read(tmp_path, b"nom;n\n" + b"abcdefgh;1\n" * 200_000 + b"caf\xe9;2\n")
    assert found.table["nom"].to_pylist()[-1] == "café"
    assert found.dialect.encoding == "cp1252"


def test_a_file_without_titles(tmp_path: Path) -> None:
    """When the first row is like the others it is a record, and columns are named by their rank."""
    found = read(tmp_path, "1;2024-01-01;Auch\n2;2024-01-02;Condom\n3;2024-01-03;Lectoure\n")
    assert found.schema.names == ("colonne_1", "colonne_2", "colonne_3")
    assert found.table.num_rows == 3


def test_years_above_numbers_are_titles(tmp_path: Path) -> None:
    """A year in the first row is a title when the numbers below are not years."""
    found = read(tmp_path, "Commune;2019;2020\nAuch;12;13\nCondom;14;15\n")
    assert found.schema.names == ("commune", "n_2019", "n_2020")


def test_latitude_and_longitude_columns_make_a_point(tmp_path: Path) -> None:
    """Two columns of degrees are kept, and a point is computed from them."""
    found = read(tmp_path, "nom;Latitude;Longitude\nAuch;43,6465;0,5863\nRien;;\n")
    assert found.table["geo_point_2d"].to_pylist() == [{"lon": 0.5863, "lat": 43.6465}, None]
    assert found.columns[-1].computed
    kept_back = read(
        tmp_path, "nom;Latitude;Longitude\nAuch;43,6465;0,5863\n", declared={"geo_point_2d": Choice(published=False)}
    )
    assert "geo_point_2d" not in kept_back.table.column_names


def test_persons_are_kept_back(tmp_path: Path) -> None:
    """Titles that announce persons, and mobile numbers, are kept back until the producer decides."""
    found = read(
        tmp_path,
        "nom_du_musee;Nom;Prénom;Nom du contact;Date de naissance;Téléphone mobile;tel;numéro;compte\n"
        "M;A;Ana;B;01/02/1980;0612345678;0562000000;295109912611193;FR1420041010050500013M02606\n"
        "N;B;Bob;C;02/03/1981;0712345678;0562000001;;\n",
    )
    assert {column.name: (column.identifying, column.published) for column in found.columns} == {
        "nom_du_musee": ("", True),
        "nom": ("person", False),
        "prenom": ("person", False),
        "nom_du_contact": ("person", False),
        "date_de_naissance": ("person", False),
        "telephone_mobile": ("mobile", False),
        "tel": ("phone", True),
        "numero": ("person", False),
        "compte": ("person", False),
    }


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", EmptyFile),
        (b"\xef\xbb\xbf", EmptyFile),
        (b" \r\n \r\n", EmptyFile),
        (b"a;b\n", EmptyFile),
        (b"PK\x03\x04\x14\x00\x06\x00", BrokenArchive),
        (bytes(range(256)) * 40, NotText),
        (b'a;b\n1;2\n3;"never closed\n4;5\n', UnclosedQuote),
    ],
)
def test_files_that_are_not_tables_are_refused_in_words(
    tmp_path: Path, content: bytes, error: type[IngestError]
) -> None:
    """Empty, binary and broken files give an error that names the file, in both languages, with what to do."""
    with pytest.raises(error) as refused:
        read(tmp_path, content)
    for lang in ("fr", "en"):
        assert "fichier.csv" in refused.value.message(lang)
        assert "{" not in refused.value.message(lang)


def test_an_unclosed_quotation_mark_is_located(tmp_path: Path) -> None:
    """The row where the quotation mark opens is named."""
    with pytest.raises(UnclosedQuote, match="row 3"):
        read(tmp_path, 'a;b\n1;2\n3;"never closed\n4;5\n')


def test_a_cell_of_one_megabyte(tmp_path: Path) -> None:
    """A very long cell is kept whole."""
    long = "é" * 1_000_000
    found = read(tmp_path, f"a;b\n{long};1\nx;2\n")
    assert found.table["a"].to_pylist() == [long, "x"]


def test_brackets_in_a_title_are_not_json(tmp_path: Path) -> None:
    """A table whose first title is in brackets is read as a table."""
    assert read(tmp_path, "[id];{b}\nx;y\n").schema.names == ("id", "b")


def test_formulas_are_kept_as_text(tmp_path: Path) -> None:
    """A spreadsheet formula is a text like another: nothing is computed, nothing is lost."""
    found = read(tmp_path, 'a;b\n=HYPERLINK("x");1\n+33 abc;2\n@SUM(A1);3\n')
    assert found.table["a"].to_pylist() == ['=HYPERLINK("x")', "+33 abc", "@SUM(A1)"]


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    """Rows that arrive during the reading are neither lost nor half read: the file is to be sent whole."""
    path = tmp_path / "fichier.csv"
    path.write_text("a;b\n1;2\n", encoding="utf-8")

    def grow(progress: Progress) -> None:
        if progress == Progress("read"):
            with path.open("a", encoding="utf-8") as stream:
                stream.write("3;4\n")

    with pytest.raises(FileChanged, match="fichier"):
        read_file(path, tell=grow)
