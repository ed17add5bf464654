"""The options of a reading as the desk offers them: a label in words, what was used, and what could be chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

ENCODINGS = {
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252",
    "iso-8859-1": "ISO-8859-1 (Latin-1)",
    "iso-8859-15": "ISO-8859-15 (Latin-9)",
    "utf-16": "UTF-16",
    "mac_roman": "Mac Roman",
    "cp850": "DOS 850",
}
DELIMITERS = {";": _("semicolon"), ",": _("comma"), "\t": _("tabulation"), "|": _("vertical bar")}
TEXT_ONLY = ("encoding", "delimiter")
LABELS: dict[str, Any] = {
    "member": _("File of the archive"),
    "sheet": _("Sheet or layer"),
    "columns": _("Columns of the table"),
    "encoding": _("Encoding of the letters"),
    "delimiter": _("What separates the columns"),
    "header": _("Row of the titles (0: there are none)"),
    "header_rows": _("Rows that the titles take"),
    "footer": _("Rows to set aside at the end"),
    "crs": _("Coordinate system (EPSG:2154 is Lambert-93)"),
    "repair_letters": _("Repair damaged letters (Ã© becomes é)"),
    "swap_axes": _("Exchange longitude and latitude"),
}
"""The options that a producer may change, in the order of the page."""
CHOSEN = tuple(name for name in LABELS if name not in ("repair_letters", "swap_axes"))
PLACED = ("crs", "swap_axes")


@dataclass(frozen=True)
class Offer:
    """One option: `choices` by value for a list, none for a number or a text; `kind` is list, number, text or box."""

    name: str
    label: Any
    kind: str
    value: Any
    choices: Mapping[str, Any]


def list_offers(understood: Mapping[str, Any]) -> list[Offer]:
    """Return the options that make sense for a file, each with what was used."""
    used, offered = understood["dialect"], understood["offers"]
    placed = bool(used.get("crs")) or any(column["type"] == "geo_shape" for column in understood["columns"])
    offers = []
    for name, label in LABELS.items():
        given = {value: value for value in offered.get(name, ())}
        known = {"encoding": ENCODINGS, "delimiter": DELIMITERS}.get(name, {}) if used.get(name) else {}
        choices = given or dict(known)
        value = used.get(name)
        if (name in PLACED and not placed) or (name in ("member", "sheet", "columns", *TEXT_ONLY) and not choices):
            continue
        if choices and value and value not in choices:
            choices = {value: value, **choices}
        kind = "box" if isinstance(value, bool) else "list" if choices else "text" if name == "crs" else "number"
        offers.append(Offer(name, label, kind, value, choices))
    return offers
