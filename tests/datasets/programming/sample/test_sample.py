"""The sample: its rows, its bytes, its chunks, its references, its planted defects."""

import re
import resource

import pytest

from datasets.programming.sample import DEFECTS, SIZES, make_chunk, write_sample
from datasets.programming.sample.sizes import COLUMNS, TABLES, planted_count

from .conftest import SEED

REFERENCES = (
    ("programmateurs", "lieu_id", "lieux", "lieu_id"),
    ("projets", "equipe_id", "equipes", "equipe_id"),
    ("projets", "cree_par", "programmateurs", "programmateur_id"),
    ("dates", "projet_id", "projets", "projet_id"),
    ("dates", "lieu_id", "lieux", "lieu_id"),
    ("dates", "tournee_id", "tournees", "tournee_id"),
    ("tournees", "equipe_id", "equipes", "equipe_id"),
    ("etapes", "tournee_id", "tournees", "tournee_id"),
    ("etapes", "de_lieu_id", "lieux", "lieu_id"),
    ("etapes", "a_lieu_id", "lieux", "lieu_id"),
    ("transports", "tournee_id", "tournees", "tournee_id"),
    ("mises_en_relation", "programmateur_a", "programmateurs", "programmateur_id"),
    ("mises_en_relation", "programmateur_b", "programmateurs", "programmateur_id"),
    ("mises_en_relation", "projet_id", "projets", "projet_id"),
    ("connexions", "programmateur_id", "programmateurs", "programmateur_id"),
)


@pytest.mark.parametrize(("size", "total"), [("S", 2_000), ("M", 200_000), ("L", 20_000_000)])
def test_sums_of_sizes(size, total):
    """The rows of a size add up exactly, and so do those of its chunks."""
    assert sum(SIZES[size].rows.values()) == total
    for table in TABLES:
        assert SIZES[size].chunk_rows(table).sum() == SIZES[size].rows[table]


@pytest.mark.parametrize("size", ["S", "M"])
def test_rows_and_columns(samples, size):
    """Each table has exactly its rows and its columns, and no identifier comes twice."""
    for table, frame in samples(size).tables.items():
        assert len(frame) == SIZES[size].rows[table]
        assert tuple(frame.columns) == COLUMNS[table]
        assert frame.iloc[:, 0].is_unique
        assert frame.iloc[:, 0].str.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").all()
    assert samples(size).report.rows == SIZES[size].rows


@pytest.mark.parametrize("size", ["S", "M"])
def test_references(samples, size):
    """Every reference leads to a row."""
    tables = samples(size).tables
    for table, column, other, key in REFERENCES:
        values = tables[table][column]
        assert values[values != ""].isin(tables[other][key]).all(), (table, column)


def test_same_seed_same_bytes(territories, samples, tmp_path):
    """The same seed gives the same bytes in every file; another seed gives others."""
    first = samples("S").report.folder
    write_sample(tmp_path / "again", "S", SEED, territories)
    write_sample(tmp_path / "other", "S", SEED + 1, territories)
    for path in sorted(first.rglob("*.csv")):
        name = path.relative_to(first)
        assert path.read_bytes() == (tmp_path / "again" / name).read_bytes(), name
        assert path.read_bytes() != (tmp_path / "other" / name).read_bytes(), name


@pytest.mark.parametrize("table", TABLES)
def test_chunk_alone(territories, samples, table):
    """A chunk made alone is the same part of the file, to the byte."""
    size = SIZES["M"]
    content = (samples("M").report.folder / f"{table}.csv").read_bytes()
    lines = content.splitlines(keepends=True)[1:]
    chunk = size.chunks(table) - 1
    start = int(size.chunk_rows(table)[:chunk].sum())
    assert make_chunk("M", SEED, table, chunk, territories) == b"".join(lines[start:])


def test_a_chunk_of_the_largest(territories):
    """A chunk of the largest size is made alone, without the twenty million rows before it."""
    rows = make_chunk("L", SEED, "transports", 29, territories).splitlines()
    assert len(rows) == SIZES["L"].chunk_rows("transports")[29]
    assert rows[-1].startswith(b'"00000007-0000-4000-8000-000001399999"')


@pytest.mark.verify
def test_the_largest_in_constant_memory(territories, tmp_path):
    """Twenty million rows are written in less than 1.5 GiB."""
    report = write_sample(tmp_path, "L", SEED, territories)
    assert sum(report.rows.values()) == 20_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1.5 * 2**20


def test_encodings(samples):
    """One file is in ISO-8859-1, one starts with two byte-order marks, the others are plain UTF-8."""
    folder = samples("M").report.folder
    with pytest.raises(UnicodeDecodeError):
        (folder / "equipes.csv").read_text("utf-8")
    assert (folder / "lieux.csv").read_bytes().startswith(b'\xef\xbb\xbf\xef\xbb\xbf"lieu_id"')
    for table in set(TABLES) - {"equipes", "lieux"}:
        assert (folder / f"{table}.csv").read_text("utf-8").startswith(f'"{COLUMNS[table][0]}"')


@pytest.mark.parametrize("size", ["S", "M"])
def test_defects_are_recorded(samples, size):
    """Every kind of defect is planted at its rate, recorded on existing lines, and counted in the report."""
    sample = samples(size)
    counts = sample.defects["defaut"].value_counts()
    assert set(counts.index) == set(DEFECTS)
    assert counts.to_dict() == sample.report.defects
    for name, defect in DEFECTS.items():
        rows = len(sample.tables[defect.table])
        if not name.startswith("domicile_absent_") and name != "code_de_2018":
            rounding = SIZES[size].chunks(defect.table)
            assert abs(counts[name] - planted_count(rows, name)) <= rounding
        assert sample.defects.loc[sample.defects["defaut"] == name, "ligne"].astype(int).between(2, rows + 1).all()


@pytest.mark.parametrize("size", ["S", "M"])
@pytest.mark.parametrize(
    ("defect", "table", "column", "pattern"),
    [
        ("date_jjmmaaaa", "dates", "debut", r"\d{2}/\d{2}/\d{4}"),
        ("cachet_a_virgule", "dates", "cachet_eur", r"\d+,\d"),
        ("volume_a_virgule", "projets", "volume_m3", r"\d+,\d"),
        ("courriel_dans_le_commentaire", "projets", "commentaire", r".*\S+@example\.invalid.*"),
        ("quantite_negative_ou_nulle", "transports", "quantite", r"0|-\d+"),
        ("coordonnees_a_virgule", "lieux", "lat", r"-?\d+,\d{6}"),
        ("code_sans_zero", "lieux", "code_insee", r"\d{4}"),
        ("code_sans_zero_equipe", "equipes", "base_code_insee", r"\d{4}"),
        ("code_inconnu", "lieux", "code_insee", r"99999"),
        ("nom_mal_decode", "lieux", "nom", r".*Ã.*"),
        ("nom_mal_decode_personne", "programmateurs", "prenom", r".*Ã.*"),
    ],
)
def test_defects_are_where_they_are_said(samples, size, defect, table, column, pattern):
    """The lines recorded for a defect, and no other, show it."""
    sample = samples(size)
    values = sample.tables[table][column]
    shown = values[values.str.fullmatch(pattern)]
    assert list(sample.planted(defect, table).index) == list(shown.index)


@pytest.mark.parametrize("size", ["S", "M"])
def test_other_defects(samples, size):
    """Ends before starts, missing homes, tours entered twice, swapped points and old codes are where they are said."""
    sample = samples(size)
    dates = sample.tables["dates"]
    iso = dates["debut"].str.replace(r"(\d{2})/(\d{2})/(\d{4})", r"\3-\2-\1", regex=True)
    end = dates["fin"].str.replace(r"(\d{2})/(\d{2})/(\d{4})", r"\3-\2-\1", regex=True)
    assert list(dates.index[end < iso]) == list(sample.planted("fin_avant_debut", "dates").index)
    tours = sample.tables["tournees"]
    homeless = tours[(tours["domicile_insee"] == "") & (tours["domicile_pays"] == "")]
    assert list(homeless.index) == list(sample.planted("domicile_absent_tournee", "tournees").index)
    key = dates.assign(debut=iso).merge(tours, on="tournee_id")[["equipe_id", "debut_x", "lieu_id", "tournee_id"]]
    again = key[key.duplicated(["equipe_id", "debut_x", "lieu_id"])]["tournee_id"].unique()
    assert set(sample.planted("tournee_en_double", "tournees")["tournee_id"]) <= set(again)
    swapped = sample.planted("coordonnees_inversees", "lieux")
    assert (swapped["lat"].astype(float).abs() < 12).all()
    assert (swapped["lon"].astype(float) > 40).all()


def test_old_codes_are_repaired(samples, territories):
    """Codes of 2018 and codes without their zero are placed; unknown ones are refused; nothing else is."""
    sample = samples("M")
    placed = territories.place(sample.tables["lieux"]["code_insee"])
    assert list(placed.index[placed["refus"].notna()]) == list(sample.planted("code_inconnu", "lieux").index)
    old = placed.loc[sample.planted("code_de_2018", "lieux").index]
    assert (old["reparation"] == "code_ancien").all()
    assert {"32067", "32074"} <= set(sample.planted("code_de_2018", "lieux")["code_insee"])


def test_nobody_is_real(samples):
    """Every e-mail, link, telephone and network address is of a kind that reaches nobody."""
    for table, frame in samples("S").tables.items():
        text = (samples("S").report.folder / f"{table}.csv").read_bytes().decode("iso-8859-1")
        assert set(re.findall(r"@([\w.-]+\w)", text)) <= {"example.invalid"}
        assert set(re.findall(r"https?://([\w.-]+)", text)) <= {"example.invalid"}
        for column in ("ip", "ip_derniere"):
            if column in frame:
                assert frame[column].str.fullmatch(r"(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+").all()
    assert samples("S").tables["programmateurs"]["telephone"].str.fullmatch(r"06 39 98 \d\d \d\d").all()


def test_progress(territories, tmp_path):
    """Progress is told table by table, up to the last row."""
    told: list[tuple[str, int, int]] = []
    write_sample(tmp_path, "S", 1, territories, lambda *step: told.append(step))
    assert told[-1] == ("connexions", 2_000, 2_000)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
