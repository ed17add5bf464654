"""What a producer fills in: the file, how it is read, one block per column, the description."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from wtforms import Field, FileField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import Email, InputRequired, Length, Optional, Regexp

from datasets.catalogue.metadata import LICENCES, METADATA, MetadataTerm
from datasets.disclosure.identifiers import KINDS
from datasets.types import TYPES
from portal.i18n import LANGUAGES, said
from portal.pages.vocabulary import FREQUENCIES
from portal.producers.describing import IDENTIFIER
from portal.producers.reuses import ReusesField
from portal.producers.understanding import WORDS

WORDED = ("label_en", "description", "description_en", "unit", "key")
LONGEST = 500
PERIOD = r"^\d{4}(-\d\d(-\d\d)?)?(/\d{4}(-\d\d(-\d\d)?)?)?$"
IN_ENGLISH, BY_COMMAS = _("in English"), _("Separated by commas.")


class Form(FlaskForm):
    """A form without a token: requests from other sites are refused before they reach it."""

    class Meta:
        """No token: the one cookie of a signed-in person is enough."""

        csrf = False


class UploadForm(Form):
    """The file, or several."""

    file = FileField(
        _("Your files"),
        [InputRequired()],
        description=_("A table or a layer: each file becomes a dataset. Nothing is published at this stage."),
        render_kw={"multiple": True},
    )


class DescriptionForm(Form):
    """What readers will see of the dataset: the fields of METADATA, and the identifier."""

    dataset_id = StringField(
        _("Identifier"),
        [
            InputRequired(_("Give an identifier.")),
            Regexp(rf"^(?:{IDENTIFIER.pattern})$", message=_("Use 3 to 100 of a-z, 0-9, hyphen and underscore.")),
        ],
        description=_("The end of its address on the portal. It does not change afterwards."),
    )

    def describe(self) -> dict[str, Any]:
        """Return what was written, by field: texts, and the list of the reuses."""
        written = {name: self[name] for name in DESCRIPTION_FIELDS}
        return {
            name: field.read() if isinstance(field, ReusesField) else str(field.data or "").strip()
            for name, field in written.items()
        }


def make_fields(term: MetadataTerm) -> Iterator[tuple[str, Field]]:
    """Yield the fields of the form for a piece of description: one, or one per language."""
    label, help_ = LazyString(said, term.label), LazyString(said, term.help)
    needed = [InputRequired(_("This is needed."))] if term.required else [Optional()]
    match term.kind:
        case "licence":
            choices = [SelectChoice(key, licence.name) for key, licence in LICENCES.items()]
            yield term.name, SelectField(label, needed, choices=choices, description=help_)
        case "email":
            yield term.name, StringField(label, [Optional(), Length(max=254), Email()], description=help_)
        case "reuses":
            yield term.name, ReusesField(label, description=help_)
        case "list":
            words = LazyString(lambda: f"{help_} {BY_COMMAS}")
            yield term.name, StringField(label, [*needed, Length(max=LONGEST)], description=words)
        case "texts" | "html":
            kind, longest = (TextAreaField, 20_000) if term.kind == "html" else (StringField, 200)
            yield term.name, kind(label, [*needed, Length(max=longest)], description=help_)
            yield (
                f"{term.name}_en",
                kind(LazyString(lambda: f"{label} – {IN_ENGLISH}"), [Optional(), Length(max=longest)]),
            )
        case _:
            yield term.name, make_text_field(term, label, help_, needed)


def make_text_field(term: MetadataTerm, label: LazyString, help_: LazyString, needed: list[Any]) -> Field:
    """Return the field of a piece of description that is one text; a list of choices where there is one."""
    if term.name == "update_frequency":
        return SelectField(
            label,
            choices=[SelectChoice(*pair) for pair in FREQUENCIES.items()],
            description=help_,
            validate_choice=False,
        )
    if term.name == "language":
        return SelectField(
            label, choices=[SelectChoice(*pair) for pair in LANGUAGES.items()], description=help_, validate_choice=False
        )
    if term.name == "temporal":
        needed = [*needed, Regexp(PERIOD, message=_("Write 2024, 2019/2024 or 2024-01-01/2024-06-30."))]
    return StringField(label, [*needed, Length(max=LONGEST)], description=help_)


DESCRIPTION_FIELDS: tuple[str, ...] = tuple(name for term in METADATA for name, _field in make_fields(term))
"""The fields of the description, in the order of METADATA."""
for _term in METADATA:
    for _name, _made in make_fields(_term):
        setattr(DescriptionForm, _name, _made)


def read_column_choices(
    form: Mapping[str, str], columns: list[dict[str, Any]], kept: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Return what the producer decided of each column: only what differs from what was understood, or was decided.

    The fields are `type-NAME`, `label-NAME`, the box `published-NAME`, and `label_en-NAME`, `unit-NAME`… for the words
    beside the title; an unknown type is ignored.
    """
    choices: dict[str, dict[str, Any]] = {}
    for column in columns:
        name = column["name"]
        choice = dict(kept.get(name, {}))
        wanted = {
            "type": form.get(f"type-{name}", ""),
            "label": form.get(f"label-{name}", "").strip()[:200] or column["label"],
            "published": f"published-{name}" in form,
        }
        if wanted["type"] not in TYPES:
            wanted["type"] = column["type"]
        choice |= {key: value for key, value in wanted.items() if value != column[key]}
        words = {word: form.get(f"{word}-{name}", "").strip()[:LONGEST] for word in WORDED}
        if any(words.values()) or WORDS in choice:
            choice[WORDS] = {word: text for word, text in words.items() if text}
        if choice:
            choices[name] = choice
    return choices


def read_answers(
    form: Mapping[str, str],
    findings: list[dict[str, Any]],
    choices: dict[str, dict[str, Any]],
    declared_by: str,
    at: datetime,
) -> dict[str, dict[str, Any]]:
    """Return the choices with what was answered of each identifier found (the fields `answer-KIND-COLUMN`).

    An answer that does not suit the kind is ignored; "removed" unticks the column. What was answered before and
    is answered the same keeps its instant.
    """
    choices = {name: dict(choice) for name, choice in choices.items()}
    for finding in findings:
        kind, column = finding["kind"], finding["column"]
        if f"answer-{kind}-{column}" not in form:
            continue
        reason = form[f"answer-{kind}-{column}"]
        choice = choices.get(column, {})
        answers = {name: answer for name, answer in choice.get("answers", {}).items() if name != kind}
        if reason in KINDS[kind].answers:
            before = choice.get("answers", {}).get(kind, {})
            new = {"reason": reason, "declared_by": declared_by, "at": at.isoformat()}
            answers[kind] = before if before.get("reason") == reason else new
        if answers or choice.get("answers"):
            choices[column] = {**choice, "answers": answers}
        if reason == "removed":
            choices.setdefault(column, {})["published"] = False
    return choices


def read_fixed_cells(form: Mapping[str, str], problems: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the cells that were corrected on the page (the fields `fix-ROW-COLUMN`), as plain fixes."""
    return [
        {"kind": "value", "column": group["column"], "text": text, "row": row, "was": value}
        for group in problems
        if group["column"]
        for row, value, _suggestion in group["cases"]
        if (text := form.get(f"fix-{row}-{group['column']}", "").strip())
    ]
