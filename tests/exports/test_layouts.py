"""Which layouts of a whole dataset are kept as files, and how streams are compressed."""

import gzip
import random
from dataclasses import replace

import brotli
import pytest
import zstandard

from datasets.model import Field, Schema
from exports import EXPORTERS, ExportOptions
from exports.compressed import CODINGS, compress
from exports.layouts import LINKED, PACKED, WORDED, name_layout, settle
from tests.exports.hostile import SCHEMA, hostile_batch

LANGS = ("fr", "en")
DATELESS = Schema((Field("nom", "text"),))
USUAL = ExportOptions()
READERS = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}


def written(name: str, options: ExportOptions) -> bytes:
    exporter = EXPORTERS[name]
    return b"".join(exporter.write(SCHEMA, [hostile_batch(exporter.geometry)], options))


@pytest.mark.parametrize("name", [name for name in EXPORTERS if name not in {"shp", "fgb", "ical"}])
def test_layouts_of_one_name_have_the_same_bytes(name):
    """What settling forgets changes no byte: the language without labels, the address where none is told."""
    exporter = EXPORTERS[name]
    others = [
        replace(USUAL, lang="en"),
        replace(USUAL, address="https://example.org/d"),
        replace(USUAL, lang="en", use_labels=True),
    ]
    for options in others:
        settled = settle(exporter, SCHEMA, options, LANGS)
        if name not in {"xlsx", "ods"}:  # their archives tell the hour
            assert written(name, settled) == written(name, options)
    names = {name_layout(exporter, settle(exporter, SCHEMA, options, LANGS)) for options in (USUAL, *others)}
    assert len(names) == 2 + (name in LINKED) + (name in WORDED)


def test_only_few_layouts_are_kept():
    """Whatever a reader chooses otherwise is written for him alone: files are bounded in number."""
    csv = EXPORTERS["csv"]
    for changed in ({"delimiter": ","}, {"with_bom": False}, {"quote_all": True}, {"epsg": 3857}, {"name_field": "a"}):
        assert settle(csv, DATELESS, replace(USUAL, **changed), LANGS) is None
    assert settle(csv, SCHEMA, replace(USUAL, timezone="Europe/Paris"), LANGS) is None
    assert settle(csv, DATELESS, replace(USUAL, timezone="Europe/Paris"), LANGS) == USUAL
    assert settle(csv, DATELESS, replace(USUAL, use_labels=True, lang="nl"), LANGS) is None


@pytest.mark.parametrize("thorough", [False, True])
@pytest.mark.parametrize("coding", CODINGS)
def test_compressed_streams_read_back(coding, thorough):
    """Another library gives the bytes back, whatever the pieces; when asked so, each piece leaves at once."""
    pieces = [b"", b"a" * 100_000, random.Random(1).randbytes(50_000), b"\0", b""]
    coded = list(compress(pieces, coding, thorough=thorough))
    assert READERS[coding](b"".join(coded)) == b"".join(pieces)
    assert len(coded) == len(pieces) + 1
    if not thorough:
        assert all(coded[1:4])


def test_packed_formats_are_those_that_do_not_shrink():
    """Formats said to be compressed already gain less than a tenth, the others more."""
    for name in EXPORTERS:
        data = written(name, USUAL) * 4
        assert (name in PACKED) == (written(name, USUAL)[:2] in (b"PK", b"PA")), name
        assert len(b"".join(compress([data]))) < len(data)
