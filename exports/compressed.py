"""GZIP of a stream of pieces, one piece in memory at a time."""

import zlib
from collections.abc import Iterable, Iterator

GZIP_WINDOW = 31
"""zlib's number for its largest window with a GZIP header."""


def compress(chunks: Iterable[bytes], level: int = 5) -> Iterator[bytes]:
    """Yield `chunks` as one GZIP file."""
    compressor = zlib.compressobj(level, zlib.DEFLATED, GZIP_WINDOW)
    for chunk in chunks:
        yield compressor.compress(chunk)
    yield compressor.flush()
