"""Two languages, and numbers, dates and units said in the reader's way.

Texts are written in English in the code and the templates; each room brings its French in
`translations/fr/<room>.po`. The files are read once at start and merged: nothing to compile.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any
from unicodedata import combining, normalize
from urllib.parse import urlencode

from babel import Locale
from babel.dates import format_date, format_datetime, get_timezone
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_compact_decimal, format_decimal, format_percent
from babel.support import NullTranslations, Translations
from flask import Flask, Response, current_app, has_request_context, request
from flask_babel import Babel, Domain, get_locale
from flask_login import current_user

from datasets.model import Texts, text_in

LANGUAGES = {"fr": "Français", "en": "English"}
"""The languages of the portal, by code, each named in itself."""

TRANSLATIONS = Path(__file__).parent / "translations"
SIZES = {"fr": ("o", "ko", "Mo", "Go", "To"), "en": ("B", "kB", "MB", "GB", "TB")}
UNITS: Mapping[str, Texts | str] = {
    **{"kgCO2e": "kg CO₂e", "tCO2e": "t CO₂e", "percent": "%", "m2": "m²", "km2": "km²"},
    "kgCO2e par unité": {"fr": "kg CO₂e par unité", "en": "kg CO₂e per unit"},
    "habitants": {"fr": "habitants", "en": "inhabitants"},
    "personnes": {"fr": "personnes", "en": "people"},
}
"""Units as they are written, by their names in schemas."""

SEPARATE = re.compile(r"(?<=\S) (?=[:;?!»](?:[\s.,)]|$))|(?<=«) ")
"""The spaces of French that no line may be cut at: before high signs and inside quotation marks."""

INSTANTS = {"fr": "d MMM y 'à' HH:mm", "en": "d MMM y, HH:mm"}
QUARTERS = {"fr": ("1er", "2e", "3e", "4e"), "en": ("1st", "2nd", "3rd", "4th")}
UNTRANSLATED = ("assets", "explore.", "api.")
"""Endpoints whose addresses never carry a language: files and APIs."""


class MergedDomain(Domain):
    """The texts of every room, one table per language, read at start."""

    def __init__(self, tables: Mapping[str, NullTranslations]) -> None:
        super().__init__()
        self.tables = tables

    def get_translations(self) -> NullTranslations:
        """Return the table of the request's language."""
        return self.tables[language()]


def read_catalogue(lang: str, folder: Path = TRANSLATIONS) -> Catalog:
    """Merge the .po files of every room in `folder`/`lang`; a later file never overrides an earlier one.

    The spaces that French puts before some signs are bound to them: no line begins with a colon.
    """
    merged = Catalog(locale=lang)
    for path in sorted((folder / lang).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=lang):
                if message.id and message.string and merged.get(message.id, message.context) is None:
                    bound = [SEPARATE.sub("\u00a0", text) for text in list_forms(message)]
                    merged.add(message.id, bound if message.pluralizable else bound[0], context=message.context)
    return merged


def list_forms(message: Message) -> Sequence[str]:
    """Return the texts of a translation: one, or one for each plural form."""
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


@lru_cache
def read_translations(lang: str) -> NullTranslations:
    """Return the table of texts for `lang`; English is what the code says."""
    if lang == "en":
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_catalogue(lang))
    compiled.seek(0)
    return Translations(compiled)


def select_language() -> str:
    """Choose the request's language: ?lang=, then the account's, then the browser's, then the setting's."""
    default = current_app.config["BABEL_DEFAULT_LOCALE"]
    if not has_request_context():
        return default
    return (
        explicit_language() or preferred_language() or request.accept_languages.best_match(list(LANGUAGES)) or default
    )


def explicit_language() -> str | None:
    """Return the language that the address asks for, if any."""
    asked = request.args.get("lang")
    return asked if asked in LANGUAGES else None


def preferred_language() -> str | None:
    """Return the language that the signed-in person chose, if any."""
    manager = getattr(current_app, "login_manager", None)
    if manager is None:
        return None
    chosen = getattr(current_user, "language", None)
    return chosen if chosen in LANGUAGES else None


def language() -> str:
    """Return the language of the request: "fr" or "en"."""
    locale = get_locale()
    return locale.language if locale is not None else "en"


def locale_for_numbers() -> Locale:
    """Return the locale that writes numbers and dates: French, or British English."""
    return _locale("en_GB" if language() == "en" else "fr")


@lru_cache
def _locale(name: str) -> Locale:
    return Locale.parse(name)


def said(texts: Texts | str | None) -> str:
    """Return a multilingual text in the reader's language ("" when there is none)."""
    if texts is None or isinstance(texts, str):
        return texts or ""
    return text_in(texts, language()) or ""


def fold(name: str) -> str:
    """Return a name without accents nor capitals: an index orders names by it."""
    return "".join(letter for letter in normalize("NFD", name.casefold()) if not combining(letter))


def number(value: float | None, decimals: int | None = None) -> str:
    """Write a number: 12 345,6 in French, 12,345.6 in English; at most `decimals` digits after the point."""
    if value is None:
        return ""
    return _write_number(value, decimals, locale_for_numbers())


@lru_cache(4096)
def _write_number(value: float, decimals: int | None, locale: Locale) -> str:
    """Write a number, remembered: a page says its figures several times, to several readers."""
    pattern = None if decimals is None else "#,##0" + ("." + "#" * decimals if decimals else "")
    return format_decimal(value, format=pattern, locale=locale)


def compact(value: float | None) -> str:
    """Write a number shortly: 1,2 M in French, 1.2M in English."""
    if value is None:
        return ""
    return format_compact_decimal(value, locale=locale_for_numbers(), fraction_digits=1)


def share(value: float | None, decimals: int = 0) -> str:
    """Write a ratio (0 to 1) as a percentage."""
    pattern = "#,##0" + ("." + "#" * decimals if decimals else "") + ("\u202f%" if language() == "fr" else "%")
    return "" if value is None else format_percent(value, format=pattern, locale=locale_for_numbers())


def unit(name: str | None) -> str:
    """Write a unit of a field: kgCO2e becomes kg CO₂e, habitants becomes inhabitants."""
    return said(UNITS.get(name or "", name))


def day(value: date | datetime | None, form: str = "long") -> str:
    """Write a day: 22 novembre 2026, 22 November 2026."""
    return "" if value is None else format_date(value, form, locale=locale_for_numbers())


def instant(value: datetime | None) -> str:
    """Write an instant in the time zone of the installation: 22 nov. 2026 à 03:15."""
    if value is None:
        return ""
    zone = get_timezone(current_app.config["BABEL_DEFAULT_TIMEZONE"])
    return format_datetime(value, INSTANTS[language()], tzinfo=zone, locale=locale_for_numbers())


def period(value: Any) -> str:
    """Write a period of a dataset: "2026-T3" becomes 3e trimestre 2026; anything else stays as it is."""
    year, separator, quarter = str(value).partition("-T")
    if not separator or quarter not in ("1", "2", "3", "4"):
        return str(value)
    ordinal = QUARTERS[language()][int(quarter) - 1]
    return f"{ordinal} {'trimestre' if language() == 'fr' else 'quarter'} {year}"


def size(octets: float | None) -> str:
    """Write a number of bytes: 1,2 Mo in French, 1.2 MB in English."""
    if octets is None:
        return ""
    rank = 0
    while octets >= 999.5 and rank < len(SIZES["fr"]) - 1:
        octets, rank = octets / 1000, rank + 1
    return f"{number(octets, 1 if octets < 10 else 0)}\u00a0{SIZES[language()][rank]}"


FILTERS = {filter_.__name__: filter_ for filter_ in (said, number, compact, share, unit, day, instant, period, size)}
"""The Jinja filters of the portal, by name."""


def keep_language(endpoint: str, values: dict[str, Any]) -> None:
    """Carry an explicit ?lang= along the links of the pages (never to files or APIs)."""
    if has_request_context() and not endpoint.startswith(UNTRANSLATED) and (asked := explicit_language()):
        values.setdefault("lang", asked)


def address(path: str) -> str:
    """Return a path of the portal, with the explicit language when there is one: for rooms known by path."""
    asked = explicit_language() if has_request_context() else None
    return f"{path}{'&' if '?' in path else '?'}lang={asked}" if asked else path


def address_in(lang: str) -> str:
    """Return the address of the present page in `lang`, all else equal."""
    kept = [pair for pair in request.args.items(multi=True) if pair[0] != "lang"]
    return f"{request.path}?{urlencode([*kept, ('lang', lang)])}"


def tell_caches(response: Response) -> Response:
    """Say that a page depends on the languages that the browser asks for."""
    if response.mimetype == "text/html":
        response.vary.add("Accept-Language")
    return response


def init_app(app: Flask) -> None:
    """Give `app` its languages, its filters and its addresses. Reads every translation file once."""
    settings = app.extensions["portal"].settings if "portal" in app.extensions else None
    app.config.setdefault("BABEL_DEFAULT_LOCALE", getattr(settings, "language", "fr"))
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", getattr(settings, "timezone", "Europe/Paris"))
    babel = Babel(app, locale_selector=select_language)
    babel.domain_instance = MergedDomain({lang: read_translations(lang) for lang in LANGUAGES})
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(language=language, languages=LANGUAGES, address=address, address_in=address_in)
    app.url_defaults(keep_language)
    app.after_request(tell_caches)
