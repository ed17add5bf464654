"""What every exporter promises, and the choices a reader can make."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from typing import Literal, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datasets.model import Schema, text_in
from datasets.store.engine import be_modest

PIECE_ROWS = 16_384
PIECE_BYTES = 16 * 2**20
"""How much of a batch becomes text at once: what bounds the memory of an export."""

AT_ONCE = 2
"""Pieces of one export that are written at the same time."""


@dataclass(frozen=True)
class ExportOptions:
    """The choices of a reader; the defaults are those of the Explore API (docs/exports.md).

    `epsg` is the coordinate system that the rows are in already; `address` names the dataset in RDF.
    """

    lang: str = "fr"
    timezone: str = "UTC"
    use_labels: bool = False
    delimiter: str = ";"
    list_separator: str = ","
    quote_all: bool = False
    with_bom: bool = True
    parquet_compression: Literal["snappy", "zstd"] = "snappy"
    name_field: str = ""
    description_fields: tuple[str, ...] = ()
    use_extension: bool = True
    include_exports: tuple[str, ...] = ()
    use_labels_in_exports: bool = True
    epsg: int = 4326
    address: str = "urn:dataset"


class Exporter(Protocol):
    """Writes rows in one format.

    `geometry` is the form in which geo_shape columns must come: GeoJSON text or WKB. `needs_geometry` says that
    the format makes sense only for a dataset with a geographic field, `needs_date` for one with a date or datetime.
    """

    @property
    def name(self) -> str:
        """The public name of the format, as in `/exports/{name}`."""

    @property
    def extension(self) -> str:
        """The extension of the file, without a dot."""

    @property
    def media_type(self) -> str:
        """The content type, with its character set for text."""

    @property
    def geometry(self) -> Literal["geojson", "wkb"]:
        """The form of the geo_shape columns that `write` expects."""

    @property
    def needs_geometry(self) -> bool:
        """Whether the format is only for datasets with a geographic field."""

    @property
    def needs_date(self) -> bool:
        """Whether the format is only for datasets with a date or datetime field."""

    def write(self, schema: Schema, batches: Iterable[pa.RecordBatch], options: ExportOptions) -> Iterator[bytes]:
        """Yield the file, one piece of a batch in memory at a time.

        `batches` have one column per field of `schema`, in order. At least one piece is yielded, even for zero rows.
        """


def suits(exporter: Exporter, types: Collection[str]) -> bool:
    """Tell whether fields of these types hold the place or the date that a format needs."""
    types = set(types)
    geographic, dated = bool(types & {"geo_point_2d", "geo_shape"}), bool(types & {"date", "datetime"})
    return (geographic or not exporter.needs_geometry) and (dated or not exporter.needs_date)


def headings(schema: Schema, options: ExportOptions) -> list[str]:
    """Return the heading of each column: its name, or its label when asked; equal labels get the name beside."""
    if not options.use_labels:
        return list(schema.names)
    labels = [text_in(field.label, options.lang) or field.name for field in schema]
    return [
        label if labels.count(label) == 1 else f"{label} ({field.name})"
        for label, field in zip(labels, schema, strict=True)
    ]


def pieces(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the batches in pieces of at most PIECE_ROWS rows and about PIECE_BYTES bytes, without empty ones."""
    for batch in batches:
        for start in range(0, batch.num_rows, PIECE_ROWS):
            yield from _halve(batch.slice(start, PIECE_ROWS))


def write_pieces(batches: Iterable[pa.RecordBatch], write: Callable[[pa.RecordBatch], bytes]) -> Iterator[bytes]:
    """Yield what `write` makes of each piece of the batches, in their order.

    AT_ONCE pieces are written at the same time, by threads less urgent than others; a lone piece needs none.
    """
    todo = pieces(batches)
    ahead = list(islice(todo, 2))
    if len(ahead) < 2:
        yield from map(write, ahead)
        return
    with ThreadPoolExecutor(AT_ONCE, "exports", be_modest) as pool:
        begun: deque[Future[bytes]] = deque()
        for piece in chain(ahead, todo):
            begun.append(pool.submit(write, piece))
            if len(begun) > AT_ONCE:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()


def _halve(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    if batch.num_rows <= 1 or batch.nbytes <= PIECE_BYTES:
        yield batch
        return
    half = batch.num_rows // 2
    yield from _halve(batch.slice(0, half))
    yield from _halve(batch.slice(half))


def join_rows(parts: list[str | pa.Array]) -> bytes:
    """Return the bytes of all rows, each the concatenation of `parts`: a text is repeated, a column gives its value.

    Columns hold text without nulls; at least one part is a column.
    """
    rows = pc.binary_join_element_wise(*parts, "")
    _, offsets, content = rows.buffers()
    if content is None:
        return b""
    first, last = np.frombuffer(offsets, np.int32)[[rows.offset, rows.offset + len(rows)]]
    return bytes(memoryview(content)[first:last])
