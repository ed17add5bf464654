"""The officer's pages: the drafts that wait, what names persons in each, and the decision."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from datasets.disclosure.identifiers import ANSWERS
from portal.accounts.service import list_staff
from portal.extensions import portal
from portal.pages.cells import is_amount, show
from portal.producers import review
from portal.producers.door import bp, officer, owner
from portal.producers.preview import read_preview
from portal.producers.tables import DraftRow
from portal.producers.understanding import draft_fields


@bp.get("/reviews/")
@officer
def reviews() -> ResponseReturnValue:
    """List the drafts that wait for an officer."""
    waiting = [(draft, review.list_reasons(draft), stance_of(draft)) for draft in review.list_waiting(portal)]
    return render_template("producers/reviews.html", waiting=waiting)


def stance_of(draft: DraftRow) -> str:
    """Return what the officer who is signed in may do with a draft."""
    with portal.databases.session("accounts") as session:
        officers = list_staff(session, ("officer",), portal.clock.now())
    return review.find_stance(draft, owner(), len(officers))


@bp.route("/reviews/<draft_id>/", methods=["GET", "POST"])
@officer
def look(draft_id: str) -> ResponseReturnValue:
    """Show what an officer must look at in a draft, and take the decision."""
    found, wrong = review.get_waiting(portal, draft_id), ""
    stance = stance_of(found)
    if request.method == "POST":
        decision, reason = request.form.get("decision", ""), request.form.get("reason", "").strip()
        if reason or (decision == "accepted" and stance != "alone"):
            review.decide(portal, draft_id, decision, reason, stance, portal.clock.now())
            told = {"accepted": _("The draft is accepted: it is being published."), "sent_back": _("It is sent back.")}
            flash(told[decision], "success")
            return redirect(url_for("producers.reviews"), 303)
        wrong = (
            _("Say why: the reason is kept.")
            if stance == "alone"
            else _("To send it back, say why: the producer will read it.")
        )
    fields = draft_fields(found.understood, found.choices)
    context = {"preview": read_preview(found.understood["preview"], fields.fields), "answers": ANSWERS, "wrong": wrong}
    context |= {"reasons": review.name_kinds(review.list_reasons(found)), "show": show, "is_amount": is_amount}
    risk = found.understood.get("risk")
    page = render_template("producers/look.html", draft=found, risk=risk, stance=stance, **context)
    return page, 400 if wrong else 200
