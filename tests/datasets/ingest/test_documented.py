"""The documentation tells every type, reason and kind of identifying column."""

from dataclasses import fields
from pathlib import Path

import pytest

from datasets.ingest import Reading
from datasets.ingest.formats import FORMATS
from datasets.ingest.formats.format import Format
from datasets.ingest.identify import IDENTIFYING
from datasets.ingest.report import REASONS
from datasets.ingest.traits import TRAITS
from datasets.types import TYPES

PAGE = (Path(__file__).parents[3] / "docs" / "ingestion.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*TYPES, *REASONS, *IDENTIFYING, *TRAITS])
def test_each_name_is_in_the_documentation(name: str) -> None:
    """A type, a reason or a code that the page does not tell fails."""
    assert f"| `{name}` |" in PAGE


@pytest.mark.parametrize("text", [*(reason.text for reason in REASONS.values()), *IDENTIFYING.values()])
def test_each_text_is_in_both_languages(text: dict[str, str]) -> None:
    """What a producer reads exists in French and in English."""
    assert text["fr"]
    assert text["en"] in PAGE


@pytest.mark.parametrize("name", [*FORMATS, *(field.name for field in fields(Reading))])
def test_each_format_and_option_of_reading_is_told(name: str) -> None:
    """A format or an option that the section on reading does not name fails."""
    section = PAGE.partition("## Reading")[2].partition("\n## ")[0]
    assert f"`{name}`" in section


@pytest.mark.parametrize("kind", FORMATS.values(), ids=FORMATS)
def test_each_extension_of_a_format_is_told(kind: Format) -> None:
    """The page lists the extensions, and each format has a name in both languages."""
    section = PAGE.partition("## Reading")[2].partition("\n## ")[0]
    assert all(f"`{extension}`" in section for extension in kind.extensions)
    assert kind.label["fr"] != kind.label["en"]
