"""The copy that a legal order asks for: of what it names only, closed by a password, in the archive until it is due.

It leaves the portal closed; its readers are those of the archive, each reading is noted with its motive, and the
password is told to them apart from the file.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from datasets.errors import Conflict, NotFound, Phrase
from datasets.model import Texts
from portal.i18n import said
from portal.privacy.archive import open_archive
from portal.privacy.calendar import paris_day
from portal.privacy.erasure import Stores
from portal.privacy.portability import collect, pack
from portal.privacy.rights.envelope import enclose, make_password
from portal.privacy.rights.kinds import ORDER
from portal.privacy.rights.service import Request

FILE = "file"
LEAST = timedelta(days=7)
"""How long the copy for an order that is answered late can still be read."""

TABLES: Mapping[str, Texts] = MappingProxyType(
    {
        "account": {"fr": "Compte et profil", "en": "Account and profile"},
        "sessions": {"fr": "Connexions ouvertes", "en": "Open sessions"},
        "passkeys": {"fr": "Clés d’accès", "en": "Passkeys"},
        "consents": {"fr": "Consentements", "en": "Consents"},
        "acts": {"fr": "Journal des connexions et des actes", "en": "Journal of sign-ins and acts"},
        "keys": {"fr": "Clés d’API", "en": "API keys"},
        "uploads": {"fr": "Fichiers déposés", "en": "Uploaded files"},
        "requests": {"fr": "Demandes sur ses droits", "en": "Requests about rights"},
        "locks": {"fr": "Verrous", "en": "Locks"},
    }
)
"""The tables of a copy (`portability.COLUMNS`), in words."""

NOBODY = Phrase(
    "no reader of the archive is named, and nobody could open the copy. The operator names some in "
    "PORTAL_ARCHIVE_READERS.",
    "aucun lecteur de l’archive n’est nommé, et personne ne pourrait ouvrir la copie. L’exploitant en nomme dans "
    "PORTAL_ARCHIVE_READERS.",
)


def seal_copy(stores: Stores, order: Request, tables: Sequence[str], at: datetime) -> int:
    """Put in the archive, closed, the tables of a copy that an order names; return the number of the record.

    It is destroyed on the day by which the order is answered, a week from now at the earliest. The same tables are
    sealed once. Raises NotFound for an order about no account, Conflict when nobody could read it.
    """
    archive = open_archive(stores.settings)
    if order.account_id is None:
        raise NotFound(kind="account", name=order.reference)
    if not archive.readers:
        raise Conflict(name=order.reference, reason=NOBODY)
    rows = collect(stores, order.account_id)
    password, name = make_password(), f"{order.reference}.zip"
    content = enclose(pack({table: rows[table] for table in tables}), name, password)
    facts = {
        "reference": order.reference,
        "tables": ", ".join(tables),
        "password": password,
        FILE: b64encode(content).decode(),
    }
    once = f"{ORDER} {order.reference} {' '.join(sorted(tables))}"
    return archive.put(ORDER, facts, max(order.last_day, paris_day(at + LEAST)), once=once)


def name_tables(tables: str) -> str:
    """Return the tables that a record names, in the reader's language."""
    return ", ".join(said(TABLES[name]) if name in TABLES else name for name in tables.split(", "))


def open_file(facts: Mapping[str, str]) -> bytes:
    """Return the closed file of a record that was read. Raises NotFound when it has none."""
    if FILE not in facts:
        raise NotFound(kind="file", name=facts.get("reference", ""))
    return b64decode(facts[FILE])
