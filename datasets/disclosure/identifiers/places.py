"""Where somebody lives: postal addresses to the number, coordinates to ten metres."""

import re

import numpy as np
import pyarrow as pa

from datasets.disclosure.identifiers.matching import Detector, Hits, Mask, Title, matching, nothing, within
from datasets.disclosure.identifiers.people import L, U

HOUSE = r"\d{1,4}(?: ?(?:bis|ter|quater|[a-dA-D]))?(?: ?[\-/] ?\d{1,4})?\s?,? "
NUMBER = rf"(?:^|[^0-9A-Za-z.,]){HOUSE}"
STREET = (
    r"(?:rue|r\.|avenue|av\.?|ave|boulevard|bd\.?|bld|blvd|bvd|chemin|chem\.?|che|ch\.|impasse|imp\.?|all[eé]es?|"
    r"route|rte\.?|quai|faubourg|fbg|fg|ruelle|venelle|sentier|sente|traverse|mont[eé]e|esplanade|promenade|rond-point|"
    r"lotissement|lot\.|r[eé]sidence|hameau|square|sq\.?|chauss[eé]e|rocade)"
)
"""Kinds of streets that say nothing else."""
AMBIGUOUS = (
    r"(?:place|pl\.?|cours|passage|pass\.?|villa|voie|cit[eé]|clos|domaine|mail|parvis|c[oô]te|quartier|zone|za|zi|zac)"
)
"""Kinds of streets that are also plain words: a name in capitals must follow."""
LINK = r"(?:(?:d[ue]s?|de la|de l['’]|d['’]|l['’]|la|le|les|aux?|[aà] la) ?)*"
STREET_LINE = rf"(?i){NUMBER}{STREET} [{L}][{L}.'’]"
AMBIGUOUS_LINE = rf"{NUMBER}(?i:{AMBIGUOUS}) (?i:{LINK})[{U}]"
HAMLET = (
    r"(?i)(?:^|[\s,;(])(?:lieu[- ]?dit|l\.d\.|ld|au|aux|[aà] la|[aà] l['’]|la|le|les|l['’]|en|mas|ferme|"
    r"ch[aâ]teau|moulin|domaine|hameau)[ '’]?[^0-9,;.]{3,}[,;]? (?:0[1-9]|[1-8]\d|9[0-8])\d{3} [^0-9 ]{2}"
)
NAMED_HAMLET = r"(?i)^\s*(?:lieu[- ]?dit|ld|hameau)\s+\S"
DEGREES = r"[+\-]?\d{1,3}[.,]\d{4,}"
PAIR = r"[+\-]?\d{1,2}\.\d{4,}\s*[,; /]\s*[+\-]?\d{1,3}\.\d{4,}"
SEXAGESIMAL = r"\d{1,2} ?° ?\d{1,2} ?['’′] ?\d{1,2}(?:[.,]\d+)? ?(?:\"|''|″|’’)? ?[NS]"
METRES = r"^\s*[1-9]\d{5,6}(?:[.,]\d+)?\s*$"
LATITUDE, LONGITUDE = (41.0, 51.6), (-5.6, 9.7)
"""Degrees of metropolitan France: two neighbouring columns of them are a place, whatever their titles."""


def find_address(texts: pa.StringArray, title: Title) -> Hits:
    """Find addresses: a number and a street, or a hamlet and a postcode; under its title, a hamlet alone."""
    likely = within(texts, matching(texts, r"\d"), rf"{STREET_LINE}|{HAMLET}") | matching(texts, AMBIGUOUS_LINE)
    short = within(texts, likely, r"^[^.!?:;]*$|^\s*\d.{0,69}$")
    whole = within(texts, short, r"^\s*(?:[^0-9]+, ?)?\d{1,4}[^0-9]")
    whole |= within(texts, likely, rf"^{HAMLET[4:]}[^0-9.!?]*$".replace("^", "(?i)^", 1))
    if title.hints:
        whole |= likely | matching(texts, rf"{NAMED_HAMLET}|^\s*{HOUSE}{AMBIGUOUS} \S")
    return Hits(whole, likely & ~whole)


def find_coordinates(texts: pa.StringArray, title: Title) -> Hits:
    """Find two coordinates in one cell; one alone, in degrees or in metres, only under its title."""
    if title.against:
        return Hits(nothing(texts), nothing(texts))
    likely = within(texts, matching(texts, r"\d{4}|°"), rf"(?:^|[^0-9.]){PAIR}(?:$|[^0-9])|{SEXAGESIMAL}")
    whole = within(texts, likely, rf"(?i)^[\[( ]*(?:POINT ?\()?{PAIR}[\]) ]*$|^\s*{SEXAGESIMAL}")
    if title.hints:
        whole |= matching(texts, rf"^\s*{DEGREES}\s*$")
        if re.search(r"(?:^|_)[xy](?:_|$)|lambert|l93", title.slug):
            whole |= matching(texts, METRES)
    return Hits(whole, likely & ~whole)


def is_fine(values: np.ndarray) -> Mask:
    """Return which numbers have four decimals or more."""
    scaled = np.abs(values) * 1000
    return np.isfinite(values) & (np.abs(scaled - np.round(scaled)) > 1e-5)


def between(values: np.ndarray, bounds: tuple[float, float]) -> Mask:
    """Return which numbers are between two bounds."""
    return (values >= bounds[0]) & (values <= bounds[1])


def _mask_address(text: str) -> str:
    kind = re.search(rf"(?i)\b(?:{STREET}|{AMBIGUOUS})(?= )", text)
    return f"•• {kind[0]} •••" if kind else "•••"


_LINE = re.compile(rf"(?i)\d{{1,4}}[^0-9]{{0,8}}(?:{STREET}|{AMBIGUOUS}) .*")
PLACES = (
    Detector("address", find_address, _mask_address, _LINE),
    Detector("coordinates", find_coordinates, lambda text: re.sub(r"[.,]\d+|\d{3,}", ".•••", text)[:40]),
)
