"""The ceremonies of passkeys (W3C, Web Authentication): what a browser is asked, and whether its answer is the one.

Importing this file costs the library of ceremonies: the functions that need one import it.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, update
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
from portal.accounts.passkeys.service import LONGEST_ANSWER, MOST_PASSKEYS, Site, digest_of, list_rows
from portal.accounts.service import Account, get_key
from portal.accounts.tables import PasskeyRow
from portal.vault import Vault

VERIFIED = UserVerificationRequirement.REQUIRED
BROKEN = (WebAuthnException, ValueError, KeyError, TypeError)
"""What the library raises for an answer that is none, or not the one expected."""


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
