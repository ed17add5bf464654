"""What a person, or an officer for them, fills in about rights; each field tells its purpose."""

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.accounts.forms import LANGUAGES, Form, check_email
from portal.accounts.service import clean_name
from portal.i18n import said
from portal.privacy.rights.handover import TABLES
from portal.privacy.rights.kinds import DECISIONS, RIGHTS

FINDING = _("To find your data and to answer you. Read by the data-protection officer only.")


def list_rights() -> list[SelectChoice]:
    """Return the rights of a person by their names, in the reader's language."""
    return [SelectChoice(right.id, said(right.name)) for right in RIGHTS.values() if not right.by_officer]


def list_all() -> list[SelectChoice]:
    """Return all that an officer may write down."""
    return [SelectChoice(right.id, said(right.name)) for right in RIGHTS.values()]


class RightForm(Form):
    """A request of somebody who is signed in."""

    right = SelectField(
        _("What you ask for"), [InputRequired()], choices=list_rights,
        description=_("To deal with your request by the rules of that right."),
    )  # fmt: skip
    words = TextAreaField(
        _("Your request"), [Length(max=5000)],
        description=_("What it is about. No reason is needed, but to object to a use that the law allows."),
        render_kw={"rows": 6},
    )  # fmt: skip


class OpenForm(RightForm):
    """A request of somebody without an account."""

    email = StringField(
        _("E-mail address"), [InputRequired(), Length(max=254), check_email],
        description=_("To send you a link that shows that it is yours, then the answer."),
        render_kw={"autocomplete": "email", "type": "email"},
    )  # fmt: skip
    name = StringField(
        _("Name"), [Length(max=100)], filters=[clean_name], description=FINDING, render_kw={"autocomplete": "name"}
    )


class PostForm(RightForm):
    """A request that came by post, written down by an officer."""

    right = SelectField(_("What is asked for"), [InputRequired()], choices=list_all)
    received = DateField(_("Received on"), [InputRequired()], description=_("The day of the stamp of arrival."))
    name = StringField(_("Name of the person"), [InputRequired(), Length(max=100)], filters=[clean_name])
    address = TextAreaField(_("Postal address"), [InputRequired(), Length(max=500)], render_kw={"rows": 3})
    account = StringField(
        _("Address of their account"), [Optional(), Length(max=254), Email()],
        description=_("When they have one and nothing makes you doubt that it is theirs."),
    )  # fmt: skip
    language = SelectField(_("Language"), [InputRequired()], choices=list(LANGUAGES), default="fr")


class DoubtForm(Form):
    """A doubt about who is asking."""

    motive = TextAreaField(
        _("What makes you doubt"), [InputRequired(), Length(max=5000)],
        description=_("A proof of identity is asked on a reasonable doubt only, and the doubt is written down."),
        render_kw={"rows": 3},
    )  # fmt: skip


class DecisionForm(Form):
    """The answer to a request."""

    decision = SelectField(
        _("Decision"), [InputRequired()],
        choices=lambda: [SelectChoice(key, said(words)) for key, words in DECISIONS.items()],
    )  # fmt: skip
    reasons = TextAreaField(
        _("Reasons"), [Length(max=5000)],
        description=_("Sent to the person. Needed when something is refused: each category, and on what ground."),
        render_kw={"rows": 5},
    )  # fmt: skip
    silent = BooleanField(
        _("The order forbids to tell the person"),
        description=_("For a legal order only: the person is told otherwise."),
    )


class OrderForm(Form):
    """What a legal order names of a person."""

    tables = SelectMultipleField(
        _("What the order names"), [DataRequired(_("Choose at least one."))],
        choices=lambda: [SelectChoice(key, said(words)) for key, words in TABLES.items()],
        description=_("Nothing else is handed over. The copy is closed by a password and goes to the archive."),
        widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(),
    )  # fmt: skip


class HoldForm(Form):
    """A legal hold on an account."""

    account = StringField(_("Address of the account"), [InputRequired(), Length(max=254), Email()])
    until = DateField(_("Until"), [InputRequired()], description=_("Twelve months at most; it can be renewed."))
    motive = TextAreaField(
        _("Motive"), [InputRequired(), Length(max=1000)],
        description=_("The procedure or the order that forbids to erase. The person reads it."), render_kw={"rows": 3},
    )  # fmt: skip


class ReadingForm(Form):
    """The motive of opening a record of the archive."""

    number = IntegerField(_("Archived record"), [InputRequired(), NumberRange(min=1)])
    motive = TextAreaField(
        _("Motive"), [InputRequired(), Length(max=300)], description=_("Kept with your name for twelve months."),
        render_kw={"rows": 2},
    )  # fmt: skip
    file = BooleanField(
        _("Download its closed file"),
        description=_("For the copy of a legal order. Give its password by another way than the file."),
    )


class IdentityForm(Form):
    """The copy of an identity document."""

    document = FileField(
        _("Copy of an identity document"), [InputRequired()],
        description=_("PDF, JPEG or PNG, 5 MB at most. Hide what is not your name. Destroyed once looked at."),
        render_kw={"accept": ".pdf,.jpg,.jpeg,.png"},
    )  # fmt: skip

    def read(self) -> bytes:
        """Return the document that was sent, empty when it is none of the kinds that are read, or too large."""
        content: bytes = self.document.data.read(MOST + 1) if self.document.data else b""
        return content if len(content) <= MOST and content.startswith(KINDS) else b""


MOST = 5 * 10**6
KINDS = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
"""How the files begin that are read as documents."""
