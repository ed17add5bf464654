"""Who is asking: the browser session behind Flask-Login, and the doors that a role opens.

The one cookie of the portal holds a random token; the session itself is a row of the `accounts` database, so that
it ends when the person says so. A visitor who never signed in has no cookie and costs no query.
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from urllib.parse import urlencode

from flask import Flask, Response, abort, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user, login_user
from flask_login.utils import _user_context_processor  # the context processor that `init_app` would register

from datasets.errors import AuthenticationFailed, PermissionDenied, StoreUnavailable
from portal.accounts import service
from portal.accounts.entering import service as entering
from portal.accounts.forms import ErasureForm
from portal.accounts.journal.service import note
from portal.accounts.keys import service as keys
from portal.accounts.passwords import verify_password
from portal.accounts.service import STAFF, Account
from portal.extensions import is_locked, portal

Parameters = ParamSpec("Parameters")
View = Callable[Parameters, ResponseReturnValue]


class Person(UserMixin):
    """A signed-in person, as `current_user`: their account and the token of this browser."""

    def __init__(self, account: Account, token: str) -> None:
        self.account = account
        self.token = token
        self.role = account.role
        self.language = account.language

    def get_id(self) -> str:
        """Return what the cookie holds: the token, never the account's id."""
        return self.token


class Visitor(AnonymousUserMixin):
    """Somebody who is not signed in."""

    role = ""
    language = ""


def load_person(token: str) -> Person | None:
    """Return who holds `token`; nobody when the accounts are switched off (open pages must still answer)."""
    try:
        with portal.databases.session("accounts") as accounts:
            account = entering.find_by_token(accounts, portal.vault, token, portal.clock.now())
    except StoreUnavailable:
        return None
    return Person(account, token) if account else None


def find_api_client(key: str, scope: str) -> str | None:
    """Return the name of the program that shows `key`: the key's own id, which tells nothing of its holder.

    Raises KeyExpired, OutOfScope, and StoreUnavailable when the keys are switched off.
    """
    with portal.databases.session("keys") as store:
        client = keys.find_api_client(store, key, portal.clock.now(), scope)
    return client.id if client else None


def get_key_holder(key: str, scope: str) -> Account:
    """Return the producer who holds an API key, for what is done in their name.

    Raises AuthenticationFailed for an unknown key, KeyExpired, OutOfScope, and PermissionDenied when its holder is no
    producer any more, lacks a second factor, or has a locked account.
    """
    at = portal.clock.now()
    with portal.databases.session("keys") as store:
        client = keys.find_api_client(store, key, at, scope)
    if client is None:
        raise AuthenticationFailed()

    def holds(account_id: str) -> bool:
        return keys.holder_of(portal.settings.secret_key, account_id) == client.holder

    with portal.databases.session("accounts") as accounts:
        account_id = next(filter(holds, service.list_staff(accounts, STAFF, at)), "")
        account = service.get_account(accounts, portal.vault, account_id, at) if account_id else None
    if account is None or lacks_second_factor(account) or is_locked(account.id):
        raise PermissionDenied()
    return account


def open_door(token: str) -> None:
    """Sign this browser in with a new token; whatever its cookie held before is forgotten."""
    close_door()
    person = load_person(token)
    if person is not None:
        login_user(person)
        session.pop("_id", None)  # a fingerprint of address and browser, which we do not keep


def close_door() -> None:
    """Forget this browser: its cookie, if it has one, is removed."""
    if session:
        session.clear()


def require_role(*roles: str, secured: bool = True) -> Callable[[View[Parameters]], View[Parameters]]:
    """Keep a view for the given roles (any signed-in person when none is given).

    A visitor is sent to the sign-in page and back; another role gets 403. Who may publish or decide (STAFF) is sent
    to add a second factor first, unless `secured` is false or the portal is a demonstration.
    """

    def decorate(view: View[Parameters]) -> View[Parameters]:
        @wraps(view)
        def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> ResponseReturnValue:
            if not current_user.is_authenticated:
                return redirect(f"/login/?{urlencode({'next': request.full_path.rstrip('?')})}", 303)
            if roles and current_user.role not in roles:
                note_act("forbidden", request.endpoint or "")
                abort(403)
            if secured and lacks_second_factor(current_user.account):
                return redirect("/account/second-factor/", 303)
            return view(*args, **kwargs)

        return guarded

    return decorate


def lacks_second_factor(account: Account) -> bool:
    """Tell whether somebody must add a second factor before going on (CNIL, deliberation 2025-019)."""
    return account.role in STAFF and not account.has_second_factor and not portal.settings.demonstration


def read_next(address: str | None) -> str:
    """Return where to go after signing in: a path of this site, the account page otherwise."""
    local = re.fullmatch(r"/(?![/\\])[^\\\s\x00-\x1f\x7f]*", address or "")
    return local.group() if local else "/account/"


def note_act(act: str, subject: str = "") -> None:
    """Note an act of the signed-in person in the journal, in a transaction of its own."""
    with portal.databases.session("accounts") as accounts:
        note(accounts, portal.vault, current_user.account.id, act, portal.clock.now(), subject)


def has_confirmed(form: ErasureForm) -> bool:
    """Tell whether the signed-in person gave their password in `form`, which says so when they did not."""
    with portal.databases.session("accounts") as accounts:
        kept = service.get_row(accounts, current_user.account.id).password
    if form.validate() and verify_password(kept, form.confirmation.data):
        return True
    form.confirmation.errors = form.confirmation.errors or [gettext("This is not your present password.")]
    return False


def keep_private(response: Response) -> Response:
    """Let no cache, shared or the browser's own, keep a page about a person."""
    response.headers["Cache-Control"] = "no-store"
    return response


def init_app(app: Flask) -> None:
    """Let `app` know signed-in people.

    `LoginManager.init_app` is not called: it reads the session after every request, for a "remember me" cookie that
    we never set, and would mark the answers of the API as varying with cookies.
    """
    manager = LoginManager()
    manager.session_protection = None
    manager.anonymous_user = Visitor
    manager.user_loader(load_person)
    app.login_manager = manager  # type: ignore[attr-defined] # Flask-Login's own way to attach itself
    app.context_processor(_user_context_processor)
