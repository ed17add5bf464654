"""The catalogue as a dataset: one more Parquet table, so that one parser and one set of exporters serve both.

Its fields are the dotted names of the Explore API (`default.title`), each with its short name as an alias
(`title`), and a JSON field `dataset` that holds, per language, the whole object that the API returns. There is
one table for each language, so that what is searched, sorted and shown is what the reader reads.
"""

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy.orm import Session

from datasets.catalogue.catalogue import CATALOGUE_ID, get_dataset
from datasets.catalogue.derived import DERIVED, ON_REQUEST
from datasets.catalogue.metadata import METADATA, metadata_text
from datasets.errors import NotFound
from datasets.model import Dataset, Field, Schema, Version, text_in
from datasets.query import Source, source_of
from datasets.store.versions import VersionStore
from datasets.types.public import arrow_schema

LANGUAGES = ("fr", "en")
"""The languages of the tables; the first one is that of `data.parquet`, and stands for those that are not here."""

LISTS = ("list", "lists")
COLUMNS = {"date": "date", "reuses": "json_blob"}
"""The types of the fields of the catalogue, by the kind of the piece of description; the others are texts."""

FACET = {"facet": True, "facetsort": "alphanum"}
"""What makes a facet of a metadata: its values go by name, as in Opendatasoft's catalogues."""

UNFILTERED = {"filterable": False}
"""What select may show and no condition may name."""

OWN_FIELDS: tuple[Field, ...] = (
    Field("dataset_id", "text", {"fr": "Identifiant", "en": "Identifier"}, annotations={"id": True}),
    Field("dataset_uid", "text", {"fr": "Identifiant stable", "en": "Stable identifier"}),
    Field("has_records", "boolean", {"fr": "A des enregistrements", "en": "Has records"}),
    Field(
        "features",
        "text",
        {"fr": "Particularités", "en": "Features"},
        annotations={"multivalued": ",", "disjunctive": True, **FACET},
    ),
)
OBJECTS = ("visibility", "data_visible", "fields", "attachments", "alternative_exports")
"""What the object of a dataset holds beside its metadata, each a JSON field."""


def _metadata_fields() -> Iterable[Field]:
    for term in METADATA:
        annotations: dict[str, Any] = {"disjunctive": True, **FACET} if term.facet else {}
        if term.kind in LISTS:
            annotations["multivalued"] = ","
        yield Field(term.ods, COLUMNS.get(term.kind, "text"), term.label, term.help, annotations)


def _derived_fields() -> Iterable[Field]:
    for meta in DERIVED:
        annotations: dict[str, Any] = (FACET if meta.facet else {}) | ({"multivalued": ","} if meta.multivalued else {})
        yield Field(meta.ods, meta.type, meta.label, annotations=annotations)


SCHEMA = Schema(
    (
        *OWN_FIELDS,
        *_metadata_fields(),
        *_derived_fields(),
        *(Field(name, "json_blob", annotations=UNFILTERED) for name in (*OBJECTS, "dataset")),
    )
)
"""The fields of the catalogue as a dataset."""

ALIASES: Mapping[str, str] = MappingProxyType(
    {name.split(".", 1)[1]: name for name in reversed(SCHEMA.names) if "." in name} | {"datasetid": "dataset_id"}
)
"""Short names of the catalogue's fields."""


def build_snapshot(datasets: Iterable[Dataset], lang: str = LANGUAGES[0]) -> pa.Table:
    """Return the catalogue of `datasets` in a language as a table of SCHEMA, one row per dataset."""
    return pa.Table.from_pylist([_record(dataset, lang) for dataset in datasets], schema=arrow_schema(SCHEMA))


def write_translations(datasets: Iterable[Dataset]) -> dict[str, bytes]:
    """Return the catalogue in each language but the first, as Parquet files by name."""
    files = {}
    known = list(datasets)
    for lang in LANGUAGES[1:]:
        target = io.BytesIO()
        pq.write_table(build_snapshot(known, lang), target, compression="zstd")
        files[_file_name(lang)] = target.getvalue()
    return files


def read_described(snapshot: pa.Table) -> Iterator[Mapping[str, Mapping[str, Any]]]:
    """Yield what the Explore API shows of each dataset of a snapshot, by language, in the order of its rows."""
    return (json.loads(each.as_py()) for each in snapshot["dataset"])


def get_catalogue_source(session: Session, store: VersionStore, lang: str = LANGUAGES[0]) -> Source:
    """Return the catalogue in a language as something to query; raise NotFound while nothing was ever published."""
    version = get_dataset(session, CATALOGUE_ID).version
    if version is None:
        raise NotFound(kind="dataset", name=CATALOGUE_ID)
    return catalogue_source(version, store, lang)


def catalogue_source(version: Version, store: VersionStore, lang: str = LANGUAGES[0]) -> Source:
    """Return a version of the catalogue in a language as something to query, by the names that it has."""
    source = source_of(version, store)
    known = set(source.schema.names)
    source = replace(source, aliases={short: name for short, name in ALIASES.items() if name in known})
    name = _file_name(lang)
    return replace(source, path=store.locate(version, name)) if version.find_file(name) else source


def _file_name(lang: str) -> str:
    return f"data-{lang}.parquet"


def find_features(schema: Schema) -> list[str]:
    """Return what a dataset lends itself to, in Opendatasoft's words."""
    types = {field.type for field in schema}
    wanted = {
        "analyze": {"int", "double"},
        "geo": {"geo_point_2d", "geo_shape"},
        "image": {"file"},
        "timeserie": {"date", "datetime"},
    }
    return [feature for feature, needs in wanted.items() if types & needs]


def describe_for_api(dataset: Dataset, lang: str) -> dict[str, Any]:
    """Return the object that the Explore API shows for `dataset`, in `lang`, without any address.

    Its metas hold the templates of ON_REQUEST too.
    """
    version = dataset.version
    schema = version.schema if version else Schema(())
    return {
        "visibility": "domain",
        "dataset_id": dataset.dataset_id,
        "dataset_uid": dataset.dataset_uid,
        "has_records": version is not None,
        "data_visible": True,
        "features": find_features(schema),
        "attachments": [
            {"mimetype": each.media_type, "id": each.name, "title": text_in(each.title, lang)}
            for each in (version.attachments if version else ())
        ],
        "alternative_exports": [],
        "fields": [_describe_field(field, lang) for field in schema],
        "metas": _describe_metas(dataset, lang),
    }


def _describe_field(field: Field, lang: str) -> dict[str, Any]:
    return {
        "name": field.name,
        "description": text_in(field.description, lang),
        "annotations": dict(field.annotations),
        "label": text_in(field.label, lang) or field.name,
        "type": field.type,
    }


def _describe_metas(dataset: Dataset, lang: str) -> dict[str, dict[str, Any]]:
    metas: dict[str, dict[str, Any]] = {name: {} for name in ("default", "dcat", "custom", *ON_REQUEST)}
    for term in METADATA:
        template, name = term.ods.split(".", 1)
        text = metadata_text(dataset.metadata, term.name, lang)
        metas[template][name] = list(text or ()) if term.kind in (*LISTS, "reuses") else text
    for meta in DERIVED:
        template, name = meta.ods.split(".", 1)
        metas[template][name] = _shown(meta.read(dataset))
    metas["default"]["bbox"] = _draw_box(dataset)
    return metas


def _shown(value: Any) -> Any:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value


def _draw_box(dataset: Dataset) -> dict[str, Any] | None:
    """Return the box around the records as a GeoJSON feature."""
    if dataset.version is None or dataset.version.box is None:
        return None
    west, south, east, north = dataset.version.box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Feature", "geometry": {"coordinates": [ring], "type": "Polygon"}, "properties": {}}


def _record(dataset: Dataset, lang: str) -> dict[str, Any]:
    described = {each: describe_for_api(dataset, each) for each in LANGUAGES}
    return {
        **{name: described[lang][name] for name in ("dataset_id", "dataset_uid", "has_records", "features")},
        **{term.ods: _cell(metadata_text(dataset.metadata, term.name, lang), term.kind) for term in METADATA},
        **{meta.ods: meta.read(dataset) for meta in DERIVED},
        **{name: json.dumps(described[lang][name], ensure_ascii=False) for name in OBJECTS},
        "dataset": json.dumps(described, ensure_ascii=False),
    }


def _cell(value: Any, kind: str) -> Any:
    """Return a piece of description as its column holds it."""
    return json.dumps(value, ensure_ascii=False) if kind == "reuses" and value else value
