"""schemathesis attacks the API through its own documents: all phases, all checks."""

import pytest

from exports import CATALOGUE_EXPORTERS
from tests.portal.explore.communes import publish_all
from tests.portal.explore.openapi.campaign import Campaign

API = "/api/explore/v2.1/openapi.json"
DATASET = "/api/explore/v2.1/catalog/datasets/communes-du-gers/openapi.json"
ANY = {
    "where": ["'auch'", "not 'gers'", "search('demo')", "suggest('co')", "now() > date'2024'"],
    "qv1": ["auch", "NOT gers"],
    "select": ["*", "count(*) as n", "2 as two, 'x' as x"],
    "group_by": [""],
    "order_by": ["random(1)"],
    "refine": [""],
    "exclude": [""],
    "facet": [""],
    "timezone": ["UTC", "Europe/Paris", "Pacific/Chatham", "america/montreal"],
    "epsg": ["4326", "2154", "3857"],
    "name_field": [""],
    "description_field_list": [""],
    "include_exports": ["", "csv,json", "csv, xlsx"],
    "delimiter": [";", ",", "\t", "|"],
}
CATALOGUE = {
    **ANY,
    "where": [*ANY["where"], "features = 'geo'", "theme = 'Culture' or records_count > 3", "modified > date'2020'"],
    "select": [*ANY["select"], "dataset_id, title", "default.publisher as who, `dcat.issued`"],
    "group_by": ["theme", "year(modified) as y", "keyword, publisher"],
    "order_by": ["-modified", "title asc", "records_count desc, dataset_id"],
    "refine": ["theme:Culture", "modified:2026", "keyword:'gers'"],
    "exclude": ["theme:Culture", "default.theme:Territoire"],
    "facet": ["theme", "features", 'facet(name="keyword", sort="-count", limit=1)'],
}
TOWNS = {
    **ANY,
    "where": [
        *ANY["where"],
        "population > 100 and not (canton = 'Auch-1')",
        "nom like 'a*' or labels = 'art'",
        "maj >= date'2024' and vu_le < now()",
        "within_distance(geo_point_2d, geom'POINT(0.58 43.64)', 5km)",
        "population in [100..200[",
        "search(nom, 'ache')",
    ],
    "qv1": [*ANY["qv1"], "canton:Auch-1", "population>100", "NOT maj:[2023 TO 2024]"],
    "select": ["*", "nom, population", "exclude(geo_shape)", "upper(nom) as n, year(maj)", "count(*), sum(population)"],
    "group_by": ["canton", "year(maj) as y", "range(population, 1000)", "labels, prefecture"],
    "order_by": ["-population", "nom asc, maj desc", "length(nom)", "random(4)"],
    "refine": ["canton:Auch-1", "maj:2024/05", "labels:art"],
    "exclude": ["canton:'Ailleurs'", "maj:2023"],
    "facet": ["canton", 'facet(name="labels", disjunctive=true, sort="-count", limit=5)', "maj"],
    "name_field": ["nom", ""],
    "description_field_list": ["canton,population", "nom", ""],
}
ONE = {**TOWNS, "select": ["*", "nom", "include(geo*)", "population * 2 as double"]}
DEGREES = {f"/exports/{name}": {**TOWNS, "epsg": ["4326"]} for name in ("gpx", "kml", "ical")}
OF_THE_TOWNS = {"/communes-du-gers": CATALOGUE, "/{record_id}": ONE, **DEGREES, "": TOWNS}
OF_ANY = {
    **dict.fromkeys(("/catalog/datasets", "/catalog/facets", "/{dataset_id}"), CATALOGUE),
    **dict.fromkeys((f"/catalog/exports/{name}" for name in CATALOGUE_EXPORTERS), CATALOGUE),
    "/{record_id}": {**ANY, "select": ["*"]},
    **{end: {**ANY, "epsg": ["4326"]} for end in DEGREES},
    "": ANY,
}


@pytest.fixture
def generous(app):
    """An application with two datasets, that counts no call."""
    publish_all(app)
    vars(app.extensions["portal"].settings)["api_limit"] = "100000000 per day"
    return app


@pytest.mark.verify
@pytest.mark.parametrize(("path", "texts"), [(API, OF_ANY), (DATASET, OF_THE_TOWNS)], ids=["api", "dataset"])
def test_schemathesis_finds_nothing(generous, path, texts):
    """Thousands of cases, right and wrong, of every kind that schemathesis knows: each is answered as documented."""
    outcome = Campaign(generous, path, texts).run(60)
    assert not outcome.failures, "\n\n".join(outcome.failures[:5])
    assert outcome.requests.total() >= 2000


def test_a_few_attacks_of_each_operation_find_nothing(generous):
    """The examples, then a few cases of each operation of a dataset: what the full campaign does, in seconds."""
    few = {"coverage": {"enabled": False}, "stateful": {"enabled": False}}
    outcome = Campaign(generous, DATASET, OF_THE_TOWNS).run(2, few)
    assert not outcome.failures, "\n\n".join(outcome.failures[:5])
    assert outcome.requests.total() >= 90
