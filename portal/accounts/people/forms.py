"""What an officer says when granting a role, and of a new organisation."""

from flask_babel import lazy_gettext as _
from wtforms import DateField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal.accounts.forms import Form, check_email
from portal.accounts.service import clean_text
from portal.accounts.tables import ROLES
from portal.i18n import said

ROLE_NAMES = {
    "beneficiary": {"fr": "Bénéficiaire", "en": "Beneficiary"},
    "producer": {"fr": "Producteur", "en": "Producer"},
    "officer": {"fr": "Délégué à la protection des données", "en": "Data-protection officer"},
}


class GrantForm(Form):
    """A role, until a day, for an organisation."""

    role = SelectField(_("Role"), [InputRequired()], description=_("What the person may do on the portal."))
    until = DateField(
        _("Last day"), [Optional()],
        description=_(
            "Needed for producers and officers: a year at most. The person is told thirty and seven days before."
        ),
    )  # fmt: skip
    organisation = SelectField(
        _("Organisation"), description=_("Needed for producers: whom they publish for. Partners see its name.")
    )

    def offer(self, organisations: list[tuple[str, str]]) -> "GrantForm":
        """Offer the roles, and organisations as (identifier, name); returns the form."""
        self.role.choices = [(role, said(ROLE_NAMES[role])) for role in ROLES]
        self.organisation.choices = [("", "–"), *organisations]
        return self


class OrganisationForm(Form):
    """A new organisation."""

    name = StringField(
        _("Name of the organisation"), [DataRequired(), Length(max=200)], filters=[clean_text],
        description=_("As partners read it."),
    )  # fmt: skip
    programmer = StringField(
        _("Its name in the programming records"), [Length(max=64)], filters=[clean_text],
        description=_(
            "The programmateur_id of its rows, if it programmes: its degree of transparency then governs the calendar."
        ),
    )  # fmt: skip


class FindForm(Form):
    """The account to which a role is given."""

    email = StringField(
        _("Address of the account"), [InputRequired(), Length(max=254), check_email],
        description=_("Of somebody who asked for a role. Looking is noted in your journal."),
        render_kw={"type": "email", "autocomplete": "off"},
    )  # fmt: skip
