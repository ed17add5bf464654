"""The coded values of the published tables have words in both languages."""

from datasets.model import Field
from datasets.programming.categories import DISCIPLINES, DISTANCES, STOPS, VENUE_TYPES
from datasets.programming.factors import FACTORS, MODES
from datasets.programming.schemas import SCHEMAS
from datasets.programming.values import VALUES
from datasets.table_schema import describe_table

PUBLISHED = {
    "mode": {*MODES, *FACTORS},
    "reseau": {factor.network for factor in FACTORS.values()},
    "unite": {factor.unit for factor in FACTORS.values()},
    "discipline": set(DISCIPLINES),
    "type_lieu": set(VENUE_TYPES),
    "classe_etapes": {name for _, name in STOPS},
    "classe_distance": {name for _, name in DISTANCES},
    "granularite": {"annee", "trimestre"},
}


def test_every_code_that_is_published_has_its_words() -> None:
    """Each value of a coded field has a French and an English word, and no two values of a field share one."""
    for name, codes in PUBLISHED.items():
        assert codes <= set(VALUES[name]), name
    for name, words in VALUES.items():
        for lang in ("fr", "en"):
            said = [texts[lang] for texts in words.values()]
            assert all(said), name
            assert len(set(said)) == len(said), name


def test_the_schemas_carry_them() -> None:
    """Each field of that name holds its words, which the Table Schema tells as categories; the others hold none."""
    fields: list[Field] = [field for schema in SCHEMAS.values() for field in schema]
    assert {field.name for field in fields if field.values} == set(VALUES)
    told = describe_table(SCHEMAS["facteurs-emission"], "en")["fields"]
    network = next(field for field in told if field["name"] == "reseau")
    assert {"value": "rail", "label": "rail"} in network["categories"]
    assert "categories" not in next(field for field in told if field["name"] == "source")
