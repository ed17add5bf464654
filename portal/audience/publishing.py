"""The audience as open data: the safe counts of every frozen month are the dataset `frequentation`, for everybody."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from datasets.catalogue.catalogue import find_dataset
from datasets.model import Field, Schema, Texts, Version
from datasets.publish import Release, publish
from datasets.store.versions import DATA, VersionStore
from portal.audience import service
from portal.audience.cells import ALL, REST
from portal.databases import Databases

DATASET_ID = "frequentation"

VALUES: dict[str, Texts] = {
    ALL: {"fr": "tout", "en": "all"},
    REST: {"fr": "autres, trop peu nombreux", "en": "others, too few"},
    "": {"fr": "sans objet", "en": "not applicable"},
    "page": {"fr": "page", "en": "page"},
    "api": {"fr": "API", "en": "API"},
    "export": {"fr": "téléchargement", "en": "download"},
    "none": {"fr": "sans provenance", "en": "no origin"},
    "internal": {"fr": "ce portail", "en": "this portal"},
    "search": {"fr": "moteur de recherche", "en": "search engine"},
    "social": {"fr": "réseau social", "en": "social network"},
    "site": {"fr": "autre site", "en": "other site"},
}
"""The values of the counts, in words; formats are their own."""

MEASURES: dict[str, Texts] = {
    "total": {"fr": "ensemble", "en": "whole"},
    "use": {"fr": "usage", "en": "use"},
    "format": {"fr": "format", "en": "format"},
    "referrer": {"fr": "provenance", "en": "origin"},
    "robots": {"fr": "robots", "en": "robots"},
}
"""What is counted, in words."""

_FACET = {"facet": True}
SCHEMA = Schema(
    (
        Field("mois", "text", {"fr": "Mois", "en": "Month"}, {}, {"facet": True, "sortable": True}),
        Field("jeu_de_donnees", "text", {"fr": "Jeu de données", "en": "Dataset"}, {}, _FACET),
        Field("mesure", "text", {"fr": "Mesure", "en": "Measure"}, {}, _FACET, MEASURES),
        Field("valeur", "text", {"fr": "Valeur", "en": "Value"}, {}, _FACET, VALUES),
        Field("nombre", "int", {"fr": "Utilisations, à cinq près", "en": "Uses, to the nearest five"}, {}, {}),
    )
)
TITLE = {"fr": "Fréquentation du portail", "en": "Use of the portal"}
DESCRIPTION = {
    "fr": "<p>Combien de fois chaque jeu de données est vu, appelé et téléchargé, par mois, sans que personne soit "
    "suivi. Les nombres sont des multiples de cinq, arrondis ensemble : chaque total est exactement la somme de ses "
    "parties. Ce qui vient de trop peu de visites est compté avec d’autres (« ~ ») ; « * » désigne l’ensemble.</p>",
    "en": "<p>How often each dataset is viewed, called and downloaded, by month, without anybody being followed. "
    "Numbers are multiples of five, rounded together: each total is exactly the sum of its parts. What comes from too "
    "few visits is counted with others (“~”); “*” stands for all.</p>",
}


class Identity(Protocol):
    """Who publishes: what is read of the settings."""

    licence: str
    publisher: str
    store_url: str


@dataclass(frozen=True)
class Row:
    """One published count."""

    month: str
    dataset: str
    measure: str
    value: str
    count: int


def publish_counts(databases: Databases, settings: Identity, at: datetime) -> bool:
    """Publish the safe counts when there are new ones; return whether something was published.

    Stopped between a freeze and here, the next run finds what is not published yet. Raises StoreUnavailable.
    """
    with databases.session("audience") as session:
        frozen = service.list_frozen(session)
    rows = [[row.month, row.dataset, row.cube, row.value, row.count] for row in frozen]
    digest = hashlib.sha256(json.dumps(rows).encode()).hexdigest()
    store = VersionStore(settings.store_url)
    current = _find_version(databases)
    if not rows or (current is not None and current.provenance.get("counts") == digest):
        return False
    import pyarrow as pa  # half a second that answering needs not

    table = pa.table(dict(zip(SCHEMA.names, map(list, zip(*rows, strict=True)), strict=True)))
    table = table.set_column(4, "nombre", table["nombre"].cast(pa.int64()))
    metadata: dict[str, Any] = {"title": TITLE, "description": DESCRIPTION, "theme": ["Fréquentation"]}
    metadata |= {"keyword": ["audience"], "licence": settings.licence, "publisher": settings.publisher}
    release = Release(DATASET_ID, {**metadata, "language": "fr"}, SCHEMA, table, provenance={"counts": digest})
    publish(lambda: databases.session("catalogue"), store, [release], at=at)
    return True


def read_counts(databases: Databases, store: VersionStore) -> Iterator[Row]:
    """Yield the counts as they are published, oldest first; none before the first month is frozen."""
    import pyarrow.parquet as pq  # half a second that other pages need not

    version = _find_version(databases)
    if version is None:
        return
    with store.open(version, DATA) as file:
        table = pq.read_table(file, columns=list(SCHEMA.names))
    for row in zip(*(table[name].to_pylist() for name in SCHEMA.names), strict=True):
        yield Row(*row)


def _find_version(databases: Databases) -> Version | None:
    with databases.session("catalogue") as session:
        dataset = find_dataset(session, DATASET_ID)
    return dataset.version if dataset else None
