"""The form with which a reader makes another chart: one list of choices, each a parameter of the address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.pages import words
from portal.pages.charts.choosing import CALCULATIONS, COUNT, ORDERS, TOPS, Chart
from portal.pages.charts.survey import is_share
from portal.pages.charts.words import CALCULATION_NAMES, FORM_NAMES, GRAIN_NAMES, ORDER_NAMES, label_field

Option = tuple[str, str]


@dataclass(frozen=True)
class Choice:
    """A choice of the form: its parameter, its label, (value, words) pairs, and the chosen value."""

    name: str
    label: str
    options: list[Option]
    chosen: str


def list_choices(chart: Chart) -> list[Choice]:
    """Return the choices that a reader has from a chart; those with one option are left out."""
    offered = [(each.name, label_field(each.field)) for each in chart.survey.offered]
    measures = [(field.name, label_field(field)) for field in chart.survey.measures]
    asked = chart.asked
    others = [option for option in offered if option[0] != asked.by]
    choices = [
        Choice("measure", _("Measure"), [*measures, (COUNT, _("Number of records"))], asked.measure),
        Choice("by", _("Along"), offered, asked.by),
        Choice("series", _("And along"), [("none", _("nothing else")), *others], asked.series),
        Choice("form", _("Form"), _named(chart.forms, FORM_NAMES), asked.form),
        Choice("grain", _("Periods"), _named(chart.grains, GRAIN_NAMES), asked.grain),
        *_list_held(chart),
    ]
    if chart.calculation in CALCULATIONS and not is_share(chart.measure):
        choices.append(Choice("calc", _("Calculation"), _named(CALCULATIONS, CALCULATION_NAMES), chart.calculation))
    if chart.by.kind != "time" and chart.form != "heat":
        choices.append(Choice("order", _("Order"), _named(ORDERS, ORDER_NAMES), asked.order))
        choices.append(Choice("top", _("At most"), [(str(top), str(top)) for top in sorted(TOPS)], asked.top))
    return [each for each in choices if len(each.options) > 1]


def _list_held(chart: Chart) -> list[Choice]:
    return [
        Choice(
            f"refine.{each.field.name}",
            label_field(each.field),
            [(value, words.say_value(value, each.field)) for value in each.options],
            each.chosen,
        )
        for each in chart.held
    ]


def _named(names: Iterable[str], labels: Mapping[str, Any]) -> list[Option]:
    return [(name, str(labels[name])) for name in names]
