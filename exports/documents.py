"""Documents that describe a whole catalogue: what they are written from, and what every one of them needs.

The datasets are the objects that the Explore API shows, in one language, without any address: `Site` gives those.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from urllib.parse import quote, urlencode

from exports.exporter import Exporter, ExportOptions, suits

Described = Mapping[str, Any]
"""A dataset as the Explore API describes it."""

LABELLED = ("csv", "tsv", "xlsx", "ods")
"""The formats with a line of headings, which a person wants in words."""

NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
WEB_ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20]+")


@dataclass(frozen=True)
class Site:
    """The portal that a document speaks of: its public address, that of its API, its texts and their language."""

    address: str
    api: str
    title: str
    description: str
    publisher: str
    language: str

    @property
    def catalogue(self) -> str:
        """Return the address of the catalogue's page, by which the catalogue is known."""
        return f"{self.address}/explore/"

    def page(self, dataset_id: str) -> str:
        """Return the address of a dataset's page, by which the dataset is known."""
        return f"{self.address}/explore/dataset/{quote(dataset_id, safe='')}/"

    def search(self, facet: str, value: str) -> str:
        """Return the address of the datasets that share a value of a facet."""
        return f"{self.catalogue}?{urlencode({f'refine.{facet}': value})}"

    def resource(self, dataset_id: str, *path: str) -> str:
        """Return the address of something that the API gives of a dataset."""
        return "/".join((self.api, "catalog/datasets", *(quote(part, safe="") for part in (dataset_id, *path))))


Write = Callable[[Sequence[Described], Site, ExportOptions], Iterator[bytes]]
"""How a document is written: from the datasets, the site and the choices of the reader."""


@dataclass(frozen=True)
class CatalogueExporter:
    """A format of the catalogue as one document; `write` yields its bytes."""

    name: str
    extension: str
    media_type: str
    write: Write


@dataclass(frozen=True)
class File:
    """A file by which a dataset can be had: an export, or an attachment. `key` tells it from the dataset's others."""

    key: str
    title: str
    address: str
    format: str
    media_type: str


def list_files(
    dataset: Described, site: Site, options: ExportOptions, formats: Mapping[str, Exporter]
) -> Iterator[File]:
    """Yield the exports of `dataset` that suit its fields, only `include_exports` when given, then its attachments."""
    dataset_id, types = dataset["dataset_id"], {field["type"] for field in dataset["fields"]}
    wanted = dict.fromkeys(options.include_exports or formats)
    for name in wanted if dataset["has_records"] else ():
        exporter = formats.get(name)
        if exporter is None or not suits(exporter, types):
            continue
        labels = "?use_labels=true" if options.use_labels_in_exports and name in LABELLED else ""
        address = site.resource(dataset_id, "exports", name) + labels
        media_type = exporter.media_type.split(";")[0]
        yield File(name, f"{dataset_id}.{exporter.extension}", address, name, media_type)
    for each in dataset["attachments"]:
        address = site.resource(dataset_id, "attachments", each["id"])
        key = f"attachment-{quote(each['id'], safe='')}"
        yield File(key, each["title"], address, _format_of(each), each["mimetype"])


def _format_of(attachment: Mapping[str, str]) -> str:
    """Return the extension of an attached file, which its title or its identifier has, else its media subtype."""
    suffix = PurePath(attachment["title"]).suffix or PurePath(attachment["id"]).suffix
    return (suffix.removeprefix(".") or attachment["mimetype"].rpartition("/")[2]).lower()


def find_meta(dataset: Described, name: str) -> Any:
    """Return a piece of description by its dotted name (`default.title`), or None when it is absent or empty."""
    template, _, key = name.partition(".")
    return dataset["metas"].get(template, {}).get(key) or None


def title_of(dataset: Described) -> str:
    """Return the title of a dataset, or its identifier when it has none."""
    return clean_text(find_meta(dataset, "default.title") or dataset["dataset_id"])


def latest(datasets: Sequence[Described]) -> str | None:
    """Return the last modification of all datasets (ISO 8601), or None."""
    return max((at for each in datasets if (at := find_meta(each, "default.modified"))), default=None)


def clean_text(text: str) -> str:
    """Return `text` without the characters that XML 1.0 forbids even escaped, its lines ended as XML ends them."""
    return NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def is_web_address(text: str) -> bool:
    """Return whether `text` is the address of a page, and nothing else."""
    return WEB_ADDRESS.fullmatch(text) is not None
