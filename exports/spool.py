"""Rows kept aside on disk, for formats that must know all of them before the first byte."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datasets.errors import LimitExceeded, Phrase
from exports.geometry import kinds_of

MOST_BYTES = 2**31
"""How many bytes of rows one export may keep aside."""

READ_ROWS = 1024
"""How many rows are read at once: GDAL keeps other threads waiting while it writes them."""

SPACE = Phrase("temporary space", "place temporaire")


class Spool:
    """Batches of one schema in a file; their last column is WKB. Knows the kinds of geometry and the widest texts."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path = path
        self.schema = schema
        self.counts: Counter[int] = Counter()
        self.widths: Counter[str] = Counter()

    def fill(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Keep all of `batches`. Raises LimitExceeded beyond MOST_BYTES."""
        with pa.OSFile(str(self._path), "wb") as file, pa.ipc.new_stream(file, self.schema) as writer:
            for batch in batches:
                self._count(batch)
                writer.write_batch(batch)
                if file.tell() > MOST_BYTES:
                    raise LimitExceeded(what=SPACE, limit="2 GB")

    def read(self, kinds: Collection[int]) -> Iterator[pa.RecordBatch]:
        """Yield the rows whose geometry is of these kinds (codes of WKB, 0 for none), READ_ROWS at most at once."""
        with pa.OSFile(str(self._path), "rb") as file, pa.ipc.open_stream(file) as batches:
            for batch in batches:
                mask = np.isin(kinds_of(batch.columns[-1]), list(kinds))
                kept = batch if mask.all() else batch.filter(pa.array(mask))
                for start in range(0, len(kept), READ_ROWS):
                    yield kept.slice(start, READ_ROWS)

    def _count(self, batch: pa.RecordBatch) -> None:
        codes, counts = np.unique(kinds_of(batch.columns[-1]), return_counts=True)
        self.counts.update(dict(zip(codes.tolist(), counts.tolist(), strict=True)))
        for known, column in zip(self.schema, batch.columns, strict=True):
            if pa.types.is_string(known.type):
                self.widths[known.name] = max(self.widths[known.name], pc.max(pc.binary_length(column)).as_py() or 0)
