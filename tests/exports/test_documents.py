"""What every document of the catalogue needs: its entry in the documentation, files, addresses, clean texts."""

from pathlib import Path

import pytest

from exports import CATALOGUE_EXPORTERS, EXPORTERS, CatalogueExporter, ExportOptions
from exports.documents import LABELLED, is_web_address, latest, list_files
from exports.vocabularies import FILE_TYPES, LANGUAGES, UNREGISTERED
from tests.exports.described import SITE, a_bare_dataset, a_dataset

DOCS = (Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")
DOCUMENTS = [each for each in CATALOGUE_EXPORTERS.values() if isinstance(each, CatalogueExporter)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_each_document_has_its_entry(document: CatalogueExporter) -> None:
    """docs/exports.md gives its extension and its content type."""
    [row] = [
        line for line in DOCS.splitlines() if line.startswith("| `") and f"`{document.name}`" in line.split("|")[1]
    ]
    assert f"| {document.extension} | `{document.media_type}` |" in row


def test_tables_of_formats_name_formats_that_exist() -> None:
    """No row of the tables was left behind by a format that changed its name."""
    assert set(LABELLED) <= set(EXPORTERS)
    media_types = {each.media_type.partition(";")[0] for each in EXPORTERS.values()}
    assert media_types >= UNREGISTERED
    assert set(FILE_TYPES) - set(EXPORTERS) == {"pdf", "zip"}
    assert len(LANGUAGES) == len(set(LANGUAGES.values()))


def test_headings_in_words_are_only_asked_of_tables() -> None:
    """`use_labels=true` is in the addresses of tables, and nowhere when the reader does not want it."""
    for wanted in (True, False):
        options = ExportOptions(use_labels_in_exports=wanted)
        labelled = {f.key for f in list_files(a_dataset(), SITE, options, EXPORTERS) if "use_labels" in f.address}
        assert labelled == (set(LABELLED) if wanted else set())


@pytest.mark.parametrize(
    ("title", "identifier", "format_name"),
    [("notice.PDF", "x", "pdf"), ("Notice", "notice.pdf", "pdf"), ("Notice", "notice", "plain")],
)
def test_the_format_of_an_attachment_is_found(title: str, identifier: str, format_name: str) -> None:
    """By its title, else its identifier, else its media type."""
    dataset = {**a_bare_dataset(), "attachments": [{"id": identifier, "title": title, "mimetype": "text/plain"}]}
    [file] = list_files(dataset, SITE, ExportOptions(), EXPORTERS)
    assert file.format == format_name
    assert file.address.endswith(f"/catalog/datasets/rien/attachments/{identifier}")


def test_an_awkward_identifier_stays_inside_its_address() -> None:
    """Whatever an identifier holds, it never leads elsewhere."""
    assert SITE.page("../é?x#y") == "https://portal.example/explore/dataset/..%2F%C3%A9%3Fx%23y/"
    assert SITE.resource("a/b", "exports", "csv").endswith("/catalog/datasets/a%2Fb/exports/csv")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://example.org/a?b=c#d", True),
        ("http://example.org/é", True),
        ("voir https://example.org", False),
        ("https://example.org/a b", False),
        ("javascript:alert(1)", False),
        ('https://example.org/"><script>', False),
        ("", False),
    ],
)
def test_only_addresses_of_pages_become_links(text: str, kept: bool) -> None:
    """A reference is free text: only what is an address and nothing else is one."""
    assert is_web_address(text) is kept


def test_the_last_change_is_that_of_the_newest_dataset() -> None:
    """None when no dataset has a date."""
    old = a_dataset(modified="2020-01-01T00:00:00+00:00")
    assert latest([a_bare_dataset(), old, a_dataset()]) == "2026-11-20T08:00:00+00:00"
    assert latest([a_bare_dataset()]) is None
