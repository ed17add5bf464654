"""The catalogue in RDF: DCAT 3 as DCAT-AP asks, with the addresses that Opendatasoft's feeds have.

One function writes one class of DCAT. A dataset is written from METADATA: each piece goes under the DCAT term of
its row, by the function that TERMS (exports/terms.py) has for that term. Every node has an address of its own,
always the same, so that a harvester finds again what it took, and two writings of one catalogue are the same bytes.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, XSD, Graph, Literal, Namespace, URIRef

from datasets.catalogue.metadata import METADATA
from exports import vocabularies
from exports.documents import Described, File, Site, clean_text, find_meta, latest, list_files
from exports.exporter import Exporter, ExportOptions
from exports.rdfxml import write_rdf_xml
from exports.terms import TERMS, VCARD, Page, add_agent, add_labelled, add_language

GEOSPARQL = Namespace("http://www.opengis.net/ont/geosparql#")
LOCN = Namespace("http://www.w3.org/ns/locn#")
PREFIXES = {"dcat": DCAT, "dct": DCTERMS, "foaf": FOAF, "gsp": GEOSPARQL, "locn": LOCN, "skos": SKOS, "vcard": VCARD}
GEOJSON = URIRef(f"{vocabularies.IANA}application/vnd.geo+json")
"""The datatype that GeoDCAT-AP gives to a geometry in GeoJSON, and that harvesters look for."""

PUBLIC = URIRef(f"{vocabularies.AUTHORITY}access-right/PUBLIC")
ORDER = (DCAT.Catalog, DCAT.DataService, DCAT.Dataset, DCAT.Distribution)
"""The classes of the nodes that come first in RDF/XML."""

DCAT_VERSION = "https://semiceu.github.io/DCAT-AP/releases/3.0.0/"


def write_xml(
    datasets: Sequence[Described], site: Site, options: ExportOptions, *, formats: Mapping[str, Exporter]
) -> Iterator[bytes]:
    """Yield the catalogue in RDF/XML; `formats` are the exports among which the distributions are chosen."""
    yield from write_rdf_xml(build_graph(datasets, site, options, formats), ORDER)


def write_turtle(
    datasets: Sequence[Described], site: Site, options: ExportOptions, *, formats: Mapping[str, Exporter]
) -> Iterator[bytes]:
    """Yield the catalogue in Turtle; `formats` are the exports among which the distributions are chosen."""
    yield build_graph(datasets, site, options, formats).serialize(format="turtle", encoding="utf-8")


def build_graph(
    datasets: Sequence[Described], site: Site, options: ExportOptions, formats: Mapping[str, Exporter]
) -> Graph:
    """Return the catalogue as a graph."""
    graph = Graph(store="SimpleMemory", bind_namespaces="core")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    catalogue = _add_catalogue(graph, site, latest(datasets))
    service = _add_service(graph, site)
    graph.add((catalogue, DCAT.service, service))
    for dataset in datasets:
        node = _add_dataset(graph, site, dataset, options)
        graph.add((catalogue, DCAT.dataset, node))
        graph.add((service, DCAT.servesDataset, node))
        for file in list_files(dataset, site, options, formats):
            graph.add((node, DCAT.distribution, _add_distribution(graph, site, dataset, file)))
    return graph


def _add_catalogue(graph: Graph, site: Site, modified: str | None) -> URIRef:
    node = URIRef(site.catalogue)
    graph.add((node, RDF.type, DCAT.Catalog))
    graph.add((node, DCTERMS.title, Literal(clean_text(site.title))))
    graph.add((node, DCTERMS.description, Literal(clean_text(site.description), lang=site.language)))
    graph.add((node, DCTERMS.conformsTo, URIRef(DCAT_VERSION)))
    graph.add((node, FOAF.homepage, URIRef(f"{site.address}/")))
    graph.add((node, DCTERMS.language, add_language(graph, site.language)))
    graph.add((node, DCTERMS.publisher, add_agent(graph, site, site.publisher)))
    graph.add((node, DCAT.themeTaxonomy, URIRef(f"{vocabularies.AUTHORITY}data-theme")))
    if modified:
        graph.add((node, DCTERMS.modified, Literal(modified, datatype=XSD.dateTime)))
    return node


def _add_service(graph: Graph, site: Site) -> URIRef:
    node = URIRef(f"{site.api}/")
    title = f"Explore API v2.1 ({site.address.split('://', 1)[-1]})"
    graph.add((node, RDF.type, DCAT.DataService))
    graph.add((node, DCTERMS.title, Literal(title, lang="en")))
    graph.add((node, DCTERMS.identifier, Literal(f"{site.api}/")))
    graph.add((node, DCTERMS.publisher, add_agent(graph, site, site.publisher)))
    graph.add((node, DCAT.endpointURL, node))
    graph.add((node, DCAT.endpointDescription, URIRef(f"{site.api}/swagger.json")))
    graph.add((node, DCAT.landingPage, URIRef(f"{site.api}/console")))
    return node


def _add_dataset(graph: Graph, site: Site, dataset: Described, options: ExportOptions) -> URIRef:
    node = URIRef(site.page(dataset["dataset_id"]))
    page = Page(graph, site, dataset, node, _language_of(dataset, options.lang))
    graph.add((node, RDF.type, DCAT.Dataset))
    graph.add((node, DCTERMS.identifier, Literal(str(node))))
    graph.add((node, DCAT.landingPage, node))
    graph.add((node, DCTERMS.accessRights, PUBLIC))
    if box := find_meta(dataset, "default.bbox"):
        graph.add((node, DCTERMS.spatial, _add_extent(graph, node, box["geometry"])))
    if find_meta(dataset, "default.title") is None:
        graph.add((node, DCTERMS.title, Literal(dataset["dataset_id"])))
    for predicate, name in ((DCTERMS.issued, "dcat.issued"), (DCTERMS.modified, "default.modified")):
        if instant := find_meta(dataset, name):
            graph.add((node, predicate, Literal(instant, datatype=XSD.dateTime)))
    for term in METADATA:
        write, value = TERMS.get(term.dcat), find_meta(dataset, term.ods)
        for each in value if isinstance(value, list) else [value]:
            if write is not None and each:
                write(page, each)
    return node


def _add_distribution(graph: Graph, site: Site, dataset: Described, file: File) -> URIRef:
    node = URIRef(f"{site.page(dataset['dataset_id'])}#{file.key}")
    graph.add((node, RDF.type, DCAT.Distribution))
    graph.add((node, DCTERMS.title, Literal(clean_text(file.title))))
    graph.add((node, DCAT.accessURL, URIRef(file.address)))
    graph.add((node, DCAT.downloadURL, URIRef(file.address)))
    graph.add((node, DCTERMS.format, _add_file_type(graph, site, file)))
    if file.media_type not in vocabularies.UNREGISTERED:
        graph.add((node, DCAT.mediaType, URIRef(vocabularies.IANA + quote(file.media_type, safe="/+"))))
    if licence := find_meta(dataset, "default.license_url"):
        graph.add((node, DCTERMS.license, URIRef(licence)))
    if modified := find_meta(dataset, "default.modified"):
        graph.add((node, DCTERMS.modified, Literal(modified, datatype=XSD.dateTime)))
    return node


def _add_extent(graph: Graph, dataset: URIRef, box: Mapping[str, Any]) -> URIRef:
    """Add the box around the records, a GeoJSON polygon, in the two ways that harvesters read it."""
    node = URIRef(f"{dataset}#extent")
    corners = ", ".join(f"{lon} {lat}" for lon, lat in box["coordinates"][0])
    graph.add((node, RDF.type, DCTERMS.Location))
    graph.add((node, DCAT.bbox, Literal(f"POLYGON(({corners}))", datatype=GEOSPARQL.wktLiteral)))
    graph.add((node, LOCN.geometry, Literal(json.dumps(box), datatype=GEOJSON)))
    return node


def _add_file_type(graph: Graph, site: Site, file: File) -> URIRef:
    code = vocabularies.FILE_TYPES.get(file.format)
    if code:
        address = f"{vocabularies.AUTHORITY}file-type/{code}"
        graph.add((URIRef(address), RDF.type, DCTERMS.MediaTypeOrExtent))
        return URIRef(address)
    address = f"{site.api}/catalog/exports#{quote(file.format, safe='')}"
    return add_labelled(graph, DCTERMS.MediaTypeOrExtent, address, RDFS.label, file.format)


def _language_of(dataset: Described, lang: str) -> str | None:
    """Return the language in which the texts of `dataset` were given to a reader of `lang`."""
    written = find_meta(dataset, "default.metadata_languages") or []
    return next((each for each in (lang, "fr") if each in written), None)
