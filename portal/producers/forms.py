"""What a producer fills in: the file, the description, and one line per column."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Regexp

from datasets.catalogue.metadata import LICENCES
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
