"""The officer's page of legal holds: who is kept until when and why, another hold, one that ends before its day."""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from datasets.errors import NotFound
from portal.accounts import service as accounts
from portal.accounts.access import note_act
from portal.accounts.service import Account
from portal.extensions import portal
from portal.i18n import address
from portal.mail import write_letter
from portal.privacy.calendar import end_of_day
from portal.privacy.erasure import find_stores, release_account
from portal.privacy.locking import service as locking
from portal.privacy.locking.service import Lock
from portal.privacy.rights.desk import bp, find_account, officer
from portal.privacy.rights.forms import HoldForm


@bp.route("/holds/", methods=["GET", "POST"])
@officer
def hold() -> ResponseReturnValue:
    """Show who is kept; forbid the erasure of an account for a time, with a motive that its person reads."""
    form = HoldForm()
    if not form.validate_on_submit():
        page = render_template("rights/holds.html", form=form, holds=list_holds())
        return page, 400 if form.is_submitted() else 200
    account_id = find_account(form.account.data)
    if account_id is None:
        raise NotFound(kind="account", name=form.account.data)
    until, at = end_of_day(form.until.data), portal.clock.now()
    with portal.databases.session("accounts") as session:
        key = accounts.get_key(portal.vault, account_id)
        locking.hold_account(session, key, form.motive.data, at=at, until=until)
    note_act("held")
    return render_template("rights/holds.html", form=HoldForm(formdata=None), until=until, holds=list_holds())


@bp.post("/holds/<account_id>/lift/")
@officer
def lift(account_id: str) -> ResponseReturnValue:
    """End a hold before its day: the person is told first, then the erasure that waited for it is done."""
    at = portal.clock.now()
    with portal.databases.session("accounts") as session:
        person = accounts.get_account(session, portal.vault, account_id)
        erased = locking.end_hold(session, account_id, at)
        with force_locale(person.language):
            what = gettext("The legal hold on your account has ended.")
            if erased:
                what += " " + gettext("The erasure that you asked for is being done.")
        portal.post.send(write_letter("changed", person.email, person.language, what=what))
    release_account(find_stores(portal), account_id, erased=erased, at=at)
    note_act("released")
    return redirect(address("/desk/holds/?done=lifted"), 303)


def list_holds() -> list[tuple[Account, Lock]]:
    """Return the accounts that are kept, with their hold."""
    found = []
    with portal.databases.session("accounts") as session:
        for account_id in locking.list_held(session):
            key = portal.vault.find_key(account_id)
            if key is not None:
                person = accounts.get_account(session, portal.vault, account_id)
                locks = locking.list_locks(session, key)
                found += [(person, lock) for lock in locks if lock.ground == locking.HOLD]
    return found
