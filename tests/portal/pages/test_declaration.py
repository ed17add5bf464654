"""The declaration of accessibility: true to the results, and never more than an audit by people allows."""

import json
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from portal.pages.declaration import RESULTS, read_results, write_results
from tests.browser.places import MORE, PLACES
from tests.browser.test_accessible import LANGUAGES, THEMES, WIDTHS

PACKAGE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "package.json"


def test_the_results_are_those_of_the_tools_and_the_pages() -> None:
    """What is declared was checked by the axe that is installed, on pages that are there, in every way told."""
    results = read_results()
    assert results.tool == f"axe-core {json.loads(PACKAGE.read_text('utf-8'))['version']}"
    assert 0 < results.pages <= len(PLACES) + len(MORE)
    assert results.broken == 0
    assert (results.languages, results.themes) == (LANGUAGES, THEMES)
    assert set(results.widths) == set(WIDTHS)


@pytest.mark.parametrize(("lang", "state"), [("fr", "non conforme"), ("en", "not compliant")])
def test_without_an_audit_the_site_is_not_compliant(visitor: FlaskClient, lang: str, state: str) -> None:
    """Programs prove no conformity: the page says so, every footer leads to it, and the way of appeal is told."""
    page = unescape(visitor.get("/pages/accessibility/", query_string={"lang": lang}).text)
    assert f"{state}</h1>" in page
    for told in ("RGAA 4.1", "Défenseur des droits", "dpd@example.invalid", "axe-core", f"{read_results().pages}"):
        assert told in page
    footer = unescape(visitor.get("/", query_string={"lang": lang}).text).partition("<footer")[2]
    assert f"{state}</a>" in footer


@pytest.mark.parametrize(
    ("share", "state"),
    [(None, "none"), (0.0, "none"), (0.49, "none"), (0.5, "partial"), (0.99, "partial"), (1.0, "full")],
)
def test_an_audit_alone_gives_a_state(tmp_path: Path, share: float | None, state: str) -> None:
    """Half of the criteria make a site partially compliant, all of them fully; new checks keep the audit."""
    path = tmp_path / "results.json"
    told = json.loads(RESULTS.read_text("utf-8"))
    audit = None if share is None else {"by": "Un cabinet inventé", "date": "2026-10-01", "share": share}
    path.write_text(json.dumps(told | {"audit": audit}), "utf-8")
    assert read_results(path).state == state
    write_results({"pages": 3}, path)
    assert (read_results(path).state, read_results(path).pages) == (state, 3)
