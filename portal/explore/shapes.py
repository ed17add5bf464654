"""The JSON shapes of the Explore API v2.1: pages, datasets, facets, links. Addresses are absolute."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from datasets.catalogue.derived import DERIVED, ON_REQUEST
from datasets.facets import FacetGroup, FacetValue
from datasets.query import Query, Result
from exports import EXPORTERS, ExportOptions

Links = list[dict[str, str]]
PARTS = ("datasets", "exports", "facets")
INSTANTS = frozenset(meta.ods for meta in DERIVED if meta.type == "datetime")
"""The metadata that are instants."""


def write_json(value: Any) -> str:
    """Return JSON text, with the separators of Opendatasoft's answers."""
    return json.dumps(value, ensure_ascii=False)


def write_rows(result: Result, options: ExportOptions) -> str:
    """Return the rows of a result as one JSON array: the very objects of the json export."""
    return b"".join(EXPORTERS["json"].write(result.schema, result.rows, options)).decode()


def write_page(total: int, rows: str, links: Links | None = None) -> str:
    """Return a page: how many there are, then the JSON array `rows`."""
    linked = "" if links is None else f'"links": {write_json(links)}, '
    return f'{{"total_count": {total}, {linked}"results": {rows}}}'


def link(rel: str, href: str) -> dict[str, str]:
    """Return one link."""
    return {"rel": rel, "href": href}


def page_links(address: str, asked: Sequence[tuple[str, str]], query: Query, total: int, reach: int) -> Links:
    """Return the links of a page: itself, the first, the last, and the next when there is one.

    None leads beyond `reach`, the greatest sum of offset and limit.
    """
    limit = query.limit or 0
    pages = {"self": query.offset, "first": 0, "last": 0}
    if limit and total:
        pages["last"] = min(total - 1, max(reach - limit, 0)) // limit * limit
    following = query.offset + limit
    if limit and following < total and following + limit <= reach:
        pages["next"] = following
    kept = [pair for pair in asked if pair[0] not in ("offset", "start", "apikey")]
    return [link(rel, f"{address}?{urlencode([*kept, ('offset', str(start))])}") for rel, start in pages.items()]


def record_links(dataset: str, record_id: str) -> Links:
    """Return the links of a record of the dataset at the address `dataset`."""
    return [
        link("self", f"{dataset}/records/{record_id}"),
        link("dataset", dataset),
        link("catalog", dataset.rpartition("/")[0]),
    ]


def in_zone(instant: str, zone: str) -> str:
    """Return an ISO instant with the offset that `zone` had then, to the second."""
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


def dataset_address(base: str, dataset_id: str) -> str:
    """Return the address of a dataset in the API."""
    return f"{base}/catalog/datasets/{quote(dataset_id)}"


def shape_source(address: str) -> dict[str, Any]:
    """Return the root of the catalogue at `address`: where its parts are."""
    return {"links": [link("self", address), *(link(name, f"{address}/{name}") for name in PARTS)]}


def shape_dataset(
    described: Mapping[str, Any], base: str, *, links: bool = False, app_metas: bool = False, zone: str = "UTC"
) -> dict[str, Any]:
    """Return the object of a dataset with its addresses; `described` is what the catalogue holds of it."""
    address = dataset_address(base, described["dataset_id"])
    attachments = [{**each, "url": f"{address}/attachments/{quote(each['id'])}"} for each in described["attachments"]]
    linked = {"_links": [link("self", address), link("catalog", f"{base}/catalog/datasets")]} if links else {}
    metas = {
        template: {
            name: _moved(f"{template}.{name}", value, zone) for name, value in described["metas"][template].items()
        }
        for template in described["metas"]
        if app_metas or template not in ON_REQUEST
    }
    return {**linked, **described, "attachments": attachments, "metas": metas}


def _moved(name: str, value: Any, zone: str) -> Any:
    return in_zone(value, zone) if value and name in INSTANTS else value


def shape_attachments(dataset: Mapping[str, Any], address: str) -> dict[str, Any]:
    """Return the list of the attachments of `dataset`, as `shape_dataset` made it."""
    attachments = [
        {"href": each["url"], "metas": {"mime-type": each["mimetype"], **{k: each[k] for k in ("title", "url", "id")}}}
        for each in dataset["attachments"]
    ]
    return {"links": [link("self", address)], "attachments": attachments}


def shape_formats(address: str, names: Iterable[str]) -> dict[str, Any]:
    """Return the list of the exports offered at `address`."""
    return {"links": [link("self", address), *(link(name, f"{address}/{name}") for name in names)]}


def shape_facets(groups: Iterable[FacetGroup], links: Links) -> dict[str, Any]:
    """Return the facets; a group that was cut says so, those of the catalogue go by their short names."""
    return {"links": links, "facets": [_group(group) for group in groups]}


def _group(group: FacetGroup) -> dict[str, Any]:
    name = group.name.removeprefix("default.").removeprefix("dcat.")
    shaped: dict[str, Any] = {"name": name, "facets": [_value(value) for value in group.values]}
    return shaped | {"truncated": True} if group.truncated else shaped


def _value(value: FacetValue) -> dict[str, Any]:
    shaped: dict[str, Any] = {"count": value.count, "state": value.state, "name": value.name, "value": value.value}
    return shaped | {"facets": [_value(child) for child in value.children]} if value.children else shaped
