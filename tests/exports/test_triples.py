"""Rows as RDF, read by rdflib: the four formats tell one graph, and the graph tells the rows."""

import io
import json

import pytest
import rdflib
from rdflib.compare import isomorphic
from rdflib.namespace import RDF, RDFS, XSD

from datasets.model import Field, Schema
from exports import EXPORTERS, ExportOptions
from tests.exports.hostile import ROWS, SCHEMA, hostile_batch

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")  # its readers call what it deprecates
ADDRESS = "https://exemple.fr/api/explore/v2.1/catalog/datasets/communes"
FIELD = rdflib.Namespace(f"{ADDRESS}#")
CSVW = rdflib.Namespace("http://www.w3.org/ns/csvw#")
GEOJSON = rdflib.URIRef("http://www.opengis.net/ont/geosparql#geoJSONLiteral")
SYNTAXES = {"turtle": "turtle", "n3": "n3", "rdfxml": "xml", "jsonld": "json-ld"}
CLEAN = [{**row, "nom de la commune è": "cloche"} if row else row for row in ROWS]


def graph_of(name: str, schema: Schema, batches: list, **options) -> rdflib.Graph:
    data = b"".join(EXPORTERS[name].write(schema, batches, ExportOptions(address=ADDRESS, **options)))
    return rdflib.Graph().parse(io.BytesIO(data), format=SYNTAXES[name])


def hostile_graph(name: str, rows=CLEAN, **options) -> rdflib.Graph:
    whole = hostile_batch("geojson", rows)
    return graph_of(name, SCHEMA, [whole.slice(0, 3), whole.slice(3)], **options)


@pytest.mark.parametrize("name", ["n3", "rdfxml", "jsonld"])
def test_the_formats_tell_one_graph(name):
    """What Turtle says, the others say, value by value, when no text holds what XML cannot."""
    assert isomorphic(hostile_graph(name), hostile_graph("turtle"))


def test_the_graph_tells_the_rows():
    """Each row is a node with a triple for each value, typed; nulls have none, lists have several."""
    graph = hostile_graph("turtle", ROWS, timezone="Europe/Paris")
    [full] = graph.subjects(FIELD.nom_de_la_commune_e, rdflib.Literal("Auch"))
    told = {name: set(graph.objects(full, FIELD[name])) for name in ("texte", "labels", "nom_de_la_commune_e_2")}
    assert told == {
        "texte": {rdflib.Literal(ROWS[0]["texte"])},
        "labels": {rdflib.Literal(text) for text in ("a;b", "c,d", "")},
        "nom_de_la_commune_e_2": {rdflib.Literal("\x07cloche\x1f\ufffe")},
    }
    typed = {
        "OGC_FID": (str(2**53 + 1), XSD.integer),
        "f_32": ("1e-7", XSD.double),
        "oui": ("true", XSD.boolean),
        "jour": ("1900-01-01", XSD.date),
        "mois": ("2024-05", XSD.gYearMonth),
        "an": ("0987", XSD.gYear),
        "heure": ("1789-07-14T08:39:59+00:09", XSD.dateTime),
    }
    for name, (text, datatype) in typed.items():
        assert graph.value(full, FIELD[name]) == rdflib.Literal(text, datatype=datatype), name
    assert len(list(graph.subjects(RDF.type, CSVW.Row))) == len(ROWS)
    assert len(list(graph.predicate_objects(full))) == len(SCHEMA) + 2 + 1


def test_places_and_documents_are_literals_with_a_type():
    """Geometries are GeoJSON literals of GeoSPARQL, stored JSON is rdf:JSON."""
    graph = hostile_graph("rdfxml")
    [full] = graph.subjects(FIELD.nom_de_la_commune_e, rdflib.Literal("Auch"))
    for name, expected in (
        ("forme", ROWS[0]["forme"]),
        ("geometry", {"type": "Point", "coordinates": [0.5863, 43.6465]}),
    ):
        literal = graph.value(full, FIELD[name])
        assert literal.datatype == GEOJSON
        assert json.loads(str(literal)) == expected
    assert graph.value(full, FIELD.brut).datatype == RDF.JSON


def test_fields_are_described():
    """Each field is a property with its own name and its labels in every language."""
    graph = hostile_graph("jsonld")
    assert set(graph.objects(FIELD.texte, RDFS.label)) == {
        rdflib.Literal("Un texte & « co »", lang="fr"),
        rdflib.Literal("A text", lang="en"),
    }
    assert graph.value(FIELD.nom_de_la_commune_e_2, CSVW.name) == rdflib.Literal("nom de la commune è")
    assert len(list(graph.subjects(RDF.type, RDF.Property))) == len(SCHEMA)


@pytest.mark.parametrize("name", SYNTAXES)
@pytest.mark.parametrize("fields", [(), (Field("@id", "text"), Field("a:b", "text"))])
def test_rows_need_no_field_and_no_value(name, fields, a_batch):
    """Zero rows, rows without values, and names that mean something to a format are valid in each."""
    schema = Schema(fields)
    assert len(graph_of(name, schema, [])) == 2 * len(fields)
    if fields:
        graph = graph_of(name, schema, [a_batch(schema, [{"@id": "x", "a:b": "y"}, {}])])
        assert set(graph.subject_objects(FIELD.id)) & set(graph.subject_objects(FIELD.f_id)) == set()
        assert {str(value) for value in graph.objects(None, FIELD.a_b)} == {"y"}


def test_json_rows_are_plain_objects():
    """A reader that knows JSON alone finds rows as in json: numbers, booleans and lists are such."""
    data = json.loads(b"".join(EXPORTERS["jsonld"].write(SCHEMA, [hostile_batch("geojson")], ExportOptions())))
    row = data["@graph"][len(SCHEMA)]
    assert (row["OGC_FID"], row["oui"], row["labels"]) == (2**53 + 1, True, ["a;b", "c,d", ""])


def test_an_address_never_breaks_the_file():
    """Whatever the address of the dataset, it is one IRI in each format."""
    hostile = 'https://exemple.fr/"><a> {}|^`é\\'
    for name, syntax in SYNTAXES.items():
        data = b"".join(EXPORTERS[name].write(SCHEMA, [], ExportOptions(address=hostile)))
        [subject] = rdflib.Graph().parse(io.BytesIO(data), format=syntax).subjects(CSVW.name, rdflib.Literal("texte"))
        assert str(subject) == "https://exemple.fr/%22%3E%3Ca%3E%20%7B%7D%7C%5E%60%C3%A9%5C#texte"
