"""Streams compressed piece by piece, one piece in memory at a time: by Zstandard, Brotli or GZIP."""

import zlib
from collections.abc import Callable, Generator, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import brotli
import zstandard

GZIP_WINDOW = 31
"""zlib's number for its largest window with a GZIP header."""


class Compressor(NamedTuple):
    """The three acts of a compressor; `flush` gives what it holds back, `finish` ends the file."""

    compress: Callable[[bytes], bytes]
    flush: Callable[[], bytes]
    finish: Callable[[], bytes]


def _zstandard(thorough: bool) -> Compressor:
    made = zstandard.ZstdCompressor(level=6 if thorough else 1).compressobj()
    return Compressor(made.compress, lambda: made.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK), made.flush)


def _brotli(thorough: bool) -> Compressor:
    made = brotli.Compressor(quality=4 if thorough else 1)
    return Compressor(made.process, made.flush, made.finish)


def _gzip(thorough: bool) -> Compressor:
    made = zlib.compressobj(5 if thorough else 1, zlib.DEFLATED, GZIP_WINDOW)
    return Compressor(made.compress, lambda: made.flush(zlib.Z_SYNC_FLUSH), made.flush)


CODINGS: Mapping[str, Callable[[bool], Compressor]] = MappingProxyType(
    {"zstd": _zstandard, "br": _brotli, "gzip": _gzip}
)
"""The content codings of HTTP that are written here, the cheapest first."""


def compress(chunks: Iterable[bytes], coding: str = "gzip", *, thorough: bool = False) -> Generator[bytes, None, None]:
    """Yield `chunks` as one compressed file: each leaves at once, unless the work is `thorough`, for a file to keep."""
    compressor = CODINGS[coding](thorough)
    for chunk in chunks:
        coded = compressor.compress(chunk)
        yield coded if thorough else coded + compressor.flush()
    yield compressor.finish()
