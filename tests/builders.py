"""Plain functions that build what tests speak of."""

from datetime import datetime
from typing import Any

import pyarrow as pa
from sqlalchemy.orm import Session

from datasets.model import Field, Schema
from datasets.publish import Release
from portal.accounts.entering import service as entering
from portal.clock import SystemClock
from portal.databases import Databases
from portal.mail import Outbox, Post
from portal.privacy.erasure import Stores
from portal.vault import Keyring, Vault

TOWNS = Schema(
    (
        Field("code_insee", "text", {"fr": "Code INSEE", "en": "INSEE code"}, annotations={"id": True}),
        Field("nom", "text", {"fr": "Nom", "en": "Name"}),
        Field("canton", "text", {"fr": "Canton", "en": "Canton"}, annotations={"facet": True}),
        Field("population", "int", {"fr": "Population", "en": "Population"}),
    )
)

TOWN_ROWS = [
    {"code_insee": "32013", "nom": "Auch", "canton": "Auch-1", "population": 22173},
    {"code_insee": "32107", "nom": "Condom", "canton": "Baïse-Armagnac", "population": 6500},
    {"code_insee": "32233", "nom": "Marciac", "canton": None, "population": None},
]


EMAIL = "ada@example.org"
PASSWORD = "Trois chênes & 1 étang"
"""What Ada signs in with."""

AN_IDENTITY = {
    "controller": "Département inventé",
    "publisher": "Service inventé",
    "officer_name": "Camille Inventée",
    "officer_email": "dpd@example.org",
    "rights_address": "2 rue Inventée, 32000 Auch",
    "hosting_company": "Hébergeur inventé",
    "hosting_hosts": "mail.example.org",
}
"""Who answers for a portal that is no demonstration."""


def a_description(title: str = "Communes du Gers", **more: Any) -> dict[str, Any]:
    """Return the metadata of a dataset."""
    return {
        "title": {"fr": title, "en": f"{title} (en)"},
        "description": {"fr": "<p>Des communes inventées.</p>", "en": "<p>Invented towns.</p>"},
        "theme": ["Territoire"],
        "keyword": ["commune"],
        "licence": "licence-ouverte-2.0",
        "publisher": "Département de démonstration",
        "language": "fr",
        **more,
    }


def a_release(dataset_id: str = "communes-du-gers", rows: list[dict[str, Any]] | None = None, **more: Any) -> Release:
    """Return a small dataset, ready to be published."""
    schema = pa.schema(
        [("code_insee", pa.string()), ("nom", pa.string()), ("canton", pa.string()), ("population", pa.int64())]
    )
    table = pa.Table.from_pylist(TOWN_ROWS if rows is None else rows, schema=schema)
    return Release(dataset_id, a_description(**more), TOWNS, table)


def vault_of(databases: Databases) -> Vault:
    """Return the vault of `databases` under the master key of the tests."""
    return Vault(lambda: databases.session("keys"), lambda: Keyring({1: b"\x01" * 32}), "a secret of the tests")


def open_browser(session: Session, vault: Vault, email: str, password: str, at: datetime) -> str | None:
    """Return the token of a new session of whoever has this address and password, without a second factor."""
    row = entering.authenticate(session, vault, email, password)
    return entering.enter(session, vault, row.id, at) if row else None


def stores_of(databases: Databases, settings: Any) -> Stores:
    """Return the stores of persons over `databases`; letters stay in the folder `outbox` of the instance."""
    post = Post(Outbox(settings.instance / "outbox"), "portail@example.org", SystemClock())
    return Stores(databases, vault_of(databases), settings, post)
