"""The page of the audience: what is counted, the charts, and how to object."""

from datetime import datetime
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.http import parse_cookie

from portal.audience.cells import ALL
from portal.audience.charts import HEIGHT, WIDTH, draw
from portal.audience.publishing import MEASURES, VALUES, read_counts
from portal.extensions import portal
from portal.privacy.policy import POLICY

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

COOKIE = "objection"
"""Set when somebody objects to being counted, and then only."""

bp = Blueprint("audience", __name__, url_prefix="/pages/audience")


@bp.get("/")
def show() -> ResponseReturnValue:
    """Show the use of the portal, or of one dataset, month by month."""
    rows = list(read_counts(portal.databases, portal.store))
    datasets = sorted({row.dataset for row in rows} - {ALL})
    asked = request.args.get("dataset", ALL)
    chart = draw(rows, asked if asked in datasets else ALL)
    words = {"measures": MEASURES, "words": VALUES, "width": WIDTH, "height": HEIGHT}
    return render_template(
        "audience/audience.html", chart=chart, datasets=datasets, objects=has_objected(request.environ), **words
    )


@bp.post("/object/")
def object_() -> ResponseReturnValue:
    """Remember that this browser objects, for as long as the law allows and no longer, however often it is asked."""
    answer = current_app.make_response(redirect(url_for("audience.show"), 303))
    if not has_objected(request.environ):
        set_objection(answer, portal.clock.now())
    return answer


@bp.post("/accept/")
def accept() -> ResponseReturnValue:
    """Forget that this browser objects."""
    answer = current_app.make_response(redirect(url_for("audience.show"), 303))
    answer.delete_cookie(COOKIE, secure=is_secure(), httponly=True, samesite="Lax")
    return answer


def has_objected(asked: "WSGIEnvironment") -> bool:
    """Tell whether a browser said no: by a signal of its own, or on the page of the audience."""
    if asked.get("HTTP_DNT") == "1" or asked.get("HTTP_SEC_GPC") == "1":
        return True
    return "HTTP_COOKIE" in asked and parse_cookie(asked).get(COOKIE) == "1"


def set_objection(answer: Response, at: datetime) -> None:
    """Put the cookie of an objection on an answer: it ends thirteen months after it is first set (clause B16)."""
    life = POLICY.ceiling("B16", at) - at
    answer.set_cookie(COOKIE, "1", max_age=life, secure=is_secure(), httponly=True, samesite="Lax")


def is_secure() -> bool:
    """Tell whether cookies travel encrypted only."""
    return bool(current_app.config["SESSION_COOKIE_SECURE"])
