"""What partners may read of somebody, by the degree of transparency that this person chose."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from datasets.model import Texts

DEGREES: Mapping[str, Texts] = MappingProxyType(
    {"limited": {"fr": "limité", "en": "limited"}, "open": {"fr": "ouvert", "en": "open"}}
)
"""The degrees, the narrowest first: it is the one of whoever chose none."""


@dataclass(frozen=True)
class Shown:
    """A field, in words, and the degrees at which partners read it; none when they never do."""

    name: Texts
    degrees: tuple[str, ...]


FIELDS: Mapping[str, Shown] = MappingProxyType(
    {
        "organisation": Shown({"fr": "Organisation", "en": "Organisation"}, ("limited", "open")),
        "given_name": Shown({"fr": "Prénom", "en": "Given name"}, ("open",)),
        "family_name": Shown({"fr": "Nom", "en": "Family name"}, ("open",)),
        "profession": Shown({"fr": "Profession", "en": "Profession"}, ("open",)),
        "workplace": Shown({"fr": "Lieu de travail", "en": "Workplace"}, ("open",)),
        "email": Shown({"fr": "Adresse électronique", "en": "E-mail address"}, ("open",)),
        "phone": Shown({"fr": "Téléphone", "en": "Telephone"}, ("open",)),
        "postal_address": Shown({"fr": "Adresse postale", "en": "Postal address"}, ()),
        "photo": Shown({"fr": "Photo", "en": "Photo"}, ()),
        "openings": Shown(
            {"fr": "Dates à prendre, comptées au calendrier", "en": "Open dates, counted in the calendar"}, ("open",)
        ),
    }
)
"""Every field that could be shown, and when it is."""


def list_shown(degree: str) -> list[str]:
    """Return the fields that partners read at a degree."""
    return [name for name, field in FIELDS.items() if degree in field.degrees]
