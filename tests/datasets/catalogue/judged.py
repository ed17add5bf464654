"""A catalogue written by hand, and what searches of it must find: tests/golden/search."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from datasets.catalogue.search import Index, build_index, read_index, search

GOLDEN = Path(__file__).parents[2] / "golden" / "search"


def read_lines(name: str) -> Iterator[list[str]]:
    """Yield the parts of each line of a golden file but comments."""
    for line in (GOLDEN / name).read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield [part.strip() for part in line.split(" | ")]


def described() -> dict[str, Mapping[str, Mapping[str, Any]]]:
    """Return the datasets of the catalogue as the API describes them, in the order of their identifiers."""
    return {parts[0]: describe(*parts[:-1]) for parts in sorted(read_lines("catalogue.txt"))}


def describe(
    name: str, fr: str, en: str, themes: str, keywords: str, text: str, labels: str, publisher: str
) -> Mapping[str, Mapping[str, Any]]:
    """Return a dataset as the API describes it, in both languages."""
    metas = {
        "theme": themes.split(", "),
        "keyword": keywords.split(", "),
        "description": f"<p>{text}</p>",
        "publisher": publisher,
    }
    fields = [{"name": label.lower(), "label": label} for label in labels.split(", ")]
    titles = {"fr": fr, "en": en}
    return {
        lang: {"dataset_id": name, "fields": fields, "metas": {"default": metas | {"title": title}}}
        for lang, title in titles.items()
    }


@cache
def index() -> Index:
    """Return the index of the catalogue."""
    return read_index(build_index(described().values()))


def find(text: str) -> list[str]:
    """Return the identifiers that a search finds, the best first, the freshest of equals."""
    scores = search(index(), text).scores.round(3)
    fresh = {parts[0]: parts[-1] for parts in read_lines("catalogue.txt")}
    found = [(score, fresh[name], name) for score, name in zip(scores, described(), strict=True) if score]
    return [name for _, _, name in sorted(found, reverse=True)]
