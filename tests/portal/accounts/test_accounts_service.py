"""Accounts in the databases: created, recognised, forgotten, on SQLite and on PostgreSQL."""

import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from datasets.errors import InvalidParameter, KeyExpired, NotFound, StoreUnavailable
from portal.accounts import service
from portal.accounts.entering import service as entering
from portal.accounts.keys import service as keys
from portal.accounts.keys.tables import KeyRow
from portal.accounts.service import Account
from portal.accounts.tables import AccountRow, SessionRow
from portal.databases import Databases
from tests.builders import open_browser, vault_of

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
PASSWORD = "Trois chênes & 1 étang"
SECRET = "a secret of the tests"


def make_account(databases: Databases, email: str = "ada@example.org", **more: str) -> Account:
    """Create an account."""
    with databases.session("accounts") as session:
        return service.create_account(session, vault_of(databases), email, PASSWORD, at=NOW, **more)


def sign_in(databases: Databases, email: str, password: str, at: datetime = NOW) -> str | None:
    """Sign in."""
    with databases.session("accounts") as session:
        return open_browser(session, vault_of(databases), email, password, at)


def find(databases: Databases, token: str, at: datetime = NOW) -> Account | None:
    """Find who holds a token."""
    with databases.session("accounts") as session:
        return entering.find_by_token(session, vault_of(databases), token, at)


def test_an_account_signs_in_with_any_spelling_of_its_address(databases: Databases) -> None:
    """Capitals and spaces around an address do not make another person."""
    made = make_account(databases, "Ada@Example.ORG ")
    token = sign_in(databases, " ada@example.org", PASSWORD)
    assert token is not None
    assert find(databases, token) == made


@pytest.mark.parametrize(
    ("email", "role", "password", "named"),
    [
        ("not an address", "beneficiary", PASSWORD, "email"),
        ("a@b", "beneficiary", PASSWORD, "email"),
        ("x" * 300 + "@example.org", "beneficiary", PASSWORD, "email"),
        ("a@example.org\nBcc: b@example.org", "beneficiary", PASSWORD, "email"),
        ("ada@example.org", "administrator", PASSWORD, "role"),
        ("ada@example.org", "beneficiary", "short", "password"),
    ],
)
def test_a_wrong_account_is_refused(files: Databases, email: str, role: str, password: str, named: str) -> None:
    """A wrong address, an unknown role or a weak password is refused by its name, and nothing is kept."""
    with files.session("accounts") as session, pytest.raises(InvalidParameter) as caught:
        service.create_account(session, vault_of(files), email, password, role, at=NOW)
    assert caught.value.name == named
    with files.session("accounts") as session:
        assert session.scalar(select(func.count()).select_from(AccountRow)) == 0


@pytest.mark.parametrize(
    ("given", "kept"), [(" Ada\0 ", "Ada"), ("A\r\nda", "Ada"), ("\ud800Ada\u202e", "Ada"), ("é" * 500, "é" * 100)]
)
def test_a_name_is_kept_without_what_cannot_be_printed(databases: Databases, given: str, kept: str) -> None:
    """Control characters, half characters and endless names never reach a database."""
    account = make_account(databases, given_name=given)
    assert account.given_name == kept
    with databases.session("accounts") as session:
        service.update_profile(session, vault_of(databases), account.id, "en", {"given_name": "", "family_name": given})
    with databases.session("accounts") as session:
        assert service.get_account(session, vault_of(databases), account.id).family_name == kept


def test_one_address_has_one_account(databases: Databases) -> None:
    """A second account with the same address is refused, and the first stays as it was."""
    first = make_account(databases)
    with databases.session("accounts") as session, pytest.raises(InvalidParameter, match="email"):
        service.create_account(session, vault_of(databases), "ADA@example.org", "another Password 2 & more", at=NOW)
    token = sign_in(databases, "ada@example.org", PASSWORD)
    assert token is not None
    assert find(databases, token) == first


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@example.org", "wrong"),
        ("nobody@example.org", PASSWORD),
        ("", ""),
        ("' OR 1=1 --", PASSWORD),
        ("ada@example.org\0", PASSWORD),
    ],
)
def test_nobody_signs_in_with_the_wrong_words(databases: Databases, email: str, password: str) -> None:
    """Unknown addresses, wrong passwords and hostile texts get the same refusal, and open no session."""
    make_account(databases)
    assert sign_in(databases, email, password) is None
    with databases.session("accounts") as session:
        assert session.scalar(select(func.count()).select_from(SessionRow)) == 0


@pytest.mark.usefixtures("dear_passwords")
def test_a_refusal_takes_the_same_time_for_known_and_unknown_addresses(files: Databases) -> None:
    """The work of a refusal does not tell whether an address has an account."""
    make_account(files)
    took: dict[str, list[float]] = {"ada@example.org": [], "nobody@example.org": []}
    for _ in range(7):
        for email, times in took.items():
            start = time.process_time()
            sign_in(files, email, "wrong")
            times.append(time.process_time() - start)
    known, unknown = (statistics.median(times) for times in took.values())
    assert 0.5 < known / unknown < 2


def test_a_session_ends_after_a_week_whatever_the_visits(databases: Databases) -> None:
    """A token works for seven days from the sign-in, not a second more, and visits do not renew it."""
    make_account(databases)
    token = sign_in(databases, "ada@example.org", PASSWORD) or ""
    end = NOW + timedelta(days=7)
    assert find(databases, token, end - timedelta(seconds=1)) is not None
    assert find(databases, token, end) is None


def test_the_token_is_not_in_the_database(files: Databases, tmp_path: Path) -> None:
    """Whoever reads the files finds neither the tokens nor the keys nor the passwords."""
    account = make_account(files)
    token = sign_in(files, "ada@example.org", PASSWORD) or ""
    with files.session("keys") as session:
        key = keys.create_key(session, keys.holder_of(SECRET, account.id), "robot", at=NOW)
    files.close()
    content = b"".join(path.read_bytes() for path in tmp_path.glob("*.sqlite*"))
    assert account.id.encode() in content
    assert not [secret for secret in (token, key, PASSWORD, "ada@example.org") if secret.encode() in content]


def test_signing_out_everywhere_ends_every_session_of_that_person(databases: Databases) -> None:
    """All the tokens of a person die together; those of others live on."""
    ada = make_account(databases)
    make_account(databases, "bob@example.org")
    mine = [sign_in(databases, "ada@example.org", PASSWORD) or "" for _ in range(3)]
    his = sign_in(databases, "bob@example.org", PASSWORD) or ""
    with databases.session("accounts") as session:
        entering.sign_out(session, mine[0])
    assert find(databases, mine[0]) is None
    assert find(databases, mine[1]) is not None
    with databases.session("accounts") as session:
        entering.sign_out_everywhere(session, ada.id)
    assert [find(databases, token) for token in mine] == [None] * 3
    assert find(databases, his) is not None


def test_changing_the_password_ends_every_session(databases: Databases) -> None:
    """A new password needs the present one, must be strong, and signs every browser out."""
    account = make_account(databases)
    token = sign_in(databases, "ada@example.org", PASSWORD) or ""
    new = "Quatre peupliers & 2 canards"
    with databases.session("accounts") as session:
        assert not entering.change_password(session, vault_of(databases), account.id, "wrong", new)
        with pytest.raises(InvalidParameter, match="password"):
            entering.change_password(session, vault_of(databases), account.id, PASSWORD, "weak")
        assert entering.change_password(session, vault_of(databases), account.id, PASSWORD, new)
    assert find(databases, token) is None
    assert sign_in(databases, "ada@example.org", PASSWORD) is None
    assert sign_in(databases, "ada@example.org", new) is not None


def test_a_key_is_found_until_it_is_revoked_or_expires(databases: Databases) -> None:
    """A program is recognised by its key, not after its revocation nor from its expiry on."""
    holder = keys.holder_of(SECRET, "ada")
    with databases.session("keys") as session:
        key = keys.create_key(session, holder, " robot ", at=NOW)
        brief = keys.create_key(session, holder, "brief", at=NOW, expires=NOW + timedelta(hours=1))
    with databases.session("keys") as session:
        found = keys.find_api_client(session, key, NOW)
        assert found is not None
        assert (found.name, found.scopes) == ("robot", ("read",))
        with pytest.raises(KeyExpired, match="2026"):
            keys.find_api_client(session, brief, NOW + timedelta(hours=1))
        assert keys.find_api_client(session, "", NOW) is None
        assert not keys.revoke_key(session, keys.holder_of(SECRET, "bob"), found.id)
        assert keys.revoke_key(session, holder, found.id)
        assert keys.find_api_client(session, key, NOW) is None
        assert keys.purge_keys(session, NOW + timedelta(hours=1)) == 1


def test_the_last_use_of_a_key_is_kept_to_the_day(databases: Databases) -> None:
    """What is written of a key's use is a date, once a day."""
    holder = keys.holder_of(SECRET, "ada")
    with databases.session("keys") as session:
        key = keys.create_key(session, holder, "robot", at=NOW)
        keys.find_api_client(session, key, NOW)
        assert [one.last_used for one in keys.list_keys(session, holder)] == [NOW.date()]


def test_keys_have_a_number_and_scopes(files: Databases) -> None:
    """Nobody holds more keys than allowed, nor a key for something unknown."""
    with files.session("keys") as session:
        for number in range(keys.MOST_KEYS):
            keys.create_key(session, "ada", f"{number}", at=NOW)
        with pytest.raises(InvalidParameter, match="20 keys"):
            keys.create_key(session, "ada", "one more", at=NOW)
        for scopes, said in ((("everything",), "everything"), ((), "none")):
            with pytest.raises(InvalidParameter, match=said):
                keys.create_key(session, "bob", "greedy", at=NOW, scopes=scopes)


def test_accounts_and_keys_have_no_common_value(files: Databases) -> None:
    """Without the secret of the instance no value of one database leads to a row of the other."""
    account = make_account(files)
    with files.session("keys") as session:
        keys.create_key(session, keys.holder_of(SECRET, account.id), "robot", at=NOW)
        row = session.scalars(select(KeyRow)).one()
        held = {str(getattr(row, column.name)) for column in KeyRow.__table__.columns}
    with files.session("accounts") as session:
        mine = session.scalars(select(AccountRow)).one()
        kept = {str(getattr(mine, column.name)) for column in AccountRow.__table__.columns}
    assert held & kept <= {str(NOW), "None"}
    assert keys.holder_of(SECRET, account.id) != keys.holder_of("another secret", account.id)


def test_erasure_leaves_no_byte_of_the_person(files: Databases, tmp_path: Path) -> None:
    """After an erasure no file of the instance holds the address, the names or the key's name; others stay."""
    canaries = ["canary.7f3a@example.org", "Canarina", "Canaroff", "canary robot"]
    account = make_account(files, canaries[0], given_name=canaries[1], family_name=canaries[2])
    bob = make_account(files, "bob@example.org")
    sign_in(files, canaries[0], PASSWORD)
    with files.session("keys") as session:
        keys.create_key(session, keys.holder_of(SECRET, account.id), canaries[3], at=NOW)
    assert service.erase_account(files, vault_of(files), account.id)
    left = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert [canary for canary in canaries if canary.encode() in left] == []
    assert bob.id.encode() in left
    with files.session("accounts") as session, pytest.raises(NotFound):
        service.get_account(session, vault_of(files), account.id)


def test_erasure_removes_the_account_its_sessions_and_its_keys(databases: Databases) -> None:
    """An erased person cannot sign in, their tokens and keys are dead, and erasing again changes nothing."""
    account = make_account(databases)
    token = sign_in(databases, "ada@example.org", PASSWORD) or ""
    with databases.session("keys") as session:
        key = keys.create_key(session, keys.holder_of(SECRET, account.id), "robot", at=NOW)
    for _ in range(2):
        assert service.erase_account(databases, vault_of(databases), account.id)
    assert find(databases, token) is None
    assert sign_in(databases, "ada@example.org", PASSWORD) is None
    with databases.session("keys") as session:
        assert keys.find_api_client(session, key, NOW) is None
    again = make_account(databases)
    assert again.id != account.id


def test_erasure_waits_for_both_stores(files: Databases, tmp_path: Path) -> None:
    """When the keys are away nothing is erased: an account never dies before its keys."""
    account = make_account(files)
    (tmp_path / "keys.sqlite").rename(tmp_path / "away")
    with pytest.raises(StoreUnavailable, match="keys"):
        service.erase_account(files, vault_of(files), account.id)
    (tmp_path / "away").rename(tmp_path / "keys.sqlite")
    with files.session("accounts") as session:
        assert service.get_account(session, vault_of(files), account.id) == account


def test_a_sign_in_saves_an_account_from_the_purge(databases: Databases) -> None:
    """Somebody who signs in between the purge's look and its act is spared, sessions and keys included."""
    account = make_account(databases)
    with databases.session("keys") as session:
        key = keys.create_key(session, keys.holder_of(SECRET, account.id), "robot", at=NOW)
    token = sign_in(databases, "ada@example.org", PASSWORD, NOW + timedelta(hours=1)) or ""
    assert not service.erase_account(databases, vault_of(databases), account.id, unless_after=account.last_sign_in)
    assert find(databases, token, NOW + timedelta(hours=2)) is not None
    with databases.session("keys") as session:
        assert keys.find_api_client(session, key, NOW) is not None
