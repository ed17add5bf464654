"""Programs push rows: all of them or none, once, to the one dataset that their key opens."""

import json
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from portal.accounts.journal.service import verify
from portal.accounts.journal.tables import ActRow
from portal.accounts.keys import service as keys
from portal.accounts.tables import AccountRow
from portal.clock import FixedClock
from portal.privacy.duties import purge_journal
from portal.privacy.erasure import find_stores
from portal.sources.service import create_source, run_due
from tests.portal.sources.conftest import owner_of_the_producer

MIRANDE = {"code": "32256", "nom": "Mirande", "habitants": 3500}


@pytest.fixture
def secret(app: Flask) -> str:
    """The secret of a push that corrects and adds by code."""
    return create_source(
        app.extensions["portal"], owner_of_the_producer(app), "villes", "push", update="merge", key=["code"]
    )[1]


def push(client: FlaskClient, secret: str, rows: Any, key: str = "1", **more: Any) -> TestResponse:
    content = rows if isinstance(rows, bytes) else json.dumps(rows).encode()
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": key, **more.pop("headers", {})}
    return client.post(
        more.pop("path", "/api/push/v1/datasets/villes/records"),
        data=content,
        headers=headers,
        content_type=more.pop("content_type", "application/json"),
    )


def records(client: FlaskClient) -> list[dict[str, Any]]:
    found = client.get("/api/explore/v2.1/catalog/datasets/villes/records?select=code,nom,habitants").json
    return found["results"]


def test_rows_come_and_are_public_at_once(client: FlaskClient, secret: str) -> None:
    """A row of a known key is corrected, another one is added; codes stay codes."""
    answer = push(client, secret, [MIRANDE, {"code": "32013", "habitants": 22200, "nom": "Auch"}])
    assert answer.status_code == 200, answer.json
    assert answer.json | {"version_id": ""} == {
        "dataset_id": "villes",
        "version_id": "",
        "records_count": 3,
        "corrected": 1,
        "added": 1,
    }
    assert records(client) == [
        {"code": "32013", "nom": "Auch", "habitants": 22200},
        {"code": "32107", "nom": "Condom", "habitants": 6500},
        MIRANDE,
    ]


def test_each_kind_of_content_is_read(client: FlaskClient, secret: str) -> None:
    """A JSON array, JSON Lines and CSV say the same rows: those that came by the first are known by the others."""
    rows = [MIRANDE, {**MIRANDE, "code": "32233"}]
    versions = set()
    contents = {
        "application/json; charset=utf-8": json.dumps(rows).encode(),
        "application/x-ndjson": "\n".join(map(json.dumps, rows)).encode(),
        "text/csv": b"code;nom;habitants\n32256;Mirande;3500\n32233;Mirande;3500\n",
    }
    for place, (content_type, content) in enumerate(contents.items()):
        answer = push(client, secret, content, str(place), content_type=content_type)
        versions.add(answer.json["version_id"])
        assert (answer.json["added"], answer.json["corrected"]) == (2 if place == 0 else 0, 0), content_type
        assert records(client)[2:] == rows
    assert len(versions) == 1


def test_the_same_push_is_done_once(client: FlaskClient, secret: str) -> None:
    """A push sent again gets the answer that it had; the same key with other rows is refused."""
    first = push(client, secret, [MIRANDE])
    again = push(client, secret, [MIRANDE])
    assert (again.status_code, again.json) == (200, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    versions = client.get("/api/explore/v2.1/catalog/datasets/villes/versions").json
    assert versions["total_count"] == 2
    other = push(client, secret, [{**MIRANDE, "habitants": 1}])
    assert (other.status_code, other.json["error_code"]) == (409, "Conflict")
    assert records(client)[2] == MIRANDE


def test_one_bad_row_refuses_all_and_is_told(client: FlaskClient, secret: str) -> None:
    """Nothing is published when a value is refused; the answer names the row, the column and the value."""
    answer = push(client, secret, [MIRANDE, {**MIRANDE, "code": "32233", "habitants": "beaucoup"}])
    assert answer.status_code == 422
    (problem,) = answer.json["problems"]
    assert (problem["row"], problem["column"], problem["value"]) == (2, "habitants", "beaucoup")
    assert len(records(client)) == 2
    fixed = push(client, secret, [MIRANDE])
    assert fixed.status_code == 200


def test_persons_are_refused_as_at_the_desk(client: FlaskClient, secret: str) -> None:
    """Rows that name people stop the push: nobody has said at the desk whose these are."""
    rows = [{**MIRANDE, "nom": f"né le 12/03/19{n}7, NIR 1 8{n} 03 32 013 00{n}", "code": f"3225{n}"} for n in range(6)]
    answer = push(client, secret, rows)
    assert answer.status_code == 422, answer.json
    assert len(records(client)) == 2


WRONG: list[tuple[dict[str, Any], int]] = [
    ({"headers": {"Authorization": "Bearer wrong"}}, 401),
    ({"headers": {"Authorization": ""}}, 401),
    ({"headers": {"Authorization": "Basic x"}}, 401),
    ({"path": "/api/push/v1/datasets/other/records"}, 403),
    ({"path": "/api/push/v1/datasets/catalogue/records"}, 403),
    ({"key": ""}, 400),
    ({"key": "x" * 300}, 400),
    ({"content_type": "application/xml"}, 415),
    ({"content_type": "multipart/form-data; boundary=x"}, 415),
    ({"rows": b""}, 422),
    ({"rows": b"{"}, 422),
    ({"rows": b"[]"}, 422),
    ({"rows": b"[1, 2]"}, 422),
    ({"rows": b'[{"maire": "x"}]'}, 422),
    ({"rows": b'[{"code": "32256"}, {"code": "32256"}]'}, 422),
    ({"rows": b"[" * 100_000}, 422),
]


def test_what_is_wrong_is_told_and_changes_nothing(client: FlaskClient, secret: str) -> None:
    """Wrong keys, contents and rows are each refused with their status, in JSON."""
    for case, status in WRONG:
        more = dict(case)
        answer = push(client, secret, more.pop("rows", [MIRANDE]), **more)
        assert answer.status_code == status, (case, answer.data)
        assert answer.json["message"]
    assert len(records(client)) == 2


def test_a_body_over_the_limit_is_refused(tmp_path: Any, client: FlaskClient, secret: str, app: Flask) -> None:
    """More than the setting allows is not read, and nothing stays in the incoming folder."""
    parts = app.extensions["portal"]
    before = sorted(path.name for path in (parts.settings.instance / "incoming").iterdir())
    answer = push(client, secret, b"[" + b" " * (parts.settings.push_limit + 1) + b"]")
    assert answer.status_code == 413
    assert sorted(path.name for path in (parts.settings.instance / "incoming").iterdir()) == before


def test_two_pushes_at_once_both_count(app: Flask, secret: str) -> None:
    """Programs that push together lose none of one another's rows; the same push sent twice at once counts once."""
    statuses: list[int] = []

    def send(number: int, key: str) -> None:
        answer = push(app.test_client(), secret, [{"code": f"4000{number}", "nom": "X", "habitants": number}], key)
        statuses.append(answer.status_code)

    wanted = [(1, "a"), (2, "b"), (3, "c"), (3, "c")]
    threads = [threading.Thread(target=send, args=each) for each in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 4
    assert sorted(row["code"] for row in records(app.test_client())) == ["32013", "32107", "40001", "40002", "40003"]


def test_old_pushes_are_forgotten(app: Flask, client: FlaskClient, secret: str) -> None:
    """A month later the key of a push may serve again."""
    push(client, secret, [MIRANDE])
    parts = app.extensions["portal"]
    parts.clock.instant += timedelta(days=31)
    with app.app_context():
        run_due(parts)
    answer = push(client, secret, [{**MIRANDE, "habitants": 4}])
    assert answer.status_code == 200
    assert "Idempotency-Replayed" not in answer.headers


def test_a_key_of_the_producer_pushes_too(app: Flask, client: FlaskClient, secret: str, clock: FixedClock) -> None:
    """A key made to push opens the sources of its holder, as long as they have that role; another key, never."""
    parts = app.extensions["portal"]
    account_id = (parts.settings.instance / "producer").read_text("ascii")
    holder = keys.holder_of(parts.settings.secret_key, account_id)
    with parts.databases.session("keys") as store:
        pushing, reading, foreign = (
            keys.create_key(store, whose, "robot", at=clock.now(), scopes=(scope,))
            for whose, scope in ((holder, "push"), (holder, "read"), ("somebody", "push"))
        )

    def send(key: str, path: str = "villes") -> tuple[int, str]:
        address, headers = f"/api/push/v1/datasets/{path}/records", {"Authorization": f"Apikey {key}"}
        answer = push(client, "", [MIRANDE], path=address, headers=headers)
        return answer.status_code, answer.json.get("error_code", "")

    assert send(pushing) == (200, "")
    assert send(reading) == (403, "OutOfScope")
    assert send("0" * 64) == (401, "AuthenticationError")
    assert {send(foreign), send(pushing, "elsewhere")} == {(403, "ForbiddenAccess")}
    with parts.databases.session("accounts") as session:
        session.execute(update(AccountRow).values(role_until=clock.now()))
    assert send(pushing) == (403, "ForbiddenAccess")
    assert push(client, secret, [MIRANDE], "after").status_code == 403, "the secret of a source ends with the role"


def acts(app: Flask) -> list[tuple[str, datetime]]:
    """Return what the journal holds, in its order, once its chain is verified."""
    with app.extensions["portal"].databases.session("accounts") as session:
        verify(session)
        return [(row.act, row.instant) for row in session.scalars(select(ActRow).order_by(ActRow.number))]


@pytest.mark.parametrize("by", ["a push", "the nightly run"])
def test_a_push_goes_on_without_the_accounts(
    app: Flask, client: FlaskClient, secret: str, clock: FixedClock, by: str
) -> None:
    """While accounts, keys and audience are away rows are published and answered for; the act waits its turn.

    When the accounts are back it is chained, once, with the instant at which it was done.
    """
    parts = app.extensions["portal"]
    instance, before, at = parts.settings.instance, acts(app), parts.clock.now()
    for name in ("accounts", "keys", "audience"):
        for path in instance.glob(f"{name}.sqlite*"):
            path.rename(path.with_name(f"away-{path.name}"))
    for key in ("1", "1", "2"):
        assert push(client, secret, [MIRANDE], key).status_code == 200
    assert MIRANDE in records(client)
    waiting = instance / "acts.jsonl"
    assert (len(waiting.read_text().splitlines()), waiting.stat().st_mode & 0o077) == (3, 0)
    for path in instance.glob("away-*"):
        path.rename(path.with_name(path.name.removeprefix("away-")))
    if by == "a push":
        assert push(client, secret, [MIRANDE], "3").status_code == 200
    else:
        purge_journal(find_stores(parts), at)
    assert acts(app) == [*before, *[("pushed", at)] * (4 if by == "a push" else 3)]
    assert not waiting.exists()
