"""What pages say of a dataset, of its fields and of its map."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from markupsafe import Markup, escape

from datasets.catalogue.metadata import LICENCES, METADATA, metadata_text
from datasets.model import Dataset, Field
from portal.i18n import LANGUAGES, day, instant, language, number, period, said, unit
from portal.pages.cells import SHARED, show
from portal.pages.charts.periods import PERIODS, label
from portal.pages.maps.choropleth import Area, Choropleth
from portal.pages.vocabulary import say_frequency, say_theme

TYPES = {
    "text": _l("text"),
    "int": _l("whole number"),
    "double": _l("decimal number"),
    "boolean": _l("yes or no"),
    "date": _l("date"),
    "datetime": _l("date and time"),
    "geo_point_2d": _l("point"),
    "geo_shape": _l("contour"),
    "file": _l("file"),
    "json_blob": _l("JSON"),
}
FEATURES = {"analyze": _l("Figures"), "geo": _l("Map"), "timeserie": _l("Dates")}
"""What datasets lend themselves to, in words."""
UNTOLD = ("title", "description", "method", "publisher", "reuses")
"""Pieces of description that have their own place on the page."""

SAID: Mapping[str, Callable[[str], str]] = {
    "features": lambda value: str(FEATURES.get(value) or value),
    "theme": say_theme,
    "update_frequency": say_frequency,
}
"""How the values of pieces of description are said, by name; the others are said as they are written."""


def say_value(value: str, field: Field | str = "") -> str:
    """Return a value of a field, or of a facet by its name, in the reader's words.

    Codes are said as their field says them; levels of territories and periods are spelt; anything else stays.
    """
    name, own = (field.name, field.values) if isinstance(field, Field) else (field, {})
    if texts := own.get(value) or SHARED.get(name, {}).get(value):
        return said(texts)
    if name in SAID:
        return SAID[name](value)
    words = period(value)
    return label(value) if words == value and name in PERIODS else words


def type_name(field: Field) -> str:
    """Return the type of a field in words."""
    name = str(TYPES[field.type])
    return _("list of: %(type)s", type=name) if field.multivalued else name


def licence_name(key: str | None) -> str:
    """Return the name of a licence."""
    return LICENCES[key].name if key and key in LICENCES else key or ""


def list_facts(dataset: Dataset) -> list[tuple[str, Any]]:
    """Return (label, value) for each piece of the description worth a line."""
    told = [(said(term.label), _tell(dataset, term.name, term.kind)) for term in METADATA if term.name not in UNTOLD]
    dates = [
        (_("First published"), day(dataset.issued)),
        (_("Last changed"), instant(dataset.modified)),
        (_("Records"), number(dataset.version.rows if dataset.version else 0)),
        (_("Identifier"), dataset.dataset_id),
    ]
    return [(label, value) for label, value in (*told, *dates) if value]


def _tell(dataset: Dataset, name: str, kind: str) -> Any:
    value = metadata_text(dataset.metadata, name, language())
    if not value:
        return None
    if kind == "licence":
        licence = LICENCES.get(dataset.metadata["licence"])
        return _link(licence.url, value) if licence else value
    if kind == "email":
        return _link(f"mailto:{value}", value)
    if name == "language":
        return LANGUAGES.get(value, value)
    if isinstance(value, str) and value.startswith(("https://", "http://")):
        return _link(value, value)
    say = SAID.get(name, str)
    return ", ".join(map(say, value)) if isinstance(value, list | tuple) else say(value)


def _link(href: str, text: str) -> Markup:
    return Markup('<a href="{}" rel="noopener">{}</a>').format(href, escape(text))


def say_area(area: Area, measure: Field) -> str:
    """Return what the map says of an area."""
    if area.state == "hidden":
        return _("hidden for protection")
    return say_amount(area.value, measure) if area.state == "shown" else _("no data")


def say_amount(value: float | None, measure: Field) -> str:
    """Return an amount with its unit."""
    return f"{show(value, measure)} {unit(measure.annotations.get('unit'))}".strip()


def describe_map(chart: Choropleth) -> str:
    """Return the sentences that say what the map shows: how many territories, the extremes, what is hidden."""
    shown = [area for area in chart.areas if area.state == "shown"]
    hidden = chart.count_state("hidden")
    sentences = [_count_shown(len(shown))]
    if len(shown) > 1:
        sentences.append(_tell_extremes(shown[0], shown[-1], chart.measure))
    if hidden:
        sentences.append(
            ngettext(
                "%(count)s is hidden for protection.",
                "%(count)s are hidden for protection.",
                hidden,
                count=number(hidden),
            )
        )
    return " ".join(sentences)


def _count_shown(count: int) -> str:
    if not count:
        return _("No territory has a published figure for this choice.")
    return ngettext(
        "%(count)s territory has a figure.", "%(count)s territories have a figure.", count, count=number(count)
    )


def _tell_extremes(first: Area, last: Area, measure: Field) -> str:
    return _(
        "The highest is %(first)s (%(most)s), the lowest %(last)s (%(least)s).",
        first=first.name,
        most=say_amount(first.value, measure),
        last=last.name,
        least=say_amount(last.value, measure),
    )
