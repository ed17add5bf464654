"""What a browser brings back from a passkey."""

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from portal.accounts.forms import ErasureForm, Form
from portal.accounts.passkeys.service import LONGEST_ANSWER
from portal.accounts.service import clean_name


class SignatureForm(Form):
    """What a passkey signed; `ticket` holds what it was asked, so that the portal keeps nothing meanwhile."""

    ticket = HiddenField()
    answer = HiddenField(validators=[InputRequired(), Length(max=LONGEST_ANSWER)])


class PasskeyForm(ErasureForm, SignatureForm):
    """A new passkey, with the password: it would open the account for good to whoever found a browser open."""

    name = StringField(
        _("Name of the passkey"), [DataRequired(), Length(max=100)], filters=[clean_name],
        description=_("To recognise it in your list: the telephone, computer or key that holds it. Seen by you only."),
    )  # fmt: skip
