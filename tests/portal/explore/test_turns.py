"""Who asks too much at once waits or is told when to come back; nobody else notices."""

import pytest

from tests.portal.explore.communes import a_portal

RECORDS = "/api/explore/v2.1/catalog/datasets/communes-du-gers"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A portal where a turn is not long waited for."""
    app = a_portal(tmp_path_factory.mktemp("turns") / "instance", client_turns=1)
    for turns in (app.extensions["portal"].queries, app.extensions["portal"].downloads):
        turns.seconds = 0.01
    return app


def ask(site, tail, address="192.0.2.1"):
    return site.test_client().get(RECORDS + tail, environ_base={"REMOTE_ADDR": address})


@pytest.mark.parametrize("tail", ["/records?where=population>{}", "/facets?facet=canton&where=population>{}"])
def test_a_query_waits_for_its_turn(site, tail):
    """While a client has its query under way the next is refused with Retry-After; others, and known answers, go on."""
    assert ask(site, tail.format(1)).status_code == 200
    turns = site.extensions["portal"].queries
    with site.test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.1"}):
        from portal.extensions import client_key

        with turns.take(client_key()):
            refused = ask(site, tail.format(2))
            assert (refused.status_code, refused.get_json()["error_code"]) == (503, "Busy")
            assert int(refused.headers["Retry-After"]) >= 1
            assert ask(site, tail.format(1)).status_code == 200
            assert ask(site, tail.format(3), "192.0.2.2").status_code == 200
    assert ask(site, tail.format(2)).status_code == 200


def test_an_export_holds_its_turn_to_the_end(site):
    """A second stream of the same client is refused until the first is read or left; whole files need no turn."""
    tail = "/exports/csv?where=population>{}"
    first = ask(site, tail.format(1))
    refused = ask(site, tail.format(2))
    assert (refused.status_code, refused.get_json()["error_code"]) == (503, "Busy")
    assert ask(site, tail.format(3), "192.0.2.2").status_code == 200
    assert ask(site, "/exports/jsonl?limit=1", "192.0.2.3").data
    first.close()
    assert ask(site, tail.format(2)).data


@pytest.mark.parametrize("tail", ["/exports/csv?where=nothing>1", "/records?where=nothing>1"])
def test_a_refused_query_gives_its_turn_back(site, tail):
    """Errors hold nothing."""
    for _ in range(4):
        assert ask(site, tail).status_code == 400
