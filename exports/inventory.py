"""The catalogue as data.json: the inventory of Project Open Data, version 1.1."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from exports.documents import Described, File, Site, find_meta, list_files, title_of
from exports.exporter import Exporter, ExportOptions
from exports.vocabularies import FREQUENCIES

SCHEMA = "https://project-open-data.cio.gov/v1.1/schema"


def write_inventory(
    datasets: Sequence[Described], site: Site, options: ExportOptions, *, formats: Mapping[str, Exporter]
) -> Iterator[bytes]:
    """Yield the inventory, a piece per dataset; what is not known is left out."""
    head = {
        "@context": f"{SCHEMA}/catalog.jsonld",
        "@id": f"{site.api}/catalog/exports/data.json",
        "@type": "dcat:Catalog",
        "conformsTo": SCHEMA,
        "describedBy": f"{SCHEMA}/catalog.json",
    }
    yield f'{_json(head)[:-1]}, "dataset": ['.encode()
    for number, dataset in enumerate(datasets):
        shaped = _shape_dataset(dataset, site)
        files = [_shape_file(file) for file in list_files(dataset, site, options, formats)]
        if files:
            shaped["distribution"] = files
        yield ((", " if number else "") + _json(shaped)).encode()
    yield b"]}"


def _shape_dataset(dataset: Described, site: Site) -> dict[str, Any]:
    page, places = site.page(dataset["dataset_id"]), find_meta(dataset, "default.territory") or []
    shaped = {
        "@type": "dcat:Dataset",
        "identifier": page,
        "title": title_of(dataset),
        "description": find_meta(dataset, "default.description") or title_of(dataset),
        "keyword": find_meta(dataset, "default.keyword") or [dataset["dataset_id"]],
        "theme": find_meta(dataset, "default.theme"),
        "issued": find_meta(dataset, "dcat.issued"),
        "modified": find_meta(dataset, "default.modified"),
        "publisher": {"@type": "org:Organization", "name": _publisher(dataset, site)},
        "contactPoint": _shape_contact(dataset, site),
        "accessLevel": "public",
        "license": find_meta(dataset, "default.license_url"),
        "language": [lang] if (lang := find_meta(dataset, "default.language")) else None,
        "spatial": ", ".join(places) or None,
        "accrualPeriodicity": _interval(find_meta(dataset, "default.update_frequency")),
        "landingPage": page,
    }
    return {name: value for name, value in shaped.items() if value is not None}


def _publisher(dataset: Described, site: Site) -> str:
    return find_meta(dataset, "default.publisher") or site.publisher


def _shape_contact(dataset: Described, site: Site) -> dict[str, str]:
    email = find_meta(dataset, "dcat.contact_email")
    contact = {"@type": "vcard:Contact", "fn": find_meta(dataset, "dcat.contact_name") or _publisher(dataset, site)}
    return {**contact, "hasEmail": f"mailto:{email}"} if email else contact


def _interval(words: str | None) -> str | None:
    known = FREQUENCIES.get((words or "").strip().lower())
    return known[1] if known else None


def _shape_file(file: File) -> dict[str, str]:
    return {
        "@type": "dcat:Distribution",
        "title": file.title,
        "downloadURL": file.address,
        "mediaType": file.media_type,
        "format": file.format,
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
