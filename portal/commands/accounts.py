"""`portal accounts`: the people who sign in, and their API keys."""

import secrets
from datetime import timedelta
from pathlib import Path

import click
from flask.cli import AppGroup
from flask_babel import force_locale, gettext

from datasets.errors import NotFound
from portal.accounts import service
from portal.accounts.consents.mailing import write_to_all
from portal.accounts.consents.purposes import PURPOSES
from portal.accounts.entering import service as entering
from portal.accounts.journal.service import note
from portal.accounts.keys import service as keys
from portal.accounts.organisations.service import list_organisations, make_organisation
from portal.accounts.people.service import grant
from portal.accounts.tables import ROLES
from portal.extensions import portal
from portal.mail import write_letter
from portal.progress import show

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

accounts_group = AppGroup("accounts", help="The people who sign in.")


@accounts_group.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), default="beneficiary", help="What the person may do.")
def create_command(email: str, role: str) -> None:
    """Create an account and print its password, once.

    \b
    Example: portal accounts create service.culture@example.org --role producer
    """
    password = secrets.token_urlsafe(15)
    portal.databases.migrate()
    with portal.databases.session("accounts") as session:
        account = service.create_account(session, portal.vault, email, password, role, at=portal.clock.now())
    click.echo(f"{account.email} ({account.role}): {password}")


@accounts_group.command("grant")
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
@click.option(
    "--days", type=click.IntRange(1, service.GRANT_LIFE.days), default=service.GRANT_LIFE.days, help="How long."
)
@click.option("--organisation", default="", help="Whom a producer publishes for; made when it is not there.")
def grant_command(email: str, role: str, days: int, organisation: str) -> None:
    """Give somebody a role for a time, or take it back (beneficiary).

    \b
    Example: portal accounts grant service.culture@example.org producer --organisation "Scène d'Auch"
    """
    account_id, at = find_account(email), portal.clock.now()
    with portal.databases.session("accounts") as session:
        known = {one.name: one.id for one in list_organisations(session)}
        wanted = known.get(organisation, "")
        if organisation and not wanted:
            wanted = make_organisation(session, organisation, "", at)
        grant(session, account_id, role, at + timedelta(days=days), wanted, at)
        note(session, portal.vault, account_id, "role_changed", at, role)
    click.echo(f"{role}, {days} days" if role in service.STAFF else role)


@accounts_group.command("keys")
@click.argument("email")
def keys_command(email: str) -> None:
    """List the API keys of somebody: identifier, scopes, last day, last use, name.

    \b
    Example: portal accounts keys service.culture@example.org
    """
    holder = keys.holder_of(portal.settings.secret_key, find_account(email))
    with portal.databases.session("keys") as store:
        held = keys.list_keys(store, holder)
    for key in held:
        until, used = key.expires.date() if key.expires else "no end", key.last_used or "never"
        click.echo(f"{key.id}  {' '.join(key.scopes):<10} until {until}  used {used}  {key.name}")


@accounts_group.command("make-key")
@click.argument("email")
@click.option("--name", required=True, help="What will use it.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(list(keys.SCOPES)), help="May be repeated.")
@click.option("--days", type=click.IntRange(1, max(keys.LIVES)), default=max(keys.LIVES), help="How long it lasts.")
def make_key_command(email: str, name: str, scopes: tuple[str, ...], days: int) -> None:
    """Make an API key in somebody's name and print it, once.

    \b
    Example: portal accounts make-key service.culture@example.org --name "nightly job" --scope push --days 90
    """
    account_id, at = find_account(email), portal.clock.now()
    holder, expires = keys.holder_of(portal.settings.secret_key, account_id), at + timedelta(days=days)
    with portal.databases.session("keys") as store:
        secret = keys.create_key(store, holder, name, at=at, scopes=scopes or ("read",), expires=expires)
    note_for(account_id, "key_made")
    click.echo(secret)


@accounts_group.command("revoke-key")
@click.argument("email")
@click.argument("key_id")
def revoke_key_command(email: str, key_id: str) -> None:
    """Revoke an API key of somebody: it stops working at its next use.

    \b
    Example: portal accounts revoke-key service.culture@example.org 0f5c2d1e9b7a4c3d8e6f0a1b2c3d4e5f
    """
    account_id = find_account(email)
    with portal.databases.session("keys") as store:
        if not keys.revoke_key(store, keys.holder_of(portal.settings.secret_key, account_id), key_id):
            raise NotFound(kind="API key", name=key_id)
    note_for(account_id, "key_revoked")
    click.echo("Revoked.")


@accounts_group.command("write")
@click.argument("purpose", type=click.Choice(list(PURPOSES)))
@click.option("--fr", "french", type=FILE, required=True, help="The letter in French: its first line is the subject.")
@click.option("--en", "english", type=FILE, required=True, help="The same in English.")
def write_command(purpose: str, french: Path, english: Path) -> None:
    """Write to everybody who agrees to PURPOSE, each in their language; who withdraws meanwhile gets nothing.

    \b
    Example: portal accounts write news --fr lettre.txt --en letter.txt
    """
    texts = {}
    for lang, path in (("fr", french), ("en", english)):
        subject, _, text = path.read_text("utf-8").strip().partition("\n")
        texts[lang] = subject.strip(), text.strip()
    show(write_to_all(portal, purpose, texts))
    with portal.databases.session("accounts") as session:
        note(session, portal.vault, None, "letters_sent", portal.clock.now(), purpose)


@accounts_group.command("drop-factors")
@click.argument("email")
def drop_factors_command(email: str) -> None:
    """Let somebody who lost authenticator, passkeys and recovery codes sign in by password again.

    To be done once their identity is sure. Every browser of theirs is signed out, and a letter tells them.

    \b
    Example: portal accounts drop-factors service.culture@example.org
    """
    account_id = find_account(email)
    with portal.databases.session("accounts") as session:
        entering.drop_factors(session, account_id)
        person = service.get_account(session, portal.vault, account_id)
    note_for(account_id, "factor_dropped")
    with force_locale(person.language):
        what = gettext("The second factors of your account were removed, and every browser was signed out.")
    portal.post.send(write_letter("changed", person.email, person.language, what=what))
    click.echo("Dropped.")


def find_account(email: str) -> str:
    """Return the identifier of the account that has an address. Raises NotFound."""
    with portal.databases.session("accounts") as session:
        row = service.find_row(session, portal.vault, service.normalise_email(email))
    if row is None:
        raise NotFound(kind="account", name=email)
    return row.id


def note_for(account_id: str, act: str) -> None:
    """Note in the journal an act that the operator did for somebody."""
    with portal.databases.session("accounts") as session:
        note(session, portal.vault, account_id, act, portal.clock.now(), "operator")
