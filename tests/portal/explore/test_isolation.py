"""The open data depend on nothing personal: served with the other databases moved away, and without a cookie."""

import pytest

CATALOGUE = "/api/explore/v2.1/catalog"
DATASET = f"{CATALOGUE}/datasets/communes-du-gers"
ADDRESSES = [
    f"{CATALOGUE}/datasets",
    f"{CATALOGUE}/exports/csv",
    DATASET,
    f"{DATASET}/records?where=population%3E100",
    f"{DATASET}?include_app_metas=true",
    f"{DATASET}/facets",
    f"{CATALOGUE}/datasets/festivals/attachments/notice.pdf",
    f"{DATASET}/exports/csv",
    f"{DATASET}/exports/geojson",
]


@pytest.fixture
def bereft(published):
    """A portal whose accounts, keys, audience and counters were moved away."""
    instance = published.extensions["portal"].settings.instance
    for name in ("accounts", "keys", "audience", "limits"):
        for path in instance.glob(f"{name}.sqlite*"):
            path.rename(path.with_suffix(path.suffix + ".away"))
    return published.test_client()


def test_the_api_answers_without_the_personal_databases(bereft):
    """Catalogue, records, facets and exports answer, to anonymous calls and to calls with a key."""
    for address in ADDRESSES:
        for headers in ({}, {"Authorization": "Apikey anything"}):
            response = bereft.get(address, headers=headers)
            assert response.status_code == 200, (address, response.text)
            assert "Set-Cookie" not in response.headers


def test_the_databases_are_not_made_again(bereft, published):
    """Serving the open data creates none of the databases that are away."""
    bereft.get(f"{DATASET}/records")
    instance = published.extensions["portal"].settings.instance
    assert not [path for name in ("accounts", "keys", "audience") for path in instance.glob(f"{name}.sqlite")]


def test_a_portal_without_data_says_so(client):
    """Before the first publication there is no dataset, and no failure either."""
    assert client.get(DATASET).status_code == 404
    response = client.get(f"{CATALOGUE}/datasets")
    assert (response.status_code, response.get_json()) == (200, {"total_count": 0, "results": []})


def test_a_missing_catalogue_is_unavailable(published):
    """Without its own database the API answers 503 in its own body."""
    published.extensions["portal"].databases.close()
    path = published.extensions["portal"].settings.instance / "catalogue.sqlite"
    path.rename(path.with_suffix(".away"))
    response = published.test_client().get(DATASET)
    assert (response.status_code, response.get_json()["error_code"]) == (503, "StoreUnavailable")
