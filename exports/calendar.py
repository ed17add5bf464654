"""iCalendar (RFC 5545): one event per row that has a date.

An event begins at the first date or datetime field, or at the first whose name says so, and ends at the field whose
name says so. Instants are in UTC. An event is known by its content: the same record keeps its identifier.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha1
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from datasets.model import Schema
from exports.drawings import naming_field
from exports.exporter import ExportOptions, headings, pieces
from exports.geometry import drawn_fields
from exports.values import cell_texts, point_pairs

OPENING = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//gers-portal//exports//FR\r\nCALSCALE:GREGORIAN\r\n"
CLOSING = "END:VCALENDAR\r\n"
STAMP = "19700101T000000Z"
"""DTSTAMP, which RFC 5545 requires: rows do not say when they were made, and the same rows make the same file."""

BEGINNING = re.compile(r"(^|_)(debut|start|begin)", re.IGNORECASE)
END = re.compile(r"(^|_)(fin|end)(_|$)", re.IGNORECASE)
ESCAPES = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\r\n": "\\n", "\n": "\\n", "\r": "\\n"}
CONTROLS = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
MOST_OCTETS = 75
MOMENTS = ("date", "datetime")


@dataclass(frozen=True)
class Calendar:
    """Writes events: begin, end, the name of the row, the place of its point, the other values as a description."""

    name: str = "ical"
    extension: str = "ics"
    media_type: str = "text/calendar; charset=utf-8"
    geometry: Literal["geojson", "wkb"] = "geojson"
    needs_geometry: bool = False
    needs_date: bool = True

    def write(self, schema: Schema, batches: Iterable[pa.RecordBatch], options: ExportOptions) -> Iterator[bytes]:
        """Yield the events as they come. Raises InvalidParameter for a name field that the rows do not have."""
        layout = _Layout(schema, options)
        yield OPENING.encode()
        for piece in pieces(batches):
            yield "".join(map(_event, layout.events(piece))).encode()
        yield CLOSING.encode()


class _Layout:
    """Which field says what of an event."""

    def __init__(self, schema: Schema, options: ExportOptions) -> None:
        moments = [place for place, f in enumerate(schema) if f.type in MOMENTS and not f.multivalued]
        ends = [place for place in moments if END.search(schema.fields[place].name)]
        begins = [place for place in moments if BEGINNING.search(schema.fields[place].name)]
        self._begin = next(iter([*begins, *(place for place in moments if place not in ends), *moments]), None)
        kinds = [f.type for f in schema]
        alike = (place for place in ends if place != self._begin and kinds[place] == kinds[self._begin or 0])
        self._end = next(alike, None)
        self._summary = naming_field(schema, options)
        self._points = [place for place in drawn_fields(schema) if kinds[place] == "geo_point_2d"][:1]
        self._schema, self._options, self._titles = schema, options, headings(schema, options)

    def events(self, piece: pa.RecordBatch) -> Iterator[list[str]]:
        """Yield the lines of each event of `piece`, not yet folded."""
        if self._begin is None:
            return
        cells = [cell_texts(c, f, self._options).to_pylist() for c, f in zip(piece.columns, self._schema, strict=True)]
        begins = self._moments(piece, self._begin)
        ends = [None] * len(piece) if self._end is None else self._moments(piece, self._end, days=1)
        places = self._places(piece)
        for row, (begin, end) in enumerate(zip(begins, ends, strict=True)):
            if begin is not None:
                yield [*self._event([cell[row] for cell in cells], begin, end), *places[row]]

    def _event(self, cells: list[str], begin: str, end: str | None) -> Iterator[str]:
        yield f"UID:{sha1(chr(0).join(cells).encode(), usedforsecurity=False).hexdigest()}"
        yield f"DTSTAMP:{STAMP}"
        yield f"DTSTART{begin}"
        if end is not None and end > begin:
            yield f"DTEND{end}"
        summary = None if self._summary is None else cells[self._summary]
        if summary:
            yield f"SUMMARY:{_escaped(summary)}"
        used = {self._summary, self._begin}
        told = (f"{self._titles[place]}: {cell}" for place, cell in enumerate(cells) if cell and place not in used)
        if description := "\n".join(told):
            yield f"DESCRIPTION:{_escaped(description)}"

    def _moments(self, piece: pa.RecordBatch, place: int, days: int = 0) -> list[str | None]:
        """Return the end of the line of each date: an instant in UTC, or a whole day, moved; None for a null.

        The last day of an event is the one before DTEND.
        """
        column = piece.column(place)
        if pa.types.is_timestamp(column.type):
            seconds = pc.floor_temporal(column, unit="second").cast(pa.timestamp("s", tz="UTC"))
            texts = pc.strftime(seconds, format=":%Y%m%dT%H%M%SZ")
        elif pa.types.is_date(column.type):
            moved = pc.add(column.cast(pa.int32()), pa.scalar(days, pa.int32())).cast(pa.date32())
            texts = pc.strftime(moved, format=";VALUE=DATE:%Y%m%d")
        else:
            return [None] * len(piece)
        return texts.to_pylist()

    def _places(self, piece: pa.RecordBatch) -> list[list[str]]:
        if not self._points or not pa.types.is_struct(piece.column(self._points[0]).type):
            return [[]] * len(piece)
        lon, lat = point_pairs(piece.column(self._points[0]))
        written = pc.binary_join_element_wise("GEO:", lat, ";", lon, "").to_pylist()
        return [[] if line is None else [line] for line in written]


def _event(lines: list[str]) -> str:
    folded = "".join(f"{_folded(line)}\r\n" for line in lines)
    return f"BEGIN:VEVENT\r\n{folded}END:VEVENT\r\n"


def _escaped(text: str) -> str:
    for raw, escaped in ESCAPES.items():
        text = text.replace(raw, escaped)
    return re.sub(CONTROLS, "\ufffd", text)


def _folded(line: str) -> str:
    """Cut a line in lines of at most 75 octets, between two characters."""
    if line.isascii() and len(line) <= MOST_OCTETS:
        return line
    octets = line.encode()
    parts, start, most = [], 0, MOST_OCTETS
    while start < len(octets):
        part = octets[start : start + most].decode(errors="ignore")
        parts.append(part)
        start, most = start + len(part.encode()), MOST_OCTETS - 1
    return "\r\n ".join(parts)
