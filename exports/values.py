"""One column of a batch as text: JSON values (`json_texts`) or cells (`cell_texts`), whole columns at a time.

The two tables at the end give the writer of each public field type; they are the typing table of docs/exports.md.
"""

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datasets.model import Field
from exports.exporter import ExportOptions

Writer = Callable[[pa.Array, Field, ExportOptions], pa.Array]

DATE_LENGTHS = {"year": -6, "month": -3}
"""How much of YYYY-MM-DD a coarser `timeserie_precision` drops."""

QUOTES = {"\\": "\\\\", '"': '\\"'}
BREAKS = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
CONTROLS = {chr(code): f"\\u{code:04x}" for code in range(32) if chr(code) not in BREAKS}
ESCAPES = (('["\\\\]', QUOTES), ("[\\n\\r\\t]", BREAKS), ("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]", CONTROLS))
"""What RFC 8259 requires to escape, rarest last, each with the pattern that tells whether it occurs."""
ESCAPED = bytes(range(32)) + b'"\\'
"""All of it."""


def json_texts(column: pa.Array, field: Field, options: ExportOptions) -> pa.Array:
    """Return the JSON text of each value of `column`; a null is `null`."""
    return pc.fill_null(texts_by(column, field, options, JSON_WRITERS, _json_lists), "null")


def cell_texts(column: pa.Array, field: Field, options: ExportOptions) -> pa.Array:
    """Return the cell of each value of `column`, not yet quoted; a null is empty, a list is joined."""
    return pc.fill_null(texts_by(column, field, options, CELL_WRITERS, _cell_lists), "")


def point_texts(column: pa.Array) -> pa.Array:
    """Return a GeoJSON Point geometry for each geo_point_2d; null where a coordinate is missing or not finite."""
    lon, lat = point_pairs(column)
    return _join('{"coordinates": [', lon, ", ", lat, '], "type": "Point"}')


def geometry_texts(column: pa.Array, *_: object) -> pa.Array:
    """Return each GeoJSON geometry with the separators and the order of members that Explore clients have seen."""
    spaced = pc.replace_substring_regex(_plain(column), r"([,:])\s*", r"\1 ")
    return pc.replace_substring_regex(
        spaced, r'^\{\s*"type": ("\w+"), "coordinates": (.*)\}\s*$', r'{"coordinates": \2, "type": \1}'
    )


def local_seconds(column: pa.Array, options: ExportOptions) -> pa.Array:
    """Return the clock time of each instant in the reader's time zone, as seconds since 1970-01-01."""
    return _local(column, options)[0]


def texts_by(
    column: pa.Array,
    field: Field,
    options: ExportOptions,
    writers: Mapping[str, Writer],
    lists: Callable[..., pa.Array],
) -> pa.Array:
    """Return the text of each value by the writer of its type, null for a null.

    Where there are lists, `lists` makes one text of each: it receives the lists, the texts of all elements and the
    options.
    """
    writer = writers[field.type]
    if pa.types.is_null(column.type):
        return pa.nulls(len(column), pa.string())
    if not pa.types.is_list(column.type) and not pa.types.is_large_list(column.type):
        return writer(column, field, options)
    return lists(column, writer(column.flatten(), field, options), options)


def _json_lists(column: pa.Array, values: pa.Array, options: ExportOptions) -> pa.Array:
    joined = pc.binary_join(regroup(column, pc.fill_null(values, "null")), ", ")
    return _join("[", joined, "]")


def _cell_lists(column: pa.Array, values: pa.Array, options: ExportOptions) -> pa.Array:
    return pc.binary_join(regroup(column, pc.fill_null(values, "")), options.list_separator)


def regroup(column: pa.Array, values: pa.Array) -> pa.Array:
    """Put `values`, flattened from `column`, back in the lists that `column` draws."""
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))).astype(np.int32)
    missing = pc.is_null(column) if column.null_count else None
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=missing)


def _plain(column: pa.Array, *_: object) -> pa.Array:
    return column if pa.types.is_string(column.type) else pc.cast(column, pa.string())


def _join(*parts: str | pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def holds_any(texts: pa.Array, marks: bytes) -> bool:
    """Return whether a column of texts may hold any of some characters: one look at its bytes, no pattern."""
    if not pa.types.is_string(texts.type):
        return True
    _, offsets, content = texts.buffers()
    if content is None:
        return False
    first, last = np.frombuffer(offsets, np.int32)[[texts.offset, texts.offset + len(texts)]]
    return bool(_marked(marks)[np.frombuffer(content, np.uint8)[first:last]].any())


@cache
def _marked(marks: bytes) -> np.ndarray:
    marked = np.zeros(256, dtype=bool)
    marked[list(marks)] = True
    return marked


def json_strings(column: pa.Array, *_: object) -> pa.Array:
    """Return each text between double quotes, escaped; a null stays."""
    texts = _plain(column)
    for pattern, escapes in ESCAPES if holds_any(texts, ESCAPED) else ():
        if pc.any(pc.match_substring_regex(texts, pattern)).as_py():
            for raw, escaped in escapes.items():
                texts = pc.replace_substring(texts, raw, escaped)
    return _join('"', texts, '"')


def _numbers(column: pa.Array, *_: object) -> pa.Array:
    """Write decimals with a point or an exponent, as JSON and Python do; what is not finite has no number: null."""
    if not pa.types.is_floating(column.type):
        return _plain(column)
    finite = pc.is_finite(column)
    if not pc.all(finite).as_py():
        column = pc.if_else(finite, column, pa.scalar(None, column.type))
    texts = _plain(column)
    decimal = pc.match_substring_regex(texts, "[.e]")
    return texts if pc.all(decimal).as_py() else pc.if_else(decimal, texts, _join(texts, ".0"))


def _json_booleans(column: pa.Array, *_: object) -> pa.Array:
    return pc.if_else(column, "true", "false")


def _cell_booleans(column: pa.Array, *_: object) -> pa.Array:
    return pc.if_else(column, "True", "False")


def _dates(column: pa.Array, field: Field, options: ExportOptions) -> pa.Array:
    if pa.types.is_timestamp(column.type):
        return _instants(column, field, options)
    texts = _plain(column)
    length = DATE_LENGTHS.get(str(field.annotations.get("timeserie_precision")))
    return texts if length is None else pc.utf8_slice_codeunits(texts, 0, length)


def _instants(column: pa.Array, field: Field, options: ExportOptions) -> pa.Array:
    """Write YYYY-MM-DDTHH:MM:SS+00:00 in the reader's time zone, without a fraction.

    Offsets of ancient local times have seconds, which ISO 8601 cannot write: they are cut to the minute and the
    clock time with them, so that the text always tells the exact instant.
    """
    local, minutes = _local(column, options)
    return _join(pc.replace_substring(_plain(local.cast(pa.timestamp("s"))), " ", "T"), _offset_texts(minutes))


def _local(column: pa.Array, options: ExportOptions) -> tuple[pa.Array, pa.Array]:
    """Return the clock time of each instant in the reader's zone, in seconds, and its offset, in minutes."""
    seconds = pc.floor_temporal(column, unit="second").cast(pa.timestamp("s", tz="UTC"))
    minutes = _offset_minutes(seconds, options.timezone)
    return pc.add(seconds.cast(pa.int64()), pc.multiply(minutes, 60)), minutes


def _json_dates(column: pa.Array, field: Field, options: ExportOptions) -> pa.Array:
    return _join('"', _dates(column, field, options), '"')


def _json_instants(column: pa.Array, field: Field, options: ExportOptions) -> pa.Array:
    return _join('"', _instants(column, field, options), '"')


def _offset_minutes(seconds: pa.Array, timezone: str) -> pa.Array:
    if timezone == "UTC":
        return pc.multiply(seconds.cast(pa.int64()), 0)
    local = pc.local_timestamp(seconds.cast(pa.timestamp("s", tz=timezone)))
    offsets = pc.subtract(local.cast(pa.int64()), seconds.cast(pa.int64()))
    return pc.floor(pc.divide(offsets.cast(pa.float64()), 60)).cast(pa.int64())


def _offset_texts(minutes: pa.Array) -> pa.Array:
    coded = minutes.dictionary_encode()
    texts = [None if m is None else _offset_text(m) for m in coded.dictionary.to_pylist()]
    return pc.take(pa.array(texts, pa.string()), coded.indices)


def _offset_text(minutes: int) -> str:
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def point_pairs(column: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return the texts of the longitudes and latitudes of geo_point_2d; null where one is not finite."""
    return _numbers(pc.struct_field(column, "lon")), _numbers(pc.struct_field(column, "lat"))


def _json_points(column: pa.Array, *_: object) -> pa.Array:
    lon, lat = point_pairs(column)
    return _join('{"lon": ', lon, ', "lat": ', lat, "}")


def _cell_points(column: pa.Array, *_: object) -> pa.Array:
    lon, lat = point_pairs(column)
    return _join(lat, ", ", lon)


def _json_shapes(column: pa.Array, *_: object) -> pa.Array:
    return _join('{"type": "Feature", "geometry": ', geometry_texts(column), ', "properties": {}}')


def _json_documents(column: pa.Array, *_: object) -> pa.Array:
    """Write JSON text as it is stored, on one line: a raw line break can only stand between its tokens."""
    return pc.replace_substring_regex(_plain(column), r"[\r\n]+", " ")


JSON_WRITERS: dict[str, Writer] = {
    "text": json_strings,
    "int": _plain,
    "double": _numbers,
    "boolean": _json_booleans,
    "date": _json_dates,
    "datetime": _json_instants,
    "geo_point_2d": _json_points,
    "geo_shape": _json_shapes,
    "file": _json_documents,
    "json_blob": _json_documents,
}

CELL_WRITERS: dict[str, Writer] = {
    "text": _plain,
    "int": _plain,
    "double": _numbers,
    "boolean": _cell_booleans,
    "date": _dates,
    "datetime": _instants,
    "geo_point_2d": _cell_points,
    "geo_shape": geometry_texts,
    "file": _plain,
    "json_blob": _plain,
}
