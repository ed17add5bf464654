"""The reuses of a dataset as its producer writes them: one block each, the last one empty to add another."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, FieldList, Form, FormField, StringField
from wtforms.validators import Length, Optional, StopValidation

MOST = 50
"""Reuses of a dataset."""

WORDS = ("title", "url", "author", "description", "description_en")


class NeededInside:
    """A field that is needed as soon as another one of its block is filled in; an empty block is left out."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __init__(self, message: Any) -> None:
        self.message = message

    def __call__(self, form: "ReuseForm", field: StringField) -> None:
        """Stop without a word when the whole block is empty or goes away, with the message when the field is empty."""
        if not form.wanted:
            raise StopValidation()
        if not (field.data or "").strip():
            raise StopValidation(self.message)


def check_link(_form: Form, field: StringField) -> None:
    """Refuse what is not the address of a page: https, a host, no password, no space."""
    address = (field.data or "").strip()
    try:
        parts = urlsplit(address)
        good = parts.scheme == "https" and "." in (parts.hostname or "") and "@" not in parts.netloc
    except ValueError:
        good = False
    if not good or any(letter.isspace() or not letter.isprintable() for letter in address):
        raise StopValidation(_("Write the whole address of a page: it begins with https://"))


class ReuseForm(Form):
    """One reuse: what it is, where it is, who made it, one line about it in each language."""

    title = StringField(_("Title of the reuse"), [NeededInside(_("Give the title of this reuse.")), Length(max=200)])
    url = StringField(
        _("Its address"),
        [NeededInside(_("Give the address of this reuse.")), Length(max=500), check_link],
        description=_("A page that anybody can open. It begins with https://"),
        render_kw={"inputmode": "url", "spellcheck": "false"},
    )
    author = StringField(
        _("Who made it"),
        [Optional(), Length(max=200)],
        description=_("The organisation; or the author, who agrees to be named here."),
    )
    description = StringField(_("In one line"), [Optional(), Length(max=300)])
    description_en = StringField(_("In one line, in English"), [Optional(), Length(max=300)])
    gone = BooleanField(_("Remove this reuse"))

    @property
    def wanted(self) -> bool:
        """Whether something is written in the block, and is to be kept."""
        return not self.gone.data and any((self[name].data or "").strip() for name in WORDS)

    def read(self) -> dict[str, str]:
        """Return what was written."""
        return {name: (self[name].data or "").strip() for name in WORDS}


class ReusesField(FieldList):
    """The reuses of a dataset; its data are those that are written and kept."""

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(FormField(ReuseForm), label, max_entries=MOST, **options)

    def read(self) -> list[dict[str, str]]:
        """Return what was written of each reuse that is kept."""
        return [entry.form.read() for entry in self if entry.form.wanted]

    def offer_another(self) -> None:
        """Add an empty block, unless the last one is empty already or there are enough."""
        if len(self) < MOST and (not len(self) or self[-1].form.wanted):
            self.append_entry()
