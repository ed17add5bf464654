"""Uploads that can be resumed speak tus 1.0, whatever cuts them, and leave nothing behind."""

import base64
import hashlib
import io
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from portal import create_app
from portal.clock import FixedClock
from portal.producers import incoming
from portal.producers.incoming import Upload, purge_uploads
from tests.portal.producers.conftest import SignIn, sign_in_to

NOW = datetime.now(UTC)
TUS = {"Tus-Resumable": "1.0.0"}
PATCH = {**TUS, "Content-Type": "application/offset+octet-stream"}
CONTENT = b"a;b\n" + b"1;2\n" * 100


def metadata(name: str = "mes données.csv", **more: str) -> str:
    """Return an Upload-Metadata header."""
    pairs = {"filename": name, **more}
    return ",".join(f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in pairs.items())


def create(browser: FlaskClient, length: int = len(CONTENT), **headers: str) -> str:
    """Begin an upload and return its address."""
    told = {**TUS, "Upload-Length": str(length), "Upload-Metadata": metadata(), **headers}
    answer = browser.post("/producer/uploads/", headers=told)
    assert answer.status_code == 201, answer.text
    return answer.location


def patch(browser: FlaskClient, address: str, offset: int, body: bytes, **headers: str) -> TestResponse:
    """Add to an upload."""
    told = {**PATCH, "Upload-Offset": str(offset), **{name.replace("_", "-"): text for name, text in headers.items()}}
    return browser.patch(address, headers=told, data=body)


def folder_of(app: Flask) -> Path:
    """Return the folder of incoming files."""
    return Path(app.extensions["portal"].settings.instance) / "incoming"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """One portal for all the uploads of this file."""
    instance = tmp_path_factory.mktemp("uploads") / "instance"
    settings = {"instance": instance, "queue_url": "immediate", "limits_url": "memory://"}
    app = create_app(settings, clock=FixedClock(NOW))
    app.extensions["portal"].databases.migrate()
    return app


@pytest.fixture(scope="module")
def sign_in(app: Flask) -> SignIn:
    """Sign people in to it."""
    return sign_in_to(app)


@pytest.fixture(scope="module")
def producer(sign_in: SignIn) -> FlaskClient:
    """A producer, signed in."""
    return sign_in("producteur@example.org", "producer")


@pytest.fixture(autouse=True)
def empty_folder(app: Flask) -> Iterator[None]:
    """Leave nothing of one test to the next."""
    yield
    for path in folder_of(app).iterdir():
        path.unlink()


def test_the_server_says_what_it_can_do(client: FlaskClient) -> None:
    """OPTIONS tells version, extensions, greatest size and checksums to anybody."""
    answer = client.options("/producer/uploads/")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    for extension in ("creation", "termination", "checksum", "expiration"):
        assert extension in answer.headers["Tus-Extension"].split(",")
    assert answer.headers["Tus-Max-Size"] == str(2 * 2**30)
    assert "sha1" in answer.headers["Tus-Checksum-Algorithm"]


def test_an_upload_in_pieces_becomes_a_draft(producer: FlaskClient, app: Flask) -> None:
    """Pieces are added where the file stands; the last one gives the address of the draft, and HEAD after it too."""
    address = create(producer)
    first = patch(producer, address, 0, CONTENT[:100])
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "100")
    assert "Upload-Expires" in first.headers
    assert "Portal-Draft" not in first.headers
    head = producer.head(address, headers=TUS)
    assert (head.status_code, head.headers["Upload-Offset"]) == (200, "100")
    assert (head.headers["Upload-Length"], head.headers["Cache-Control"]) == (str(len(CONTENT)), "no-store")
    last = patch(producer, address, 100, CONTENT[100:])
    draft = last.headers["Portal-Draft"]
    assert "mes données.csv" in producer.get(f"{draft}reading/").text
    assert producer.head(address, headers=TUS).headers["Portal-Draft"] == draft
    assert patch(producer, address, len(CONTENT), b"").headers["Portal-Draft"] == draft
    assert (folder_of(app) / hashlib.sha256(CONTENT).hexdigest()).read_bytes() == CONTENT
    assert list(folder_of(app).glob("*.part")) == []


def test_a_small_file_comes_with_its_creation(producer: FlaskClient) -> None:
    """Creation with upload: the first request may hold the bytes."""
    told = {**PATCH, "Upload-Length": str(len(CONTENT)), "Upload-Metadata": metadata()}
    answer = producer.post("/producer/uploads/", headers=told, data=CONTENT)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, str(len(CONTENT)))
    assert "Portal-Draft" in answer.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.9"}, 412),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "²"}, 400),
        ({"Upload-Length": ""}, 400),
        ({"Upload-Length": str(2**40)}, 413),
        ({"Upload-Metadata": "filename !!"}, 400),
        ({"Upload-Metadata": f"dataset {base64.b64encode(b'somebody-else').decode()}"}, 404),
    ],
)
def test_a_wrong_creation_is_refused(producer: FlaskClient, app: Flask, headers: dict[str, str], status: int) -> None:
    """Another version, a length that is none or too great, unreadable metadata: refused, and nothing is kept."""
    answer = producer.post("/producer/uploads/", headers={**TUS, "Upload-Length": "10", **headers})
    assert answer.status_code == status
    assert list(folder_of(app).iterdir()) == []


def test_a_wrong_addition_is_refused_and_changes_nothing(producer: FlaskClient) -> None:
    """Wrong offset, wrong type, too many bytes, unknown checksum: the upload stands where it stood."""
    address = create(producer)
    patch(producer, address, 0, CONTENT[:10])
    assert patch(producer, address, 0, CONTENT).status_code == 409
    assert patch(producer, address, 20, CONTENT[20:]).status_code == 409
    assert patch(producer, address, 10, CONTENT).status_code == 413
    assert patch(producer, address, 10, b"x", Content_Type="text/csv").status_code == 415
    assert patch(producer, address, 10, b"x", Upload_Checksum="crc32 AAAA").status_code == 400
    assert producer.patch(address, headers=PATCH, data=b"x").status_code == 400
    assert producer.head(address, headers=TUS).headers["Upload-Offset"] == "10"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_piece_with_another_checksum_is_forgotten(producer: FlaskClient, algorithm: str) -> None:
    """460 when the piece is not the one that was sent: it is taken away; the right one is accepted after it."""
    address = create(producer)
    told = f"{algorithm} {base64.b64encode(hashlib.new(algorithm, CONTENT).digest()).decode()}"
    damaged = patch(producer, address, 0, CONTENT.replace(b"2", b"3"), Upload_Checksum=told)
    assert damaged.status_code == 460
    assert producer.head(address, headers=TUS).headers["Upload-Offset"] == "0"
    assert patch(producer, address, 0, CONTENT, Upload_Checksum=told).status_code == 204


def test_an_upload_is_cancelled(producer: FlaskClient, app: Flask) -> None:
    """DELETE forgets the upload and its bytes; a POST may stand for it where DELETE does not pass."""
    for method in ("DELETE", "POST"):
        address = create(producer)
        patch(producer, address, 0, CONTENT[:10])
        headers = {**TUS, "X-HTTP-Method-Override": "DELETE"} if method == "POST" else TUS
        assert producer.open(address, method=method, headers=headers).status_code == 204
        assert producer.head(address, headers=TUS).status_code == 404
    assert list(folder_of(app).iterdir()) == []


def test_an_upload_is_its_senders_only(producer: FlaskClient, client: FlaskClient, sign_in) -> None:
    """A visitor is sent to sign in; another producer finds nothing, neither do paths."""
    address = create(producer)
    other = sign_in("autre@example.org", "producer")
    assert other.head(address, headers=TUS).status_code == 404
    assert patch(other, address, 0, CONTENT).status_code == 404
    assert other.delete(address, headers=TUS).status_code == 404
    assert client.head(address, headers=TUS).status_code == 303
    assert producer.head("/producer/uploads/..%2f..%2fsecret", headers=TUS).status_code == 404


def test_two_requests_never_write_the_same_upload(producer: FlaskClient, app: Flask) -> None:
    """While a request adds to an upload, another is told to wait (423)."""
    address = create(producer)
    upload = incoming.find_upload(folder_of(app), address.rpartition("/")[2], find_owner(app))
    with incoming.open_part(folder_of(app), upload) as file:
        assert file is not None
        assert patch(producer, address, 0, CONTENT).status_code == 423
    assert patch(producer, address, 0, CONTENT).status_code == 204


def find_owner(app: Flask) -> str:
    """Return the name under which the only upload is held."""
    (path,) = folder_of(app).glob("*.upload")
    return Upload(**json.loads(path.read_text())).owner


def test_the_same_file_sent_twice_is_kept_once(producer: FlaskClient, app: Flask) -> None:
    """Two uploads of one file are two drafts of one file; deleting one draft leaves the other its file."""
    drafts = []
    for _ in range(2):
        address = create(producer)
        drafts.append(patch(producer, address, 0, CONTENT).headers["Portal-Draft"])
    assert drafts[0] != drafts[1]
    producer.post(f"{drafts[0]}delete/")
    assert producer.get(f"{drafts[1]}reading/").status_code == 200
    assert (folder_of(app) / hashlib.sha256(CONTENT).hexdigest()).exists()


def test_a_full_disk_is_told_and_leaves_nothing(producer: FlaskClient, app: Flask) -> None:
    """No room: 507 in words, nothing half-kept; by the plain form too; what had arrived can be resumed later."""
    address = create(producer)
    part = folder_of(app) / f"{address.rpartition('/')[2]}.part"
    part.unlink()
    part.symlink_to("/dev/full")
    answer = patch(producer, address, 0, CONTENT)
    assert answer.status_code == 507
    assert (
        "plus de place"
        in producer.patch(f"{address}?lang=fr", headers={**PATCH, "Upload-Offset": "0"}, data=CONTENT).text
    )
    part.unlink()
    part.touch()
    assert patch(producer, address, 0, CONTENT).status_code == 204


def test_more_than_the_disk_has_is_refused_at_once(
    producer: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upload announced greater than the room that is left is refused before its first byte."""
    room = os.statvfs(folder_of(app)).f_bavail * os.statvfs(folder_of(app)).f_frsize
    with pytest.raises(incoming.DiskFull):
        incoming.start_upload(folder_of(app), Upload("0" * 32, "me", "f.csv", room * 2))
    assert list(folder_of(app).iterdir()) == []


def test_an_unfinished_upload_is_shown_then_purged(producer: FlaskClient, app: Flask) -> None:
    """The desk tells how far it is; once nobody has added to it for days, it is erased and answers 404."""
    address = create(producer)
    patch(producer, address, 0, CONTENT[: len(CONTENT) // 2])
    assert "mes données.csv" in producer.get("/producer/").text
    days_ago = NOW - timedelta(days=2)
    assert purge_uploads(folder_of(app), days_ago) == 0
    for path in folder_of(app).iterdir():
        os.utime(path, (0, 0))
    assert purge_uploads(folder_of(app), days_ago) == 1
    assert list(folder_of(app).iterdir()) == []
    assert producer.head(address, headers=TUS).status_code == 404


def test_a_connection_cut_on_the_way_keeps_what_came(producer: FlaskClient) -> None:
    """Fewer bytes than announced: what came is kept and the upload goes on from there."""
    address = create(producer)
    cut = {**PATCH, "Upload-Offset": "0", "Content-Length": str(len(CONTENT))}
    producer.patch(address, headers=cut, input_stream=io.BytesIO(CONTENT[:50]))
    offset = int(producer.head(address, headers=TUS).headers["Upload-Offset"])
    assert offset == 50
    assert "Portal-Draft" in patch(producer, address, offset, CONTENT[offset:]).headers


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, len(CONTENT)), max_size=6), stray=st.integers(-5, 5))
def test_however_it_is_cut_the_file_is_the_same(producer: FlaskClient, app: Flask, cuts: list[int], stray: int) -> None:
    """Any pieces, with offsets that are sometimes wrong, make the very file that was sent."""
    address = create(producer)
    for end in [*sorted(cuts), len(CONTENT)]:
        offset = int(producer.head(address, headers=TUS).headers["Upload-Offset"])
        if stray and offset + stray >= 0:
            assert patch(producer, address, offset + stray, b"").status_code == 409
        answer = patch(producer, address, offset, CONTENT[offset:end])
        assert answer.status_code == 204
    assert "Portal-Draft" in answer.headers
    assert (folder_of(app) / hashlib.sha256(CONTENT).hexdigest()).read_bytes() == CONTENT
