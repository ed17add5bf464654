"""One value of a record, as a reader of tables sees it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from babel.dates import format_date
from flask_babel import gettext as _

from datasets.model import Field, Schema, text_in
from datasets.programming.values import VALUES
from portal.i18n import instant, language, locale_for_numbers, number
from portal.pages.charts.periods import PERIODS, YEARS, label

HIDDEN = "masque"
"""The boolean field that marks a record whose measures are hidden for the protection of those it counts."""
LONGEST = 200
SHARED = {"niveau_geo": VALUES["niveau_geo"]}
"""The words of fields that many datasets have, for those that carry none."""

PATTERNS = {"year": "y", "month": "MMMM y"}
NUMBERS = ("int", "double")


def is_amount(field: Field) -> bool:
    """Whether the field holds amounts: numbers that line up on the right."""
    return field.type in NUMBERS


def is_hidden(record: Mapping[str, Any], field: Field) -> bool:
    """Whether this value is withheld (and not simply missing)."""
    return bool(record.get(HIDDEN)) and record.get(field.name) is None and is_amount(field)


def shown_fields(schema: Schema) -> tuple[Field, ...]:
    """Return the fields that a table can show: contours stay for the map and the downloads."""
    return tuple(field for field in schema if field.type != "geo_shape")


def show(value: Any, field: Field) -> str:
    """Return a value in the reader's language ("" when there is none)."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(say_code(item, field) for item in value)
    return SHOWN.get(field.type, _show_text)(value, field)


def say_code(value: Any, field: Field) -> str:
    """Return a coded value or a period in the reader's words, any other value as it is written."""
    texts = (field.values or SHARED.get(field.name, {})).get(value)
    if texts:
        return text_in(texts, language()) or str(value)
    return label(str(value)) if field.name in PERIODS else str(value)


def _show_text(value: Any, field: Field) -> str:
    text = say_code(value, field)
    return text if len(text) <= LONGEST else text[:LONGEST].rstrip() + "…"


def _show_number(value: Any, field: Field) -> str:
    if field.name in YEARS:
        return str(value)
    decimals = field.annotations.get("decimals")
    return number(value, int(decimals) if decimals is not None else 0 if field.type == "int" else 2)


def _show_boolean(value: Any, field: Field) -> str:
    return _("yes") if value else _("no")


def _show_date(value: date, field: Field) -> str:
    pattern = PATTERNS.get(str(field.annotations.get("timeserie_precision")), "medium")
    return format_date(value, pattern, locale=locale_for_numbers())


def _show_point(value: Mapping[str, float], field: Field) -> str:
    return f"{value['lat']:.5f}, {value['lon']:.5f}"


SHOWN = {
    "int": _show_number,
    "double": _show_number,
    "boolean": _show_boolean,
    "date": _show_date,
    "datetime": lambda value, field: instant(value),
    "geo_point_2d": _show_point,
}
"""How each type is shown; the others are text."""
