"""Texts become typed columns: each distinct text is read once."""

import pyarrow as pa
import pyarrow.compute as pc

from datasets.types.column import ColumnType


def parse_column(texts: pa.ChunkedArray, kind: ColumnType) -> pa.ChunkedArray:
    """Return a column of texts as values of `kind`: each distinct text is read once. Empty texts become null."""
    if kind.stays_text:
        return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    encoded = texts.combine_chunks().dictionary_encode()
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    values = kind.parse(encoded.dictionary)
    return pa.chunked_array([values.take(encoded.indices)])
