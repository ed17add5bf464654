"""What a person fills in about themselves: each field tells its purpose and whether it must be given."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from datasets.errors import InvalidParameter
from portal.accounts.passwords import BITS, LONGEST, is_strong, measure_entropy
from portal.accounts.service import Account, clean_name, clean_text, normalise_email
from portal.i18n import language

LANGUAGES = (SelectChoice("fr", "Français"), SelectChoice("en", "English"))
PASSWORD_RULE = _(
    "At least 12 characters mixing lower case, capitals, digits and signs; or 14 without signs; or a sentence of "
    "seven words. Repetitions, sequences, well-known words and your own address do not count."
)

CONFIRMED = _("To be sure that it is you; compared with a hash, and not kept.")


class Form(FlaskForm):
    """A form without a token: requests from other sites are refused before they reach it."""

    class Meta:
        """No cookie for a visitor, hence no token tied to one."""

        csrf = False


def check_strength(password: str, known: tuple[str, ...]) -> None:
    """Refuse a weak password, saying how far it is from the rule. Raises ValidationError."""
    if not is_strong(password, known):
        raise ValidationError(
            gettext(
                "This password is too easy to guess: about %(found)s bits, %(expected)s are needed. Make it longer, "
                "or mix capitals, digits and signs.",
                found=round(measure_entropy(password, known)),
                expected=BITS,
            )
        )


def check_email(_form: Any, field: StringField) -> None:
    """Refuse what is not an e-mail address. Raises ValidationError."""
    try:
        field.data = normalise_email(field.data or "")
    except InvalidParameter as error:
        raise ValidationError(gettext("An e-mail address is expected, such as name@example.org.")) from error


class SignInForm(Form):
    """Address and password."""

    email = StringField(
        _("E-mail address"), [InputRequired(), Length(max=254)], description=_("To find your account."),
        render_kw={"autocomplete": "username", "type": "email"},
    )  # fmt: skip
    password = PasswordField(
        _("Password"), [InputRequired(), Length(max=LONGEST)], description=CONFIRMED,
        render_kw={"autocomplete": "current-password"},
    )  # fmt: skip


class NamesForm(Form):
    """How a person is called and spoken to; nothing is compulsory but the language."""

    given_name = StringField(
        _("Given name"), [Length(max=100)], filters=[clean_name],
        description=_("How to address you if you write to us. Seen by you and by the portal’s staff."),
        render_kw={"autocomplete": "given-name"},
    )  # fmt: skip
    family_name = StringField(
        _("Family name"), [Length(max=100)], filters=[clean_name],
        description=_("How to address you if you write to us. Seen by you and by the portal’s staff."),
        render_kw={"autocomplete": "family-name"},
    )  # fmt: skip
    language = SelectField(
        _("Language"), [InputRequired()], choices=list(LANGUAGES), default=language,
        description=_("Of the pages and letters for you."),
    )  # fmt: skip


class ProfileForm(NamesForm):
    """What a person may say of themselves: a closed list."""

    phone = StringField(
        _("Telephone"), [Length(max=30)], filters=[clean_text],
        description=_(
            "To reach you about what you publish. Seen by the portal’s staff, and by partners if you chose to be open."
        ),
        render_kw={"autocomplete": "tel", "type": "tel"},
    )  # fmt: skip
    profession = StringField(
        _("Profession"), [Length(max=100)], filters=[clean_text],
        description=_("So that partners know whom they read, if you chose to be open. Seen by the portal’s staff."),
        render_kw={"autocomplete": "organization-title"},
    )  # fmt: skip
    workplace = StringField(
        _("Workplace"), [Length(max=200)], filters=[clean_text],
        description=_("So that partners know whom they read, if you chose to be open. Seen by the portal’s staff."),
        render_kw={"autocomplete": "organization"},
    )  # fmt: skip
    postal_address = StringField(
        _("Postal address"), [Length(max=300)], filters=[clean_text],
        description=_("To answer you by post, if you ask for it. Seen by you and by the portal’s staff."),
        render_kw={"autocomplete": "street-address"},
    )  # fmt: skip


class SignUpForm(NamesForm):
    """A new account."""

    email = StringField(
        _("E-mail address"), [InputRequired(), Length(max=254), check_email],
        description=_("To sign you in. Never given to anyone."),
        render_kw={"autocomplete": "username", "type": "email"},
    )  # fmt: skip
    password = PasswordField(
        _("Password"), [InputRequired(), Length(max=LONGEST)], description=PASSWORD_RULE,
        render_kw={"autocomplete": "new-password"},
    )  # fmt: skip

    adult = BooleanField(
        _("I am 15 or older"),
        description=_(
            "Under 15, a parent must agree for you (loi Informatique et Libertés, art. 45), and we do not keep such "
            "agreements: everything can be read and downloaded without an account. This answer is not kept."
        ),
    )

    def validate_adult(self, field: BooleanField) -> None:
        """Refuse who does not say to be 15."""
        if not field.data:
            raise ValidationError(gettext("An account is for people of 15 or older. Reading needs none."))

    def validate_password(self, field: PasswordField) -> None:
        """Apply the CNIL's rule, knowing what the person is called."""
        email = self.email.data or ""
        known = (email, email.partition("@")[0], self.given_name.data or "", self.family_name.data or "")
        check_strength(field.data or "", known)


class PasswordForm(Form):
    """A new password, with the present one."""

    current = PasswordField(
        _("Present password"), [InputRequired(), Length(max=LONGEST)], description=CONFIRMED,
        render_kw={"autocomplete": "current-password"},
    )  # fmt: skip
    new = PasswordField(
        _("New password"), [InputRequired(), Length(max=LONGEST)], description=PASSWORD_RULE,
        render_kw={"autocomplete": "new-password"},
    )  # fmt: skip

    def __init__(self, account: Account, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.account = account

    def validate_new(self, field: PasswordField) -> None:
        """Apply the CNIL's rule."""
        check_strength(field.data or "", self.account.known_words)


class NewPasswordForm(Form):
    """A new password in the place of a forgotten one; `account` is set before the form is validated."""

    account: Account
    new = PasswordField(
        _("New password"), [InputRequired(), Length(max=LONGEST)], description=PASSWORD_RULE,
        render_kw={"autocomplete": "new-password"},
    )  # fmt: skip

    def validate_new(self, field: PasswordField) -> None:
        """Apply the CNIL's rule."""
        check_strength(field.data or "", self.account.known_words)


class ForgottenForm(Form):
    """The address of somebody who forgot their password."""

    email = StringField(
        _("E-mail address"), [InputRequired(), Length(max=254), check_email],
        description=_("To send you a link. It is not kept if it has no account."),
        render_kw={"autocomplete": "username", "type": "email"},
    )  # fmt: skip


class CodeForm(Form):
    """The code of a second factor; `ticket` tells for whom the password was right."""

    ticket = HiddenField()
    code = StringField(
        _("Code"), [InputRequired(), Length(max=40)],
        description=_("The six digits that your authenticator shows now, or one of your recovery codes."),
        render_kw={"autocomplete": "one-time-code"},
    )  # fmt: skip


class SecondFactorForm(Form):
    """A new second factor: the secret travels in a ticket until a code proves that it was learnt."""

    ticket = HiddenField()
    code = StringField(
        _("Code"), [InputRequired(), Length(max=12)],
        description=_("The six digits that your authenticator shows once it has read the drawing."),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )  # fmt: skip


class ErasureForm(Form):
    """The confirmation of an erasure."""

    confirmation = PasswordField(
        _("Your password, to confirm"), [InputRequired(), Length(max=LONGEST)], description=CONFIRMED,
        render_kw={"autocomplete": "current-password"},
    )  # fmt: skip
