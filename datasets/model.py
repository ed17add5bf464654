"""The nouns of a dataset: Field, Schema, Distribution, Version, Dataset. Frozen, without behaviour of their own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

from datasets.errors import NotFound

Texts = Mapping[str, str]
"""A text in several languages: {"fr": …, "en": …}."""

FIELD_TYPES = (
    "text",
    "int",
    "double",
    "boolean",
    "date",
    "datetime",
    "geo_point_2d",
    "geo_shape",
    "file",
    "json_blob",
)
"""The public field types of the Explore API."""


def text_in(texts: Texts | None, lang: str) -> str | None:
    """Return the text in `lang`, else in French, else in any language; None when there is none."""
    if not texts:
        return None
    return texts.get(lang) or texts.get("fr") or next(iter(texts.values()))


@dataclass(frozen=True)
class Field:
    """A typed column of a dataset.

    `type` is one of FIELD_TYPES; `annotations` are Opendatasoft's (facet, multivalued, unit, decimals,
    timeserie_precision, id, hierarchical, disjunctive, sortable, facetsort), a flat map name → scalar. `values` are the
    words for coded values, by code: pages say them, the API and the files keep the codes.
    """

    name: str
    type: str
    label: Texts = field(default_factory=lambda: MappingProxyType({}))
    description: Texts = field(default_factory=lambda: MappingProxyType({}))
    annotations: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    values: Mapping[str, Texts] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def multivalued(self) -> bool:
        """Whether a record holds a list of values in this field."""
        return "multivalued" in self.annotations


@dataclass(frozen=True)
class Schema:
    """The fields of a dataset, in order."""

    fields: tuple[Field, ...]

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    @property
    def names(self) -> tuple[str, ...]:
        """The field names, in order."""
        return tuple(f.name for f in self.fields)

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """The fields by their names, gathered once."""
        return {f.name: f for f in self.fields}

    def find_field(self, name: str) -> Field | None:
        """Return the field called `name`, or None."""
        return next((f for f in self.fields if f.name == name), None)

    def get_field(self, name: str) -> Field:
        """Return the field called `name`; raise NotFound otherwise."""
        found = self.find_field(name)
        if found is None:
            raise NotFound(kind="field", name=name)
        return found


@dataclass(frozen=True)
class Distribution:
    """One stored file of a version: its name, media type, size in bytes and SHA-256.

    A file with a `title` is an attachment: readers see it and may have it.
    """

    name: str
    media_type: str
    size: int
    sha256: str
    title: Texts = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Version:
    """An immutable state of a dataset's data, as its manifest tells it.

    `box` is west, south, east, north around its places, `geometry_types` the kinds of its geometries (GeoJSON's).
    """

    dataset_id: str
    version_id: str
    created: datetime
    rows: int
    schema: Schema
    distributions: tuple[Distribution, ...]
    provenance: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    box: tuple[float, float, float, float] | None = None
    geometry_types: tuple[str, ...] = ()

    @property
    def attachments(self) -> tuple[Distribution, ...]:
        """The files that readers may have beside the data."""
        return tuple(each for each in self.distributions if each.title)

    def find_file(self, name: str) -> Distribution | None:
        """Return the stored file of that name, or None."""
        return next((each for each in self.distributions if each.name == name), None)


@dataclass(frozen=True)
class Dataset:
    """A described collection of data: its metadata, and its current version when it has one.

    `metadata` is keyed by the `name` of the rows of `catalogue.metadata.METADATA`.
    """

    dataset_id: str
    dataset_uid: str
    metadata: Mapping[str, Any]
    version: Version | None
    issued: datetime | None = None
    modified: datetime | None = None
