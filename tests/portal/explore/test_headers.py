"""What every answer says beside its body: well-formed headers, whatever was asked, whatever went wrong."""

import re

import pytest

from portal import create_app
from tests.portal.explore.communes import publish_all

BASE = "/api/explore/v2.1"
DATASET = f"{BASE}/catalog/datasets/communes-du-gers"
ADDRESSES = [
    f"{BASE}/catalog/datasets?lang=fr",
    f"{DATASET}/records?\u00e9=1&a%0d%0aX-Evil:1=2&%22=3",
    f"{DATASET}/exports/csv",
    f"{DATASET}/records?limit=101&lang=fr",
    f"{BASE}/nowhere",
    f"{DATASET}?apikey=bad",
    f"{BASE}/monitoring",
    f"{DATASET}/aggregates",
]
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
TEXT = re.compile(r"[\x20-\x7e]*")


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS", "DELETE"])
def test_headers_are_well_formed(api, address, method):
    """Names are tokens, values visible ASCII on one line, none is given twice, the policy of content included."""
    response = api.open(address, method=method)
    names = [name.lower() for name, _ in response.headers]
    assert len(names) == len(set(names))
    for name, value in response.headers:
        assert TOKEN.fullmatch(name)
        assert TEXT.fullmatch(value), (name, value)
        assert value == value.strip()
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "x-evil" not in names


@pytest.mark.parametrize(
    ("address", "accepted", "language"),
    [
        ("/catalog/datasets", "en", "en"),
        ("/catalog/datasets?lang=fr_FR", "en", "fr"),
        ("/catalog/datasets?lang=nl", "en", "nl"),
        ("/catalog/datasets/nope", "fr", "en"),
        ("/catalog/datasets/nope?lang=fr-FR", "en", "fr"),
        ("/nowhere", "fr", "en"),
    ],
)
def test_the_language_told_is_that_of_the_answer(api, address, accepted, language):
    """Messages of errors are in English unless French is asked for; answers follow the reader."""
    response = api.get(BASE + address, headers={"Accept-Language": accepted})
    assert response.headers["Content-Language"] == language
    if language == "fr" and response.status_code == 404:
        assert "pas" in response.get_json()["message"]


def test_clients_may_read_what_counts(api):
    """Scripts of other sites see the quota, the validator and the name of a file."""
    exposed = api.get(DATASET).headers["Access-Control-Expose-Headers"].split(", ")
    wanted = {"X-RateLimit-Remaining", "X-RateLimit-dataset-Remaining", "ETag", "Warning", "Content-Disposition"}
    assert wanted <= set(exposed)
    assert "ODS-Explore-API-Deprecation" not in api.get(DATASET).headers


def test_a_quota_used_up_is_told_in_both_vocabularies(app):
    """The 429 has the older body and ours, says when to come back, and stays readable by other sites."""
    publish_all(app)
    instance = app.extensions["portal"].settings.instance
    strict = create_app({"instance": instance, "limits_url": "memory://", "api_limit": "2 per day"}).test_client()
    assert [strict.get(DATASET).status_code for _ in range(2)] == [200, 200]
    response = strict.get(DATASET)
    body = response.get_json()
    assert (response.status_code, body["error_code"], body["errorcode"]) == (429, "TooManyRequests", 10005)
    assert (body["call_limit"], body["limit_time_unit"]) == (2, "day")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", body["reset_time"])
    assert 0 < int(response.headers["Retry-After"]) <= 86_400
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00", response.headers["X-RateLimit-Reset"])
    assert response.headers["X-RateLimit-Remaining"] == "0"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("parameter", ["foo", "selct", "use_labels"])
def test_ignored_parameters_are_named(api, parameter):
    """A name that does not exist, or that this address does not take, changes nothing and is told."""
    response = api.get(f"{DATASET}/records?limit=0&{parameter}=maybe")
    assert (response.status_code, response.get_json()["total_count"]) == (200, 127)
    assert response.headers["Warning"] == f'299 - "Unknown parameters were ignored: {parameter}"'
