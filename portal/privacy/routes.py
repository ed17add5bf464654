"""The privacy page, made of the policy that the code obeys and of the identity that the settings give."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.i18n import said
from portal.privacy.calendar import Duration
from portal.privacy.policy import POLICY, Clause

bp = Blueprint("privacy", __name__)


@bp.get("/pages/privacy/")
def show_policy() -> ResponseReturnValue:
    """Tell what is kept, why, for how long, and how to exercise one's rights."""
    return render_template("privacy/policy.html", policy=POLICY, delay=name_delay, tell=tell_clause)


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
