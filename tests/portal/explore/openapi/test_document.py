"""The documents are true: each route is in them, each operation is a route, each answer is as they say."""

from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import validate

from datasets.catalogue.catalogue import keep_alias, withdraw_dataset
from datasets.model import Field, Schema
from datasets.publish import publish
from exports import CATALOGUE_EXPORTERS, EXPORTERS
from portal.explore.openapi.document import find_operations
from portal.explore.openapi.operations import NEVER, OPERATIONS
from portal.explore.params import TAKES
from tests.portal.explore.communes import AT, a_release, describe

BASE = "/api/explore/v2.1"
TOWNS = f"{BASE}/catalog/datasets/communes-du-gers"
DOCUMENTS = [
    f"{BASE}/openapi.json",
    f"{BASE}/swagger.json",
    f"{TOWNS}/openapi.json",
    f"{BASE}/catalog/datasets/festivals/openapi.json",
]
VALUES = {"dataset_id": "communes-du-gers", "attachment_id": "notice.pdf", "export_id": "other", "rest": "datasets"}


def read(api, path, **more):
    return api.get(path, **more).get_json()


def operations(document):
    """Yield (path, method, operation) for every operation of a document."""
    for path, item in document["paths"].items():
        for method in ("get", "post"):
            if method in item:
                yield path, method, item[method]


def resolve(document, tree):
    """Follow a reference of the document, if `tree` is one."""
    if "$ref" not in tree:
        return tree
    found = document
    for part in tree["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


def parameters(document, operation):
    """Return the parameters of an operation by name."""
    told = [resolve(document, each) for each in operation.get("parameters", [])]
    return {each["name"]: each for each in told}


def check(document, schema, value):
    """Fail, naming the place, when a value is not what a schema of the document says."""
    whole = {**schema, "components": document["components"]}
    validator = Draft202012Validator if document["openapi"].startswith("3.1") else OAS30Validator
    faults = [f"{error.json_path}: {error.message[:300]}" for error in validator(whole).iter_errors(value)]
    assert not faults, faults[:3]


@pytest.mark.parametrize(("path", "lang"), list(zip(DOCUMENTS, ("fr", "en", "en", "fr"), strict=True)))
def test_documents_are_valid(api, path, lang):
    """Each document follows the specification of OpenAPI, in one language or the other."""
    document = read(api, f"{path}?lang={lang}")
    assert document["openapi"] == ("3.0.3" if "swagger" in path else "3.1.0")
    validate(document)


def test_every_route_is_told_and_every_operation_is_a_route(shared: Flask, api):
    """The routes of the API and the operations of the document are the same, method by method."""
    document = read(api, f"{BASE}/openapi.json")
    routed = {
        (rule.endpoint.removeprefix("explore."), method.lower())
        for rule in shared.url_map.iter_rules()
        if rule.endpoint.startswith("explore.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    told = set()
    adapter = shared.url_map.bind("localhost")
    for path, method, _ in operations(document):
        address = path.replace("{format}", "csv").replace("{record_id}", "0" * 40).format(**VALUES)
        endpoint, _arguments = adapter.match(f"{BASE}{address}", method=method.upper())
        told.add((endpoint.removeprefix("explore."), method))
    assert told == routed


def test_every_operation_has_a_route(shared: Flask):
    """No row of the table of operations is about nothing."""
    served = {operation.id for _, operation in find_operations(shared.url_map.iter_rules())}
    assert served == {operation.id for operation in OPERATIONS}


@pytest.mark.parametrize("path", DOCUMENTS)
def test_every_operation_tells_the_parameters_that_it_takes(api, shared: Flask, path):
    """In the address and in the form, an operation has the parameters of the table, no more, each as it is read."""
    document = read(api, path)
    adapter = shared.url_map.bind("localhost")
    for address, method, operation in operations(document):
        plain = address.replace("{format}", "csv").replace("{record_id}", "0" * 40).format(**VALUES)
        endpoint = adapter.match(f"{BASE}{plain}", method=method.upper())[0].removeprefix("explore.")
        taken = set(TAKES.get(endpoint, ()))
        if method == "get":
            asked = parameters(document, operation)
        else:
            body = resolve(document, operation.get("requestBody", {})) or {"content": {}}
            schemas = [content["schema"] for content in body["content"].values()]
            asked = schemas[0]["properties"] if schemas else {}
        assert set(asked) == taken, (address, method)


@pytest.mark.parametrize("path", [DOCUMENTS[0], *DOCUMENTS[2:]])
def test_examples_work(api, path):
    """Each example of a document, sent alone, gives a success."""
    document = read(api, path)
    sent = set()
    for address, method, operation in operations(document):
        one_format = address.rpartition("/")[2] in EXPORTERS
        for name, parameter in parameters(document, operation).items() if method == "get" and not one_format else ():
            for example in parameter.get("examples", {}).values():
                query = urlencode({name: example["value"]}, doseq=True)
                response = api.get(f"{BASE}{address.replace('{format}', 'json')}?{query}")
                assert response.status_code == 200, (address, query, response.text[:300])
                sent.add((address, query))
    assert len(sent) > 3


def calls(api, path):
    """Yield (operation, response, document) for one plain call of every GET operation of a document."""
    document = read(api, path)
    record = read(api, f"{TOWNS}/records?limit=1&include_app_metas=true")["results"][0]["_id"]
    for address, method, operation in operations(document):
        if method == "get":
            plain = address.replace("{record_id}", record).replace("{format}", "json").format(**VALUES)
            yield operation, api.get(f"{BASE}{plain}"), document


@pytest.mark.parametrize("path", DOCUMENTS[:3])
def test_every_operation_answers_as_told(api, path):
    """One call of each: a status that is told, a content type that is told, a body that its schema accepts."""
    never = {operation.id for operation in OPERATIONS if operation.answer == NEVER}
    for operation, response, document in calls(api, path):
        name = operation["operationId"].removesuffix("Under")
        answer = resolve(document, operation["responses"][str(response.status_code)])
        assert (response.status_code == 200) is (name not in never | {"getDatasetAttachment"}), (name, response.text)
        content = answer["content"]
        told = content.get(response.mimetype, content.get("*/*"))
        assert told is not None, (name, response.mimetype)
        if "schema" in told and response.mimetype.endswith("json"):
            check(document, told["schema"], response.get_json())
        for header, reference in answer["headers"].items():
            if resolve(document, reference)["required"]:
                assert header in response.headers, (name, header)


def test_whole_records_have_the_types_of_their_fields(api):
    """Beside what select may ask, the document holds the strict schema of a whole record, which every record fits."""
    document = read(api, f"{TOWNS}/openapi.json")
    record = document["components"]["schemas"]["Record"]
    rows = read(api, f"{TOWNS}/exports/json")
    assert len(rows) == 127
    [example] = record["examples"]
    assert {name: example[name] for name in rows[0]} == rows[0]
    for row in rows:
        check(document, record, row)
    asked = read(api, f"{TOWNS}/records?include_app_metas=true&include_links=true")["results"]
    for row in asked:
        check(document, record, row)
    for wrong in ({**rows[0], "population": "many"}, {**rows[0], "more": 1}, {k: rows[0][k] for k in ("nom", "maj")}):
        assert not Draft202012Validator({**record, "components": document["components"]}).is_valid(wrong)


def test_whole_datasets_fit_their_schema(api):
    """The description of a dataset has the members that the document tells, with and without what comes on request."""
    document = read(api, f"{BASE}/openapi.json")
    dataset = document["components"]["schemas"]["Dataset"]
    for query in ("", "?include_app_metas=true&include_links=true", "?lang=en"):
        check(document, dataset, read(api, f"{TOWNS}{query}"))
        for each in read(api, f"{BASE}/catalog/datasets{query}")["results"]:
            check(document, dataset, each)


@pytest.mark.parametrize("query", ["limit=101", "where=a%20=", "select=nofield", "lang=xx", "apikey=wrong"])
def test_errors_are_as_told(api, query):
    """The body of an error has the codes that the document gives for its status."""
    document = read(api, f"{BASE}/openapi.json")
    response = api.get(f"{TOWNS}/records?{query}")
    told = document["paths"]["/catalog/datasets/{dataset_id}/records"]["get"]["responses"][str(response.status_code)]
    check(document, resolve(document, told)["content"]["application/json"]["schema"], response.get_json())


def test_a_quota_used_up_is_as_told(published: Flask):
    """The body of a 429 has both vocabularies, as its schema says, and its headers are those told."""
    client = published.test_client()
    document = client.get(f"{BASE}/openapi.json").get_json()
    vars(published.extensions["portal"].settings)["api_limit"] = "1 per day"
    told = document["components"]["responses"]["429"]
    answers = [client.get(f"{TOWNS}/records") for _ in range(3)]
    assert answers[-1].status_code == 429
    check(document, told["content"]["application/json"]["schema"], answers[-1].get_json())
    assert set(told["headers"]) <= set(answers[-1].headers.keys())


def test_what_moved_or_is_gone_is_as_told(published: Flask):
    """A former name leads on with the status told, a withdrawn dataset is a 410 with a code that is told."""
    client, portal = published.test_client(), published.extensions["portal"]
    document = client.get(f"{BASE}/openapi.json").get_json()
    with portal.databases.session("catalogue") as session:
        keep_alias(session, "villes", "communes-du-gers")
        withdraw_dataset(session, "festivals", reason="No more", at=AT)
    told = document["paths"]["/catalog/datasets/{dataset_id}/records"]
    for method, status in (("get", 301), ("post", 308)):
        moved = client.open(f"{BASE}/catalog/datasets/villes/records", method=method.upper())
        assert (moved.status_code, str(status) in told[method]["responses"]) == (status, True)
        assert moved.headers["Location"].endswith("/communes-du-gers/records")
    gone = client.get(f"{BASE}/catalog/datasets/festivals/records")
    answer = resolve(document, told["get"]["responses"][str(gone.status_code)])
    assert gone.status_code == 410
    check(document, answer["content"]["application/json"]["schema"], gone.get_json())


def test_formats_are_those_that_suit(api):
    """A document about a dataset offers the formats of that dataset; that of the API, all of them."""
    paths = read(api, f"{BASE}/openapi.json")["paths"]
    formats = paths["/catalog/datasets/{dataset_id}/exports/{format}"]["parameters"]
    assert next(each for each in formats if each["name"] == "format")["schema"]["enum"] == list(EXPORTERS)
    [catalogue] = paths["/catalog/exports/{format}"]["parameters"]
    assert catalogue["schema"]["enum"] == list(CATALOGUE_EXPORTERS)
    festivals = read(api, DOCUMENTS[3])["paths"]
    [offered] = festivals["/catalog/datasets/festivals/exports/{format}"]["parameters"]
    links = read(api, f"{BASE}/catalog/datasets/festivals/exports")["links"]
    assert offered["schema"]["enum"] == [link["rel"] for link in links[1:]]
    assert "/catalog/datasets/festivals/exports/gpx" not in festivals


def test_documents_speak_the_language_asked(api):
    """Titles, summaries and labels are in French or in English, by parameter or by header."""
    french = read(api, f"{TOWNS}/openapi.json?lang=fr")
    english = read(api, f"{TOWNS}/openapi.json", headers={"Accept-Language": "en"})
    assert french["info"]["title"].startswith("Communes du Gers – ")
    assert english["info"]["title"].startswith("Communes – ")
    path = "/catalog/datasets/communes-du-gers/facets"
    assert french["paths"][path]["get"]["summary"] == "Compter les enregistrements par facette"
    assert english["paths"][path]["get"]["summary"] == "Count records by facet"
    assert english["components"]["schemas"]["Record"]["properties"]["nom"]["title"] == "Name"


def test_an_unchanged_document_is_not_sent_again(api):
    """The validator of a document brings a 304."""
    for path in DOCUMENTS:
        tag = api.get(path).headers["ETag"]
        assert api.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_a_document_about_nothing_is_a_404(api):
    """There is no document of a dataset that does not exist."""
    response = api.get(f"{BASE}/catalog/datasets/nope/openapi.json")
    assert (response.status_code, response.get_json()["error_code"]) == (404, "NotFoundResource")


def test_hostile_names_stay_inside_the_document(published: Flask):
    """Field names and values of any kind make a valid document, with examples that work."""
    names = ['a "b" `c` \\d', "const", "$ref", "_id", "where", "1é"]
    schema = Schema(tuple(Field(name, "text", {"fr": "Étiquette"}, annotations={"facet": True}) for name in names))
    row = {name: f"{{a}}'\"\\ {name} $ref #/x" for name in names}
    portal = published.extensions["portal"]
    release = a_release("hostile", schema, [row], describe("Hostile", "Hostile", "Culture"))
    publish(lambda: portal.databases.session("catalogue"), portal.store, [release], at=AT)
    client = published.test_client()
    document = client.get(f"{BASE}/catalog/datasets/hostile/openapi.json").get_json()
    validate(document)
    shown = parameters(document, document["paths"]["/catalog/datasets/hostile/records"]["get"])
    for name in ("where", "refine", "select"):
        for example in shown[name]["examples"].values():
            query = urlencode({name: example["value"]}, doseq=True)
            answer = client.get(f"{BASE}/catalog/datasets/hostile/records?{query}")
            assert (answer.status_code, len(answer.get_json()["results"])) == (200, 1), (query, answer.text)


def test_the_operations_have_the_names_of_the_official_kits():
    """The operationIds are those that generated clients of Opendatasoft have as methods."""
    official = (
        "getDatasets listExportFormats exportDatasets exportCatalogCSV exportCatalogDCAT getDatasetsFacets getDataset "
        "getRecords getRecord listDatasetExportFormats exportRecords exportRecordsCSV exportRecordsParquet "
        "exportRecordsGPX getRecordsFacets getDatasetAttachments"
    )
    assert set(official.split()) <= {operation.id for operation in OPERATIONS}


def test_the_documentation_tells_the_documents():
    """docs/openapi.md names each address of a document and of the console."""
    page = (Path(__file__).parents[4] / "docs" / "openapi.md").read_text(encoding="utf-8")
    for address in ("/openapi.json", "/swagger.json", "/console", "/api-console/explore/v2.1/"):
        assert address in page
    assert "odsql-where" in page
