"""The pages of accounts: sign up, sign in, one's own account. Nothing here sets a cookie but signing in."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from datasets.errors import InvalidParameter
from portal.accounts import service
from portal.accounts.access import close_door, open_door, read_next, require_role
from portal.accounts.forms import ErasureForm, KeyForm, PasswordForm, ProfileForm, SignInForm, SignUpForm
from portal.accounts.keys import service as keys
from portal.accounts.passwords import verify_password
from portal.extensions import erase_person, limiter, portal
from portal.i18n import address

bp = Blueprint("accounts", __name__)
guard = limiter.limit(lambda: portal.settings.sign_in_limit, methods=["POST"])


@bp.after_request
def keep_private(response: Response) -> Response:
    """Let no cache, shared or the browser's own, keep a page about a person."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.route("/signup/", methods=["GET", "POST"])
@guard
def sign_up() -> ResponseReturnValue:
    """Create an account. The answer is the same whether the address had one already or not."""
    form = SignUpForm()
    if not form.validate_on_submit():
        return render_template("accounts/sign_up.html", form=form), 400 if form.is_submitted() else 200
    values = {name: form[name].data for name in ("email", "password", "given_name", "family_name", "language")}
    try:
        with portal.databases.session("accounts") as accounts:
            service.create_account(accounts, portal.vault, at=portal.clock.now(), **values)
    except InvalidParameter as error:
        if error.name != "email":
            raise
    return redirect(address("/login/?welcome=1"), 303)


@bp.route("/login/", methods=["GET", "POST"])
@guard
def sign_in() -> ResponseReturnValue:
    """Sign in. A wrong password and an unknown address get the same words, as fast."""
    form = SignInForm()
    wrong = False
    if form.validate_on_submit():
        with portal.databases.session("accounts") as accounts:
            token = service.sign_in(accounts, portal.vault, form.email.data, form.password.data, portal.clock.now())
        if token is not None:
            open_door(token)
            return redirect(read_next(request.args.get("next")), 303)
        wrong = True
    status = 400 if form.is_submitted() else 200
    return render_template("accounts/sign_in.html", form=form, wrong=wrong), status


@bp.post("/logout/")
def sign_out() -> ResponseReturnValue:
    """End this session, here and in the database."""
    if current_user.is_authenticated:
        with portal.databases.session("accounts") as accounts:
            service.sign_out(accounts, current_user.token)
    close_door()
    return redirect(address("/"), 303)


@bp.get("/account/")
@require_role()
def show_account() -> ResponseReturnValue:
    """Show a person everything that is kept about them."""
    return render_account()


@bp.post("/account/profile/")
@require_role()
def update_profile() -> ResponseReturnValue:
    """Rectify the profile."""
    form = ProfileForm()
    if not form.validate():
        return render_account(profile=form), 400
    with portal.databases.session("accounts") as accounts:
        values = form.given_name.data, form.family_name.data, form.language.data
        service.update_profile(accounts, portal.vault, current_user.account.id, *values)
    return redirect(address("/account/?done=profile"), 303)


@bp.post("/account/password/")
@guard
@require_role()
def change_password() -> ResponseReturnValue:
    """Change the password; every other browser is signed out."""
    form = PasswordForm(current_user.account)
    if form.validate():
        person, at = current_user.account, portal.clock.now()
        with portal.databases.session("accounts") as accounts:
            if service.change_password(accounts, portal.vault, person.id, form.current.data, form.new.data):
                token = service.open_session(accounts, person.id, at)
                accounts.commit()
                open_door(token)
                return redirect(address("/account/?done=password"), 303)
        form.current.errors = [_("This is not your present password.")]
    return render_account(password=form), 400


@bp.post("/account/sessions/")
@require_role()
def sign_out_everywhere() -> ResponseReturnValue:
    """Sign every browser out, this one included."""
    with portal.databases.session("accounts") as accounts:
        service.sign_out_everywhere(accounts, current_user.account.id)
    close_door()
    return redirect(address("/login/"), 303)


@bp.post("/account/keys/")
@require_role()
def create_key() -> ResponseReturnValue:
    """Create an API key and show its secret, this once."""
    form = KeyForm()
    if not form.validate():
        return render_account(key=form), 400
    with portal.databases.session("keys") as store:
        secret = keys.create_key(store, find_holder(), form.name.data, at=portal.clock.now())
    return render_account(secret=secret, key=KeyForm(formdata=None)), 201


@bp.post("/account/keys/<key_id>/revoke/")
@require_role()
def revoke_key(key_id: str) -> ResponseReturnValue:
    """Revoke an API key: it stops working at its next use."""
    with portal.databases.session("keys") as store:
        keys.revoke_key(store, find_holder(), key_id)
    return redirect(address("/account/?done=key"), 303)


@bp.post("/account/erase/")
@guard
@require_role()
def erase() -> ResponseReturnValue:
    """Erase the person who asks, once they have confirmed with their password."""
    form = ErasureForm()
    person = current_user.account
    with portal.databases.session("accounts") as accounts:
        kept = service.get_row(accounts, person.id).password
    if not (form.validate() and verify_password(kept, form.confirmation.data)):
        form.confirmation.errors = form.confirmation.errors or [_("This is not your present password.")]
        return render_account(erasure=form), 400
    erase_person(person.id)
    close_door()
    return render_template("accounts/erased.html")


def find_holder() -> str:
    """Return the name under which the signed-in person holds keys."""
    return keys.holder_of(portal.settings.secret_key, current_user.account.id)


def render_account(**forms: Any) -> str:
    """Return the account page, with the forms as they were filled in when something was wrong."""
    account = current_user.account
    blank = {
        "profile": lambda: ProfileForm(formdata=None, obj=account),
        "password": lambda: PasswordForm(account, formdata=None),
        "key": lambda: KeyForm(formdata=None),
        "erasure": lambda: ErasureForm(formdata=None),
    }
    parts = {name: forms.get(name) or make() for name, make in blank.items()}
    with portal.databases.session("keys") as store:
        held = keys.list_keys(store, find_holder())
    return render_template("accounts/account.html", account=account, keys=held, secret=forms.get("secret"), **parts)
