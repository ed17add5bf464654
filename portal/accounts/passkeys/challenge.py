"""What a passkey is asked to sign: random bytes that travel, sealed, in the page, so that visitors need no cookie."""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.accounts.passkeys import service
from portal.extensions import portal
from portal.vault.tickets import open_ticket, seal_ticket


@dataclass(frozen=True)
class Challenge:
    """The bytes to sign, and when they were given."""

    challenge: bytes
    asked: datetime


def find_site() -> service.Site | None:
    """Return the site of this portal, None when it has no name that passkeys could be bound to."""
    return service.find_site(str(portal.settings.base_url), str(portal.settings.site_name))


def issue_challenge(purpose: str, life: timedelta) -> tuple[bytes, str]:
    """Return random bytes, and the ticket that will prove that they were asked for `purpose`."""
    challenge, at = secrets.token_bytes(32), portal.clock.now()
    facts = {"challenge": urlsafe_b64encode(challenge).decode(), "asked": at.isoformat()}
    return challenge, seal_ticket(portal.vault.ring, f"passkey {purpose}", facts, at, life)


def open_challenge(purpose: str, ticket: str) -> Challenge | None:
    """Return what a ticket proves was asked for `purpose`; None when it is not ours, or too old."""
    facts = open_ticket(portal.vault.ring, f"passkey {purpose}", ticket, portal.clock.now())
    if facts is None:
        return None
    return Challenge(urlsafe_b64decode(facts["challenge"]), datetime.fromisoformat(facts["asked"]))
