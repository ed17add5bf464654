"""Datasets as the Explore API describes them, for the documents of the catalogue."""

from typing import Any

from exports import Site

SITE = Site(
    address="https://portal.example",
    api="https://portal.example/api/explore/v2.1",
    title="Portail & essais",
    description="Des données inventées.",
    publisher="Département de démonstration",
    language="fr",
)
PAGE = "https://portal.example/explore/dataset/communes/"
BOX = {"coordinates": [[[0.5, 43.5], [0.9, 43.5], [0.9, 43.9], [0.5, 43.5]]], "type": "Polygon"}
HOSTILE = "]]></title><script>alert('é')</script> & \"\x00\x0b🌍"


def a_dataset(dataset_id: str = "communes", **more: Any) -> dict[str, Any]:
    """Return a dataset with geography and dates, an attachment, and every piece of description."""
    default = {
        "title": "Communes",
        "description": "<p>Inventées.</p>",
        "theme": ["Culture"],
        "keyword": ["gers", "commune"],
        "license": "CC BY 4.0",
        "license_url": "https://creativecommons.org/licenses/by/4.0/",
        "publisher": "Service des cartes",
        "language": "fr",
        "territory": ["Gers"],
        "references": "https://example.org/notice",
        "attributions": ["INSEE"],
        "update_frequency": "Annuelle",
        "metadata_languages": ["fr", "en"],
        "modified": "2026-11-20T08:00:00+00:00",
        "bbox": {"type": "Feature", "geometry": BOX, "properties": {}},
        **more,
    }
    types = ("text", "date", "geo_shape")
    return {
        "dataset_id": dataset_id,
        "has_records": True,
        "fields": [{"name": kind, "type": kind} for kind in types],
        "attachments": [{"id": "notice_pdf", "title": "notice.pdf", "mimetype": "application/pdf"}],
        "metas": {
            "default": default,
            "dcat": {
                "issued": "2026-01-02T08:00:00+00:00",
                "contact_name": "Service des cartes",
                "contact_email": "cartes@example.org",
            },
            "custom": {"method": "<p>Comptées.</p>"},
        },
    }


def a_bare_dataset() -> dict[str, Any]:
    """Return a dataset of which nothing is known but its identifier."""
    return {"dataset_id": "rien", "has_records": False, "fields": [], "attachments": [], "metas": {"default": {}}}
