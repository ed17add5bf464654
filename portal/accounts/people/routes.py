"""The officer's page of accounts: who may do what, for whom, until when."""

from datetime import datetime

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext
from flask_login import current_user

from datasets.errors import InvalidParameter
from portal.accounts import service as accounts
from portal.accounts.access import keep_private, note_act, require_role
from portal.accounts.entrance import send_later
from portal.accounts.journal.service import note
from portal.accounts.organisations.service import find_membership, list_organisations, make_organisation
from portal.accounts.partners.service import find_closed_programmer
from portal.accounts.people import service
from portal.accounts.people.forms import ROLE_NAMES, FindForm, GrantForm, OrganisationForm
from portal.accounts.service import Account
from portal.extensions import portal
from portal.i18n import address, day, language, said
from portal.mail import Letter, write_letter
from portal.privacy.calendar import end_of_day

bp = Blueprint("people", __name__, url_prefix="/desk/accounts")
bp.after_request(keep_private)
officer = require_role("officer")


@bp.get("/")
@officer
def show() -> ResponseReturnValue:
    """List those who were granted a role, and the organisations; reading them is noted."""
    note_act("accounts_read")
    return render_people()


@bp.post("/find/")
@officer
def find() -> ResponseReturnValue:
    """Go to the account that has an address, so that a role is given to whoever asks for it."""
    form = FindForm()
    if form.validate():
        with portal.databases.session("accounts") as session:
            row = accounts.find_row(session, portal.vault, form.email.data or "")
        note_act("accounts_read")
        if row is not None:
            return redirect(address(f"/desk/accounts/{row.id}/"), 303)
        form.email.errors = [gettext("This address has no account.")]
    return render_people(find=form), 400


@bp.post("/organisations/")
@officer
def add_organisation() -> ResponseReturnValue:
    """Make an organisation."""
    form, at = OrganisationForm(), portal.clock.now()
    if form.validate():
        try:
            with portal.databases.session("accounts") as session:
                make_organisation(session, form.name.data or "", form.programmer.data or "", at)
        except InvalidParameter as error:
            form.name.errors = [error.message(language())]
        else:
            note_act("organisation_made")
            return redirect(address("/desk/accounts/?done=organisation"), 303)
    return render_people(form=form), 400


@bp.route("/<account_id>/", methods=["GET", "POST"])
@officer
def grant(account_id: str) -> ResponseReturnValue:
    """Give somebody a role, or take it back; nobody changes their own."""
    at = portal.clock.now()
    with portal.databases.session("accounts") as session:
        person = accounts.get_account(session, portal.vault, account_id, at)
        offered = [(one.id, one.name) for one in list_organisations(session)]
        held = find_membership(session, account_id)
    form = GrantForm(data={"role": person.role, "until": person.role_until, "organisation": held}).offer(offered)
    if form.validate_on_submit():
        try:
            change_role(person, form, at)
        except InvalidParameter as error:
            form.role.errors = [error.message(language())]
        else:
            return redirect(address("/desk/accounts/?done=granted"), 303)
    return render_template("accounts/grant.html", form=form, person=person), 400 if form.is_submitted() else 200


def change_role(person: Account, form: GrantForm, at: datetime) -> None:
    """Write a grant, note it for the officer and for the person, and tell the person. Raises InvalidParameter."""
    if person.id == current_user.account.id:
        raise InvalidParameter(
            name="role", found="one's own", expected="another officer, or the operator, to change it"
        )
    until = end_of_day(form.until.data) if form.until.data else None
    with portal.databases.session("accounts") as session:
        service.grant(session, person.id, form.role.data, until, form.organisation.data or "", at)
        note(session, portal.vault, current_user.account.id, "role_granted", at, form.role.data)
        note(session, portal.vault, person.id, "role_changed", at, form.role.data)
        closed = find_closed_programmer(session, person.id)
    if closed:  # whoever joins an organisation shows its open dates only once they choose so
        from portal.openings import close_calendar  # a second of imports that other pages need not

        close_calendar(portal, closed)
    send_later(write_grant(person, form.role.data, until))


def write_grant(person: Account, role: str, until: datetime | None) -> Letter:
    """Return the letter that tells somebody their new role and its end."""
    with force_locale(person.language):
        what = gettext("Your role is now: %(role)s.", role=said(ROLE_NAMES[role]))
        if until is not None:
            what += " " + gettext("It ends on %(day)s.", day=day(until))
    return write_letter("changed", person.email, person.language, what=what)


def render_people(*, form: OrganisationForm | None = None, find: FindForm | None = None) -> str:
    """Return the page of granted roles and organisations, with what was wrong in a form."""
    with portal.databases.session("accounts") as session:
        people = service.list_staff(session, portal.vault, portal.clock.now())
        organisations = list_organisations(session)
    forms = {"form": form or OrganisationForm(formdata=None), "find": find or FindForm(formdata=None)}
    return render_template(
        "accounts/people.html", people=people, organisations=organisations, roles=ROLE_NAMES, **forms
    )
