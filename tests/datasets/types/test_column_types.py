"""Each column type keeps the promises of its own examples."""

import pyarrow as pa
import pytest

from datasets.errors import UnknownColumnType
from datasets.model import FIELD_TYPES
from datasets.types import TYPES, get_type

VALID = [(name, text) for name, kind in TYPES.items() for text in kind.valid]
INVALID = [(name, text) for name, kind in TYPES.items() for text in kind.invalid]


@pytest.mark.parametrize(("name", "text"), VALID)
def test_a_valid_example_matches_and_has_a_value(name: str, text: str) -> None:
    """What a type shows as valid, it recognises and parses."""
    column = pa.array([text])
    assert TYPES[name].matches(column).to_pylist() == [True]
    assert TYPES[name].parse(column).to_pylist() != [None]


@pytest.mark.parametrize(("name", "text"), INVALID)
def test_an_invalid_example_does_not_match(name: str, text: str) -> None:
    """What a type shows as invalid, it refuses; a type with values of its own gives null."""
    column = pa.array([text])
    assert TYPES[name].matches(column).to_pylist() == [False]
    if not TYPES[name].stays_text and name != "geo_point":
        assert TYPES[name].parse(column).to_pylist() == [None]


@pytest.mark.parametrize("kind", TYPES.values(), ids=lambda kind: kind.name)
def test_a_type_is_described(kind) -> None:
    """A type has a public type, a label in both languages and examples of its own."""
    assert kind.public in FIELD_TYPES
    assert set(kind.label) == {"fr", "en"}
    assert kind.valid


@pytest.mark.parametrize("kind", [kind for kind in TYPES.values() if kind.stays_text], ids=lambda kind: kind.name)
def test_text_types_keep_every_character(kind) -> None:
    """A type that stays text publishes the text of the file, spaces and zeros included."""
    column = pa.array([" 01001 ", "=1+1", "é\u00a0", "\t"])
    assert kind.parse(column).equals(column)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("integer", "1 250 000", 1250000),
        ("integer", "−3", -3),
        ("decimal", "3,80E-4", 3.8e-4),
        ("decimal", "1 234,56", 1234.56),
        ("boolean", "Non", False),
        ("geo_point", "46.152378,5.608744", {"lon": 5.608744, "lat": 46.152378}),
    ],
)
def test_values_are_exact(name: str, text: str, value: object) -> None:
    """A parsed value is the one that a French reader reads."""
    assert TYPES[name].parse(pa.array([text])).to_pylist() == [value]


@pytest.mark.parametrize(
    ("name", "text", "iso"),
    [
        ("date", "01/02/2003", "2003-02-01"),
        ("date", "1er août 1998", "1998-08-01"),
        ("date", "2017-04-03 00:00:00", "2017-04-03"),
        ("month", "avr-21", "2021-04-01"),
        ("month", "déc.-18", "2018-12-01"),
        ("month", "sept 99", "1999-09-01"),
        ("year", "2019", "2019-01-01"),
        ("datetime", "2024-03-12T14:30:00.25+02:00", "2024-03-12T12:30:00.250000+00:00"),
        ("datetime", "12/03/2024 20h30", "2024-03-12T20:30:00+00:00"),
    ],
)
def test_days_and_instants_are_exact(name: str, text: str, iso: str) -> None:
    """A day is read day first, a month as its first day, an instant in UTC."""
    assert TYPES[name].parse(pa.array([text]))[0].as_py().isoformat() == iso


def test_an_unknown_type_names_the_known_ones() -> None:
    """A declared type that does not exist is refused with the list of those that do."""
    with pytest.raises(UnknownColumnType, match="siren"):
        get_type("numeric")


@pytest.mark.parametrize("kind", TYPES.values(), ids=lambda kind: kind.name)
def test_no_column_is_too_strange(kind) -> None:
    """Empty columns, nulls and hostile texts give an answer of the same length, never an exception."""
    hostile = [
        "",
        " ",
        "\x00",
        "9" * 400,
        "é" * 5000,
        "{" * 2000,
        '{"coordinates": [[',
        "1" + "0" * 300 + ",5",
        "٣",
        None,
    ]
    for column in (pa.array([], pa.string()), pa.array(hostile)):
        assert len(kind.matches(column)) == len(column)
        assert len(kind.parse(column)) == len(column)
