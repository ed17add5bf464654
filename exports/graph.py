"""The catalogue in RDF: DCAT 3 as DCAT-AP asks, with the addresses that Opendatasoft's feeds have.

One function writes one class of DCAT. A dataset is written from METADATA: each piece goes under the DCAT term of
its row, by the function that TERMS has for that term. Every node has an address of its own, always the same,
so that a harvester finds again what it took, and two writings of one catalogue are the same bytes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from urllib.parse import quote

from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, XSD, Graph, Literal, Namespace, URIRef

from datasets.catalogue.metadata import METADATA
from exports import vocabularies
from exports.documents import Described, File, Site, clean_text, find_meta, is_web_address, latest, list_files
from exports.exporter import Exporter, ExportOptions

VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
PREFIXES = {"dcat": DCAT, "dct": DCTERMS, "foaf": FOAF, "skos": SKOS, "vcard": VCARD}
DCAT_VERSION = "https://semiceu.github.io/DCAT-AP/releases/3.0.0/"


@dataclass(frozen=True)
class Page:
    """What the functions of TERMS write on: the graph, the site, the dataset, its node, the language of its texts."""

    graph: Graph
    site: Site
    dataset: Described
    node: URIRef
    lang: str | None

    def add(self, kind: URIRef, address: str, label: URIRef, text: str) -> URIRef:
        """Add a node of a class, with its label, and return it."""
        return _add_labelled(self.graph, kind, address, label, text)


def write_graph(
    datasets: Sequence[Described],
    site: Site,
    options: ExportOptions,
    *,
    formats: Mapping[str, Exporter],
    syntax: str,
) -> Iterator[bytes]:
    """Yield the catalogue in an RDF syntax that rdflib knows (`pretty-xml`, `turtle`).

    `formats` are the exports from which the distributions of each dataset are chosen.
    """
    yield build_graph(datasets, site, options, formats).serialize(format=syntax, encoding="utf-8", max_depth=1)


def build_graph(
    datasets: Sequence[Described], site: Site, options: ExportOptions, formats: Mapping[str, Exporter]
) -> Graph:
    """Return the catalogue as a graph."""
    graph = Graph(bind_namespaces="core")
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
    graph.add((node, DCTERMS.language, _add_language(graph, site.language)))
    graph.add((node, DCTERMS.publisher, _add_agent(graph, site, site.publisher)))
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
    graph.add((node, DCTERMS.publisher, _add_agent(graph, site, site.publisher)))
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


def _add_file_type(graph: Graph, site: Site, file: File) -> URIRef:
    code = vocabularies.FILE_TYPES.get(file.format)
    if code:
        address = f"{vocabularies.AUTHORITY}file-type/{code}"
        graph.add((URIRef(address), RDF.type, DCTERMS.MediaTypeOrExtent))
        return URIRef(address)
    address = f"{site.api}/catalog/exports#{quote(file.format, safe='')}"
    return _add_labelled(graph, DCTERMS.MediaTypeOrExtent, address, RDFS.label, file.format)


def _add_agent(graph: Graph, site: Site, name: str) -> URIRef:
    return _add_labelled(graph, FOAF.Agent, site.search("publisher", name), FOAF.name, name)


def _add_language(graph: Graph, lang: str) -> URIRef:
    code = vocabularies.LANGUAGES.get(lang[:2].lower())
    node = URIRef(f"{vocabularies.AUTHORITY}language/{code or 'UND'}")
    graph.add((node, RDF.type, DCTERMS.LinguisticSystem))
    return node


def _add_labelled(graph: Graph, kind: URIRef, address: str, label: URIRef, text: str) -> URIRef:
    node = URIRef(address)
    graph.add((node, RDF.type, kind))
    graph.add((node, label, Literal(clean_text(text))))
    return node


def _language_of(dataset: Described, lang: str) -> str | None:
    """Return the language in which the texts of `dataset` were given to a reader of `lang`."""
    written = find_meta(dataset, "default.metadata_languages") or []
    return next((each for each in (lang, "fr") if each in written), None)


def _write_text(predicate: URIRef, page: Page, text: str) -> None:
    page.graph.add((page.node, predicate, Literal(clean_text(text), lang=page.lang)))


def _write_keyword(page: Page, word: str) -> None:
    page.graph.add((page.node, DCAT.keyword, Literal(clean_text(word))))


def _write_theme(page: Page, theme: str) -> None:
    concept = page.add(SKOS.Concept, page.site.search("theme", theme), SKOS.prefLabel, theme)
    page.graph.add((page.node, DCAT.theme, concept))
    if code := vocabularies.THEMES.get(theme.strip().lower()):
        page.graph.add((page.node, DCAT.theme, URIRef(f"{vocabularies.AUTHORITY}data-theme/{code}")))


def _write_publisher(page: Page, name: str) -> None:
    page.graph.add((page.node, DCTERMS.publisher, _add_agent(page.graph, page.site, name)))


def _write_licence(page: Page, name: str) -> None:
    address = find_meta(page.dataset, "default.license_url")
    node = page.add(DCTERMS.LicenseDocument, address or page.site.search("license", name), RDFS.label, name)
    page.graph.add((page.node, DCTERMS.license, node))
    if code := vocabularies.LICENCES.get(address or ""):
        page.graph.add((node, SKOS.exactMatch, URIRef(f"{vocabularies.AUTHORITY}licence/{code}")))


def _write_language(page: Page, lang: str) -> None:
    page.graph.add((page.node, DCTERMS.language, _add_language(page.graph, lang)))


def _write_place(page: Page, name: str) -> None:
    place = page.add(DCTERMS.Location, page.site.search("territory", name), SKOS.prefLabel, name)
    page.graph.add((page.node, DCTERMS.spatial, place))


def _write_page(page: Page, text: str) -> None:
    if is_web_address(text):
        page.graph.add((page.node, FOAF.page, URIRef(text)))
        page.graph.add((URIRef(text), RDF.type, FOAF.Document))


def _write_provenance(page: Page, text: str) -> None:
    known = len(list(page.graph.objects(page.node, DCTERMS.provenance)))
    address = f"{page.node}#provenance-{known + 1}"
    statement = page.add(DCTERMS.ProvenanceStatement, address, RDFS.label, text)
    page.graph.add((page.node, DCTERMS.provenance, statement))


def _write_frequency(page: Page, words: str) -> None:
    code, _ = vocabularies.FREQUENCIES.get(words.strip().lower(), ("", ""))
    address = f"{vocabularies.AUTHORITY}frequency/{code}" if code else page.site.search("update_frequency", words)
    page.graph.add((page.node, DCTERMS.accrualPeriodicity, URIRef(address)))
    page.graph.add((URIRef(address), RDF.type, DCTERMS.Frequency))
    if not code:
        page.graph.add((URIRef(address), RDFS.label, Literal(clean_text(words))))


def _write_contact(page: Page, name: str) -> None:
    contact = page.add(VCARD.Kind, f"{page.node}#contact", VCARD.fn, name)
    page.graph.add((page.node, DCAT.contactPoint, contact))


def _write_email(page: Page, email: str) -> None:
    contact = URIRef(f"{page.node}#contact")
    page.graph.add((contact, RDF.type, VCARD.Kind))
    page.graph.add((contact, VCARD.hasEmail, URIRef(f"mailto:{quote(email, safe='@.+-_')}")))
    page.graph.add((page.node, DCAT.contactPoint, contact))


TERMS: Mapping[str, Callable[[Page, str], None]] = MappingProxyType(
    {
        "dct:title": partial(_write_text, DCTERMS.title),
        "dct:description": partial(_write_text, DCTERMS.description),
        "dcat:theme": _write_theme,
        "dcat:keyword": _write_keyword,
        "dct:license": _write_licence,
        "dct:publisher": _write_publisher,
        "dct:language": _write_language,
        "dct:spatial": _write_place,
        "foaf:page": _write_page,
        "dct:provenance": _write_provenance,
        "dct:accrualPeriodicity": _write_frequency,
        "dcat:contactPoint": _write_contact,
        "vcard:hasEmail": _write_email,
    }
)
"""How a piece of description is written, by the DCAT term of its row in METADATA."""
