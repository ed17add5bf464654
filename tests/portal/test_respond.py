"""Answers of every room: streams, validators, security headers, and forms from other sites."""

import datetime as dt
import gzip
import zlib
from collections.abc import Iterator

import pytest
from flask import Flask, Response

from datasets.errors import LimitExceeded, QueryError
from datasets.model import Schema, Version
from exports.compressed import compress
from portal.respond import BROKEN, COMPRESSED_FROM, SECURITY_HEADERS, coding_for, conditional, stream

CREATED = dt.datetime(2026, 11, 20, 8, 0, 0, 500_000, tzinfo=dt.UTC)
VERSION = Version("d", "20261120T080000Z-00000000", CREATED, 1, Schema(()), ())


class Query:
    """A stand-in for rows: it notes whether it was ended."""

    def __init__(self, *chunks: bytes | Exception) -> None:
        self.chunks = chunks
        self.given = 0
        self.ended = False

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            if isinstance(chunk, Exception):
                raise chunk
            self.given += 1
            yield chunk

    def close(self) -> None:
        self.ended = True

    def answer(self) -> Response:
        return stream(iter(self), "text/csv", "d.csv", close=self.close)


def test_a_stream_gives_its_pieces_one_by_one():
    """Only the first piece is made before the response; the query ends with it."""
    query = Query(b"a", b"b", b"c")
    response = query.answer()
    assert query.given == 1
    assert response.content_length is None
    assert response.headers["Content-Disposition"] == 'attachment; filename="d.csv"'
    assert b"".join(response.iter_encoded()) == b"abc"
    response.close()
    assert query.ended


def test_a_reader_who_leaves_ends_the_query():
    """Closing the response early, or before the first byte, ends the query without reading on."""
    for read in (0, 2):
        query = Query(b"a", b"b", b"c")
        response = query.answer()
        pieces = response.iter_encoded()
        for _ in range(read):
            next(pieces)
        response.close()
        assert query.ended
        assert query.given <= max(read, 1)


def test_an_error_before_the_first_byte_is_an_answer():
    """A query that fails at once raises where the response would be made, and is ended."""
    query = Query(QueryError(detail="No.", clause="where"))
    with pytest.raises(QueryError):
        query.answer()
    assert query.ended


def test_an_error_after_the_first_byte_cannot_pass_unseen():
    """The connection breaks; whatever hides that, the last bytes are valid in no format, compressed or not."""
    query = Query(b"a;b\r\n", LimitExceeded(what="time", limit="30 s"))
    pieces = query.answer().iter_encoded()
    assert [next(pieces), next(pieces)] == [b"a;b\r\n", BROKEN]
    with pytest.raises(LimitExceeded):
        next(pieces)
    failing = compress(iter(Query(b"a" * 10**6, LimitExceeded(what="time", limit="30 s"))))
    received = []
    with pytest.raises(LimitExceeded):
        received.extend(stream(failing, "application/gzip", "d.csv.gzip", close=lambda: None).iter_encoded())
    with pytest.raises((EOFError, OSError, zlib.error)):
        gzip.decompress(b"".join(received) + BROKEN)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"If-None-Match": 'W/"20261120T080000Z-00000000"'}, 304),
        ({"If-None-Match": '"other", "20261120T080000Z-00000000"'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"other"', "If-Modified-Since": "Fri, 20 Nov 2026 08:00:00 GMT"}, 200),
        ({"If-Modified-Since": "Fri, 20 Nov 2026 08:00:00 GMT"}, 304),
        ({"If-Modified-Since": "Fri, 20 Nov 2026 07:59:59 GMT"}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
    ],
)
def test_an_unchanged_version_is_not_sent_again(app, headers, status):
    """A client that has the answer of this version gets 304 and its validators, and nothing is computed."""
    built = []
    with app.test_request_context("/", headers=headers):
        response = conditional(VERSION, lambda: built.append(1) or Response("body"))
    assert response.status_code == status
    assert len(built) == (status == 200)
    assert response.headers["ETag"] == 'W/"20261120T080000Z-00000000"'
    assert response.headers["Last-Modified"] == "Fri, 20 Nov 2026 08:00:00 GMT"


@pytest.mark.parametrize("address", ["/", "/nowhere", "/api/nowhere"])
def test_every_answer_carries_the_security_headers(client, address):
    """Pages, files, calls and errors alike; nothing foreign may run in a page."""
    response = client.get(address)
    for name in SECURITY_HEADERS:
        assert name in response.headers
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in response.headers
    assert "Strict-Transport-Security" in client.get(address, base_url="https://localhost").headers


@pytest.fixture
def form(app: Flask) -> Flask:
    """An application with a form."""
    app.add_url_rule("/form/", "form", lambda: "done", methods=["GET", "POST"])
    return app


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "http://localhost.elsewhere.example"}, 403),
        ({"Origin": "http://localhost:81"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_forms_of_other_sites_are_refused(form, headers, status):
    """A change is accepted from our own pages and from programs, never from a page of another site."""
    client = form.test_client()
    assert client.post("/form/", headers=headers).status_code == status
    assert client.get("/form/", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/", "/explore/", "/api/explore/v2.1/catalog/datasets"])
def test_texts_are_compressed_for_who_accepts_it(client, path):
    """A page and an answer of the API come compressed when the reader can, and are the same once read."""
    whole = client.get(path)
    assert "Accept-Encoding" in whole.headers["Vary"]
    assert "Content-Encoding" not in whole.headers
    squeezed = client.get(path, headers={"Accept-Encoding": "gzip, deflate"})
    if len(whole.data) >= COMPRESSED_FROM:
        assert squeezed.headers["Content-Encoding"] == "gzip"
        assert len(squeezed.data) == squeezed.content_length < len(whole.data)
        assert gzip.decompress(squeezed.data) == whole.data
    else:
        assert squeezed.data == whole.data


def test_what_a_signed_in_person_reads_is_not_compressed(client):
    """A page that may hold secrets does not show them in its length."""
    client.set_cookie("token", "x")
    answer = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", ""),
        ("*", ""),
        ("gzip", "gzip"),
        ("br;q=0.5, gzip;q=0.9", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("identity, gzip;q=0.5", ""),
        ("gzip;q=0", ""),
        ("nonsense;;q=é", ""),
    ],
)
def test_the_coding_is_the_one_that_the_reader_likes_best(accepted, coding):
    """Among ours, by quality, then the cheapest; none when none is named."""
    assert coding_for(accepted) == coding
