"""How the values of a typed column are written in a file, so that their texts can be had again from the values."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from datasets.types.date import extract

Write = Callable[[pa.Array], pa.StringArray]
HEAD = 2048
TRIED = 4
LARGEST = 1e15
"""Numbers beyond which decimals are not written one by one."""
NUMBER = (
    r"^(?P<prefix>[^\d+\-−.,(]*)[+\-−]?(?P<whole>\d{1,3}(?:(?P<mark>[ '’\x{A0}\x{2009}\x{202F}.,])\d{3})*|\d*)"
    r"(?:(?P<point>[.,])(?P<decimals>\d*))?(?P<suffix>\D*)$"
)
MOMENTS = {
    "date": (
        *("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d", "%d/%m/%y", "%d-%m-%y", "%m/%d/%Y", "%m/%d/%y"),
        *("%Y", "%Y-%m", "%m/%Y", "%Y%m%d", "%d/%m/%Y 00:00", "%Y-%m-%d 00:00:00", "01/01/%Y 00:00"),
    ),
    "datetime": (
        *("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"),
        *("%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %Hh%M", "%d/%m/%Y à %Hh%M", "%d-%m-%Y %H:%M"),
    ),
}
BOOLEANS = (
    *(("oui", "non"), ("Oui", "Non"), ("OUI", "NON"), ("vrai", "faux"), ("Vrai", "Faux"), ("VRAI", "FAUX")),
    *(("true", "false"), ("True", "False"), ("TRUE", "FALSE"), ("yes", "no"), ("Yes", "No"), ("YES", "NO")),
    *(("O", "N"), ("o", "n"), ("Y", "N"), ("1", "0"), ("x", "☐"), ("X", "☐")),
)
POINTS = ("{lat}, {lon}", "{lat},{lon}", "[{lat}, {lon}]", "POINT({lon} {lat})", "POINT ({lon} {lat})")
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre"),
    "décembre",
)
SHORT_MONTHS = ("janv", "févr", "mars", "avr", "mai", "juin", "juil", "août", "sept", "oct", "nov", "déc")


@dataclass(frozen=True)
class Form:
    """A way of writing the values of a column: its name, for people, and the function that writes texts."""

    name: str
    write: Write = field(compare=False)


AS_IT_IS = Form("text", lambda values: values)
NOT_WRITTEN = Form("", lambda values: pa.nulls(len(values), pa.string()))
"""The form of texts, and the one of shapes, whose texts are all kept apart."""


def forms_of(public: str, texts: pa.StringArray) -> Iterator[Form]:
    """Yield the ways in which values of a public type may have been written, the texts of a column being known."""
    if public in ("int", "double"):
        yield from number_forms(texts)
    elif public in MOMENTS:
        yield from (Form(pattern, partial(write_moments, pattern=pattern)) for pattern in MOMENTS[public])
        yield from worded_forms() if public == "date" else ()
    elif public == "boolean":
        yield from (Form(f"{yes} / {no}", partial(write_booleans, yes=yes, no=no)) for yes, no in BOOLEANS)
    elif public == "geo_point_2d":
        yield from (Form(pattern, partial(write_points, pattern=pattern)) for pattern in POINTS)
    else:
        yield AS_IT_IS if public == "text" else NOT_WRITTEN


def number_forms(texts: pa.StringArray) -> Iterator[Form]:
    """Yield the ways of writing numbers that are met among the first texts of a column, the most usual ones first."""
    part = extract(texts[:HEAD], NUMBER)
    if not part:
        return
    read = (part[name].to_pylist() for name in ("prefix", "mark", "point", "decimals", "suffix"))
    rows = [
        (prefix or "", mark or "", point or "", len(decimals or ""), suffix or "")
        for prefix, mark, point, decimals, suffix in zip(*read, strict=True)
    ]
    usual = Counter(rows).most_common(TRIED)
    points = Counter(row[2] for row in rows if row[2]).most_common(1)
    marks = Counter(row[1] for row in rows if row[1]).most_common(1)
    point, mark = points[0][0] if points else ".", marks[0][0] if marks else ""
    for (prefix, _, _, places, suffix), _ in usual:
        for shown in dict.fromkeys((places, None)):
            yield number_form(prefix, mark, point, shown, suffix)


def number_form(prefix: str, mark: str, point: str, places: int | None, suffix: str) -> Form:
    """Return the form of numbers with that mark of thousands, that point and that many decimals (None: as needed)."""
    decimals = "" if places == 0 else point + ("…" if places is None else "0" * places)
    name = f"{prefix}{f'#{mark}##0' if mark else '0'}{decimals}{suffix}"
    write = partial(write_numbers, prefix=prefix, mark=mark, point=point, places=places, suffix=suffix)
    return Form(name, write)


def write_numbers(
    values: pa.Array, *, prefix: str, mark: str, point: str, places: int | None, suffix: str
) -> pa.StringArray:
    """Return numbers as texts."""
    if places is None or pa.types.is_integer(values.type) or pc.any(pc.greater(pc.abs(values), LARGEST)).as_py():
        texts = pc.cast(values, pa.string())
    else:
        texts = pc.cast(pc.cast(values, pa.decimal128(38, places), safe=False), pa.string())
    texts = pc.replace_substring(texts, ".", point)
    grouped = rf"^(-?\d+)(\d{{3}})((?:{re.escape(mark)}\d{{3}})*)([.,]\d*)?$"
    while mark:
        longer = pc.replace_substring_regex(texts, grouped, rf"\1{mark}\2\3\4")
        if longer.equals(texts):
            break
        texts = longer
    return pc.binary_join_element_wise(prefix, texts, suffix, "")


def write_moments(values: pa.Array, *, pattern: str) -> pa.StringArray:
    """Return days or instants as texts."""
    if pa.types.is_timestamp(values.type):
        values = pc.cast(values, pa.timestamp("s", tz="UTC"), safe=False)
    return pc.strftime(values, pattern)


def write_booleans(values: pa.Array, *, yes: str, no: str) -> pa.StringArray:
    """Return true and false as two words."""
    return pc.if_else(values, yes, no)


def worded_forms() -> Iterator[Form]:
    """Yield the ways of writing days and months in French words."""
    for words in (MONTHS, SHORT_MONTHS):
        for mark, year in ((" ", "%Y"), ("-", "%y"), ("-", "%Y"), (". ", "%Y"), (".-", "%y")):
            for day in (True, False):
                name = f"{'1 ' if day else ''}{words[0]}{mark}{year}"
                yield Form(name, partial(write_words, words=words, mark=mark, year=year, day=day))


def write_words(values: pa.Array, *, words: tuple[str, ...], mark: str, year: str, day: bool) -> pa.StringArray:
    """Return days, or their months, in French words; the first of a month is "1er"."""
    months = pa.array(words).take(pc.subtract(pc.month(values), 1))
    texts = pc.binary_join_element_wise(months, pc.strftime(values, year), mark)
    if not day:
        return texts
    number = pc.day(values)
    first = pc.if_else(pc.equal(number, 1), "1er", pc.cast(number, pa.string()))
    return pc.binary_join_element_wise(first, texts, mark if mark == "-" else " ")


def write_points(values: pa.Array, *, pattern: str) -> pa.StringArray:
    """Return points as texts."""
    lat, lon = (pc.cast(pc.struct_field(values, name), pa.string()) for name in ("lat", "lon"))
    parts = pattern.replace("{lat}", "\0lat\0").replace("{lon}", "\0lon\0").split("\0")
    pieces = [{"lat": lat, "lon": lon}.get(part, part) for part in parts if part]
    return pc.binary_join_element_wise(*pieces, "")
