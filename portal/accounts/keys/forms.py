"""What a person says of a new API key."""

from collections.abc import Collection

from flask_babel import lazy_gettext as _
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from portal.accounts.forms import Form
from portal.accounts.keys.service import LIVES, SCOPES
from portal.accounts.service import clean_name
from portal.i18n import said


class KeyForm(Form):
    """A new API key: its name, what it is for, and its life."""

    name = StringField(
        _("Name of the key"), [DataRequired(), Length(max=100)], filters=[clean_name],
        description=_("To recognise it in your list: the name of the program that will use it, for instance."),
    )  # fmt: skip
    scopes = SelectMultipleField(
        _("What it may do"), [DataRequired(_("Choose at least one."))], default=["read"],
        description=_("The less a key may do, the less is lost with it."),
        widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(),
    )  # fmt: skip
    life = SelectField(
        _("For how long"), [InputRequired()], coerce=int, default=max(LIVES),
        choices=[SelectChoice(days, _("%(days)d days", days=days)) for days in LIVES],
        description=_("It stops working after that, and is erased. You may revoke it before."),
    )  # fmt: skip

    def allow(self, scopes: Collection[str]) -> "KeyForm":
        """Offer `scopes` only; returns the form."""
        self.scopes.choices = [(scope, said(SCOPES[scope])) for scope in scopes]
        return self
