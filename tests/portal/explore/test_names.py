"""The names of a dataset: its own, its uid, with our domain, former ones; and what was withdrawn."""

from urllib.parse import urlsplit

import pytest

from datasets.catalogue.catalogue import keep_alias
from datasets.publish import withdraw
from tests.portal.explore.communes import AT, a_portal

DATASETS = "/api/explore/v2.1/catalog/datasets"
TAILS = ("", "/records", "/records/abc", "/facets", "/exports", "/exports/csv", "/attachments", "/attachments/x.pdf")


@pytest.fixture(scope="module")
def renamed(tmp_path_factory):
    """A portal where `communes` is a former name of `communes-du-gers`, and where `festivals` was withdrawn."""
    published = a_portal(tmp_path_factory.mktemp("names") / "instance")
    portal = published.extensions["portal"]
    with portal.databases.session("catalogue") as session:
        keep_alias(session, "communes", "communes-du-gers")
        keep_alias(session, "fetes", "festivals")
    withdraw(lambda: portal.databases.session("catalogue"), portal.store, "festivals", reason="Doublon.", at=AT)
    return published.test_client()


def test_a_former_name_leads_to_the_present_one(renamed):
    """Every address of a renamed dataset answers 301, with its query, open to other sites; a form is sent again."""
    query = "where=nom%3D%27L%C3%A9ran%27&limit=1&apikey="
    for tail in TAILS:
        response = renamed.get(f"{DATASETS}/communes{tail}/?{query}")
        assert response.status_code == 301, tail
        target = urlsplit(response.headers["Location"])
        assert (target.path, target.query) == (f"{DATASETS}/communes-du-gers{tail}", query)
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["Cache-Control"] == "no-cache"
    assert renamed.post(f"{DATASETS}/communes/records", data={"limit": "1"}).status_code == 308
    followed = renamed.get(f"{DATASETS}/communes/records?limit=0", follow_redirects=True)
    assert followed.get_json()["total_count"] == 127


def test_a_name_that_leads_elsewhere_brings_no_header(renamed):
    """Text of any kind in the query stays within the address that the redirection gives."""
    response = renamed.get(f"{DATASETS}/communes?a=%0d%0aX-Evil:%201&b=\u00e9")
    assert response.status_code == 301
    assert "X-Evil" not in response.headers
    assert "\n" not in response.headers["Location"]


def test_stable_names_are_accepted_without_a_detour(api):
    """The uid, and the name or the uid with our own domain, stand for the dataset; another domain does not."""
    dataset = api.get(f"{DATASETS}/communes-du-gers").get_json()
    for name in (dataset["dataset_uid"], "communes-du-gers@127.0.0.1:8000", f"{dataset['dataset_uid']}@127.0.0.1:8000"):
        assert api.get(f"{DATASETS}/{name}").get_json() == dataset
        assert api.get(f"{DATASETS}/{name}/records?limit=0").get_json()["total_count"] == 127
    for name in ("communes-du-gers@data.example", "@127.0.0.1:8000", "da_000000000000", "catalogue"):
        assert api.get(f"{DATASETS}/{name}").status_code == 404


@pytest.mark.parametrize("name", ["festivals", "fetes"])
def test_a_withdrawn_dataset_is_gone_and_says_why(renamed, name):
    """Under its own name or a former one, a withdrawn dataset is a 410 with the reason, and out of the lists."""
    for tail in TAILS:
        response = renamed.get(f"{DATASETS}/{name}{tail}?lang=fr")
        assert (response.status_code, response.get_json()["error_code"]) == (410, "Gone")
        assert "Doublon." in response.get_json()["message"]
    assert renamed.get(f"{DATASETS}?limit=0").get_json()["total_count"] == 1
