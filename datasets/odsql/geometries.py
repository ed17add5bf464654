"""geom'…' literals: WKT, hexadecimal WKB or GeoJSON, read here, so that the engine never reads a user's geometry.

Kinds are numbered as in WKB. Only longitude and latitude are kept; EWKT and EWKB may name SRID 4326.
"""

import json
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import Any, NoReturn

from datasets.errors import Phrase
from datasets.odsql.reasons import reason

POINT, LINE, POLYGON, MULTIPOINT, MULTILINE, MULTIPOLYGON, COLLECTION = range(1, 8)
KINDS = {
    "point": POINT,
    "linestring": LINE,
    "polygon": POLYGON,
    "multipoint": MULTIPOINT,
    "multilinestring": MULTILINE,
    "multipolygon": MULTIPOLYGON,
    "geometrycollection": COLLECTION,
}
PART = {POLYGON: LINE, MULTIPOINT: POINT, MULTILINE: LINE, MULTIPOLYGON: POLYGON}
"""What the parts of a kind are; the rings of a polygon are lines."""
MAX_NESTING = 8
HEXADECIMAL = re.compile(r"\s*(?:[0-9a-fA-F]{2})+\s*")
TOKEN = re.compile(
    r"\s*(?:(?P<word>[A-Za-z]+)|(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|(?P<mark>[(),;=]))"
)


@dataclass(frozen=True)
class Shape:
    """A geometry: its kind, and its points (of a point or a line) or its parts."""

    kind: int
    parts: tuple[Any, ...]

    @property
    def wkb(self) -> bytes:
        """The geometry as WKB."""
        if self.kind == POINT:
            return struct.pack("<BIdd", 1, POINT, *(self.parts[0] if self.parts else (float("nan"),) * 2))
        head = struct.pack("<BII", 1, self.kind, len(self.parts))
        if self.kind == LINE:
            return head + _packed(self.parts)
        if self.kind == POLYGON:
            return head + b"".join(struct.pack("<I", len(ring.parts)) + _packed(ring.parts) for ring in self.parts)
        return head + b"".join(part.wkb for part in self.parts)


class WrongGeometry(ValueError):
    """A text that is no geometry: what was `found`, where (from 0), what was `expected`."""

    def __init__(self, found: str, place: int, expected: Phrase) -> None:
        super().__init__(found)
        self.found, self.place, self.expected = found, place, expected


@lru_cache(64)
def parse_geometry(text: str) -> Shape:
    """Return the geometry that a text tells; raise WrongGeometry."""
    if text.lstrip().startswith("{"):
        return _read_geojson(text)
    if HEXADECIMAL.fullmatch(text):
        return _Binary(bytes.fromhex(text.strip())).whole()
    return _Words(text).whole()


def _packed(points: Sequence[tuple[float, float]]) -> bytes:
    return b"".join(struct.pack("<dd", *point) for point in points)


def _formed(kind: int, parts: Sequence[Any], ring: bool = False) -> Shape:
    """Return a geometry: lines of two points, closed rings, parts of one kind; raise ValueError otherwise."""
    if kind in PART and any(part.kind != PART[kind] for part in parts):
        raise ValueError
    if kind == LINE and ring and parts and (len(parts) < 4 or parts[0] != parts[-1]):
        raise ValueError
    if kind == LINE and len(parts) == 1:
        raise ValueError
    return Shape(kind, tuple(parts))


def _point(lon: Any, lat: Any) -> tuple[float, float]:
    """Return a point of two finite numbers; raise ValueError otherwise."""
    if isinstance(lon, bool) or isinstance(lat, bool) or not (isfinite(lon) and isfinite(lat)):
        raise ValueError
    return float(lon), float(lat)


class _Words:
    """Reads WKT."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.kind, self.found = "", ""
        self.advance()

    def advance(self) -> str:
        """Read one token; return the one before."""
        before, self.place = self.found, self.place + len(self.found)
        if match := TOKEN.match(self.text, self.place):
            self.kind = str(match.lastgroup)
            self.found, self.place = match[self.kind], match.start(self.kind)
        else:
            self.kind = self.found = ""
            self.place = len(self.text) - len(self.text[self.place :].lstrip())
        return before

    def refuse(self, expected: str, **data: object) -> NoReturn:
        """Raise WrongGeometry at the next token."""
        found = self.found or self.text[self.place : self.place + 1] or reason("end of line")
        raise WrongGeometry(found, self.place, reason(expected, **data))

    def accept(self, *words: str) -> bool:
        """Read one of the words when it comes next."""
        if self.found.lower() in words:
            self.advance()
            return True
        return False

    def expect(self, mark: str) -> None:
        """Read a mark; raise WrongGeometry at anything else."""
        if not self.accept(mark):
            self.refuse("geometry mark", mark=mark)

    def whole(self) -> Shape:
        """Read the whole text, after an SRID when there is one."""
        if self.accept("srid"):
            self.expect("=")
            if self.found != "4326":
                self.refuse("geometry srid")
            self.advance()
            self.expect(";")
        shape = self.geometry(0)
        if self.place < len(self.text):
            self.refuse("geometry end")
        return shape

    def geometry(self, level: int) -> Shape:
        """Read a name, then what is between its parentheses."""
        kind = KINDS.get(self.found.lower())
        if kind is None or level > MAX_NESTING:
            self.refuse("geometry kind")
        self.advance()
        self.accept("z", "m", "zm")
        if self.accept("empty"):
            return Shape(kind, ())
        return self.body(kind, level)

    def body(self, kind: int, level: int = 0, ring: bool = False) -> Shape:
        """Read what is between parentheses: points, parts or geometries."""
        start = self.place
        self.expect("(")
        parts = [self.part(kind, level)]
        while kind != POINT and self.accept(","):
            parts.append(self.part(kind, level))
        self.expect(")")
        try:
            return _formed(kind, parts, ring)
        except ValueError:
            raise WrongGeometry(self.text[start], start, reason("geometry ring" if ring else "geometry line")) from None

    def part(self, kind: int, level: int) -> Any:
        """Read one element of a geometry of this kind."""
        if kind in (POINT, LINE) or (kind == MULTIPOINT and self.found != "("):
            point = self.point()
            return Shape(POINT, (point,)) if kind == MULTIPOINT else point
        if kind == COLLECTION:
            return self.geometry(level + 1)
        return self.body(PART[kind], ring=kind == POLYGON)

    def point(self) -> tuple[float, float]:
        """Read two numbers, and leave a third and a fourth."""
        numbers = [self.number(), self.number()]
        while self.kind == "number" and len(numbers) < 4:
            numbers.append(self.number())
        return numbers[0], numbers[1]

    def number(self) -> float:
        """Read a number."""
        if self.kind != "number" or not isfinite(float(self.found)):
            self.refuse("a number")
        return float(self.advance())


def _read_geojson(text: str) -> Shape:
    """Read a geometry of GeoJSON, or the one of a Feature."""
    try:
        return _from_json(json.loads(text), 0)
    except json.JSONDecodeError as error:
        raise WrongGeometry(
            text[error.pos : error.pos + 1] or reason("end of line"), error.pos, reason("JSON")
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise WrongGeometry("{", text.index("{"), reason("geometry geojson")) from None


def _from_json(value: Any, level: int) -> Shape:
    if value["type"] == "Feature":
        value = value["geometry"]
    kind = KINDS[value["type"].lower()]
    if kind == COLLECTION and level < MAX_NESTING:
        return Shape(kind, tuple(_from_json(each, level + 1) for each in value["geometries"]))
    return _from_lists(kind, value["coordinates"])


def _from_lists(kind: int, found: Any, ring: bool = False) -> Shape:
    if kind == POINT:
        return Shape(kind, (_point(*found[:2]),) if found else ())
    if kind == LINE:
        return _formed(kind, [_point(*each[:2]) for each in found], ring)
    return Shape(kind, tuple(_from_lists(PART[kind], each, kind == POLYGON) for each in found))


class _Binary:
    """Reads WKB and EWKB."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.place = 0

    def whole(self) -> Shape:
        """Read the whole content."""
        try:
            shape = self.geometry(0)
            if self.place != len(self.content):
                raise ValueError
        except (struct.error, ValueError, KeyError, IndexError):
            raise WrongGeometry(
                self.content.hex()[:20], min(self.place * 2, len(self.content) * 2), reason("WKB")
            ) from None
        return shape

    def read(self, form: str) -> tuple[Any, ...]:
        """Read some numbers."""
        found = struct.unpack_from(form, self.content, self.place)
        self.place += struct.calcsize(form)
        return found

    def geometry(self, level: int) -> Shape:
        """Read the order of bytes, the kind, then points, rings or geometries."""
        order = "<" if self.read("B")[0] else ">"
        (code,) = self.read(f"{order}I")
        if code & 0x20000000 and self.read(f"{order}I") != (4326,):
            raise ValueError
        thousands, kind = divmod(code & 0x0FFFFFFF, 1000)
        ordinates = 2 + (thousands in (1, 2)) + 2 * (thousands == 3) + bool(code & 0x80000000) + bool(code & 0x40000000)
        if kind not in KINDS.values() or thousands > 3 or level > MAX_NESTING:
            raise ValueError
        if kind == POINT:
            return Shape(kind, (self.point(order, ordinates),))
        if kind == LINE:
            return self.line(order, ordinates)
        count = self.count(order, 4)
        if kind == POLYGON:
            return Shape(kind, tuple(self.line(order, ordinates, ring=True) for _ in range(count)))
        return _formed(kind, [self.geometry(level + 1) for _ in range(count)])

    def count(self, order: str, size: int) -> int:
        """Read how many things follow, of `size` bytes at least."""
        (count,) = self.read(f"{order}I")
        if count * size > len(self.content) - self.place:
            raise ValueError
        return int(count)

    def line(self, order: str, ordinates: int, ring: bool = False) -> Shape:
        """Read the points of a line or of a ring."""
        count = self.count(order, ordinates * 8)
        return _formed(LINE, [self.point(order, ordinates) for _ in range(count)], ring)

    def point(self, order: str, ordinates: int) -> tuple[float, float]:
        """Read a point."""
        lon, lat, *_ = self.read(f"{order}{ordinates}d")
        return _point(lon, lat)
