"""Facets as a reader sees them: values with their counts, each a link that adds or removes the filter."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from datasets.facets import FacetGroup, FacetValue
from datasets.model import Schema, text_in
from portal.pages.filters import Filters

SHOWN = 8
"""Values of a facet shown before the reader asks for more."""


@dataclass(frozen=True)
class Choice:
    """One value of a facet: what it says, its name, how many records have it, and where a click leads."""

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
    def selected(self) -> tuple[Choice, ...]:
        """The chosen values."""
        return tuple(choice for choice in self.choices if choice.selected)


def build_facets(groups: Iterable[FacetGroup], filters: Filters, path: str, labels: Mapping[str, str]) -> list[Facet]:
    """Return the facets that offer a choice, in the order of `groups`, labelled by `labels` (by name)."""
    facets = (_facet(group, filters, path, labels.get(group.name, group.name)) for group in groups)
    return [facet for facet in facets if len(facet.choices) > 1 or facet.selected]


def _facet(group: FacetGroup, filters: Filters, path: str, label: str) -> Facet:
    choices = sorted(
        (_choice(group.name, value, filters, path) for value in group.values), key=lambda c: not c.selected
    )
    shown = max(SHOWN, sum(choice.selected for choice in choices))
    return Facet(group.name, label, tuple(choices[:shown]), tuple(choices[shown:]))


def _choice(name: str, value: FacetValue, filters: Filters, path: str) -> Choice:
    selected = (name, value.value) in filters.refined
    return Choice(value.value, value.name, value.count, filters.toggled(name, value.value).address(path), selected)


def label_fields(schema: Schema, lang: str) -> dict[str, str]:
    """Return the label of each field of `schema` in `lang`, by name."""
    return {field.name: text_in(field.label, lang) or field.name for field in schema}
