"""From an error to an answer: one body for programs, one page for people, whatever went wrong."""

from pathlib import Path

import pytest
from flask import Flask, abort

from datasets import errors
from portal.errors import HTTP_PROBLEMS, STATUSES, describe_error

SAMPLES = {
    errors.NotFound: {"kind": "dataset", "name": "x"},
    errors.QueryError: {"detail": "No.", "clause": "where"},
    errors.ParseError: {"found": "(", "position": 1, "text": "(", "expected": "a field", "clause": "where"},
    errors.InvalidParameter: {"name": "limit", "found": "x", "expected": "an integer"},
    errors.LimitExceeded: {"what": "time", "limit": "30 s"},
    errors.Busy: {"seconds": 5},
    errors.StoreUnavailable: {"name": "keys", "reason": "moved"},
    errors.AuthenticationFailed: {},
    errors.KeyExpired: {"day": "2026-11-22"},
    errors.PermissionDenied: {},
    errors.OutOfScope: {"needed": "push", "held": "read"},
    errors.CrossSiteRequest: {"origin": "https://elsewhere.example"},
    errors.Locked: {"instance": "i", "holder": "process 1"},
}


@pytest.fixture
def failing(app: Flask) -> Flask:
    """An application with two addresses, one of programs and one of people, that fail as asked."""
    failures = {kind.__name__: kind(**data) for kind, data in SAMPLES.items()}

    def fail(name: str) -> str:
        if name.isdigit():
            abort(int(name))
        if name == "bug":
            raise ZeroDivisionError
        raise failures[name]

    app.add_url_rule("/api/fail/<name>", "fail_api", fail)
    app.add_url_rule("/fail/<name>", "fail_page", fail)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.mark.parametrize("kind", SAMPLES)
def test_each_error_of_the_tree_has_its_answer(failing, kind):
    """A program gets the code and the message of the error; a person a page that says the same."""
    client = failing.test_client()
    error = kind(**SAMPLES[kind])
    status = describe_error(error).status
    answer = client.get(f"/api/fail/{kind.__name__}")
    assert (answer.status_code, answer.mimetype) == (status, "application/json")
    assert answer.get_json() == {"error_code": kind.code, "message": error.message("en")}
    page = client.get(f"/fail/{kind.__name__}?lang=fr")
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert page.text.count("<h1>") == 1


@pytest.mark.parametrize("status", HTTP_PROBLEMS)
def test_each_error_of_http_has_its_answer(failing, status):
    """The errors of HTTP itself have a code and a message in the same body."""
    client = failing.test_client()
    answer = client.get(f"/api/fail/{status}")
    assert answer.status_code == status
    assert answer.get_json()["error_code"] == HTTP_PROBLEMS[status].code
    assert client.get(f"/fail/{status}").mimetype == "text/html"


def test_a_bug_is_a_500_that_tells_nothing_of_itself(failing):
    """An unexpected exception is told as an incident, without its text, to programs and to people."""
    client = failing.test_client()
    answer = client.get("/api/fail/bug")
    assert (answer.status_code, answer.get_json()["error_code"]) == (500, "InternalError")
    for text in (answer.text, client.get("/fail/bug").text):
        assert "division" not in text.lower()
        assert "Traceback" not in text


def test_programs_are_told_in_english_unless_they_ask(failing):
    """A program gets English, which clients test for, unless its address says `lang=fr`."""
    client = failing.test_client()
    assert "n’existe pas" in client.get("/api/fail/NotFound?lang=fr-FR").get_json()["message"]
    assert "does not exist" in client.get("/api/fail/NotFound").get_json()["message"]


@pytest.mark.parametrize(("accepted", "said"), [("fr", "n’existe pas"), ("en", "does not exist")])
def test_people_are_told_in_their_language(failing, accepted, said):
    """The page of an error is in the reader's language."""
    assert said in failing.test_client().get("/fail/NotFound", headers={"Accept-Language": accepted}).text


def test_every_class_of_the_tree_is_mapped():
    """Each error of the tree has a status of its own or its parent's."""

    def walk(kind):
        yield kind
        for child in kind.__subclasses__():
            yield from walk(child)

    for kind in walk(errors.PortalError):
        assert any(parent in STATUSES for parent in kind.__mro__)
    assert describe_error(errors.LimitExceeded(what="length", limit="1 MB")).status == 400
    assert describe_error(errors.LimitExceeded(what="memory", limit="1 GB")).status == 503


def test_a_wrong_method_says_the_right_ones(app):
    """A 405 keeps its Allow header."""
    response = app.test_client().put("/api/explore/v2.1/catalog/datasets")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_hostile_text_of_an_error_is_only_text(failing, app):
    """What an error quotes from the request is escaped in a page."""
    response = app.test_client().get("/explore/dataset/<script>alert(1)</script>/information/")
    assert "<script>alert" not in response.text


def test_every_code_is_documented():
    """docs/errors.md has a row for each code that an answer can carry, with its status."""
    page = (Path(__file__).parents[2] / "docs" / "errors.md").read_text(encoding="utf-8")
    rows = {row.split("`")[1]: row for row in page.splitlines() if row.startswith("| `")}
    for kind in STATUSES:
        assert kind.code in rows, kind.code
    for problem in HTTP_PROBLEMS.values():
        assert str(problem.status) in rows[problem.code]
