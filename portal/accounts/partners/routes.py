"""What partners read of one another: a page for signed-in producers, and the same for their programs."""

import json

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from datasets.errors import AuthenticationFailed
from portal.accounts.access import get_key_holder, keep_private, require_role
from portal.accounts.partners.fields import FIELDS
from portal.accounts.partners.service import list_partners
from portal.accounts.service import STAFF
from portal.extensions import api_limit, is_locked, portal, read_api_key

bp = Blueprint("partners", __name__)
bp.after_request(keep_private)


@bp.get("/partners/")
@require_role(*STAFF)
def show() -> ResponseReturnValue:
    """Show producers one another, as each decided."""
    return render_template("accounts/partners.html", partners=read_partners(), fields=FIELDS)


@bp.get("/api/partners/v1/people")
@api_limit
def list_people() -> Response:
    """Give the same to a program whose key was made for it."""
    key = read_api_key()
    if not key:
        raise AuthenticationFailed()
    get_key_holder(key, "partners")
    people = read_partners()
    content = json.dumps({"total_count": len(people), "results": people}, ensure_ascii=False)
    return Response(content, mimetype="application/json")


def read_partners() -> list[dict[str, str]]:
    """Return what partners may read now."""
    with portal.databases.session("accounts") as session:
        return list_partners(session, portal.vault, portal.clock.now(), is_locked)
