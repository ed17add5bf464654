"""The rules of passkeys: what a device keeps, and signs only for this site and once its owner proved who they are.

A passkey is two factors at once (the device, and the finger, face or code that opens it), so it signs in alone.
"""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from datasets.errors import InvalidParameter
from portal.accounts.service import Account, get_key
from portal.accounts.tables import PasskeyRow
from portal.vault import Vault

MOST_PASSKEYS = 10
LONGEST_ANSWER = 20_000
VERIFIED = UserVerificationRequirement.REQUIRED
BROKEN = (WebAuthnException, ValueError, KeyError, TypeError)
"""What the library raises for an answer that is none, or not the one expected."""


@dataclass(frozen=True)
class Site:
    """The site that passkeys are bound to: its domain, its origin and its name."""

    domain: str
    origin: str
    name: str


@dataclass(frozen=True)
class Passkey:
    """A passkey as its owner sees it."""

    id: str
    name: str
    created: datetime
    last_used: datetime | None


def find_site(base_url: str, name: str) -> Site | None:
    """Return the site at an address; None when it has no name of its own, which passkeys need."""
    parts = urlsplit(base_url)
    domain = parts.hostname or ""
    try:
        ipaddress.ip_address(domain)
    except ValueError:
        return Site(domain, f"{parts.scheme}://{parts.netloc}", name) if domain else None
    return None


def ask_new(site: Site, account: Account, held: Sequence[PasskeyRow], challenge: bytes) -> str:
    """Return what a browser is asked to make a passkey, as JSON."""
    options = generate_registration_options(
        rp_id=site.domain,
        rp_name=site.name,
        user_id=account.id.encode(),
        user_name=account.email,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(row.credential) for row in held],
    )
    return options_to_json(options)


def ask_signature(site: Site, challenge: bytes, held: Sequence[PasskeyRow] = ()) -> str:
    """Return what a browser is asked to sign in, as JSON: with one of `held`, or with any passkey of the site."""
    allowed = [PublicKeyCredentialDescriptor(row.credential) for row in held]
    options = generate_authentication_options(
        rp_id=site.domain, challenge=challenge, allow_credentials=allowed, user_verification=VERIFIED
    )
    return options_to_json(options)


def keep_passkey(
    session: Session, vault: Vault, site: Site, account_id: str, challenge: bytes, answer: str, name: str, at: datetime
) -> None:
    """Keep the passkey that a browser made when asked with `challenge`.

    Raises InvalidParameter when it was made for another site, by another challenge, without proof of who held the
    device, is there already, or is one too many.
    """
    if len(list_rows(session, account_id)) >= MOST_PASSKEYS:
        raise InvalidParameter(name="passkeys", found=f"{MOST_PASSKEYS}", expected=f"at most {MOST_PASSKEYS}")
    try:
        made = verify_registration_response(
            credential=answer[:LONGEST_ANSWER],
            expected_challenge=challenge,
            expected_rp_id=site.domain,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except BROKEN as error:
        raise InvalidParameter(name="passkey", found=type(error).__name__, expected="one made for this site") from error
    found = digest_of(made.credential_id)
    if session.get(PasskeyRow, found) is not None:
        raise InvalidParameter(name="passkey", found="one that is kept already", expected="another one")
    row = PasskeyRow(
        id=found,
        account_id=account_id,
        credential=made.credential_id,
        public_key=made.credential_public_key,
        counter=made.sign_count,
        name=get_key(vault, account_id).seal("passkey|name", name),
        created=at,
        last_used=None,
    )
    session.add(row)
    session.flush()


def find_signer(session: Session, site: Site, challenge: bytes, asked: datetime, answer: str) -> str | None:
    """Return the account whose passkey signed `challenge`, asked at `asked`; None for any other answer.

    A signature is good once: one that was asked for before the last that was accepted is refused, and so is a
    device whose own count of signatures went back (a copy of it).
    """
    try:
        credential = parse_authentication_credential_json(answer[:LONGEST_ANSWER])
        row = session.get(PasskeyRow, digest_of(credential.raw_id))
        if row is None:
            return None
        signed = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.domain,
            expected_origin=site.origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.counter,
            require_user_verification=True,
        )
    except BROKEN:
        return None
    fresh = or_(PasskeyRow.last_used.is_(None), PasskeyRow.last_used < asked)
    once = update(PasskeyRow).where(PasskeyRow.id == row.id, PasskeyRow.counter == row.counter, fresh)
    values = once.values(counter=signed.new_sign_count, last_used=asked)
    return session.scalar(values.returning(PasskeyRow.account_id))


def list_rows(session: Session, account_id: str) -> list[PasskeyRow]:
    """Return the rows of somebody's passkeys, oldest first."""
    mine = select(PasskeyRow).where(PasskeyRow.account_id == account_id)
    return list(session.scalars(mine.order_by(PasskeyRow.created, PasskeyRow.id)))


def list_passkeys(session: Session, vault: Vault, account_id: str) -> list[Passkey]:
    """Return somebody's passkeys, oldest first. Raises NotFound when the person is erased."""
    key, rows = get_key(vault, account_id), list_rows(session, account_id)
    return [Passkey(row.id, key.unseal("passkey|name", row.name), row.created, row.last_used) for row in rows]


def remove_passkey(session: Session, account_id: str, passkey_id: str) -> bool:
    """Forget one passkey of somebody; False when they have no such one."""
    mine = delete(PasskeyRow).where(PasskeyRow.account_id == account_id, PasskeyRow.id == passkey_id)
    return session.scalar(mine.returning(PasskeyRow.id)) is not None


def digest_of(credential: bytes) -> str:
    """Return the hash by which a passkey is found."""
    return hashlib.sha256(credential).hexdigest()
