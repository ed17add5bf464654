"""Kinds of values of the API's parameters: how a text becomes one, and the JSON Schema that says so."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from datasets.errors import InvalidParameter, Phrase

LANGUAGES = ("en", "fr", "nl", "pt", "it", "ar", "de", "es", "ca", "eu", "sv")
DELIMITERS = (";", ",", "\t", "|")
COMPRESSIONS = ("snappy", "zstd")
BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
FOUND_LENGTH = 100
INTEGER_TEXT = re.compile(r"\s*[+-]?[0-9]{1,18}\s*")

AN_INTEGER = Phrase("an integer", "un entier")
TRUE_OR_FALSE = Phrase("true or false", "true ou false")
A_ZONE = Phrase("an IANA time zone, such as Europe/Paris,", "un fuseau horaire de l’IANA, tel que Europe/Paris,")
A_DELIMITER = Phrase("one of ; , | or a tab", "; , | ou une tabulation")


@dataclass(frozen=True)
class Kind:
    """A kind of value: `read` takes the parameter's name, for errors, and its text; `schema` is a JSON Schema."""

    read: Callable[[str, str], Any]
    schema: Mapping[str, Any]


def refused(name: str, found: str, expected: str) -> InvalidParameter:
    """Return the error of a value that the parameter `name` does not take."""
    return InvalidParameter(name=name, found=found[:FOUND_LENGTH], expected=expected)


def one_of(choices: tuple[str, ...]) -> Phrase:
    """Return "one of a, b", in both languages."""
    listed = ", ".join(choices)
    return Phrase(f"one of {listed}", f"une valeur parmi {listed}")


def _text(name: str, text: str) -> str:
    return text


def _names(name: str, text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _integer(name: str, text: str) -> int:
    if not INTEGER_TEXT.fullmatch(text):
        raise refused(name, text, AN_INTEGER)
    return int(text)


def _boolean(name: str, text: str) -> bool:
    found = BOOLEANS.get(text.strip().lower())
    if found is None:
        raise refused(name, text, TRUE_OR_FALSE)
    return found


def _language(name: str, text: str) -> str:
    lang = re.split("[-_]", text.strip().lower())[0]
    if lang not in LANGUAGES:
        raise refused(name, text, one_of(LANGUAGES))
    return lang


@cache
def _timezones() -> Mapping[str, str]:
    return {zone.lower(): zone for zone in available_timezones()}


def _timezone(name: str, text: str) -> str:
    zone = _timezones().get(text.strip().lower())
    if zone is None:
        raise refused(name, text, A_ZONE)
    return zone


def _delimiter(name: str, text: str) -> str:
    if text not in DELIMITERS:
        raise refused(name, text, A_DELIMITER)
    return text


def _compression(name: str, text: str) -> str:
    if text.strip().lower() not in COMPRESSIONS:
        raise refused(name, text, one_of(COMPRESSIONS))
    return text.strip().lower()


TEXT = Kind(_text, {"type": "string"})
NAMES = Kind(_names, {"type": "string"})
LIMIT = Kind(_integer, {"type": "integer", "minimum": -1})
OFFSET = Kind(_integer, {"type": "integer", "minimum": 0})
INTEGER = Kind(_integer, {"type": "integer"})
BOOLEAN = Kind(_boolean, {"type": "boolean"})
LANGUAGE = Kind(_language, {"type": "string", "enum": list(LANGUAGES)})
TIMEZONE = Kind(_timezone, {"type": "string", "examples": ["Europe/Paris"]})
DELIMITER = Kind(_delimiter, {"type": "string", "enum": list(DELIMITERS)})
COMPRESSION = Kind(_compression, {"type": "string", "enum": list(COMPRESSIONS)})
