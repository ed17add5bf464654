"""The page of one's own account: what is kept, the profile, leaving."""

from typing import Any

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.accounts import service
from portal.accounts.access import close_door, has_confirmed, keep_private, require_role
from portal.accounts.entering import service as entering
from portal.accounts.forms import ErasureForm, ProfileForm
from portal.accounts.journal.service import note
from portal.accounts.organisations.service import find_organisation
from portal.accounts.tables import PhotoRow
from portal.extensions import erase_person, limiter, portal
from portal.i18n import address

bp = Blueprint("accounts", __name__)
bp.after_request(keep_private)
guard = limiter.limit(lambda: portal.settings.sign_in_limit, methods=["POST"])


@bp.post("/logout/")
def sign_out() -> ResponseReturnValue:
    """End this session, here and in the database."""
    if current_user.is_authenticated:
        with portal.databases.session("accounts") as accounts:
            entering.sign_out(accounts, current_user.token)
            note(accounts, portal.vault, current_user.account.id, "signed_out", portal.clock.now())
    close_door()
    return redirect(address("/"), 303)


@bp.get("/account/")
@require_role()
def show_account() -> ResponseReturnValue:
    """Show a person what is kept about them."""
    return render_account()


@bp.post("/account/profile/")
@require_role()
def update_profile() -> ResponseReturnValue:
    """Rectify the profile."""
    form = ProfileForm()
    if not form.validate():
        return render_account(profile=form), 400
    with portal.databases.session("accounts") as accounts:
        values = {name: form[name].data or "" for name in (*service.NAMES, *service.OPTIONAL)}
        service.update_profile(accounts, portal.vault, current_user.account.id, form.language.data, values)
        note(accounts, portal.vault, current_user.account.id, "profile_changed", portal.clock.now())
    return redirect(address("/account/?done=profile"), 303)


@bp.post("/account/erase/")
@guard
@require_role()
def erase() -> ResponseReturnValue:
    """Erase the person who asks, once they have confirmed with their password."""
    form = ErasureForm()
    if not has_confirmed(form):
        return render_account(erasure=form), 400
    receipt = erase_person(current_user.account.id)
    close_door()
    return render_template("accounts/erased.html", receipt=receipt)


def render_account(*, wrong: str = "", **forms: Any) -> str:
    """Return the account page, with the forms as they were filled in and what was wrong with a photo."""
    account = current_user.account
    profile = forms.get("profile") or ProfileForm(formdata=None, obj=account)
    erasure = forms.get("erasure") or ErasureForm(formdata=None)
    with portal.databases.session("accounts") as accounts:
        pictured = accounts.get(PhotoRow, account.id) is not None
        organisation = find_organisation(accounts, account.id)
    told = {"wrong": wrong, "pictured": pictured, "organisation": organisation}
    return render_template("accounts/account.html", account=account, profile=profile, erasure=erasure, **told)
