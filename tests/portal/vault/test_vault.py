"""Keys of persons: what they seal opens for nobody else, nowhere else, and for nobody once they are destroyed."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from datasets.errors import SettingError, StoreError
from portal.accounts import service as accounts
from portal.accounts.entering import service as entering
from portal.accounts.tables import AccountRow
from portal.databases import Databases
from portal.vault import Keyring, KeyringFile, Vault
from portal.vault.cipher import new_key, seal, unseal
from portal.vault.keyring import add_key, drop_older, make_keyring, read_keyring
from portal.vault.tables import DataKeyRow
from tests.builders import open_browser, vault_of

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
PASSWORD = "Trois chênes & 1 étang"


@given(st.binary(max_size=200), st.text(max_size=40))
def test_what_is_sealed_opens_whole(content: bytes, place: str) -> None:
    """Any bytes come back as they were, and no two seals of the same bytes are alike."""
    key = new_key()
    sealed = seal(key, content, place)
    assert unseal(key, sealed, place) == content
    assert seal(key, content, place) != sealed


@given(st.binary(max_size=50), st.data())
def test_a_changed_seal_does_not_open(content: bytes, data: st.DataObject) -> None:
    """One byte changed, a byte less, another key or another place: nothing opens."""
    key = new_key()
    sealed = seal(key, content, "account|email|ada")
    position = data.draw(st.integers(0, len(sealed) - 1))
    changed = bytearray(sealed)
    changed[position] ^= data.draw(st.integers(1, 255))
    wrong = [
        (key, bytes(changed), "account|email|ada"),
        (key, sealed[:position], "account|email|ada"),
        (new_key(), sealed, "account|email|ada"),
        (key, sealed, "account|email|bob"),
        (key, sealed, "account|given_name|ada"),
    ]
    for other, text, place in wrong:
        with pytest.raises(StoreError, match="account"):
            unseal(other, text, place)


def test_a_person_has_one_key_until_it_is_destroyed(databases: Databases) -> None:
    """Made twice it is the same key; destroyed, it is gone, and a later one opens nothing of before."""
    vault = vault_of(databases)
    sealed = vault.make_key("ada", NOW).seal("account|email", "ada@example.org")
    assert vault.make_key("ada", NOW).unseal("account|email", sealed) == "ada@example.org"
    assert vault.destroy_key("ada")
    assert not vault.destroy_key("ada")
    assert vault.find_key("ada") is None
    with pytest.raises(StoreError):
        vault.make_key("ada", NOW).unseal("account|email", sealed)


def test_swapping_what_two_persons_confided_is_noticed(databases: Databases) -> None:
    """Somebody who writes in the database one person's sealed name in the place of another's is found out."""
    vault = vault_of(databases)
    with databases.session("accounts") as session:
        ada = accounts.create_account(session, vault, "ada@example.org", PASSWORD, at=NOW, given_name="Ada")
        bob = accounts.create_account(session, vault, "bob@example.org", PASSWORD, at=NOW, given_name="Bob")
    with databases.session("accounts") as session:
        rows = [accounts.get_row(session, one.id) for one in (ada, bob)]
        rows[0].given_name, rows[1].given_name = rows[1].given_name, rows[0].given_name
    with databases.session("accounts") as session, pytest.raises(StoreError, match="account"):
        accounts.get_account(session, vault, ada.id)


def test_no_readable_value_of_a_person_is_in_any_database(files: Databases, tmp_path: Path) -> None:
    """Address and names are in no file of the databases, nor is the link between a key and its person."""
    vault = vault_of(files)
    with files.session("accounts") as session:
        made = accounts.create_account(
            session, vault, "canary.51@example.org", PASSWORD, at=NOW, given_name="Canarina", family_name="Serinette"
        )
    files.close()
    content = {path.name: path.read_bytes() for path in tmp_path.glob("*.sqlite*")}
    everything = b"".join(content.values())
    assert not [text for text in ("canary.51@example.org", "Canarina", "Serinette") if text.encode() in everything]
    assert made.id.encode() not in b"".join(found for name, found in content.items() if name.startswith("keys"))


def test_an_old_copy_of_the_accounts_forgets_whose_key_was_destroyed(files: Databases, tmp_path: Path) -> None:
    """A backup of the accounts taken before an erasure is put back: the erased person is unreadable, others are not."""
    vault = vault_of(files)
    with files.session("accounts") as session:
        made = {name: accounts.create_account(session, vault, f"{name}@example.org", PASSWORD, at=NOW) for name in "ab"}
    files.close()
    backup = (tmp_path / "accounts.sqlite").read_bytes()
    assert accounts.erase_account(files, vault, made["a"].id)
    files.close()
    for path in tmp_path.glob("accounts.sqlite-*"):
        path.unlink()
    (tmp_path / "accounts.sqlite").write_bytes(backup)
    with files.session("accounts") as session:
        assert accounts.get_account(session, vault, made["b"].id).email == "b@example.org"
        assert open_browser(session, vault, "b@example.org", PASSWORD, NOW)
        token = open_browser(session, vault, "a@example.org", PASSWORD, NOW)
        assert token is None or entering.find_by_token(session, vault, token, NOW) is None


def test_a_rotation_leaves_everything_readable_and_the_old_key_useless(files: Databases, tmp_path: Path) -> None:
    """While the keys turn everybody signs in; when the old master key is dropped, a copy from before opens nothing."""
    path = tmp_path / "master.key"
    make_keyring(path)

    vault = Vault(lambda: files.session("keys"), KeyringFile(path), "a secret of the tests")
    with files.session("accounts") as session:
        ada = accounts.create_account(session, vault, "ada@example.org", PASSWORD, at=NOW, given_name="Ada")
    with files.session("keys") as session:
        before = session.scalars(select(DataKeyRow)).one().wrapped
    add_key(path)
    with files.session("accounts") as session:
        assert open_browser(session, vault, "ada@example.org", PASSWORD, NOW)
    assert (vault.wrap_anew(), accounts.index_anew(files, vault)) == (1, 1)
    assert (vault.wrap_anew(), accounts.index_anew(files, vault)) == (0, 0)
    drop_older(path)
    with files.session("accounts") as session:
        assert open_browser(session, vault, "ada@example.org", PASSWORD, NOW)
        assert accounts.get_account(session, vault, ada.id) == ada
    with files.session("keys") as session:
        session.scalars(select(DataKeyRow)).one().wrapped = before
    with pytest.raises(StoreError):
        vault.find_key(ada.id)


def test_a_row_of_a_master_key_that_is_lost_says_so(files: Databases) -> None:
    """Without the master key that wrapped it, a key is refused with the version that is missing."""
    vault = vault_of(files)
    vault.make_key("ada", NOW)
    lost = Vault(vault.open_session, lambda: Keyring({2: b"\x02" * 32}), vault.secret)
    with pytest.raises(StoreError, match="version 1"):
        lost.find_key("ada")


@pytest.mark.parametrize("content", [None, "", "1:short", "one:two", "é", "1:" + "A" * 44 + "\n2"])
def test_a_damaged_file_of_master_keys_is_refused(tmp_path: Path, content: str | None) -> None:
    """A missing, empty or damaged file is told by its name; it is never replaced by a new one."""
    path = tmp_path / "master.key"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(SettingError, match=r"master\.key"):
        read_keyring(path)


def test_the_master_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    """The file is written whole, readable by its owner only, and an existing one is kept."""
    path = tmp_path / "master.key"
    make_keyring(path)
    first = read_keyring(path)
    make_keyring(path)
    assert read_keyring(path) == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert add_key(path).newest == 2
    assert list(drop_older(path).keys) == [2]


def test_the_same_address_in_two_installations_has_nothing_in_common(
    tmp_path: Path, address_stores: Callable[..., SimpleNamespace]
) -> None:
    """Two domains that hold the same person share no identifier, no index and no hash."""
    kept = []
    for number in (1, 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        databases = Databases(address_stores(folder))
        databases.migrate()
        make_keyring(folder / "master.key")
        keys = KeyringFile(folder / "master.key")
        vault = Vault(lambda databases=databases: databases.session("keys"), keys, str(number))
        with databases.session("accounts") as session:
            accounts.create_account(session, vault, "ada@example.org", PASSWORD, at=NOW)
            row = session.scalars(select(AccountRow)).one()
            kept.append({row.id, row.email_index, row.email, row.password, vault.name(row.id)})
        databases.close()
    assert kept[0].isdisjoint(kept[1])
