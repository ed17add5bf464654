"""The privacy page, made of the policy that the code obeys and of the identity that the settings give."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_login import current_user

from portal.accounts.access import require_role
from portal.accounts.journal.service import note
from portal.extensions import portal
from portal.i18n import said
from portal.privacy.calendar import Duration
from portal.privacy.erasure import find_stores
from portal.privacy.overview import check_ledger, count_leaving, list_duties, view_public
from portal.privacy.policy import POLICY, SEAL, Clause
from portal.privacy.portability import collect, pack

bp = Blueprint("privacy", __name__)


@bp.get("/pages/privacy/")
def show_policy() -> ResponseReturnValue:
    """Tell what is kept, why, for how long, and how to exercise one's rights."""
    return render_template("privacy/policy.html", policy=POLICY, seal=SEAL, delay=name_delay, tell=tell_clause)


@bp.get("/pages/register/")
def show_register() -> ResponseReturnValue:
    """Show the register of processing (GDPR, art. 30), made of the policy."""
    return render_template("privacy/register.html", policy=POLICY, delay=name_delay, tell=tell_clause)


@bp.get("/pages/cookies/")
def show_cookies() -> ResponseReturnValue:
    """Show the charter of cookies, made of the policy."""
    return render_template("privacy/cookies.html", policy=POLICY, delay=name_delay)


@bp.get("/pages/retention/")
def show_retention() -> ResponseReturnValue:
    """Show everybody how old the oldest raw event is, when the last run was, and how many answers came late."""
    view = view_public(portal.settings.instance)
    return render_template("privacy/retention.html", view=view, policy=POLICY, delay=name_delay)


@bp.get("/desk/retention/")
@require_role("officer")
def show_duties() -> ResponseReturnValue:
    """Show the officer what is due, what was done, what is late."""
    stores, at = find_stores(portal), portal.clock.now()
    view = view_public(portal.settings.instance)
    facts = {"duties": list_duties(stores, at), "leaving": count_leaving(stores, at), "view": view}
    facts |= dict(zip(("lines", "broken"), check_ledger(portal.settings.instance), strict=True))
    answer = Response(render_template("privacy/duties.html", policy=POLICY, tell=tell_clause, **facts))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/account/copy/")
@require_role()
def give_copy() -> ResponseReturnValue:
    """Give the signed-in person a copy of all that is kept of them, and note that it was taken."""
    account_id, at = current_user.account.id, portal.clock.now()
    content = pack(collect(find_stores(portal), account_id))
    with portal.databases.session("accounts") as session:
        note(session, portal.vault, account_id, "copy_taken", at)
    answer = Response(content, mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="copie-{at:%Y-%m-%d}.zip"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def tell_clause(clause: Clause) -> str:
    """Return what a clause says to the reader, its delay in the place of {delay}."""
    return said(clause.says).replace("{delay}", name_delay(clause.duration) if clause.duration else "")


def name_delay(duration: Duration) -> str:
    """Return a delay in the reader's language: "1 year", "13 months", "7 days"."""
    years, months = divmod(duration.months, 12)
    if months == 0 and years and not duration.days:
        return ngettext("%(num)d year", "%(num)d years", years)
    if duration.months and not duration.days:
        return ngettext("%(num)d month", "%(num)d months", duration.months)
    if duration.days and not duration.months:
        return ngettext("%(num)d day", "%(num)d days", duration.days)
    return gettext("%(months)d months and %(days)d days", months=duration.months, days=duration.days)
