"""Addresses, methods and headers: what clients of every kind send is understood, without any redirect."""

import itertools

import pytest

BASE = "/api/explore/v2.1"
DATASET = f"{BASE}/catalog/datasets/communes-du-gers"
ADDRESSES = [
    f"{BASE}/catalog/datasets",
    f"{BASE}/catalog/exports",
    f"{BASE}/catalog/exports/csv",
    f"{BASE}/catalog/facets",
    DATASET,
    *(f"{DATASET}/{what}" for what in ("records", "facets", "exports", "exports/json", "attachments")),
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_slashes_do_not_matter(api, address):
    """With or without a trailing slash, with a doubled slash, by GET or by form POST: one answer, no redirect."""
    plain = api.get(address)
    assert plain.status_code == 200
    doubled = address.replace("v2.1/", "v2.1//")
    for other in (address + "/", doubled, doubled + "/"):
        assert api.get(other).data.replace(b"/?", b"?") == plain.data
    assert api.post(address, data={}).data == plain.data


@pytest.mark.parametrize("address", ADDRESSES)
def test_head_tells_the_headers_alone(api, address):
    """HEAD answers as GET does, without a body."""
    head = api.head(address)
    assert (head.status_code, head.data) == (200, b"")
    assert head.content_type == api.get(address).content_type


def test_a_form_carries_long_clauses(api):
    """A POST takes its parameters from the form, as a long `where` would need."""
    form = {"where": ["canton = 'Auch-1'", "population > 60"], "select": "nom", "limit": "5"}
    assert api.post(f"{DATASET}/records", data=form).get_json()["total_count"] == 2


@pytest.mark.parametrize("address", [*ADDRESSES, f"{BASE}/nowhere", f"{DATASET}/records?limit=101"])
def test_other_sites_may_read(api, address):
    """Every answer, errors included, is open to the pages of other sites, and sets no cookie."""
    response = api.get(address, headers={"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"})
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "X-RateLimit-Remaining" in response.headers["Access-Control-Expose-Headers"]
    assert "Set-Cookie" not in response.headers


def test_preflight_allows_the_headers_of_widgets(api):
    """A preflight of ods-widgets from another site passes, and costs no call."""
    asked = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "ODS-Widgets-Version, ODS-API-Analytics-App, Authorization",
    }
    response = api.options(f"{BASE}/catalog/datasets", headers=asked)
    assert response.status_code == 200
    allowed = response.headers["Access-Control-Allow-Headers"].lower()
    assert all(name.strip().lower() in allowed for name in asked["Access-Control-Request-Headers"].split(","))
    assert response.headers["Access-Control-Max-Age"] == "1000"
    assert "X-RateLimit-Remaining" not in response.headers


def test_any_accept_is_served(api):
    """The odd Accept header of the Python SDK is answered in JSON, never by 406."""
    response = api.get(DATASET, headers={"Accept": "application/json; charset=utf-8json"})
    assert (response.status_code, response.content_type) == (200, "application/json; charset=utf-8")


@pytest.mark.parametrize(
    ("method", "address", "status", "code"),
    [
        ("GET", f"{BASE}/nowhere", 404, "NotFoundURI"),
        ("GET", "/api/nowhere", 404, "NotFoundURI"),
        ("GET", f"{DATASET}/nowhere", 404, "NotFoundURI"),
        ("PUT", DATASET, 405, "MethodNotAllowed"),
        ("DELETE", f"{DATASET}/records", 405, "MethodNotAllowed"),
        ("GET", f"{DATASET}/aggregates", 410, "Gone"),
        ("GET", f"{BASE}/catalog/query/", 410, "Gone"),
        ("GET", f"{BASE}/catalog/datasets/nope/records", 404, "NotFoundResource"),
        ("GET", f"{BASE}/catalog/datasets/nope/exports/csv", 404, "NotFoundResource"),
        ("GET", f"{DATASET}/exports/nope", 400, "InvalidRESTParameterError"),
        ("GET", f"{BASE}/catalog/datasets/festivals/exports/geojson", 400, "InvalidRESTParameterError"),
        ("GET", f"{BASE}/catalog/exports/geojson", 400, "InvalidRESTParameterError"),
        ("GET", f"{DATASET}/records?timezone=Mars/Olympus", 400, "InvalidRESTParameterError"),
        ("GET", f"{DATASET}/facets?facet=nofield", 400, "ODSQLError"),
        ("GET", f"{DATASET}/exports/csv?where=population%20%3E", 400, "ODSQLSyntaxError"),
    ],
)
def test_every_error_has_the_body_of_the_api(api, method, address, status, code):
    """Whatever goes wrong, the answer is JSON with a code and a message, indented by two spaces."""
    response = api.open(address, method=method)
    assert (response.status_code, response.mimetype) == (status, "application/json")
    body = response.get_json()
    assert body["error_code"] == code
    assert len(body["message"]) > 10
    assert response.text.startswith('{\n  "error_code"')


def test_an_oversized_form_is_refused(api):
    """A POST over the size of a call's parameters is a 413 with the same body."""
    response = api.post(f"{DATASET}/records", data={"where": "x" * 3_000_000})
    assert (response.status_code, response.get_json()["error_code"]) == (413, "RequestTooLarge")


HOSTILE = ["\x00", "'", '"', "`", "\\", "é" * 300, "%", "../..", "a\r\nX-Evil: 1", "<script>", "\ud7ff", "[", "date'"]


@pytest.mark.parametrize(
    ("name", "text"), list(itertools.product(["select", "where", "group_by", "order_by", "refine", "facet"], HOSTILE))
)
def test_hostile_text_is_an_answer_never_a_failure(api, name, text):
    """Text of any kind in a clause gives a page or a 400, never a 500, and no header of its own."""
    response = api.get(f"{DATASET}/records", query_string={name: text, "limit": 1})
    assert response.status_code in (200, 400), response.text
    assert "X-Evil" not in response.headers


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_answers(api, text):
    """Text of any kind as a dataset, a format or an unknown parameter is answered cleanly."""
    from urllib.parse import quote

    assert api.get(f"{BASE}/catalog/datasets/{quote(text, safe='')}").status_code in (200, 404)
    assert api.get(f"{DATASET}/exports/{quote(text, safe='')}").status_code in (200, 400, 404)
    response = api.get(f"{DATASET}/records", query_string={text: "1", "limit": 0})
    assert response.status_code == 200
    assert "X-Evil" not in response.headers
