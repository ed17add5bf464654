"""METADATA: one row per piece of description, read alike by forms, pages, API, DCAT and documentation."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from datasets.model import Texts, text_in


@dataclass(frozen=True)
class MetadataTerm:
    """One piece of the description of a dataset.

    `kind` is text, texts (by language), html (by language), list, lists (by language), date, licence, email or reuses
    (a list of what `tell_reuse` reads).
    `ods` is the dotted name of the Explore API, `dcat` the term of DCAT-AP; empty where there is none.
    """

    name: str
    kind: str
    ods: str
    dcat: str
    label: Texts
    help: Texts
    required: bool = False
    facet: bool = False


def _term(
    name: str, kind: str, ods: str, dcat: str, fr: str, en: str, help_fr: str, help_en: str, **more: bool
) -> MetadataTerm:
    return MetadataTerm(name, kind, ods, dcat, {"fr": fr, "en": en}, {"fr": help_fr, "en": help_en}, **more)


METADATA: tuple[MetadataTerm, ...] = (
    _term(
        "title",
        "texts",
        "default.title",
        "dct:title",
        "Titre",
        "Title",
        "Ce que contient le jeu de données, en une ligne.",
        "What the dataset holds, in one line.",
        required=True,
    ),
    _term(
        "description",
        "html",
        "default.description",
        "dct:description",
        "Description",
        "Description",
        "À quoi servent ces données, comment elles sont produites, leurs limites.",
        "What the data are for, how they are made, their limits.",
        required=True,
    ),
    _term(
        "theme",
        "list",
        "default.theme",
        "dcat:theme",
        "Thème",
        "Theme",
        "Un ou plusieurs grands sujets.",
        "One or several broad subjects.",
        facet=True,
    ),
    _term(
        "keyword",
        "list",
        "default.keyword",
        "dcat:keyword",
        "Mots-clés",
        "Keywords",
        "Des mots que vos lecteurs chercheraient.",
        "Words that your readers would look for.",
        facet=True,
    ),
    _term(
        "licence",
        "licence",
        "default.license",
        "dct:license",
        "Licence",
        "Licence",
        "Les conditions de réutilisation.",
        "The terms of reuse.",
        required=True,
        facet=True,
    ),
    _term(
        "publisher",
        "text",
        "default.publisher",
        "dct:publisher",
        "Diffuseur",
        "Publisher",
        "L’organisation qui répond de ces données.",
        "The organisation answerable for the data.",
        required=True,
        facet=True,
    ),
    _term(
        "language",
        "text",
        "default.language",
        "dct:language",
        "Langue",
        "Language",
        "La langue des données.",
        "The language of the data.",
        facet=True,
    ),
    _term(
        "territory",
        "list",
        "default.territory",
        "dct:spatial",
        "Territoire",
        "Territory",
        "Les territoires couverts.",
        "The territories covered.",
    ),
    _term(
        "temporal",
        "text",
        "dcat.temporal",
        "dct:temporal",
        "Période couverte",
        "Period covered",
        "Deux années ou deux jours, du premier au dernier : 2019/2024, ou 2024-01-01/2024-06-30.",
        "Two years or two days, the first and the last: 2019/2024, or 2024-01-01/2024-06-30.",
    ),
    _term(
        "references",
        "text",
        "default.references",
        "foaf:page",
        "Référence",
        "Reference",
        "Une page qui en dit plus.",
        "A page that tells more.",
    ),
    _term(
        "attributions",
        "list",
        "default.attributions",
        "dct:provenance",
        "Sources",
        "Attributions",
        "Les sources à citer.",
        "The sources to cite.",
    ),
    _term(
        "update_frequency",
        "text",
        "default.update_frequency",
        "dct:accrualPeriodicity",
        "Fréquence",
        "Frequency",
        "Le rythme de mise à jour.",
        "How often the data change.",
    ),
    _term(
        "contact_name",
        "text",
        "dcat.contact_name",
        "dcat:contactPoint",
        "Contact",
        "Contact",
        "Le service à qui écrire.",
        "The service to write to.",
    ),
    _term(
        "contact_email",
        "email",
        "dcat.contact_email",
        "vcard:hasEmail",
        "Courriel du contact",
        "Contact e-mail",
        "L’adresse du service, jamais celle d’une personne.",
        "The address of the service, never a person’s.",
    ),
    _term(
        "method",
        "html",
        "custom.method",
        "dct:provenance",
        "Méthode",
        "Method",
        "Comment les chiffres sont calculés et protégés.",
        "How the figures are computed and protected.",
    ),
    _term(
        "reuses",
        "reuses",
        "custom.reuses",
        "dct:isReferencedBy",
        "Réutilisations",
        "Reuses",
        "Ce que d’autres ont fait de ces données : une carte, un article, un service.",
        "What others made of these data: a map, an article, a service.",
    ),
)
"""Every piece of description, in the order of the forms."""

METADATA_BY_NAME: Mapping[str, MetadataTerm] = MappingProxyType({term.name: term for term in METADATA})


@dataclass(frozen=True)
class Licence:
    """Terms of reuse: the name that people read and the address of the text."""

    name: str
    url: str


LICENCES: Mapping[str, Licence] = MappingProxyType(
    {
        "licence-ouverte-2.0": Licence(
            "Licence Ouverte v2.0 (Etalab)", "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
        ),
        "odbl-1.0": Licence("Open Database License (ODbL) 1.0", "https://opendatacommons.org/licenses/odbl/1-0/"),
        "cc-by-4.0": Licence("Creative Commons BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
        "cc0-1.0": Licence("Creative Commons CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
    }
)
"""Licences that a producer may choose, the recommended one first."""


def metadata_text(metadata: Mapping[str, Any], name: str, lang: str) -> Any:
    """Return the piece of description `name` as a reader of `lang` sees it: a text, a list, or None."""
    value = metadata.get(name)
    kind = METADATA_BY_NAME[name].kind
    if value is None:
        return None
    if kind in ("texts", "html", "lists"):
        return text_in(value, lang) if isinstance(value, Mapping) else value
    if kind == "reuses":
        return [tell_reuse(reuse, lang) for reuse in value]
    if kind == "licence":
        return LICENCES[value].name if value in LICENCES else value
    return value


def tell_reuse(reuse: Mapping[str, Any], lang: str) -> dict[str, str | None]:
    """Return a reuse as a reader of `lang` sees it: `title`, `url`, `author` and `description`, the last two if known.

    In the catalogue its `description` is in several languages.
    """
    told = {name: reuse.get(name) or None for name in ("title", "url", "author")}
    return {**told, "description": text_in(reuse.get("description"), lang)}
