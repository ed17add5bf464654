"""The whole of a dataset is a file: made once, served with its length, its validator, its ranges and its digest."""

import base64
import gzip
import hashlib
import re
from pathlib import Path

import pytest
import zstandard
from werkzeug.http import parse_dict_header

from portal.explore.making import MAKER
from tests.portal.explore.communes import a_portal

CATALOGUE = "/api/explore/v2.1/catalog/datasets"
CSV = f"{CATALOGUE}/communes-du-gers/exports/csv"
NGINX = Path(__file__).parents[3] / "docs" / "nginx.conf"
KEPT_BY_NGINX = {
    "Cache-Control",
    "Content-Disposition",
    "Content-Length",
    "Content-Type",
    "Date",
    "Last-Modified",
    "X-Accel-Redirect",
}
"""What nginx takes from an answer whose file it sends; it tells lengths, ranges and dates itself."""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A portal whose exports nobody asked for yet; its worker has made the usual ones."""
    app = a_portal(tmp_path_factory.mktemp("whole") / "instance")
    app.extensions[MAKER].catch_up()
    return app


@pytest.fixture
def reader(site):
    """A program that downloads."""
    return site.test_client()


def test_a_whole_export_is_a_file(reader):
    """Length, strong validator, ranges and digest are told, and are those of the bytes."""
    response = reader.get(CSV)
    digest = hashlib.sha256(response.data).digest()
    assert response.content_length == len(response.data)
    assert response.headers["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest).decode()}:"
    tag, weak = response.get_etag()
    assert (tag, weak) == (digest.hex()[:32], False)
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["Content-Disposition"] == 'attachment; filename="communes-du-gers.csv"'
    head = reader.head(CSV)
    assert (head.data, head.content_length, head.get_etag()) == (b"", response.content_length, (tag, False))


@pytest.mark.parametrize("name", ["csv", "json", "geojson", "parquet"])
def test_the_file_is_what_the_query_gives(site, reader, name):
    """The file has the bytes of the stream of all records, in every usual format, from the first request on."""
    address = f"{CATALOGUE}/communes-du-gers/exports/{name}"
    made, streamed = reader.get(address), reader.get(f"{address}?limit=1000")
    assert made.content_length == len(streamed.data)
    assert made.data == streamed.data
    assert "Repr-Digest" not in streamed.headers


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-0", 206, slice(0, 1)),
        ("bytes=100-199", 206, slice(100, 200)),
        ("bytes=5-", 206, slice(5, None)),
        ("bytes=-7", 206, slice(-7, None)),
        ("bytes=999999999-", 416, None),
        ("lines=1-2", 416, None),
    ],
)
def test_a_part_can_be_asked(reader, asked, status, part):
    """A download that was cut goes on where it stopped."""
    whole = reader.get(CSV).data
    response = reader.get(CSV, headers={"Range": asked})
    assert response.status_code == status
    if part:
        assert response.data == whole[part]


def test_a_part_of_another_file_is_the_whole_one(reader):
    """If-Range: with the validator of this file the part, with any other the whole."""
    tag = reader.get(CSV).headers["ETag"]
    for held, status in ((tag, 206), ('"other"', 200)):
        assert reader.get(CSV, headers={"Range": "bytes=0-9", "If-Range": held}).status_code == status


def test_who_has_the_file_gets_none(reader):
    """The validator brings 304, be it that of the file or of the stream that came before it was made."""
    tags = [reader.get(CSV).headers["ETag"], reader.get(f"{CSV}?limit=1000").headers["ETag"]]
    for tag in tags:
        assert reader.get(CSV, headers={"If-None-Match": tag}).status_code == 304
    assert reader.get(CSV, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_compressed_file_is_made_at_the_first_demand(site, reader, monkeypatch):
    """First compressed on its way, then a file of its own with its own validator; its bytes are the same each time."""
    monkeypatch.setattr("portal.explore.making.CODED_FROM", 1)
    plain = reader.get(CSV)
    headers = {"Accept-Encoding": "gzip;q=0.5, zstd"}
    first, second = reader.get(CSV, headers=headers), reader.get(CSV, headers=headers)
    for response in (first, second):
        assert response.headers["Content-Encoding"] == "zstd"
        assert "Accept-Encoding" in parse_dict_header(response.headers["Vary"])
        assert zstandard.ZstdDecompressor().decompressobj().decompress(response.data) == plain.data
    assert first.get_etag()[1]
    assert first.content_length is None
    assert second.get_etag() == (hashlib.sha256(second.data).hexdigest()[:32], False)
    assert second.get_etag() != plain.get_etag()
    kept = [reader.get(f"{CSV}?compressed=true") for _ in range(2)][1]
    assert (kept.headers["Content-Type"], kept.content_encoding) == ("application/gzip", None)
    assert gzip.decompress(kept.data) == plain.data


def test_other_layouts_are_made_when_asked(reader):
    """Labels in either language are kept; other choices stream each time."""
    for tail, kept in (("use_labels=true&lang=en", True), ("use_labels=true", True), ("delimiter=,", False)):
        first, second = (reader.get(f"{CSV}?{tail}") for _ in range(2))
        assert first.data == second.data
        assert ("Repr-Digest" in second.headers) == kept
    english, french = (reader.get(f"{CSV}?use_labels=true&lang={lang}").data for lang in ("en", "fr"))
    assert english != french


@pytest.mark.parametrize(
    "clause", ["where=population>100", "select=nom", "order_by=nom", "limit=5", "offset=1", "epsg=3857"]
)
def test_a_question_is_never_answered_by_the_whole(reader, clause):
    """Any clause makes it a query."""
    whole = reader.get(CSV).data
    response = reader.get(f"{CSV}?{clause}")
    assert "Repr-Digest" not in response.headers
    assert response.data != whole


def test_the_address_of_a_version_is_kept_by_caches(site, reader):
    """What a version gives never changes, and says so; the dataset itself is asked again each time."""
    version = reader.get(f"{CATALOGUE}/communes-du-gers/versions").get_json()["results"][0]["version_id"]
    response = reader.get(f"{CATALOGUE}/communes-du-gers/versions/{version}/exports/csv")
    assert response.headers["Cache-Control"] == "public, max-age=604800, immutable"
    assert response.data == reader.get(CSV).data


def test_the_server_in_front_sends_the_file(tmp_path):
    """Where the setting names its prefix, the answer holds the way to the file instead of its bytes."""
    app = a_portal(tmp_path / "instance", sendfile_prefix="/stored")
    app.extensions[MAKER].catch_up()
    response = app.test_client().get(CSV)
    place = response.headers["X-Accel-Redirect"]
    assert place.startswith("/stored/communes-du-gers/")
    assert response.data == b""
    file = tmp_path / "instance" / "versions" / place.removeprefix("/stored/")
    assert hashlib.sha256(file.read_bytes()).hexdigest()[:32] == response.get_etag()[0]
    again = app.test_client().get(CSV, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    assert "X-Accel-Redirect" not in again.headers  # the server in front would send the file over the 304


def test_the_documented_server_in_front_passes_every_header_on(tmp_path):
    """An answer that nginx sends itself says what the portal said: it keeps a few headers, the others are written."""
    app = a_portal(tmp_path / "instance", sendfile_prefix="/stored")
    app.extensions[MAKER].catch_up()
    written = re.findall(r"add_header (\S+) \$upstream_http_(\w+);", NGINX.read_text())
    assert all(name.lower().replace("-", "_") == variable for name, variable in written)
    given = {name for name, _ in app.test_client().get(CSV, headers={"Accept-Encoding": "gzip"}).headers}
    missing = given - KEPT_BY_NGINX - {name for name, _ in written}
    assert not missing, sorted(missing)


def test_the_worker_makes_what_is_missing_and_stops(site, monkeypatch):
    """It gives way to other jobs, and reads no dataset again while nothing is published."""
    maker = site.extensions[MAKER]
    made = []
    monkeypatch.setattr(maker, "make", lambda whole, coding="": made.append(whole.name))
    maker.catch_up()
    assert made == []
    monkeypatch.setattr(maker, "_caught_up", "")
    monkeypatch.setattr(type(site.extensions["portal"].queue), "waiting", property(lambda queue: len(made) >= 2))
    maker.catch_up()
    assert len(made) in (2, 3)  # what was begun beside is ended


def test_a_file_that_cannot_be_made_stops_no_other(tmp_path, monkeypatch, caplog):
    """A full disk is told, the worker goes on, and readers have their stream."""
    app = a_portal(tmp_path / "instance")
    monkeypatch.setattr("datasets.store.made.ROOM", 1 << 62)
    app.extensions[MAKER].catch_up()
    assert "csv-" in caplog.text
    assert "parquet-" in caplog.text
    response = app.test_client().get(CSV)
    assert response.status_code == 200
    assert response.data
    assert "Repr-Digest" not in response.headers
