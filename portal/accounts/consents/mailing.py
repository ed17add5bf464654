"""Letters that need a consent: each asks again, in the mail room, whether its reader still agrees."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from flask_babel import force_locale, gettext

from datasets.errors import NotFound, StoreUnavailable
from portal.accounts import service as accounts
from portal.accounts.consents import service
from portal.accounts.consents.purposes import PURPOSES
from portal.accounts.service import Account
from portal.extensions import Portal, is_locked
from portal.i18n import said
from portal.mail import Letter
from portal.opposition import FILE, Opposition
from portal.vault.tickets import seal_ticket

LINK_LIFE = timedelta(days=400)
"""The link of a letter by which one withdraws works for as long as an account may last without a sign-in."""


def write_to_all(portal: Portal, purpose: str, texts: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """Send a letter (subject and text, by language) to everybody who agrees to a purpose; yield what was done.

    Somebody who withdraws while the letters leave gets none; nor does who objected, or whose account is locked.
    """
    sent = refused = failed = 0
    with portal.databases.session("accounts") as session:
        readers = service.list_consenting(session, purpose)
    for account_id in readers:
        try:
            with portal.databases.session("accounts") as session:
                reader = accounts.get_account(session, portal.vault, account_id)
            if portal.post.send(write_news(portal, reader, purpose, *texts[reader.language])):
                sent += 1
            else:
                refused += 1
        except NotFound:  # erased meanwhile
            refused += 1
        except StoreUnavailable:
            failed += 1
    yield f"{sent:,} sent, {refused:,} to whom nothing may be sent any more, {failed:,} that could not leave"


def write_news(portal: Portal, reader: Account, purpose: str, subject: str, text: str) -> Letter:
    """Return a letter that leaves only if its reader agrees when it is sent, with the link by which they withdraw."""
    facts = {"account": reader.id, "purpose": purpose}
    ticket = seal_ticket(portal.vault.ring, "withdrawal", facts, portal.clock.now(), LINK_LIFE)
    link = f"{portal.settings.base_url}/consents/{ticket}/"
    with force_locale(reader.language):
        why = gettext("You receive this letter because you agreed to: %(name)s.", name=said(PURPOSES[purpose].name))
        stop = gettext("To receive no more of them, at once:")

    def may_leave() -> bool:
        with portal.databases.session("accounts") as session:
            agreed = service.has_consented(session, reader.id, purpose)
        return (
            agreed and not is_locked(reader.id) and not open_opposition(portal).is_opposed(reader.email, use="sending")
        )

    return Letter(reader.email, subject, f"{text.rstrip()}\n\n-- \n{why}\n{stop} {link}\n", may_leave, link)


def open_opposition(portal: Portal) -> Opposition:
    """Return the list of those who object to being written to."""
    return Opposition(portal.settings.instance / FILE, portal.settings.secret_key)


def forget_objection(portal: Portal, email: str) -> None:
    """Take somebody who agrees to letters again off that list; only they may ask for it. Raises StoreError."""
    if open_opposition(portal).is_opposed(email, use="objection"):
        open_opposition(portal).remove(email, portal.clock.now())
