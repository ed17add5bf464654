"""The desk of rights: deadlines, doubts, decisions with their reasons and receipts, locks and legal holds."""

import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from datasets.errors import Conflict, InvalidParameter, NotFound, StoreError
from portal.accounts.consents import service as consents
from portal.accounts.consents.purposes import PURPOSES
from portal.accounts.service import Account, create_account, list_accounts
from portal.clock import FixedClock
from portal.extensions import Portal
from portal.privacy.calendar import PARIS, end_of_day
from portal.privacy.erasure import Stores, erase_person, find_stores
from portal.privacy.locking import service as locking
from portal.privacy.receipts import verify_receipt
from portal.privacy.retention import run_retention
from portal.privacy.rights import service
from portal.privacy.rights.answering import answer_request, open_ledger, open_opposition
from portal.privacy.rights.service import Contact, Request
from tests.builders import EMAIL, PASSWORD
from tests.portal.accounts.conftest import read_letters

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
TODAY = NOW.date()
CNIL = "cnil.fr/plaintes"


@pytest.fixture
def parts(app: Flask) -> Portal:
    """The parts of the portal."""
    return app.extensions["portal"]


@pytest.fixture
def stores(parts: Portal) -> Stores:
    """The stores of persons."""
    return find_stores(parts)


@pytest.fixture
def ask(stores: Stores) -> Callable[..., Request]:
    """Writes down a request of somebody who gave an address."""

    def build(right: str = "access", received: date = TODAY, **more: object) -> Request:
        facts = {"received": received, "at": NOW, "language": "fr", **more}
        with stores.databases.session("accounts") as session:
            contact = Contact("Léa Inventée", "lea@example.org")
            return service.open_request(session, stores.vault, right, "form", contact, "canari", **facts)

    return build


@pytest.fixture
def officer(app: Flask, parts: Portal) -> FlaskClient:
    """An officer's browser, signed in."""
    with parts.databases.session("accounts") as session:
        create_account(session, parts.vault, "dpd@example.org", PASSWORD, "officer", at=NOW)
    browser = app.test_client()
    assert browser.post("/login/", data={"email": "dpd@example.org", "password": PASSWORD}).status_code == 303
    return browser


def change(stores: Stores, act: Callable[..., Request], *arguments: object) -> Request:
    """Do one act of the service in a transaction."""
    with stores.databases.session("accounts") as session:
        return act(session, stores.vault, *arguments)


DEADLINES = {
    date(2026, 8, 31): date(2026, 9, 30),
    date(2026, 3, 5): date(2026, 4, 7),
    date(2026, 1, 31): date(2026, 3, 2),
    date(2026, 4, 8): date(2026, 5, 11),
}
"""Known answers: the day of receipt, the last day to answer."""


def test_a_request_has_its_known_deadlines(ask: Callable[..., Request]) -> None:
    """A request is due a month after its receipt, over week-ends, Easter and holidays, at midnight in Paris."""
    for received, due in DEADLINES.items():
        assert ask(received=received).due == end_of_day(due)
    assert ask(received=date(2026, 8, 31)).due == datetime(2026, 10, 1, 0, 0, tzinfo=PARIS)


def test_a_delay_is_extended_once_in_the_first_month(stores: Stores, ask: Callable[..., Request]) -> None:
    """Two months more, told within the first month; later or twice is refused."""
    received = date(2026, 1, 31)
    first = ask(received=received)
    told = datetime(2026, 3, 2, 22, 59, tzinfo=UTC)
    assert change(stores, service.extend_delay, first.reference, told).due == end_of_day(date(2026, 4, 30))
    with pytest.raises(Conflict):
        change(stores, service.extend_delay, first.reference, told)
    other = ask(received=received)
    with pytest.raises(Conflict):
        change(stores, service.extend_delay, other.reference, told + timedelta(minutes=1))


def test_identity_is_asked_on_a_recorded_doubt_only(stores: Stores, ask: Callable[..., Request]) -> None:
    """No document is taken before a doubt with its motive; the delay stands still until it has been looked at."""
    made = ask()
    with stores.databases.session("accounts") as session, pytest.raises(Conflict):
        service.keep_identity(session, stores.vault, made.reference, b"%PDF-")
    with pytest.raises(InvalidParameter):
        change(stores, service.doubt_identity, made.reference, " ", NOW)
    assert change(stores, service.doubt_identity, made.reference, "une autre adresse", NOW).is_waiting
    after = change(stores, service.verify_identity, made.reference, NOW + timedelta(days=10))
    assert after.due == end_of_day(date(2027, 1, 4))  # 22 December, ten days, New Year's Day, a week-end
    assert not after.is_waiting


def test_a_copy_of_identity_goes_once_looked_at_and_before_its_ceiling(
    app: Flask, stores: Stores, ask: Callable[..., Request]
) -> None:
    """A document goes when the identity is known or the answer given, and a year later if nobody looked at it."""
    waiting, looked = ask(), ask("objection")
    for one in (waiting, looked):
        change(stores, service.doubt_identity, one.reference, "un doute", NOW)
        with stores.databases.session("accounts") as session:
            service.keep_identity(session, stores.vault, one.reference, b"%PDF-canari")
            assert service.read_identity(session, stores.vault, one.reference) == b"%PDF-canari"
    assert not change(stores, service.verify_identity, looked.reference, NOW).has_identity
    with app.app_context():
        run_retention(stores, datetime(2027, 11, 17, 12, tzinfo=UTC))
        assert change(stores, service.get_request, waiting.reference).has_identity
        run_retention(stores, datetime(2027, 11, 22, 9, tzinfo=UTC), trusted=True)
    assert not change(stores, service.get_request, waiting.reference).has_identity


def test_a_refusal_says_why(stores: Stores, ask: Callable[..., Request]) -> None:
    """What is refused needs reasons; a request is answered once."""
    made = ask()
    with pytest.raises(InvalidParameter):
        change(stores, service.decide_request, made.reference, "refused", "", NOW)
    change(stores, service.decide_request, made.reference, "refused", "rien n’est gardé", NOW)
    with pytest.raises(Conflict):
        change(stores, service.decide_request, made.reference, "granted", "", NOW)


def test_an_answer_has_its_receipt_and_the_way_to_the_cnil(
    app: Flask, stores: Stores, ask: Callable[..., Request]
) -> None:
    """Each decision is told with its reasons, the way to the CNIL, and a receipt that the ledger proves."""
    for right in ("access", "erasure", "restriction", "objection", "withdrawal"):
        made = ask(right)
        with app.test_request_context():
            answered = answer_request(stores, made.reference, "granted", "voici", NOW)
        (letter,) = read_letters(app)
        assert all(part in letter.get_content() for part in ("voici", CNIL, answered.receipt))
        verdict = verify_receipt(open_ledger(stores).read(), answered.receipt)
        assert verdict is not None
        assert "lea@" not in json.dumps(dict(verdict.line))


def test_what_is_granted_is_done(app: Flask, stores: Stores, account: Account, ask: Callable[..., Request]) -> None:
    """Granted, a withdrawal ends every consent, a restriction locks the account, an erasure empties it."""
    with stores.databases.session("accounts") as session:
        consents.give(session, account.id, next(iter(PURPOSES)), "fr", NOW)
    with app.test_request_context():
        for right in ("withdrawal", "restriction", "erasure"):
            answer_request(stores, ask(right, account_id=account.id).reference, "granted", "", NOW)
            with stores.databases.session("accounts") as session:
                state = (
                    any(consents.has_consented(session, account.id, purpose) for purpose in PURPOSES),
                    locking.is_locked(session, account.id),
                    list_accounts(session),
                )
            assert (
                state
                == {
                    "withdrawal": (False, False, [account.id]),
                    "restriction": (False, True, [account.id]),
                    "erasure": (False, False, []),
                }[right]
            )
    with stores.databases.session("accounts") as session:
        assert {request.account_id for request in service.list_requests(session, stores.vault)} == {None}


def test_a_receipt_cannot_be_forged_nor_its_line_taken_away(
    app: Flask, stores: Stores, ask: Callable[..., Request], client: FlaskClient
) -> None:
    """Another receipt proves nothing; a ledger without the line, or with another, is seen to be broken."""
    with app.test_request_context():
        receipts = [answer_request(stores, ask().reference, "granted", "", NOW).receipt for _ in range(3)]
    lines = [json.loads(line) for line in client.get("/pages/ledger.jsonl").text.splitlines()]
    assert all(verify_receipt(lines, receipt) for receipt in receipts)
    assert verify_receipt(lines, receipts[0][:-1] + ("0" if receipts[0][-1] != "0" else "1")) is None
    assert verify_receipt(lines, "") is None
    for broken in (lines[1:], [lines[0], lines[2]], [{**lines[0], "count": 2}, *lines[1:]]):
        with pytest.raises(StoreError):
            verify_receipt(broken, receipts[2])
    assert client.get("/pages/receipt/", query_string={"receipt": receipts[0]}).status_code == 200
    assert client.get("/pages/receipt/", query_string={"receipt": "A.0"}).status_code == 404


def test_an_answer_after_its_deadline_is_counted_in_public(
    app: Flask, clock: FixedClock, stores: Stores, ask: Callable[..., Request], client: FlaskClient
) -> None:
    """The officer is reminded on days 25 and 29; past the deadline, one more is counted on a page for all, once."""
    made = ask()
    reminded = []
    with app.app_context():
        for number in (24, 25, 26, 28, 29, 30, 32):
            clock.instant = NOW + timedelta(days=number)
            run_retention(stores, clock.instant)
            reminded += [number for _ in read_letters(app)]
    assert reminded == [25, 29]  # and no other day
    assert change(stores, service.get_request, made.reference).late
    assert "<dd>1</dd>" in client.get("/pages/retention/").text
    lines = [line for line in open_ledger(stores).read() if line["clause"] == "A21"]
    assert [line["count"] for line in lines] == [1]


def test_an_answered_request_leaves_for_the_archive(
    app: Flask, stores: Stores, parts: Portal, ask: Callable[..., Request]
) -> None:
    """Three months after the answer the request is nowhere but in the archive, sealed; five years later nowhere."""
    made = ask("erasure")
    with app.test_request_context():
        answer_request(stores, made.reference, "granted", "effacé", NOW)
        run_retention(stores, datetime(2027, 2, 17, tzinfo=UTC))
        assert change(stores, service.get_request, made.reference)
        run_retention(stores, datetime(2027, 2, 21, 10, tzinfo=UTC), trusted=True)
        with pytest.raises(NotFound):
            change(stores, service.get_request, made.reference)
        (record,) = sorted((parts.settings.instance / "archive").glob("*.json"))
        assert not [word for word in (b"Invent", b"lea@", made.reference.encode()) if word in record.read_bytes()]
        run_retention(stores, datetime(2031, 11, 20, tzinfo=UTC), trusted=True)
        assert record.exists()
        run_retention(stores, datetime(2031, 11, 21, 23, tzinfo=UTC), trusted=True)
    assert not record.exists()


def test_an_objection_is_granted_without_a_motive(app: Flask, stores: Stores, ask: Callable[..., Request]) -> None:
    """Objecting to being written to takes no reason, and is written in the list."""
    with app.test_request_context():
        answer_request(stores, ask("objection").reference, "granted", "", NOW)
    assert open_opposition(stores).is_opposed(" Lea@Example.org ", use="sending")


def test_a_locked_account_is_kept_and_not_used(app: Flask, parts: Portal, clock: FixedClock) -> None:
    """A producer who locks their account reads and unlocks it, and publishes nothing meanwhile."""
    with parts.databases.session("accounts") as session:
        made = create_account(session, parts.vault, EMAIL, PASSWORD, "producer", at=clock.now())
    browser = app.test_client()
    browser.post("/login/", data={"email": EMAIL, "password": PASSWORD})
    assert browser.get("/producer/").status_code == 200
    assert browser.post("/account/lock/").status_code == 303
    with parts.databases.session("accounts") as session:
        assert locking.is_locked(session, made.id)
    assert browser.get("/producer/").status_code == 409
    assert browser.get("/account/").status_code == 200
    assert "Unlock my account" in browser.get("/account/rights/", query_string={"lang": "en"}).text
    browser.post("/account/unlock/")
    assert browser.get("/producer/").status_code == 200


def hold(stores: Stores, account: Account, until: datetime, motive: str = "un procès") -> None:
    """Forbid the erasure of an account."""
    with stores.databases.session("accounts") as session:
        key = stores.vault.find_key(account.id)
        assert key is not None
        locking.hold_account(session, key, motive, at=NOW, until=until)


def test_a_hold_has_an_end_and_a_motive(stores: Stores, account: Account) -> None:
    """A hold without a motive, that is over, or that lasts more than twelve months is refused."""
    for until, motive in ((NOW, "x"), (NOW + timedelta(days=367), "x"), (NOW + timedelta(days=9), " ")):
        with pytest.raises(InvalidParameter):
            hold(stores, account, until, motive)


def test_a_hold_turns_an_erasure_into_a_lock_until_it_ends(
    app: Flask, stores: Stores, account: Account, signed_in: FlaskClient
) -> None:
    """Asked during a hold, an erasure waits, the person is told why, and it happens at the first run after the end."""
    until = datetime(2026, 11, 24, 23, tzinfo=UTC)
    hold(stores, account, until)
    assert signed_in.post("/account/erase/", data={"confirmation": PASSWORD}).status_code == 409
    assert "un procès" in signed_in.get("/account/rights/").text
    with app.app_context():
        run_retention(stores, until - timedelta(seconds=1))
        with stores.databases.session("accounts") as session:
            assert list_accounts(session) == [account.id]
        run_retention(stores, until)
    with stores.databases.session("accounts") as session:
        assert list_accounts(session) == []
        assert not locking.is_locked(session, account.id)


def test_an_officer_sees_the_holds_and_ends_one(
    app: Flask, stores: Stores, account: Account, officer: FlaskClient, signed_in: FlaskClient
) -> None:
    """The page lists who is kept, until when, why, and what waits; lifted, the person is told and the erasure done."""
    empty = officer.get("/desk/holds/?lang=en").text
    assert "No account is held." in empty
    until = f"{TODAY + timedelta(days=60)}"
    made = officer.post("/desk/holds/?lang=en", data={"account": EMAIL, "until": until, "motive": "un procès"}).text
    assert all(words in made for words in (EMAIL, "un procès", "not asked for"))
    assert signed_in.post("/account/erase/", data={"confirmation": PASSWORD}).status_code == 409
    assert "it waits" in officer.get("/desk/holds/?lang=en").text
    assert signed_in.post(f"/desk/holds/{account.id}/lift/").status_code == 403
    assert officer.post("/desk/holds/nobody/lift/").status_code == 404
    assert officer.post(f"/desk/holds/{account.id}/lift/").status_code == 303
    (letter,) = read_letters(app)
    assert (letter["To"], "a pris fin" in letter.get_content()) == (EMAIL, True)
    with stores.databases.session("accounts") as session:
        assert account.id not in list_accounts(session)
        assert not locking.is_locked(session, account.id)
    assert "No account is held." in officer.get("/desk/holds/?lang=en").text


def test_a_hold_and_an_erasure_never_both(stores: Stores, account: Account) -> None:
    """Whichever comes first wins: an account that is erased cannot be held any more, a held one is not erased."""
    assert erase_person(stores, account.id, at=NOW)
    with stores.databases.session("accounts") as session, pytest.raises(NotFound):
        locking.hold_account(session, stores.vault.make_key(account.id, NOW), "x", at=NOW, until=NOW + timedelta(9))


def test_erasing_gives_a_receipt(signed_in: FlaskClient, client: FlaskClient, account: Account) -> None:
    """Somebody who erases their account leaves with a receipt that anybody may verify."""
    page = signed_in.post("/account/erase/", data={"confirmation": PASSWORD}).text
    receipt = page.partition("?receipt=")[2].partition('"')[0]
    assert client.get("/pages/receipt/", query_string={"receipt": receipt}).status_code == 200


def test_somebody_without_an_account_asks_by_a_letter(app: Flask, stores: Stores, client: FlaskClient) -> None:
    """Nothing is kept until the letter comes back; then the request is there once, with the day of the form."""
    form = {"right": "access", "email": "lea@example.org", "name": "Léa", "words": "canari"}
    with client.post("/rights/", data=form) as answer:
        assert answer.status_code == 200
    with stores.databases.session("accounts") as session:
        assert service.list_requests(session, stores.vault) == []
    (letter,) = read_letters(app)
    path = "/rights/confirm/" + letter.get_content().partition("/rights/confirm/")[2].split()[0]
    assert client.get(path).status_code == 200
    for _ in range(2):
        assert client.post(path).status_code == 200
    with stores.databases.session("accounts") as session:
        (made,) = service.list_requests(session, stores.vault)
    assert (made.contact.email, made.words, made.channel) == ("lea@example.org", "canari", "form")
    assert client.get("/rights/confirm/forged/").status_code == 410


def test_the_officer_follows_a_request_to_its_end(
    app: Flask, stores: Stores, officer: FlaskClient, client: FlaskClient, ask: Callable[..., Request]
) -> None:
    """The officer doubts, the person sends a document by the link of the letter, who looks, extends, answers."""
    made = ask("erasure")
    desk = f"/desk/{made.reference}/"
    assert made.reference in officer.get("/desk/").text
    assert officer.post(f"{desk}doubt/", data={"motive": "une autre adresse"}).status_code == 303
    (letter,) = read_letters(app)
    follow = "/rights/follow/" + letter.get_content().partition("/rights/follow/")[2].split()[0]
    assert client.post(follow, data={"document": (io.BytesIO(b"MZ"), "x.pdf")}).status_code == 400
    assert client.post(follow, data={"document": (io.BytesIO(b"%PDF-1"), "x.pdf")}).status_code == 303
    assert officer.get(f"{desk}identity").data == b"%PDF-1"
    assert officer.post(f"{desk}verify/").status_code == 303
    assert officer.get(f"{desk}identity").status_code == 404
    assert officer.post(f"{desk}extend/").status_code == 303
    assert officer.post(f"{desk}decide/", data={"decision": "refused", "reasons": ""}).status_code == 400
    assert officer.post(f"{desk}decide/", data={"decision": "refused", "reasons": "un procès"}).status_code == 303
    assert "un procès" in client.get(follow).text
    assert "un procès" in officer.get(desk).text


def test_a_request_by_post_counts_from_its_arrival(stores: Stores, officer: FlaskClient) -> None:
    """What comes by post is written down by the officer, with the day of the stamp; a day to come is refused."""
    form = {"right": "access", "received": "2026-10-01", "name": "Léa", "address": "2 rue Inventée", "language": "fr"}
    answer = officer.post("/desk/new/", data=form)
    assert answer.status_code == 303
    made = change(stores, service.get_request, answer.location.split("/")[-2])
    assert made.due == end_of_day(date(2026, 11, 2))
    assert officer.post("/desk/new/", data={**form, "received": "2027-01-01"}).status_code == 400
    assert "2 rue Inventée" in officer.get(answer.location).text


def test_the_desk_is_the_officers(signed_in: FlaskClient, officer: FlaskClient, client: FlaskClient) -> None:
    """A visitor is sent to sign in, another role is refused, an officer enters; no cache keeps the page."""
    for path in ("/desk/", "/desk/new/", "/desk/holds/", "/desk/archive/", "/desk/retention/"):
        assert client.get(path).status_code == 303
        assert signed_in.get(path).status_code == 403
        answer = officer.get(path)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_the_notice_goes_with_what_is_asked(officer: FlaskClient) -> None:
    """A page of the desk that asks nothing does not speak of fields; one that asks says what becomes of the answers."""
    notice = "Ce qui est marqué facultatif"
    assert notice not in officer.get("/desk/").text
    assert notice in officer.get("/desk/new/").text


def test_a_person_asks_from_their_account(app: Flask, signed_in: FlaskClient) -> None:
    """A request made in the account is told by a letter and shown with its deadline."""
    assert signed_in.post("/account/rights/", data={"right": "rectification", "words": "mon nom"}).status_code == 303
    (letter,) = read_letters(app)
    assert letter["To"] == EMAIL
    assert "22 décembre 2026" in signed_in.get("/account/rights/").text


def test_a_legal_order_takes_two_officers_and_is_told(
    app: Flask, parts: Portal, stores: Stores, officer: FlaskClient, account: Account
) -> None:
    """Who wrote an order down cannot carry it out; another officer does, and the person is told."""
    form = {"right": "order", "received": "2026-11-20", "name": "Tribunal", "address": "Auch", "language": "fr"}
    desk = officer.post("/desk/new/", data={**form, "account": EMAIL}).location
    reference = desk.split("/")[-2]
    assert officer.post(f"/desk/{reference}/order").status_code == 403
    assert officer.post(f"{desk}decide/", data={"decision": "granted"}).status_code == 403
    with parts.databases.session("accounts") as session:
        create_account(session, parts.vault, "autre@example.org", PASSWORD, "officer", at=NOW)
    other = app.test_client()
    other.post("/login/", data={"email": "autre@example.org", "password": PASSWORD})
    assert other.post(f"{desk}decide/", data={"decision": "granted"}).status_code == 303
    (letter,) = read_letters(app)
    assert (letter["To"], CNIL in letter.get_content()) == (EMAIL, True)
    assert officer.post("/rights/", data={"right": "order", "email": EMAIL}).status_code == 400


def test_asking_creates_no_consent(stores: Stores, account: Account, client: FlaskClient, app: Flask) -> None:
    """What somebody says of themselves in the form of rights serves to answer, and agrees to nothing else."""
    client.post("/rights/", data={"right": "access", "email": EMAIL, "words": "écrivez-moi"}).close()
    (letter,) = read_letters(app)
    client.post("/rights/confirm/" + letter.get_content().partition("/rights/confirm/")[2].split()[0])
    with stores.databases.session("accounts") as session:
        (made,) = service.list_requests(session, stores.vault)
        assert made.account_id == account.id
        assert consents.list_receipts(session, account.id) == []
