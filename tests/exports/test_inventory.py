"""The catalogue as data.json: what Project Open Data 1.1 requires, and nothing invented."""

import json
from functools import partial
from typing import Any

from exports import EXPORTERS, ExportOptions
from exports.inventory import write_inventory
from tests.exports.described import HOSTILE, PAGE, SITE, a_bare_dataset, a_dataset

REQUIRED = {"title", "description", "keyword", "publisher", "contactPoint", "identifier", "accessLevel"}
"""What version 1.1 of the schema requires of every dataset, but for the codes of federal agencies."""

write = partial(write_inventory, formats=EXPORTERS)


def read(datasets: list[dict[str, Any]], options: ExportOptions | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(b"".join(write(datasets, SITE, options or ExportOptions())))
    return found


def test_the_inventory_says_which_schema_it_follows() -> None:
    """The head names the context, the schema and the version."""
    head = read([])
    assert head["conformsTo"] == "https://project-open-data.cio.gov/v1.1/schema"
    assert head["@type"] == "dcat:Catalog"
    assert head["dataset"] == []


def test_every_dataset_has_what_is_required() -> None:
    """Full or bare, a dataset has the required members, of the right types."""
    for shaped in read([a_dataset(), a_bare_dataset()])["dataset"]:
        assert set(shaped) >= REQUIRED
        assert all(isinstance(shaped[name], str) and shaped[name] for name in ("title", "description", "identifier"))
        assert isinstance(shaped["keyword"], list)
        assert shaped["keyword"]
        assert shaped["publisher"]["name"]
        assert shaped["contactPoint"]["fn"]
        assert None not in shaped.values()


def test_what_is_known_is_told() -> None:
    """Dates, licence, theme, language, frequency as an interval, place, contact, page."""
    [shaped] = read([a_dataset()])["dataset"]
    assert shaped["identifier"] == shaped["landingPage"] == PAGE
    assert shaped["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert shaped["accrualPeriodicity"] == "R/P1Y"
    assert (shaped["language"], shaped["spatial"], shaped["theme"]) == (["fr"], "Gers", ["Culture"])
    assert shaped["contactPoint"]["hasEmail"] == "mailto:cartes@example.org"
    assert shaped["issued"] < shaped["modified"]


def test_what_is_not_known_is_left_out() -> None:
    """No address of a person is invented, no distribution promised."""
    [shaped] = read([a_bare_dataset()])["dataset"]
    assert "hasEmail" not in shaped["contactPoint"]
    assert not {"distribution", "license", "modified"} & set(shaped)


def test_files_are_distributions() -> None:
    """Each export chosen, and what is attached, with its address and media type."""
    [shaped] = read([a_dataset()], ExportOptions(include_exports=("csv",)))["dataset"]
    base = "https://portal.example/api/explore/v2.1/catalog/datasets/communes"
    assert [(each["downloadURL"], each["mediaType"]) for each in shaped["distribution"]] == [
        (f"{base}/exports/csv?use_labels=true", "text/csv"),
        (f"{base}/attachments/notice_pdf", "application/pdf"),
    ]


def test_any_text_comes_back() -> None:
    """Markup stays text; only characters that no XML could hold leave a title."""
    [shaped] = read([a_dataset(title=HOSTILE, description=HOSTILE)])["dataset"]
    assert shaped["description"] == HOSTILE
    assert shaped["title"] == HOSTILE.replace("\x00", "").replace("\x0b", "")


def test_the_inventory_is_written_a_dataset_at_a_time() -> None:
    """A long catalogue is never one long text in memory."""
    chunks = list(write([a_dataset(f"d{number}") for number in range(50)], SITE, ExportOptions()))
    assert len(chunks) == 52
