"""Records: what is read, repaired and refused, and what the report says of it."""

import csv

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasets.errors import EmptyTable, MissingColumn, MissingTable, RecordsError, UnclosedQuote, UnreadableTable
from datasets.programming.calculation import calculate
from datasets.programming.categories import DISCIPLINES, VENUE_TYPES
from datasets.programming.columns import TABLES
from datasets.programming.files import detect_encoding
from datasets.programming.names import TABLE_NAMES
from datasets.programming.records import read_records
from datasets.programming.report import ACTIONS, RULES, Report


def set_cell(table, row, **values):
    """Return a change of the small tables: some cells of a row."""
    return lambda tables: tables[table][row].update(values)


def counts(records, code):
    """Return where a rule was applied: {(table, column): number}."""
    return {(table, column): n for (table, column, each), n in records.report.counts.items() if each == code}


def test_what_a_project_and_an_introduction_mention_is_known(write_tables, territories):
    """Categories have their number, whatever their case; owners and the two ends of an introduction their row."""
    records = read_records(write_tables(), territories)
    assert records.projects.loc[0, ["discipline", "open", "owner"]].tolist() == [DISCIPLINES.index("danse"), True, 0]
    assert [VENUE_TYPES[kind] for kind in records.venues["kind"]] == ["festival", "médiathèque", "SMAC"]
    assert records.programmers["consents"].tolist() == [True, False, True]
    assert records.introductions[["programmateur", "other", "projet", "number"]].to_numpy().tolist() == [[0, 1, 0, 1]]


def test_nothing_is_open_unless_it_says_so(write_tables, territories):
    """An unknown or missing transparency is limited, an unknown discipline is `autre`."""
    for word in ("", "secret"):
        project = read_records(
            write_tables(set_cell("projets", 0, transparence=word, discipline=word)), territories
        ).projects.loc[0]
        assert (project["open"], DISCIPLINES[project["discipline"]]) == (False, "autre")


def test_correct_records_are_read_whole(write_tables, territories):
    """Ten correct tables give their rows, without a single note."""
    records = read_records(write_tables(), territories)
    assert not records.report.counts
    assert records.report.rows.total() == 20
    assert records.report.refused.total() == 0
    assert len(records.dates) == 3
    assert records.tournees.loc[0, ["lat", "lon"]].tolist() == [48.8566, 2.3522]


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        (set_cell("dates", 0, debut="02/03/2026"), "date_francaise", ("dates", "debut")),
        (set_cell("lieux", 0, lat="43,6465"), "virgule_decimale", ("lieux", "lat")),
        (set_cell("projets", 0, volume_m3="2,5"), "virgule_decimale", ("projets", "volume_m3")),
        (set_cell("lieux", 0, code_insee="1053"), "zero_initial", ("lieux", "code_insee")),
        (set_cell("lieux", 0, code_insee="32067"), "code_ancien", ("lieux", "code_insee")),
        (set_cell("lieux", 0, code_insee="75101"), "arrondissement", ("lieux", "code_insee")),
        (set_cell("lieux", 0, lat="0.5855", lon="43.6465"), "coordonnees_inversees", ("lieux", "lat")),
        (set_cell("projets", 0, commentaire="voir a@example.org"), "courriel_dans_texte", ("projets", "commentaire")),
        (set_cell("tournees", 0, domicile_insee=""), "domicile_manquant", ("tournees", "domicile_insee")),
        (set_cell("equipes", 0, lat="", lon=""), "domicile_manquant", ("tournees", "domicile_insee")),
        (set_cell("lieux", 0, lat=""), "position_manquante", ("lieux", "lat")),
        (set_cell("lieux", 0, lat="436465"), "position_manquante", ("lieux", "lat")),
        (set_cell("equipes", 0, lon="-1000"), "domicile_manquant", ("tournees", "domicile_insee")),
        (set_cell("lieux", 0, type_lieu="cave"), "categorie_inconnue", ("lieux", "type_lieu")),
        (set_cell("projets", 0, discipline="yoga"), "categorie_inconnue", ("projets", "discipline")),
        (set_cell("projets", 0, transparence="secret"), "categorie_inconnue", ("projets", "transparence")),
        (set_cell("projets", 0, cree_par="P9"), "mention_perdue", ("projets", "cree_par")),
        (
            set_cell("mises_en_relation", 0, programmateur_b="P9"),
            "mention_perdue",
            ("mises_en_relation", "programmateur_b"),
        ),
        (set_cell("mises_en_relation", 0, projet_id="J9"), "mention_perdue", ("mises_en_relation", "projet_id")),
    ],
)
def test_what_can_be_repaired_is_kept_and_told(write_tables, territories, change, code, where):
    """A repairable or tolerable defect keeps every row and is counted under its rule."""
    records = read_records(write_tables(change), territories)
    assert counts(records, code) == {where: 1}
    assert records.report.refused.total() == 0


def test_repairs_give_back_the_values(write_tables, territories):
    """Repaired cells hold what the correct ones hold."""

    def spoil(tables):
        tables["lieux"][0].update(lat="0,5855", lon="43,6465")
        tables["dates"][0].update(debut="02/03/2026", fin="02/03/2026")

    repaired, correct = read_records(write_tables(spoil), territories), read_records(write_tables(), territories)
    pd.testing.assert_frame_equal(repaired.venues, correct.venues)
    pd.testing.assert_frame_equal(repaired.dates, correct.dates)


@pytest.mark.parametrize(
    ("change", "table", "code"),
    [
        (set_cell("lieux", 2, code_insee="99999"), "lieux", "code_inconnu"),
        (set_cell("dates", 0, debut="2026-02-31"), "dates", "date_illisible"),
        (set_cell("dates", 0, debut=""), "dates", "date_illisible"),
        (set_cell("dates", 0, fin="2026-03-01"), "dates", "fin_avant_debut"),
        (set_cell("dates", 0, statut="joué"), "dates", "valeur_inconnue"),
        (set_cell("dates", 0, lieu_id="L9"), "dates", "reference_inconnue"),
        (set_cell("dates", 0, lieu_id=""), "dates", "identifiant_manquant"),
        (set_cell("transports", 0, quantite="0"), "transports", "quantite_non_positive"),
        (set_cell("transports", 0, quantite="-2"), "transports", "quantite_non_positive"),
        (set_cell("transports", 0, quantite="deux"), "transports", "nombre_illisible"),
        (set_cell("transports", 0, quantite=""), "transports", "nombre_illisible"),
        (set_cell("transports", 0, quantite="1e999"), "transports", "nombre_illisible"),
        (set_cell("transports", 0, mode="fusée"), "transports", "valeur_inconnue"),
        (set_cell("programmateurs", 1, programmateur_id="P1"), "programmateurs", "identifiant_repete"),
        (set_cell("programmateurs", 1, programmateur_id=""), "programmateurs", "identifiant_manquant"),
    ],
)
def test_what_cannot_be_repaired_is_refused(write_tables, territories, change, table, code):
    """A row that no rule can repair is refused, once, with its reason; the others stay."""
    records = read_records(write_tables(change), territories)
    assert records.report.refused[table] == 1
    assert records.report.total(code) == 1


def test_what_refers_to_a_refused_row_is_refused(write_tables, territories):
    """A venue with an unknown code takes its programmer and its date with it."""
    records = read_records(write_tables(set_cell("lieux", 2, code_insee="99999")), territories)
    assert counts(records, "reference_inconnue") == {
        ("programmateurs", "lieu_id"): 1,
        ("dates", "lieu_id"): 1,
        ("etapes", "a_lieu_id"): 1,
    }
    assert records.report.rows.total() - records.report.refused.total() == 16


def test_a_row_of_another_length_is_refused(write_tables, territories):
    """A row without as many cells as the header is skipped and told with its line."""
    folder = write_tables()
    with (folder / "lieux.csv").open("a", encoding="utf-8") as file:
        file.write("L4,trop,court\n")
    report = read_records(folder, territories).report
    assert report.total("ligne_malformee") == 1
    assert [(each.table, each.line) for each in report.examples] == [("lieux", 5)]


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1252"])
def test_the_encoding_is_found(tmp_path, encoding):
    """A text is read in its encoding, even when its only accent stands at the end of the file."""
    file = tmp_path / "equipes.csv"
    accents = "équipe – œuvre" if encoding == "windows-1252" else "équipe"
    file.write_bytes(b"nom\n" + b"a\n" * 50_000 + accents.encode(encoding))
    assert detect_encoding(file) == (encoding, 0)


def test_two_byte_order_marks_are_passed(write_tables, territories):
    """Byte-order marks, even doubled, do not belong to the first column."""
    folder = write_tables()
    file = folder / "lieux.csv"
    file.write_bytes(2 * b"\xef\xbb\xbf" + file.read_bytes())
    assert len(read_records(folder, territories).venues) == 3


def test_semicolons_are_understood(write_tables, territories):
    """A table saved by a French spreadsheet, with semicolons, is read."""
    folder = write_tables()
    file = folder / "lieux.csv"
    file.write_text(file.read_text("utf-8").replace(",", ";"), "utf-8")
    assert len(read_records(folder, territories).venues) == 3


def test_a_missing_table_says_so(write_tables, territories):
    """The error names the folder and the table, in both languages."""
    folder = write_tables()
    (folder / "dates.csv").unlink()
    with pytest.raises(MissingTable, match=r"dates\.csv") as caught:
        read_records(folder, territories)
    assert "Exportez" in caught.value.message("fr")


def test_a_missing_column_says_so(write_tables, territories):
    """The error names the table, what it holds and what it lacks."""

    def rename(tables):
        for row in tables["dates"]:
            row["date_debut"] = row.pop("debut")

    with pytest.raises(MissingColumn, match=r"dates\.csv.* debut "):
        read_records(write_tables(rename), territories)


def test_an_empty_file_and_a_binary_one_are_refused(write_tables, territories):
    """An empty table and a table that is no text are errors of the same family, each with its advice."""
    folder = write_tables()
    (folder / "transports.csv").write_bytes(b"")
    with pytest.raises(EmptyTable, match=r"transports\.csv"):
        read_records(folder, territories)
    (folder / "transports.csv").write_bytes("transport_id\n".encode("utf-16"))
    with pytest.raises(UnreadableTable, match="UTF-8"):
        read_records(folder, territories)
    assert issubclass(EmptyTable, RecordsError)


def test_a_folder_that_is_not_there_is_a_missing_table(tmp_path, territories):
    """A wrong folder is told like a missing table, with nothing found."""
    with pytest.raises(MissingTable, match="found: ∅"):
        read_records(tmp_path / "nowhere", territories)


def test_an_unclosed_quote_is_told_without_the_row(write_tables, territories):
    """A quotation mark that is never closed stops the reading with its row, and the error quotes nothing of it."""
    folder = write_tables()
    file = folder / "programmateurs.csv"
    file.write_text(file.read_text("utf-8").replace("Durand", '"Durand'), "utf-8")
    with pytest.raises(UnclosedQuote, match=r"programmateurs\.csv, row 3") as caught:
        read_records(folder, territories)
    assert "Durand" not in str(caught.value) + caught.value.message("fr")


def test_a_header_may_be_quoted_and_spaced(write_tables, territories):
    """Titles within quotation marks or with outer spaces are the same titles."""
    folder = write_tables()
    file = folder / "lieux.csv"
    header, *rows = file.read_text("utf-8").splitlines()
    titles = ",".join(f'" {name} "' for name in header.split(","))
    file.write_text("\n".join([titles, *rows]), "utf-8")
    assert len(read_records(folder, territories).venues) == 3


def test_a_table_with_only_a_header_has_no_row(write_tables, territories):
    """A header alone is a table without rows, not an error."""
    folder = write_tables()
    for table in ("connexions", "etapes", "mises_en_relation"):
        file = folder / f"{table}.csv"
        file.write_text(file.read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    records = read_records(folder, territories)
    assert len(records.connections) == len(records.steps) == 0


def test_private_columns_are_not_kept(write_tables, territories):
    """Names, e-mails, addresses and free texts are in none of the tables kept in memory."""
    records = read_records(write_tables(), territories)
    kept = " ".join(
        frame.to_csv() for frame in vars(records).values() if isinstance(frame, pd.DataFrame) and len(frame) < 100
    )
    for private in ("Dupont", "Anne", "example.org", "192.0.2", "Halle", "rien"):
        assert private not in kept
    read = {(table, column.name) for table, columns in TABLES.items() for column in columns}
    assert not read & {("programmateurs", "email"), ("connexions", "ip"), ("dates", "cachet_eur"), ("lieux", "nom")}


def test_the_report_never_tells_a_personal_value(write_tables, territories, tmp_path):
    """Identifiers are masked, and so is anything that holds an e-mail address, wherever it was typed."""

    def spoil(tables):
        tables["dates"][0].update(lieu_id="someone@example.org", debut="anne@example.org")
        tables["dates"][1].update(debut="Anne", statut="Anne Dupont", fin="2026")
        tables["projets"][0].update(commentaire="Appeler Anne Dupont, anne@example.org")

    report = read_records(write_tables(spoil), territories).report
    report.write_csv(tmp_path / "report.csv")
    text = (tmp_path / "report.csv").read_text("utf-8") + "\n".join(report.lines("en"))
    assert "anne" not in text.lower()
    assert "someone" not in text
    assert ",2026," in text
    assert "•••" in text


def test_the_report_says_where_and_what_to_do(write_tables, territories, tmp_path):
    """The CSV of the report holds the table, the line, the column, the value, the action and the advice."""
    report = read_records(write_tables(set_cell("dates", 1, debut="03/03/2026")), territories).report
    report.write_csv(tmp_path / "report.csv", "en")
    with (tmp_path / "report.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [rows[1][name] for name in ("table", "line", "column", "value")] == ["dates", "3", "debut", "03/03/2026"]
    assert (rows[0]["number"], rows[0]["action"]) == ("1", "repaired")
    assert rows[1]["advice"] == "Write dates as YYYY-MM-DD."


def test_every_rule_speaks_both_languages():
    """Each rule has an action, a text and an advice in French and in English."""
    for code, rule in RULES.items():
        assert rule.action in ACTIONS, code
        assert all(rule.text[lang] and rule.advice[lang] for lang in ("fr", "en")), code


def test_the_report_keeps_few_examples():
    """However many rows are wrong, the report keeps a bounded number of examples, and the true count."""
    report = Report()
    for start in range(0, 10_000, 1_000):
        lines = range(start, start + 1_000)
        report.note("date_francaise", "dates", "debut", lines, ["01/02/2026"] * 1_000, number=1_000)
    assert report.total("date_francaise") == 10_000
    assert len(report.examples) == 200


def test_the_tables_are_named_once() -> None:
    """The names that are told without reading any table are those of the tables that are read."""
    assert tuple(TABLES) == TABLE_NAMES


tables_and_columns = st.sampled_from([(table, column.name) for table, columns in TABLES.items() for column in columns])
odd_texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"), max_size=12),
    st.sampled_from(["-1", "1e999", "NaN", "inf", "0000-00-00", "9999-12-31", "31/12/1899", "2A004", '"', ";", "=1+1"]),
)


def check_reading(write_tables, territories, where, text):
    """Read and compute the small tables with a text in a cell: every figure is a number or nothing."""
    table, column = where
    records = read_records(write_tables(set_cell(table, 0, **{column: text})), territories)
    assert records.report.rows.total() == 20
    figures = calculate(records).tours.select_dtypes("number")
    assert not np.isinf(figures.to_numpy(np.float64)).any()


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables_and_columns, odd_texts)
def test_no_text_breaks_the_reading(write_tables, territories, where, text):
    """Whatever stands in a cell, records are read and computed."""
    check_reading(write_tables, territories, where, text)


@pytest.mark.verify
@settings(max_examples=1_000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables_and_columns, odd_texts)
def test_no_text_of_a_thousand_breaks_the_reading(write_tables, territories, where, text):
    """The same, with a thousand texts."""
    check_reading(write_tables, territories, where, text)


def test_days_are_those_of_paris(write_tables, territories):
    """An instant in UTC belongs to the day that it is in Paris."""
    records = read_records(write_tables(), territories)
    days = records.connections["day"].to_numpy().astype("datetime64[D]")
    assert days.tolist() == np.array(["2026-01-15", "2026-04-01", "2026-01-15"], dtype="datetime64[D]").tolist()


def test_progress_is_told(write_tables, territories):
    """Each table is told when it begins."""
    told = []
    read_records(write_tables(), territories, progress=lambda *step: told.append(step))
    assert told[0] == ("Reading lieux", 0, 10)
    assert len(told) == 10


def test_who_shows_their_dates_no_more_consents_no_more(territories, write_tables):
    """A programmer named as closed does not consent, whatever their row says; the others do as they said."""
    folder = write_tables()
    said = read_records(folder, territories).programmers
    names = pd.read_csv(folder / "programmateurs.csv", dtype=str)["programmateur_id"]
    consenting = names[said["consents"].to_numpy()].tolist()
    assert consenting
    after = read_records(folder, territories, closed=[consenting[0], "nobody"]).programmers
    assert names[after["consents"].to_numpy()].tolist() == consenting[1:]
