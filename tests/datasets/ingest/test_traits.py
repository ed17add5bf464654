"""What a neighbour may know of a person is found by title and by content, and only in tables of persons."""

from typing import Any

import pyarrow as pa
import pytest

from datasets.ingest.traits import TRAITS, find_traits
from datasets.model import Field, Schema

ROWS = 120
AGES = [18 + rank * 7 % 70 for rank in range(ROWS)]
CONTENTS: dict[str, list[Any]] = {
    "sex": ["H", "F"],
    "age": AGES,
    "birth": [1935 + age for age in AGES],
    "family": ["Marié(e)", "célibataire", "veuve", None],
    "occupation": ["Cadre", "Ouvriers qualifiés", "Retraité(e)", "Étudiant"],
    "nationality": ["Française", "belge", "Turque"],
    "schooling": ["Bac+2", "CAP", "Master", "Aucun"],
    "place": ["32013", "2A004", "01001"],
}


def table_of(**columns: list[Any]) -> tuple[Schema, pa.Table]:
    """Return a table of ROWS rows, each column repeating its values."""
    table = pa.table({name: [values[rank % len(values)] for rank in range(ROWS)] for name, values in columns.items()})
    return Schema(tuple(Field(name, "text", {"fr": name}) for name in columns)), table


def traits_of(persons: bool, **columns: list[Any]) -> dict[str, str]:
    """Return the trait of each column that tells one."""
    return {found.column: found.trait.name for found in find_traits(*table_of(**columns), persons)}


@pytest.mark.parametrize("name", CONTENTS)
def test_each_trait_is_known_by_its_values(name: str) -> None:
    """Under a mute title, the whole column tells what it is."""
    assert traits_of(True, c1=CONTENTS[name]) == {"c1": name}


@pytest.mark.parametrize(
    ("title", "values"),
    [
        ("genre", ["danse", "cirque", "théâtre"]),
        ("lettre", ["H", "F", "Z"]),
        ("vote", ["M", "M", "M"]),
        ("score", AGES),
        ("annee_de_creation", CONTENTS["birth"]),
        ("c1", [age * 100 for age in AGES]),
        ("c1", [age / 2 for age in AGES]),
        ("c1", [20, 21, 22]),
        ("c1", [f"mot {rank}" for rank in range(ROWS)]),
        ("c1", [None]),
    ],
)
def test_what_only_resembles_a_trait_is_none(title: str, values: list[Any]) -> None:
    """Disciplines, scores, years of works, sizes and texts are not traits of persons, even beside their names."""
    assert traits_of(True, **{title: values}) == {}


def test_traits_count_in_a_table_of_persons_alone() -> None:
    """Without names, two traits of persons make a table one of persons; ages by guess, places or totals do not."""
    sex, age, place = CONTENTS["sex"], CONTENTS["age"], CONTENTS["place"]
    assert traits_of(False, sexe=sex, age=age, insee=place) == {"sexe": "sex", "age": "age", "insee": "place"}
    assert traits_of(False, c1=sex, c2=CONTENTS["family"], c3=age) == {"c1": "sex", "c2": "family", "c3": "age"}
    assert traits_of(False, c1=sex, c2=age) == {}
    assert traits_of(False, commune=place, code_postal=place) == {}
    assert traits_of(False, sexe=sex, age=age, nombre=age) == {}


def test_each_trait_says_what_to_do_in_both_languages() -> None:
    """A trait without a name or an advice in French or in English fails."""
    for trait in TRAITS.values():
        assert all(text[lang] for text in (trait.label, trait.coarser) for lang in ("fr", "en"))
