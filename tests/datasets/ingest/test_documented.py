"""The documentation tells every type, reason and kind of identifying column."""

from pathlib import Path

import pytest

from datasets.ingest.identify import IDENTIFYING
from datasets.ingest.report import REASONS
from datasets.types import TYPES

PAGE = (Path(__file__).parents[3] / "docs" / "ingestion.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*TYPES, *REASONS, *IDENTIFYING])
def test_each_name_is_in_the_documentation(name: str) -> None:
    """A type, a reason or a code that the page does not tell fails."""
    assert f"| `{name}` |" in PAGE


@pytest.mark.parametrize("text", [*(reason.text for reason in REASONS.values()), *IDENTIFYING.values()])
def test_each_text_is_in_both_languages(text: dict[str, str]) -> None:
    """What a producer reads exists in French and in English."""
    assert text["fr"]
    assert text["en"] in PAGE
