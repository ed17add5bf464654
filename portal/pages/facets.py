"""Facets as a reader sees them: values with their counts, each a link that adds or removes the filter."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from datasets.facets import FacetGroup, FacetValue
from datasets.model import Field, Schema, text_in
from portal.i18n import fold
from portal.pages.filters import Filters
from portal.pages.ordering import natural
from portal.pages.words import say_value

SHOWN = 8
"""Values of a facet shown before the reader asks for more."""


@dataclass(frozen=True)
class Choice:
    """One value of a facet: itself, what it says to the reader, how many records have it, and where a click leads."""

    value: str
    label: str
    count: int
    href: str
    selected: bool


@dataclass(frozen=True)
class Facet:
    """A facet with its values, the chosen ones first; `more` holds those beyond the first SHOWN."""

    name: str
    label: str
    first: tuple[Choice, ...]
    more: tuple[Choice, ...]

    @property
    def choices(self) -> tuple[Choice, ...]:
        """All the values."""
        return self.first + self.more

    @property
    def ordered(self) -> list[Choice]:
        """All the values in the order that people expect: time, numbers, then letters."""
        return sorted(self.choices, key=lambda choice: (*natural(choice.value)[:2], fold(choice.label)))

    @property
    def selected(self) -> tuple[Choice, ...]:
        """The chosen values."""
        return tuple(choice for choice in self.choices if choice.selected)


def build_facets(
    groups: Iterable[FacetGroup],
    filters: Filters,
    path: str,
    labels: Mapping[str, str],
    fields: Mapping[str, Field] = MappingProxyType({}),
) -> list[Facet]:
    """Return the facets that offer a choice, in the order of `groups`, labelled by `labels` (by name).

    Coded values are said as their `fields` (by name) say them.
    """
    facets = (_facet(group, filters, path, labels.get(group.name, group.name), fields) for group in groups)
    return [facet for facet in facets if len(facet.choices) > 1 or facet.selected]


def _facet(group: FacetGroup, filters: Filters, path: str, label: str, fields: Mapping[str, Field]) -> Facet:
    field = fields.get(group.name, group.name)
    choices = sorted(
        (_choice(group.name, value, filters, path, say_value(value.name, field)) for value in group.values),
        key=lambda choice: not choice.selected,
    )
    shown = max(SHOWN, sum(choice.selected for choice in choices))
    return Facet(group.name, label, tuple(choices[:shown]), tuple(choices[shown:]))


def _choice(name: str, value: FacetValue, filters: Filters, path: str, label: str) -> Choice:
    selected = (name, value.value) in filters.refined
    return Choice(value.value, label, value.count, filters.toggled(name, value.value).address(path), selected)


def label_fields(schema: Schema, lang: str) -> dict[str, str]:
    """Return the label of each field of `schema` in `lang`, by name."""
    return {field.name: text_in(field.label, lang) or field.name for field in schema}
