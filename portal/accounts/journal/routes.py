"""The page of one's own sign-ins and acts."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.accounts.access import keep_private, require_role
from portal.accounts.journal.service import ACTS, list_acts
from portal.accounts.service import get_key
from portal.extensions import portal

SHOWN = 200
"""Acts shown; the copy of all that is kept holds the others."""

bp = Blueprint("journal", __name__, url_prefix="/account/journal")
bp.after_request(keep_private)


@bp.get("/")
@require_role()
def show() -> ResponseReturnValue:
    """Show the signed-in person what was done with their account, newest first."""
    with portal.databases.session("accounts") as accounts:
        acts = list_acts(accounts, get_key(portal.vault, current_user.account.id), SHOWN)
    return render_template("accounts/journal.html", acts=acts, words=ACTS, shown=SHOWN)
