"""The usual words of descriptions, which producers write in French, as pages say them in both languages."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from portal.i18n import language

FREQUENCIES: Mapping[str, Any] = {
    "": _("not stated"),
    "quotidienne": _("every day"),
    "hebdomadaire": _("every week"),
    "mensuelle": _("every month"),
    "trimestrielle": _("every quarter"),
    "semestrielle": _("every six months"),
    "annuelle": _("every year"),
    "irrégulière": _("irregularly"),
    "jamais": _("never: the data are complete"),
}
"""How often data change, by the words of the catalogue."""

THEMES: Mapping[str, str] = {
    "alimentation": "Food",
    "citoyenneté": "Citizenship",
    "climat": "Climate",
    "économie": "Economy",
    "éducation": "Education",
    "élections": "Elections",
    "emploi": "Employment",
    "énergie": "Energy",
    "environnement": "Environment",
    "finances": "Finance",
    "forêt": "Forest",
    "fréquentation": "Audience",
    "logement": "Housing",
    "mobilité": "Mobility",
    "numérique": "Digital",
    "patrimoine": "Heritage",
    "recherche": "Research",
    "santé": "Health",
    "secteur public": "Public sector",
    "sécurité": "Security",
    "société": "Society",
    "territoire": "Territory",
    "territoires": "Territories",
    "tourisme": "Tourism",
    "urbanisme": "Town planning",
}
"""Usual themes in English, by their French names in small letters; those that are the same in both are left out."""


def say_theme(name: str) -> str:
    """Return a theme in the reader's language: one that is not usual stays as it is written."""
    return name if language() == "fr" else THEMES.get(name.lower(), name)


def say_frequency(name: str) -> str:
    """Return how often data change, in the reader's words."""
    return str(FREQUENCIES.get(name) or name)
