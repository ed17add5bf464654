"""Taking over a copy that another installation gave: what a person provided, and nothing that was derived of them."""

import zipfile
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from datasets.errors import InvalidParameter
from portal.accounts import service as accounts
from portal.accounts.partners.fields import DEGREES
from portal.accounts.photos.service import keep_photo
from portal.privacy.erasure import Stores
from portal.privacy.portability import unpack

NO_PASSWORD = "!"  # noqa: S105 (what no password hashes to: a new one is chosen by a letter)


def take_over(stores: Stores, content: bytes, *, at: datetime) -> accounts.Account:
    """Make an account of a copy (clause A20): address, profile, photo, language, degree of transparency.

    Roles, keys, sessions and acts are the other installation's. Its person chooses a password by a letter. Raises
    InvalidParameter for what is no copy, or an address that has an account.
    """
    told, photo = _read(content)
    values = {name: str(told[name] or "") for name in (*accounts.NAMES, *accounts.OPTIONAL)}
    language = "en" if told["language"] == "en" else "fr"
    with stores.databases.session("accounts") as session:
        address = accounts.normalise_email(str(told["email"]))
        names = dict.fromkeys(accounts.NAMES, "")
        made = accounts.keep_account(
            session, stores.vault, address, NO_PASSWORD, "beneficiary", at=at, language=language, **names
        )
        accounts.update_profile(session, stores.vault, made.id, language, values)
        accounts.set_transparency(session, made.id, told["transparency"])
        if photo:
            keep_photo(session, stores.vault, made.id, photo, at)
        session.flush()
        return accounts.get_account(session, stores.vault, made.id)


def _read(content: bytes) -> tuple[Mapping[str, Any], bytes]:
    try:
        (told,) = unpack(content)["account"]
        photo = b64decode(str(told["photo"] or "").partition("base64,")[2], validate=True)
        if told["transparency"] in DEGREES:
            return told, photo
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, TypeError, AttributeError):
        pass
    raise InvalidParameter(name="copy", found="another file", expected="the zip that “Download all of it” gave")
