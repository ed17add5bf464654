"""What the daily run does: one duty per clause of the policy that has a delay, each on its own store.

Every duty may be run again at any moment: it does what is left to do.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from babel.dates import format_date

from portal.accounts import service as accounts
from portal.accounts.entering import service as entering
from portal.accounts.journal import service as journal
from portal.accounts.journal.waiting import note_waiting
from portal.accounts.keys import service as keys
from portal.accounts.people import service as people
from portal.audience.freeze import freeze
from portal.audience.pseudonym import destroy_keys
from portal.audience.publishing import publish_counts
from portal.mail import Letter, write_letter
from portal.privacy.archive import open_archive
from portal.privacy.calendar import add_months, end_of_day, floor, paris_day
from portal.privacy.erased import FILE, Erased
from portal.privacy.erasure import Stores, erase_person, release_account
from portal.privacy.locking import service as locking
from portal.privacy.policy import POLICY
from portal.privacy.rights import service as rights
from portal.privacy.rights.answering import open_opposition
from portal.privacy.rights.kinds import RIGHTS
from portal.producers.incoming import KEPT, purge_uploads
from portal.producers.service import purge_drafts
from portal.sources.private import LIFE, purge_private

NOTICES = (timedelta(days=30), timedelta(days=7))
"""How long before the erasure of an inactive account its person is told."""

MARGIN = timedelta(days=1)
"""A ceiling reached before the next daily run is acted upon in this one: early rather than late."""


def erase_inactive_accounts(stores: Stores, at: datetime) -> int:
    """Erase the accounts whose last sign-in is a year old (A12); without notice too, for the ceiling wins."""
    limit, erased = at + MARGIN, 0
    with stores.databases.session("accounts") as session:
        silent = accounts.list_silent(session, end_of_day(POLICY.last_due("A12", limit)))
    for account in silent:
        if POLICY.ceiling("A12", account.last_sign_in) <= limit:
            gone = erase_person(stores, account.id, at=at, unless_after=account.last_sign_in)
            erased += gone
            if gone and account.noticed is None:
                logging.getLogger(__name__).warning("an account was erased that had been sent no notice")
    return erased


def warn_inactive(stores: Stores, at: datetime) -> int:
    """Write to those whose account will be erased in thirty days, and again in seven (P5).

    Raises StoreUnavailable when a letter could not leave: it is sent by the next run.
    """
    today, sent = paris_day(at), 0
    with stores.databases.session("accounts") as session:
        silent = accounts.list_silent(session, end_of_day(POLICY.last_due("A12", at + NOTICES[0] + MARGIN)))
    for account in silent:
        end = POLICY.ceiling("A12", account.last_sign_in)
        days = [paris_day(end) - notice for notice in NOTICES]
        due = [day for day in days if day <= today]
        if due and end > at and (account.noticed is None or paris_day(account.noticed) < due[-1]):
            sent += warn_person(stores, account.id, end, at)
    return sent


def warn_person(stores: Stores, account_id: str, end: datetime, at: datetime) -> bool:
    """Send the notice that an account will be erased at `end`, and keep when; False when the person is gone."""
    with stores.databases.session("accounts") as session:
        if stores.vault.find_key(account_id) is None:
            return False
        person = accounts.get_account(session, stores.vault, account_id)
        day = format_date(paris_day(end), locale=person.language)
        sign_in = f"{stores.settings.base_url}/login/"
        stores.post.send(write_letter("inactive", person.email, person.language, day=day, sign_in=sign_in))
        accounts.get_row(session, account_id).noticed = at
    return True


def warn_granted(stores: Stores, at: datetime) -> int:
    """Take back the roles that are over; write to those whose role ends in thirty days, and again in seven (P13).

    Raises StoreUnavailable when a letter could not leave: it is sent by the next run.
    """
    today = paris_day(at)
    with stores.databases.session("accounts") as session:
        over = people.end_grants(session, at)
        for account_id in over:
            journal.note(session, stores.vault, account_id, "role_changed", at, "beneficiary")
        ending = people.list_ending(session, at + NOTICES[0] + MARGIN)
    done = len(over)
    for account_id, until, told in ending:
        due = [day for day in (paris_day(until) - notice for notice in NOTICES) if day <= today]
        if due and (told is None or paris_day(told) < due[-1]) and stores.vault.find_key(account_id):
            with stores.databases.session("accounts") as session:
                person = accounts.get_account(session, stores.vault, account_id)
                day = format_date(paris_day(until), locale=person.language)
                stores.post.send(write_letter("grant", person.email, person.language, day=day))
                accounts.get_row(session, account_id).role_noticed = at
            done += 1
    return done


def purge_sessions(stores: Stores, at: datetime) -> int:
    """Delete the sessions that have expired (A24)."""
    with stores.databases.session("accounts") as session:
        return entering.purge_sessions(session, at)


def purge_keys(stores: Stores, at: datetime) -> int:
    """Delete the API keys that have expired (P1)."""
    with stores.databases.session("keys") as session:
        return keys.purge_keys(session, at)


def anonymise_events(stores: Stores, at: datetime) -> int:
    """Turn the events of the days that are over into counts, and publish those of the months that are (B17)."""
    events = freeze(stores.databases, at).events
    publish_counts(stores.databases, stores.settings, at)
    return events


def forget_drafts(stores: Stores, at: datetime) -> int:
    """Delete the drafts that nobody touched for a month, with the files they came from (P3).

    Uploads that nobody went on with go after days: what is not whole serves nobody.
    """
    incoming = stores.settings.instance / "incoming"
    purge_uploads(incoming, at - KEPT)
    return purge_drafts(stores.databases, incoming, end_of_day(POLICY.last_due("P3", at + MARGIN)))


def forget_records(stores: Stores, at: datetime) -> int:
    """Erase the private records that were not published within a day (P4)."""
    return purge_private(stores.settings.instance, at - LIFE)


def destroy_daily_keys(stores: Stores, at: datetime) -> int:
    """Destroy the pseudonym keys of the days gone by, had nobody come since (P2)."""
    return destroy_keys(stores.settings.instance, keep=paris_day(at))


def purge_journal(stores: Stores, at: datetime) -> int:
    """Delete the acts of the journal that are a year old (B26), once those that waited for it are noted.

    Raises StoreError, once that is done, when the chain of those that stay shows that somebody changed it.
    """
    note_waiting(stores.databases, stores.vault, stores.settings.instance)
    before = end_of_day(POLICY.last_due("B26", at + MARGIN))
    with stores.databases.session("accounts") as session:
        purged = journal.purge(session, before)
    with stores.databases.session("accounts") as session:
        journal.verify(session)
    return purged


def forget_erasures(stores: Stores, at: datetime) -> int:
    """Forget who was erased a year ago: no copy that old may be put back (P7)."""
    before = end_of_day(POLICY.last_due("P7", at + MARGIN))
    return Erased(stores.settings.instance / FILE, stores.vault.secret).purge(before)


def empty_outbox(stores: Stores, at: datetime) -> int:
    """Delete the letters that a portal without mail server kept for a week (P8)."""
    before = end_of_day(POLICY.last_due("P8", at + MARGIN)).timestamp()
    old = [path for path in (stores.settings.instance / "outbox").glob("*.eml") if path.stat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def end_holds(stores: Stores, at: datetime) -> int:
    """Lift the legal holds that are over, and do the erasures that waited for them (P11)."""
    with stores.databases.session("accounts") as session:
        ended = locking.list_ended(session, at)
    for account_id, erased in ended:
        release_account(stores, account_id, erased=erased, at=at)
    return len(ended)


def remind_officer(stores: Stores, at: datetime) -> int:
    """Remind the officer of requests without an answer, and count those whose deadline has passed (A21).

    Raises StoreUnavailable when a reminder could not leave: it is sent by the next run.
    """
    with stores.databases.session("accounts") as session:
        for request in rights.list_alarming(session, stores.vault, at):
            stores.post.send(write_alarm(stores, request))
    with stores.databases.session("accounts") as session:
        return rights.note_late(session, at)


def write_alarm(stores: Stores, request: rights.Request) -> Letter:
    """Return the letter that reminds the officer of a request."""
    language = stores.settings.language
    day = format_date(request.last_day, locale=language)
    desk = f"{stores.settings.base_url}/desk/{request.reference}/"
    facts = {"reference": request.reference, "right": RIGHTS[request.right].name[language], "day": day, "desk": desk}
    return write_letter("alarm", stores.settings.officer_email, language, **facts)


def archive_requests(stores: Stores, at: datetime) -> int:
    """Move to the archive the requests answered three months ago (P9), with what proves the answer and no more."""
    with stores.databases.session("accounts") as session:
        closed = rights.list_closed(session, stores.vault, at + MARGIN)
    months = POLICY.duration("B12").months
    for request in closed:
        if request.answered is None:
            continue
        end = add_months(paris_day(request.answered), months, missing="last") - timedelta(days=1)
        open_archive(stores.settings).put("request", list_proofs(request), end, once=request.reference)
        with stores.databases.session("accounts") as session:
            rights.close_request(session, stores.vault, request.reference)
    return len(closed)


def list_proofs(request: rights.Request) -> dict[str, str]:
    """Return what proves that a request was answered."""
    contact = request.contact
    who = " ".join(filter(None, (contact.name, contact.email, contact.address)))
    return {
        "reference": request.reference,
        "right": request.right,
        "who": who,
        "received": request.received.isoformat(),
        "answered": request.answered.isoformat() if request.answered else "",
        "decision": request.decision or "",
        "reasons": request.reasons,
        "receipt": request.receipt,
    }


def purge_archive(stores: Stores, at: datetime) -> int:
    """Destroy the records of the archive whose end has come, and forget readings a year old (B12, B26)."""
    archive = open_archive(stores.settings)
    archive.purge_reads(end_of_day(POLICY.last_due("B26", at + MARGIN)))
    return archive.purge(paris_day(at + MARGIN))


def purge_identities(stores: Stores, at: datetime) -> int:
    """Destroy the copies of identity documents that nobody looked at for a year (B13)."""
    others = tuple(right for right in RIGHTS if right != "objection")
    with stores.databases.session("accounts") as session:
        return rights.purge_identities(session, POLICY.last_due("B13", at + MARGIN), others)


def purge_identities_of_objections(stores: Stores, at: datetime) -> int:
    """Destroy those of objections that nobody looked at for three years (B14)."""
    with stores.databases.session("accounts") as session:
        return rights.purge_identities(session, POLICY.last_due("B14", at + MARGIN), ("objection",))


def forget_objections(stores: Stores, at: datetime) -> int:
    """Forget the objections that are more than three years old: never one day too early (B15)."""
    return open_opposition(stores).purge(lambda since: floor(since, POLICY.duration("B15")) <= at)


def scrub_files(stores: Stores, _at: datetime) -> int:
    """Rewrite the files of persons so that no erased byte stays in them (A14); counts nothing."""
    for name in ("keys", "accounts"):
        stores.databases.scrub(name)
    return 0


RULES: tuple[tuple[str, Callable[[Stores, datetime], int]], ...] = (
    ("P11", end_holds),
    ("A12", erase_inactive_accounts),
    ("P5", warn_inactive),
    ("P13", warn_granted),
    ("B26", purge_journal),
    ("P8", empty_outbox),
    ("P7", forget_erasures),
    ("A24", purge_sessions),
    ("P1", purge_keys),
    ("B17", anonymise_events),
    ("P2", destroy_daily_keys),
    ("P3", forget_drafts),
    ("P4", forget_records),
    ("A21", remind_officer),
    ("P9", archive_requests),
    ("B12", purge_archive),
    ("B13", purge_identities),
    ("B14", purge_identities_of_objections),
    ("B15", forget_objections),
    ("A14", scrub_files),
)
"""The duties of a run, in order."""
