"""What search engines read in a page: the dataset and the site, in the words of schema.org (JSON-LD)."""

from collections.abc import Mapping
from typing import Any

from datasets.catalogue.metadata import LICENCES, metadata_text
from datasets.model import Dataset, Field, Version, text_in
from exports import EXPORTERS
from exports.exporter import suits
from portal.pages.examples import Addresses
from portal.pages.prose import plain_text
from portal.settings import Settings

CONTEXT = "https://schema.org/"
LONGEST = 5000
"""Characters of a description that engines read."""

OFFERED = ("csv", "xlsx", "json", "parquet", "geojson")
"""The formats that engines are told: those that people look for."""

Thing = dict[str, Any]


def describe_site(settings: Settings, description: str) -> Thing:
    """Return the site and its catalogue, with the address that searches it."""
    base = str(settings.base_url)
    search = {
        "@type": "SearchAction",
        "target": {"@type": "EntryPoint", "urlTemplate": f"{base}/explore/?q={{search_term_string}}"},
        "query-input": "required name=search_term_string",
    }
    site = {"@type": "WebSite", "@id": f"{base}/#site", "url": f"{base}/", "name": settings.site_name}
    catalogue = {"@type": "DataCatalog", **_catalogue(settings), "description": description}
    publisher = {"publisher": _organisation(settings.publisher)}
    return {"@context": CONTEXT, "@graph": [site | publisher | {"potentialAction": search}, catalogue | publisher]}


def describe_dataset(dataset: Dataset, settings: Settings, lang: str) -> Thing:
    """Return a dataset as `lang` says it; what is not known is left out."""
    base, metadata, version = str(settings.base_url), dataset.metadata, dataset.version
    page = f"{base}/explore/dataset/{dataset.dataset_id}/information/"
    licence = LICENCES.get(metadata.get("licence", ""))
    thing = {
        "@context": CONTEXT,
        "@type": "Dataset",
        "@id": page,
        "url": page,
        "identifier": dataset.dataset_id,
        "name": metadata_text(metadata, "title", lang) or dataset.dataset_id,
        "description": _words(metadata, "description", lang),
        "keywords": [*(metadata.get("theme") or ()), *(metadata.get("keyword") or ())],
        "inLanguage": metadata.get("language"),
        "license": licence.url if licence else None,
        "isAccessibleForFree": True,
        "creator": _organisation(metadata.get("publisher")),
        "publisher": _organisation(metadata.get("publisher")),
        "datePublished": dataset.issued.date().isoformat() if dataset.issued else None,
        "dateModified": dataset.modified.isoformat(timespec="seconds") if dataset.modified else None,
        "temporalCoverage": metadata.get("temporal"),
        "measurementTechnique": _words(metadata, "method", lang),
        "subjectOf": [_work(reuse) for reuse in metadata_text(metadata, "reuses", lang) or ()],
        "includedInDataCatalog": {"@type": "DataCatalog", **_catalogue(settings)},
        **(_describe_version(version, metadata, Addresses(base, dataset.dataset_id, ()), lang) if version else {}),
    }
    return {name: value for name, value in thing.items() if value not in (None, "", [], {})}


def _describe_version(version: Version, metadata: Mapping[str, Any], addresses: Addresses, lang: str) -> Thing:
    return {
        "version": version.version_id,
        "spatialCoverage": _places(metadata, version),
        "variableMeasured": [_variable(field, lang) for field in version.schema if field.type in ("int", "double")],
        "distribution": _list_files(version, addresses),
    }


def _catalogue(settings: Settings) -> Thing:
    base = str(settings.base_url)
    return {"@id": f"{base}/explore/#catalogue", "url": f"{base}/explore/", "name": settings.site_name}


def _organisation(name: str | None) -> Thing | None:
    return {"@type": "Organization", "name": name} if name else None


def _words(metadata: Mapping[str, Any], name: str, lang: str) -> str:
    return plain_text(metadata_text(metadata, name, lang) or "", LONGEST)


def _work(reuse: Mapping[str, str | None]) -> Thing:
    told = {"name": reuse["title"], "url": reuse["url"], "abstract": reuse["description"]}
    return {"@type": "CreativeWork", **{name: value for name, value in told.items() if value}}


def _places(metadata: Mapping[str, Any], version: Version) -> list[Thing]:
    places: list[Thing] = [{"@type": "Place", "name": name} for name in (metadata.get("territory") or ())]
    if version.box:
        west, south, east, north = version.box
        places.append({"@type": "Place", "geo": {"@type": "GeoShape", "box": f"{south} {west} {north} {east}"}})
    return places


def _variable(field: Field, lang: str) -> Thing:
    told = {
        "name": text_in(field.label, lang) or field.name,
        "alternateName": field.name,
        "description": text_in(field.description, lang),
        "unitText": field.annotations.get("unit"),
    }
    return {"@type": "PropertyValue", **{name: value for name, value in told.items() if value}}


def _list_files(version: Version, addresses: Addresses) -> list[Thing]:
    types = {field.type for field in version.schema}
    return [
        {
            "@type": "DataDownload",
            "name": name.upper(),
            "encodingFormat": EXPORTERS[name].media_type.partition(";")[0],
            "contentUrl": addresses.of(f"exports/{name}"),
        }
        for name in OFFERED
        if suits(EXPORTERS[name], types)
    ]
