"""The catalogue in RDF: an independent reader finds DCAT-AP, whatever the texts hold."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import DCAT, DCTERMS, FOAF, RDF, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic

from datasets.catalogue.metadata import METADATA
from exports import CATALOGUE_EXPORTERS, EXPORTERS, CatalogueExporter, ExportOptions
from exports.documents import clean_text
from exports.terms import TERMS
from exports.vocabularies import AUTHORITY
from tests.exports.described import BOX, HOSTILE, PAGE, SITE, a_bare_dataset, a_dataset

VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
IN_RDF = [
    name for name, each in CATALOGUE_EXPORTERS.items() if each.media_type.startswith(("application/rdf", "text/t"))
]
DATASET = URIRef(PAGE)
ROOT = Path(__file__).parents[2]


def write(name: str, datasets: list[dict[str, Any]], options: ExportOptions | None = None) -> bytes:
    exporter = CATALOGUE_EXPORTERS[name]
    assert isinstance(exporter, CatalogueExporter)
    return b"".join(exporter.write(datasets, SITE, options or ExportOptions()))


def read(name: str, datasets: list[dict[str, Any]], options: ExportOptions | None = None) -> Graph:
    syntax = "turtle" if name == "ttl" else "xml"
    return Graph().parse(data=write(name, datasets, options), format=syntax)


@pytest.fixture(scope="module")
def graph() -> Graph:
    """The catalogue of one full dataset."""
    return read("dcat", [a_dataset()])


def test_the_names_that_clients_ask_for_are_there() -> None:
    """DCAT, its national profiles, plain RDF, Turtle and Dublin Core."""
    profiles = {f"dcat_ap_{place}" for place in ("ch", "de", "se", "sp", "it", "vl", "benap")}
    assert {"dcat", "rdf", "ttl", "dublin_core", *profiles} <= set(IN_RDF)


@pytest.mark.parametrize("name", IN_RDF)
def test_every_syntax_holds_the_same_graph(name: str, graph: Graph) -> None:
    """RDF/XML and Turtle tell the same statements."""
    assert isomorphic(read(name, [a_dataset()]), graph)


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        (DCAT.Catalog, (DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCTERMS.language, FOAF.homepage)),
        (DCAT.Dataset, (DCTERMS.title, DCTERMS.description, DCTERMS.identifier, DCTERMS.modified, DCTERMS.issued)),
        (DCAT.Dataset, (DCTERMS.publisher, DCTERMS.license, DCAT.theme, DCAT.keyword, DCAT.landingPage)),
        (DCAT.Dataset, (DCTERMS.spatial, FOAF.page, DCTERMS.provenance, DCTERMS.accrualPeriodicity, DCAT.contactPoint)),
        (DCAT.Distribution, (DCAT.accessURL, DCAT.downloadURL, DCTERMS.title, DCTERMS.format, DCTERMS.license)),
        (DCAT.DataService, (DCTERMS.title, DCAT.endpointURL, DCAT.endpointDescription, DCAT.servesDataset)),
        (FOAF.Agent, (FOAF.name,)),
        (VCARD.Kind, (VCARD.fn, VCARD.hasEmail)),
        (SKOS.Concept, (SKOS.prefLabel,)),
    ],
)
def test_every_node_says_what_dcat_ap_wants(graph: Graph, kind: URIRef, needed: tuple[URIRef, ...]) -> None:
    """Each node of a class has the properties that DCAT-AP asks for, and that harvesters read."""
    nodes = list(graph.subjects(RDF.type, kind))
    assert nodes
    for node in nodes:
        assert [term for term in needed if graph.value(node, term) is None] == []


def test_addresses_are_those_that_harvesters_know(graph: Graph) -> None:
    """Catalogue, dataset, publisher, theme and service have the addresses of Opendatasoft's feeds."""
    assert (URIRef("https://portal.example/explore/"), DCAT.dataset, DATASET) in graph
    assert graph.value(DATASET, DCTERMS.identifier) == Literal(PAGE)
    publisher = graph.value(DATASET, DCTERMS.publisher)
    assert str(publisher) == "https://portal.example/explore/?refine.publisher=Service+des+cartes"
    themes = {str(theme) for theme in graph.objects(DATASET, DCAT.theme)}
    assert themes == {"https://portal.example/explore/?refine.theme=Culture", f"{AUTHORITY}data-theme/EDUC"}
    [service] = graph.subjects(RDF.type, DCAT.DataService)
    assert str(graph.value(service, DCAT.endpointURL)) == "https://portal.example/api/explore/v2.1/"


def test_words_become_those_of_european_lists(graph: Graph) -> None:
    """Language, frequency, licence and format are told by the addresses of the authority lists."""
    assert graph.value(DATASET, DCTERMS.language) == URIRef(f"{AUTHORITY}language/FRA")
    assert graph.value(DATASET, DCTERMS.accrualPeriodicity) == URIRef(f"{AUTHORITY}frequency/ANNUAL")
    licence = graph.value(DATASET, DCTERMS.license)
    assert licence == URIRef("https://creativecommons.org/licenses/by/4.0/")
    assert graph.value(licence, SKOS.exactMatch) == URIRef(f"{AUTHORITY}licence/CC_BY_4_0")
    assert graph.value(URIRef(f"{PAGE}#csv"), DCTERMS.format) == URIRef(f"{AUTHORITY}file-type/CSV")


def test_the_extent_is_told_to_every_reader(graph: Graph) -> None:
    """The box around the records is a WKT literal for DCAT, a GeoJSON literal for those who read that."""
    extent = URIRef(f"{PAGE}#extent")
    assert (DATASET, DCTERMS.spatial, extent) in graph
    assert str(graph.value(extent, DCAT.bbox)) == "POLYGON((0.5 43.5, 0.9 43.5, 0.9 43.9, 0.5 43.5))"
    geometry = graph.value(extent, URIRef("http://www.w3.org/ns/locn#geometry"))
    assert isinstance(geometry, Literal)
    assert str(geometry.datatype).endswith("application/vnd.geo+json")
    assert json.loads(geometry) == BOX


def test_what_is_served_is_public(graph: Graph) -> None:
    """Every dataset says that anyone may have it."""
    assert graph.value(DATASET, DCTERMS.accessRights) == URIRef(f"{AUTHORITY}access-right/PUBLIC")


def test_every_piece_of_description_has_its_term() -> None:
    """What a producer can say of a dataset, a harvester can read: each term of METADATA is written."""
    assert {term.dcat for term in METADATA} == set(TERMS)


def test_unknown_words_keep_their_label() -> None:
    """A theme, a frequency or a licence that no list has is told in its own words."""
    graph = read(
        "dcat", [a_dataset(theme=["Contes"], update_frequency="À la lune", license="Maison", license_url=None)]
    )
    for term, words in ((DCAT.theme, "Contes"), (DCTERMS.accrualPeriodicity, "À la lune"), (DCTERMS.license, "Maison")):
        node = graph.value(DATASET, term)
        assert words in {str(text) for text in graph.objects(node, None)}


def test_each_suitable_export_is_a_distribution(graph: Graph) -> None:
    """A dataset with geography and dates has every format, and its attachment."""
    found = {str(node).removeprefix(f"{PAGE}#") for node in graph.objects(DATASET, DCAT.distribution)}
    assert found == {*EXPORTERS, "attachment-notice_pdf"}


def test_exports_of_maps_are_only_for_maps() -> None:
    """A dataset without geography or dates has no distribution that would be refused."""
    plain = {**a_dataset(), "fields": [{"name": "nom", "type": "text"}], "attachments": []}
    graph = read("dcat", [plain])
    wanted = {name for name, each in EXPORTERS.items() if not each.needs_geometry and not each.needs_date}
    assert {str(node).removeprefix(f"{PAGE}#") for node in graph.objects(DATASET, DCAT.distribution)} == wanted


def test_exports_may_be_chosen() -> None:
    """`include_exports` limits the distributions; names that do not exist change nothing."""
    options = ExportOptions(include_exports=("json", "nope", "csv", "json"))
    plain = {**a_dataset(), "attachments": []}
    graph = read("dcat", [plain], options)
    addresses = {str(graph.value(node, DCAT.downloadURL)) for node in graph.objects(DATASET, DCAT.distribution)}
    base = "https://portal.example/api/explore/v2.1/catalog/datasets/communes/exports"
    assert addresses == {f"{base}/json", f"{base}/csv?use_labels=true"}
    bare = read("dcat", [plain], ExportOptions(include_exports=("csv",), use_labels_in_exports=False))
    assert bare.value(URIRef(f"{PAGE}#csv"), DCAT.downloadURL) == URIRef(f"{base}/csv")


def test_texts_tell_their_language() -> None:
    """Titles are tagged with the language they were written in: the one asked, else French."""
    for lang, tag in (("en", "en"), ("de", "fr")):
        title = read("dcat", [a_dataset()], ExportOptions(lang=lang)).value(DATASET, DCTERMS.title)
        assert title == Literal("Communes", lang=tag)


def test_every_node_has_a_lasting_address(graph: Graph) -> None:
    """No node is blank: what a harvester took once it finds again."""
    assert {type(node) for node in {*graph.subjects(), *graph.objects()}} <= {URIRef, Literal}


@pytest.mark.parametrize("name", ["dcat", "ttl"])
def test_one_catalogue_is_always_the_same_bytes(name: str) -> None:
    """Processes that hash differently write the same, so that a cache or a comparison can trust them."""
    program = (
        "import sys; from exports import CATALOGUE_EXPORTERS, ExportOptions; from tests.exports.described import *;"
        f"sys.stdout.buffer.write(b''.join(CATALOGUE_EXPORTERS[{name!r}].write([a_dataset()], SITE, ExportOptions())))"
    )
    environ = {**os.environ, "PYTHONHASHSEED": "1"}
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environ, capture_output=True, check=True)
    assert done.stdout == write(name, [a_dataset()])


def test_a_dataset_of_which_nothing_is_known_is_told() -> None:
    """Only its identifier, its page, and its identifier as title."""
    graph = read("dcat", [a_bare_dataset()])
    [node] = graph.subjects(RDF.type, DCAT.Dataset)
    assert graph.value(node, DCTERMS.title) == Literal("rien")
    assert list(graph.objects(node, DCAT.distribution)) == []


@pytest.mark.parametrize("name", IN_RDF)
def test_an_empty_catalogue_is_a_catalogue(name: str) -> None:
    """Nothing published, or nothing that matches: a catalogue without datasets."""
    graph = read(name, [])
    assert len(list(graph.subjects(RDF.type, DCAT.Catalog))) == 1
    assert list(graph.subjects(RDF.type, DCAT.Dataset)) == []


TEXTS = st.one_of(st.just(HOSTILE), st.text(min_size=1, max_size=30))


@given(title=TEXTS, word=TEXTS, page=TEXTS)
@settings(max_examples=30, deadline=None)
def test_no_text_breaks_the_document(title: str, word: str, page: str) -> None:
    """Markup, quotes and control characters come back as they were, but for those that XML cannot hold."""
    dataset = a_dataset(
        title=title, theme=[word], keyword=[word], publisher=word, territory=[word], references=page, license_url=None
    )
    for name in ("dcat", "ttl"):
        graph = read(name, [dataset], ExportOptions(include_exports=("csv",)))
        assert graph.value(DATASET, DCTERMS.title) == Literal(clean_text(title), lang="fr")
        names = {str(graph.value(agent, FOAF.name)) for agent in graph.subjects(RDF.type, FOAF.Agent)}
        assert clean_text(word) in names
