"""Never half: a worker or a server killed at any step leaves the published version as it was, and work can go on."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from portal.producers.service import change_draft, get_draft
from portal.producers.work import PUBLISHING_STEPS, READING_STEPS
from tests.portal.producers.desk import choose, describe, publish, send, walk

TUS = {"Tus-Resumable": "1.0.0"}
PATCH = {**TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
ROOT = Path(__file__).parents[3]
FIRST, SECOND = b"nom;tarif\nA;1\nB;2\n", b"nom;tarif\nA;1\nB;2\nC;3\n"
PUBLIC = "/api/explore/v2.1/catalog/datasets/mes-tarifs/records"
POINTS = (*(("read_draft", step) for step in READING_STEPS), *(("publish_draft", step) for step in PUBLISHING_STEPS))
LONG = [*POINTS, ("publish_draft", "pointed")]


def kill_worker(app: Flask, job: str, draft_id: str, point: str) -> None:
    """Let another process do a job, and die at `point`."""
    folder = str(app.extensions["portal"].settings.instance)
    command = [sys.executable, "-m", "tests.portal.producers.killed", folder, job, draft_id, point]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


def check_killed(producer: FlaskClient, client: FlaskClient, app: Flask, job: str, point: str) -> None:
    """Renew a dataset, kill the worker at `point`, and check what the public sees, then that the work can go on."""
    parts = app.extensions["portal"]
    walk(producer, FIRST, "mes-tarifs")
    draft = send(producer, SECOND, "tarifs.csv", dataset="mes-tarifs")
    draft_id = draft.split("/")[-2]
    choose(producer, draft)
    describe(producer, draft, "mes-tarifs")
    change_draft(parts, draft_id, state="publishing" if job == "publish_draft" else "received", step="")
    kill_worker(app, job, draft_id, point)
    assert client.get(PUBLIC).json["total_count"] == (3 if point == "pointed" else 2)
    assert get_draft(parts, draft_id).state in ("reading", "publishing")
    assert producer.get(draft).status_code == 200
    producer.post(f"{draft}restart/")
    if job == "read_draft":
        publish(producer, draft)
    assert get_draft(parts, draft_id).state == "published"
    assert client.get(PUBLIC).json["total_count"] == 3
    parts.store.purge_abandoned()
    assert not list((parts.settings.instance / "versions" / ".incoming").glob("*"))


def test_a_worker_killed_before_the_pointer_moves_changes_nothing(
    producer: FlaskClient, client: FlaskClient, app: Flask
) -> None:
    """The version is on the disk, the public sees the one before; started again, the work ends."""
    check_killed(producer, client, app, "publish_draft", "written")


@pytest.mark.verify
@pytest.mark.parametrize(("job", "point"), LONG)
def test_a_worker_killed_at_any_step(
    producer: FlaskClient, client: FlaskClient, app: Flask, job: str, point: str
) -> None:
    """At each step of each job: the published version is one or the other, whole, and the work ends when restarted."""
    check_killed(producer, client, app, job, point)


@pytest.mark.verify
def test_two_publications_at_once_leave_one_of_them_whole(
    producer: FlaskClient, client: FlaskClient, app: Flask
) -> None:
    """Two processes publish two files of one dataset at the same time: both end, one of the two is served, whole."""
    parts, drafts = app.extensions["portal"], []
    walk(producer, FIRST, "mes-tarifs")
    for content in (SECOND, SECOND + b"D;4\n"):
        draft = send(producer, content, "tarifs.csv", dataset="mes-tarifs")
        choose(producer, draft)
        describe(producer, draft, "mes-tarifs")
        drafts.append(draft.split("/")[-2])
        change_draft(parts, drafts[-1], state="publishing")
    folder = str(parts.settings.instance)
    program = [sys.executable, "-m", "tests.portal.producers.killed", folder, "publish_draft"]
    both = [subprocess.Popen([*program, draft_id, "never"], cwd=ROOT) for draft_id in drafts]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    assert {get_draft(parts, draft_id).state for draft_id in drafts} == {"published"}
    assert client.get(PUBLIC).json["total_count"] in (3, 4)


@pytest.mark.verify
def test_a_server_killed_during_an_upload_resumes_where_it_was(tmp_path: Path) -> None:
    """The whole server dies (SIGKILL) in the middle of a piece; started again, the upload goes on and is whole."""
    environment = {**os.environ, "PORTAL_INSTANCE": str(tmp_path / "instance"), "PORTAL_WORKERS": "1"}
    told = run_portal(environment, "accounts", "create", "p@example.org", "--role", "producer")
    content = b"a;b\n" + b"1;2\n" * 2_000_000
    with serving(environment) as (address, process):
        session = requests.Session()
        form = {"email": "p@example.org", "password": told.rpartition(": ")[2].strip()}
        assert session.post(f"{address}/login/", data=form, allow_redirects=False).status_code == 303
        length = {**TUS, "Upload-Length": str(len(content))}
        place = session.post(f"{address}/producer/uploads/", headers=length).headers["Location"]
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in session.cookies)
        connection = HTTPConnection(address.removeprefix("http://"))
        connection.putrequest("PATCH", place)
        for name, text in {**PATCH, "Cookie": cookies, "Content-Length": str(len(content))}.items():
            connection.putheader(name, text)
        connection.endheaders()
        connection.send(content[: 4 * 2**20])
        time.sleep(1)
        os.killpg(process.pid, signal.SIGKILL)
        connection.close()
    with serving(environment) as (address, _process):
        offset = int(session.head(f"{address}{place}", headers=TUS).headers["Upload-Offset"])
        assert 0 < offset < len(content)
        head = {**PATCH, "Upload-Offset": str(offset)}
        answer = session.patch(f"{address}{place}", headers=head, data=content[offset:])
        assert answer.headers["Upload-Offset"] == str(len(content))
        assert (tmp_path / "instance" / "incoming" / hashlib.sha256(content).hexdigest()).read_bytes() == content


def run_portal(environment: dict[str, str], *arguments: str) -> str:
    """Run a command of the portal and return what it says."""
    command = [sys.executable, "-m", "portal", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Serve the instance on a free port, in a group of processes of its own that is killed at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "portal", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            with suppress(requests.ConnectionError):
                requests.get(f"{address}/login/", timeout=5)
                break
            time.sleep(0.25)
        yield address, process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        with suppress(FileNotFoundError):
            (Path(environment["PORTAL_INSTANCE"]) / "serving.lock").unlink()
