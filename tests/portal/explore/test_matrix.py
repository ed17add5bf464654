"""The test matrix of the Explore reference, and its catalogue of errors: tests/golden/explore."""

import json
from pathlib import Path

import pytest
from rdflib import DCAT, RDF, Graph

BASE = "/api/explore/v2.1"
CATALOGUE = f"{BASE}/catalog"
GOLDEN = Path(__file__).parents[2] / "golden" / "explore"
CASES = json.loads((GOLDEN / "matrix.json").read_text(encoding="utf-8"))
ERRORS = json.loads((GOLDEN / "errors.json").read_text(encoding="utf-8"))


def test_no_row_of_the_matrix_is_missing():
    """Each of the 36 rows has a case."""
    assert {case["row"] for case in CASES} == set(range(1, 37))


@pytest.mark.parametrize("case", CASES, ids=[f"{case['row']}-{number}" for number, case in enumerate(CASES)])
def test_each_row_of_the_matrix_answers_as_expected(api, case):
    """A request answers the status, body, text, headers or error that its case gives."""
    response = api.open(CATALOGUE + case["request"], method=case.get("method", "GET"), headers=case.get("send"))
    assert response.status_code == case.get("status", 400 if "error" in case else 200), response.text
    if "body" in case:
        assert response.get_json() == case["body"]
    if "text" in case:
        assert response.get_data(as_text=True) == case["text"]
    if "keys" in case:
        assert list(response.get_json()["results"][0]) == case["keys"]
    if "links" in case:
        named = {link["rel"] for link in response.get_json()["links"]}
        assert named >= set(case["links"])
        assert "geojson" in case["links"] or "geojson" not in named
    if "graph" in case:
        graph = Graph().parse(data=response.get_data(), format="xml")
        assert len(set(graph.subjects(RDF.type, DCAT.Dataset))) == case["graph"]
    if "values" in case:
        [facet] = response.get_json()["facets"]
        assert len(facet["facets"]) == case["values"]
        assert facet.get("truncated", False) is case["truncated"]
    for name, value in case.get("headers", {}).items():
        assert response.headers[name] == value
    if "error" in case:
        body = response.get_json()
        assert body["error_code"] == case["error"]
        assert body["message"] == case.get("message", body["message"])
        assert case.get("says", "") in body["message"]
        assert response.get_data(as_text=True) == json.dumps(body, ensure_ascii=False, indent=2)


@pytest.mark.parametrize("case", ERRORS, ids=[case["cause"] for case in ERRORS])
def test_each_error_is_the_one_that_clients_know(api, case):
    """The code, and the message or what it must say, are those of the reference."""
    address = case.get("address", f"/datasets/communes-du-gers{case.get('request')}")
    response = api.get(BASE + case.get("path", f"/catalog{address}"))
    assert response.status_code == case.get("status", 400)
    body = response.get_json()
    assert body["error_code"] == case["error"]
    assert body["message"] == case.get("message", body["message"])
    assert case.get("says", "") in body["message"]
