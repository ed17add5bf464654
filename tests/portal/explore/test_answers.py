"""Answers that are remembered: made once for a version, never given to a call that asks anything else."""

import itertools

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from datasets.model import Version
from datasets.publish import publish
from portal import create_app
from portal.explore.calls import Call, read_call
from portal.explore.params import PARAMETERS, TAKES, read_values
from tests.portal.explore.communes import AT, COMMUNES, RECORDS, a_release, describe, publish_all

CATALOGUE = "/api/explore/v2.1/catalog"
DATASET = f"{CATALOGUE}/datasets/communes-du-gers"
RECORDS_ADDRESS = f"{DATASET}/records"
OTHERS = {
    **{"select": "nom", "where": "population > 60", "group_by": "canton", "order_by": "nom", "limit": "3"},
    **{"offset": "2", "refine": "canton:Auch-1", "exclude": "canton:Auch-1", "facet": "canton", "qv1": "auch"},
    **{"lang": "en", "timezone": "Europe/Paris", "include_links": "1", "include_app_metas": "1", "use_labels": "1"},
    **{"compressed": "1", "epsg": "2154", "delimiter": ",", "list_separator": "/", "quote_all": "1"},
    **{"with_bom": "0", "parquet_compression": "zstd", "name_field": "nom", "description_field_list": "nom,canton"},
    **{"use_extension": "0", "include_exports": "csv", "use_labels_in_exports": "0"},
}
"""For each parameter, a value that is not its default."""


def version_of(app: Flask) -> Version:
    """Return some version: what a key is made from."""
    return app.extensions["portal"].store.read(
        "communes-du-gers", app.extensions["portal"].store.versions("communes-du-gers")[-1]
    )


def key_of(app: Flask, address: str, query: dict, **more) -> bytes:
    """Return the key of the answer to a call."""
    with app.test_request_context(address, query_string=query, **more):
        return read_call().key(version_of(app))


def test_every_parameter_has_another_value():
    """The table above forgets no parameter."""
    assert set(OTHERS) == {parameter.name for parameter in PARAMETERS}


def test_two_different_calls_never_share_an_answer(shared):
    """Any two choices of parameters, languages and addresses have different keys; the same call has the same."""
    seen: dict[bytes, tuple] = {}
    endpoints = {
        "catalogue": f"{CATALOGUE}/datasets",
        "catalogue_facets": f"{CATALOGUE}/facets",
        "dataset": DATASET,
        "records": RECORDS_ADDRESS,
        "record": f"{RECORDS_ADDRESS}/abc",
        "facets": f"{DATASET}/facets",
    }
    for endpoint, address in endpoints.items():
        names = TAKES[endpoint]
        for chosen in [(), *itertools.combinations(names, 1), *itertools.combinations(names, 2)]:
            query = {name: OTHERS[name] for name in chosen}
            call = (address, *sorted(query.items()))
            key = key_of(shared, address, query, headers={"Accept-Language": "fr"})
            assert seen.setdefault(key, call) == call
            assert key == key_of(shared, address, query, headers={"Accept-Language": "fr"})
    assert key_of(shared, DATASET, {}, headers={"Accept-Language": "en"}) not in {
        key for key, call in seen.items() if ("lang", "en") not in call
    }


TEXTS = st.dictionaries(
    st.sampled_from(["select", "where", "group_by", "order_by", "refine", "exclude", "facet", "qv1"]),
    st.lists(st.text("ab,'\"\\\n\x00\ud800é()", min_size=1, max_size=4), min_size=1, max_size=2),
    max_size=3,
)


@given(TEXTS, TEXTS)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_keys_are_equal_when_what_was_read_is(shared, one, other):
    """Whatever the texts, two calls have one key exactly when all that was read of them is the same."""
    version = version_of(shared)
    with shared.test_request_context():
        first, second = (
            Call(read_values(MultiDict(asked)), "fr", "http://portal.example", "http://portal.example/x")
            for asked in (one, other)
        )
        assert (first.key(version) == second.key(version)) == (dict(first.values) == dict(second.values))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"where": ["a", "b"]}, {"where": ["b", "a"]}),
        ({"where": ["a", "b"]}, {"where": ["a') and ('b"]}),
        ({"select": "a", "where": "b"}, {"select": "b", "where": "a"}),
        ({"select": "a,b"}, {"select": "a", "where": "b"}),
        ({"limit": "1", "offset": "0"}, {"limit": "0", "offset": "1"}),
        ({"include_links": "1", "foo": "1"}, {"include_links": "1", "foo": "2"}),
        ({"where": "a\x00b"}, {"where": "a b"}),
    ],
)
def test_no_two_texts_make_one_key(shared, one, other):
    """What is asked cannot be written so as to pass for something else; unknown parameters show in links only."""
    assert key_of(shared, RECORDS_ADDRESS, one) != key_of(shared, RECORDS_ADDRESS, other)


def test_an_answer_is_made_once(shared, api, monkeypatch):
    """The second call of the same address does not reach the engine, and has the same body."""
    query = {"select": "nom,population", "where": "population > 61", "limit": 3}
    first = api.get(RECORDS_ADDRESS, query_string=query)
    monkeypatch.setattr(type(shared.extensions["portal"].engine), "run", None)
    again = api.get(RECORDS_ADDRESS, query_string=query)
    assert (first.status_code, first.data) == (again.status_code, again.data)


def test_a_new_version_is_a_new_answer(published):
    """After a publication the same address gives the new data, at once."""
    client = published.test_client()
    assert client.get(f"{RECORDS_ADDRESS}?limit=0").get_json()["total_count"] == len(RECORDS)
    portal = published.extensions["portal"]
    release = a_release("communes-du-gers", COMMUNES, RECORDS[:2], describe("Deux", "Two", "Territoire"))
    publish(lambda: portal.databases.session("catalogue"), portal.store, [release], at=AT.replace(hour=9))
    assert client.get(f"{RECORDS_ADDRESS}?limit=0").get_json()["total_count"] == 2
    assert client.get(f"{DATASET}?lang=fr").get_json()["metas"]["default"]["title"] == "Deux"


def test_memory_may_be_switched_off(app, tmp_path):
    """With no memory every answer is made, and is the same."""
    publish_all(app)
    instance = app.extensions["portal"].settings.instance
    forgetful = create_app({"instance": instance, "queue_url": "immediate", "answers_memory": "0MiB"})
    client = forgetful.test_client()
    bodies = {client.get(RECORDS_ADDRESS).data for _ in range(2)} | {app.test_client().get(RECORDS_ADDRESS).data}
    assert len(bodies) == 1
    assert forgetful.extensions["portal"].answers.weight == 0
    assert app.extensions["portal"].answers.weight > 0


@pytest.mark.parametrize(
    "query",
    [
        {"where": "vu_le < now()"},
        {"select": "nom, NOW (days=-1) as hier"},
        {"qv1": "vu_le<#now(days=-1)"},
        {"order_by": "now() desc"},
    ],
)
def test_an_answer_that_asks_the_time_has_no_validator(api, query):
    """What depends on the present instant is made each time, and never a 304."""
    for address in (RECORDS_ADDRESS, f"{DATASET}/exports/json"):
        response = api.get(address, query_string={**query, "limit": 1}, headers={"If-None-Match": "*"})
        assert (response.status_code, "ETag" in response.headers) == (200, False), response.text


def test_validators_tell_languages_apart(api):
    """The answer in one language is never taken for the answer in another."""
    french = api.get(DATASET, headers={"Accept-Language": "fr"})
    asked = {"Accept-Language": "en", "If-None-Match": french.headers["ETag"]}
    english = api.get(DATASET, headers=asked)
    assert (english.status_code, english.get_json()["metas"]["default"]["title"]) == (200, "Communes")
    assert api.get(DATASET, headers={**asked, "If-None-Match": english.headers["ETag"]}).status_code == 304
