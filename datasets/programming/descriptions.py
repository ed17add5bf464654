"""How the datasets of cultural programming describe themselves: descriptions.toml, read once."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


def describe(dataset_id: str, *, licence: str, publisher: str) -> dict[str, Any]:
    """Return the metadata of one of the datasets of cultural programming, as METADATA names them."""
    return {
        "licence": licence,
        "publisher": publisher,
        "language": "fr",
        "territory": ["France"],
        **_read_descriptions()[dataset_id],
    }


@cache
def _read_descriptions() -> dict[str, dict[str, Any]]:
    text = files("datasets.programming").joinpath("descriptions.toml").read_text(encoding="utf-8")
    descriptions = tomllib.loads(text)
    hidden = descriptions.pop("hidden")
    for description in descriptions.values():
        for lang, html in description["description"].items():
            description["description"][lang] = html.replace("{hidden}", hidden[lang])
    return descriptions
