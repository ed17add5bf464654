"""A person's copy of all that is kept of them (clauses A15 and A20): for people and for programs, in one zip."""

import csv
import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from portal.accounts import service as accounts
from portal.accounts.consents import service as consents
from portal.accounts.journal.service import ACTS, list_acts
from portal.accounts.keys import service as keys
from portal.accounts.organisations.service import find_organisation
from portal.accounts.passkeys.service import list_passkeys
from portal.accounts.photos import service as photos
from portal.privacy.erasure import Stores
from portal.privacy.locking.service import list_locks
from portal.privacy.rights.service import list_requests
from portal.producers.service import list_drafts, owner_of

EVERY_ACT = 100_000

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "account": {
        "email": "string",
        "given_name": "string",
        "family_name": "string",
        "phone": "string",
        "profession": "string",
        "workplace": "string",
        "postal_address": "string",
        "photo": "string",
        "organisation": "string",
        "language": "string",
        "role": "string",
        "role_until": "datetime",
        "role_noticed": "datetime",
        "transparency": "string",
        "has_second_factor": "boolean",
        "created": "datetime",
        "last_sign_in": "datetime",
        "noticed": "datetime",
    },
    "sessions": {"created": "datetime", "expires": "datetime"},
    "passkeys": {"name": "string", "created": "datetime", "last_used": "datetime"},
    "consents": {
        "purpose": "string",
        "wording": "string",
        "channel": "string",
        "given": "datetime",
        "withdrawn": "datetime",
        "withdrawn_by": "string",
    },
    "acts": {"instant": "datetime", "act": "string", "words": "string", "subject": "string"},
    "keys": {
        "name": "string",
        "scopes": "string",
        "created": "datetime",
        "expires": "datetime",
        "last_used": "date",
    },
    "uploads": {
        "file_name": "string",
        "dataset_id": "string",
        "state": "string",
        "created": "datetime",
        "modified": "datetime",
    },
    "requests": {
        "reference": "string",
        "right": "string",
        "channel": "string",
        "received": "date",
        "words": "string",
        "due": "datetime",
        "decision": "string",
        "reasons": "string",
        "receipt": "string",
        "answered": "datetime",
    },
    "locks": {"ground": "string", "since": "datetime", "until": "datetime", "motive": "string", "erasure": "datetime"},
}
"""The tables of a copy and the type of each column, in the words of Table Schema."""

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def collect(stores: Stores, account_id: str) -> Rows:
    """Return all that is kept of a person, by table of COLUMNS. Raises NotFound.

    What protects them is told as present, not given: the password's hash, the secret of the second factor.
    """
    databases, vault = stores.databases, stores.vault
    with databases.session("accounts") as session:
        row, key = accounts.get_row(session, account_id), accounts.get_key(vault, account_id)
        person = accounts.describe(row, key)
        photo = photos.find_photo(session, vault, account_id)
        more = {
            "photo": f"data:{photos.MEDIA_TYPE};base64,{b64encode(photo).decode()}" if photo else "",
            "organisation": find_organisation(session, account_id),
        }
        account = {n: more.get(n, getattr(person, n, getattr(row, n, None))) for n in COLUMNS["account"]}
        passkeys = list_passkeys(session, vault, account_id)
        receipts = consents.list_receipts(session, account_id)
        sessions = [{"created": one.created, "expires": one.expires} for one in row.sessions]
        noted = list_acts(session, key, EVERY_ACT)
        asked, locked = list_requests(session, vault, account_id), list_locks(session, key)
    words = {name: texts[person.language] for name, texts in ACTS.items()}
    acts = [{"instant": a.instant, "act": a.act, "words": words[a.act], "subject": a.subject} for a in noted]
    with databases.session("keys") as store:
        held = keys.list_keys(store, keys.holder_of(vault.secret, account_id))
    drafts = list_drafts(databases, owner_of(vault.secret, account_id))
    return {
        "account": [account],
        "sessions": sessions,
        "passkeys": [_pick(one, "passkeys") for one in passkeys],
        "consents": [_pick(one, "consents") for one in receipts],
        "acts": acts,
        "keys": [_pick(key, "keys", scopes=" ".join(key.scopes)) for key in held],
        "uploads": [_pick(draft, "uploads") for draft in drafts],
        "requests": [_pick(request, "requests") for request in asked],
        "locks": [_pick(lock, "locks") for lock in locked],
    }


def pack(rows: Rows) -> bytes:
    """Return a zip: each table as CSV and JSON (UTF-8, ISO dates), and `datapackage.json` that describes them."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, table in rows.items():
            archive.writestr(f"{name}.json", json.dumps([_plain(row) for row in table], ensure_ascii=False, indent=1))
            archive.writestr(f"{name}.csv", _write_csv(COLUMNS[name], table))
        archive.writestr("datapackage.json", json.dumps(_describe(rows), indent=1))
    return packed.getvalue()


def unpack(content: bytes) -> Rows:
    """Return the rows of a copy, as `pack` was given them: another installation may take them over."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {
            name: [_typed(row, columns) for row in json.loads(archive.read(f"{name}.json"))]
            for name, columns in COLUMNS.items()
        }


def _pick(source: object, table: str, **more: object) -> dict[str, Any]:
    return {name: more.get(name, getattr(source, name, None)) for name in COLUMNS[table]}


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}


def _typed(row: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    readers = {"datetime": datetime.fromisoformat, "date": date.fromisoformat}
    return {
        name: readers[kind](row[name]) if kind in readers and row[name] else row[name] for name, kind in columns.items()
    }


def _write_csv(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_plain(row) for row in rows)
    return text.getvalue()


def _describe(rows: Rows) -> dict[str, Any]:
    resources = [
        {
            "name": name,
            "path": f"{name}.csv",
            "encoding": "utf-8",
            "schema": {"fields": [{"name": column, "type": kind} for column, kind in COLUMNS[name].items()]},
        }
        for name in rows
    ]
    return {"profile": "tabular-data-package", "resources": resources}
