"""Every file of the corpus is read as its expected outcome says, and the command tells when one is not."""

from pathlib import Path

import pytest

from datasets.ingest.corpus import main, try_corpus, write_value

CORPUS = Path(__file__).parents[2] / "corpus"


@pytest.fixture(scope="module")
def verdicts() -> dict[str, tuple[str, ...]]:
    """Return the differences of each case, those known apart."""
    return {verdict.name: () if verdict.known else verdict.differences for verdict in try_corpus(CORPUS)}


def test_the_corpus_is_large_enough(verdicts: dict[str, tuple[str, ...]]) -> None:
    """At least 150 files, each with its expected outcome."""
    assert len(verdicts) >= 150


def test_every_file_is_read_right(verdicts: dict[str, tuple[str, ...]]) -> None:
    """Encoding, delimiter, titles, types, rows, values and problems are those expected, for every file."""
    assert {name: wrong for name, wrong in verdicts.items() if wrong} == {}


def test_every_file_has_its_outcome() -> None:
    """No file of the folder is left without a case that reads it."""
    named = {path.stem for path in CORPUS.glob("*.toml")}
    files = {path.name for path in CORPUS.iterdir() if path.suffix not in (".toml", "") and path.name[0] != "."}
    spoken = {line.split('"')[1] for path in CORPUS.glob("*.toml") for line in _lines_of_file(path)}
    assert {name for name in files if name not in spoken and Path(name).stem not in named} == set()


def _lines_of_file(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("file = ")]


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ("rows = 3", "2 rows, not 3"),
        ('used = {delimiter = ","}', "delimiter ';', not ','"),
        ("problems = []", "told: 3 n missing_mark"),
        ('problems = ["3 n missing_mark", "9 n lost_zero"]', "not told: 9 n lost_zero"),
        ('error = "EmptyFile"', "read, and EmptyFile was expected"),
        ('[[columns]]\ntype = "text"', "columns ['lieu', 'n'], not 1"),
        ('[[columns]]\ntype = "text"\n[[columns]]\ntype = "decimal"', "type of n 'integer', not 'decimal'"),
        ('[[columns]]\nvalues = ["A"]\n[[columns]]\nvalues = ["1", "2"]', "values of n ['1', '∅'], not ['1', '2']"),
    ],
)
def test_a_wrong_outcome_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], expected: str, told: str) -> None:
    """Each kind of difference is said in words, and the command answers that something is wrong."""
    (tmp_path / "cas.csv").write_text("lieu;n\nA;1\nB;n.d.\n", encoding="utf-8")
    (tmp_path / "cas.toml").write_text(f'about = "a case"\n{expected}\n', encoding="utf-8")
    assert main(str(tmp_path)) == 1
    shown = capsys.readouterr().out
    assert told in shown
    assert "0 right of 1, 0 known, 1 wrong" in shown


def test_values_are_written_without_doubt() -> None:
    """Nothing, an empty text and the word None are three things."""
    assert [write_value(value) for value in (None, "", "None", True, {"lat": 1.5, "lon": 2.0})] == [
        *("∅", "", "None", "true", "1.5, 2.0")
    ]
