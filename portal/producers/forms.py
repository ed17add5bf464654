"""What a producer fills in: the file, the description, and one line per column."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Regexp

from datasets.catalogue.metadata import LICENCES
from datasets.disclosure.identifiers import KINDS
from datasets.types import TYPES
from portal.producers.describing import IDENTIFIER


class Form(FlaskForm):
    """A form without a token: requests from other sites are refused before they reach it."""

    class Meta:
        """No token: the one cookie of a signed-in person is enough."""

        csrf = False


class UploadForm(Form):
    """The file."""

    file = FileField(
        _("Your file"),
        [FileRequired(_("Choose a file."))],
        description=_("A CSV table or a GeoJSON layer. Nothing is published at this stage."),
        render_kw={"accept": ".csv,.tsv,.txt,.geojson,.json"},
    )


class DescriptionForm(Form):
    """What readers will see of the dataset."""

    title = StringField(
        _("Title"),
        [InputRequired(_("Give a title.")), Length(max=200)],
        description=_("What the dataset holds, in one line."),
    )
    description = TextAreaField(
        _("Description"),
        [Length(max=20_000)],
        description=_("What the data are for, how they are made, their limits. An empty line starts a paragraph."),
    )
    keywords = StringField(_("Keywords"), [Length(max=500)], description=_("Separated by commas."))
    licence = SelectField(
        _("Licence"), [InputRequired()], choices=[SelectChoice(key, licence.name) for key, licence in LICENCES.items()]
    )
    dataset_id = StringField(
        _("Identifier"),
        [
            InputRequired(_("Give an identifier.")),
            Regexp(rf"^(?:{IDENTIFIER.pattern})$", message=_("Use 3 to 100 of a-z, 0-9, hyphen and underscore.")),
        ],
        description=_("The end of its address on the portal. It does not change afterwards."),
    )


def read_column_choices(
    form: Mapping[str, str], columns: list[dict[str, Any]], kept: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Return what the producer decided of each column: only what differs from what was understood, or was decided.

    The fields are `type-NAME`, `label-NAME` and the box `published-NAME`; an unknown type is ignored.
    """
    choices: dict[str, dict[str, Any]] = {}
    for column in columns:
        name = column["name"]
        choice = dict(kept.get(name, {}))
        wanted = {
            "type": form.get(f"type-{name}", ""),
            "label": form.get(f"label-{name}", "").strip()[:200],
            "published": f"published-{name}" in form,
        }
        if wanted["type"] not in TYPES:
            wanted["type"] = column["type"]
        choice |= {key: value for key, value in wanted.items() if value != column[key]}
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
    for finding in findings:
        kind, column = finding["kind"], finding["column"]
        reason = form.get(f"answer-{kind}-{column}", "")
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
