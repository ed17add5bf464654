"""How each piece of the description of a dataset is written in DCAT: one function per term, in the table TERMS."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, XSD, Graph, Literal, Namespace, URIRef

from exports import vocabularies
from exports.documents import Described, Site, clean_text, find_meta, is_web_address

VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")


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
        return add_labelled(self.graph, kind, address, label, text)


def add_labelled(graph: Graph, kind: URIRef, address: str, label: URIRef, text: str) -> URIRef:
    """Add a node of a class, with its label, and return it."""
    node = URIRef(address)
    graph.add((node, RDF.type, kind))
    graph.add((node, label, Literal(clean_text(text))))
    return node


def add_agent(graph: Graph, site: Site, name: str) -> URIRef:
    """Add an organisation, known by the datasets that it publishes, and return it."""
    return add_labelled(graph, FOAF.Agent, site.search("publisher", name), FOAF.name, name)


def add_language(graph: Graph, lang: str) -> URIRef:
    """Add a language, given by its ISO 639-1 code, and return it."""
    code = vocabularies.LANGUAGES.get(lang[:2].lower())
    node = URIRef(f"{vocabularies.AUTHORITY}language/{code or 'UND'}")
    graph.add((node, RDF.type, DCTERMS.LinguisticSystem))
    return node


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
    page.graph.add((page.node, DCTERMS.publisher, add_agent(page.graph, page.site, name)))


def _write_licence(page: Page, name: str) -> None:
    address = find_meta(page.dataset, "default.license_url")
    node = page.add(DCTERMS.LicenseDocument, address or page.site.search("license", name), RDFS.label, name)
    page.graph.add((page.node, DCTERMS.license, node))
    if code := vocabularies.LICENCES.get(address or ""):
        page.graph.add((node, SKOS.exactMatch, URIRef(f"{vocabularies.AUTHORITY}licence/{code}")))


def _write_language(page: Page, lang: str) -> None:
    page.graph.add((page.node, DCTERMS.language, add_language(page.graph, lang)))


def _write_place(page: Page, name: str) -> None:
    place = page.add(DCTERMS.Location, page.site.search("territory", name), SKOS.prefLabel, name)
    page.graph.add((page.node, DCTERMS.spatial, place))


def _write_page(page: Page, text: str) -> None:
    if is_web_address(text):
        page.graph.add((page.node, FOAF.page, URIRef(text)))
        page.graph.add((URIRef(text), RDF.type, FOAF.Document))


def _write_reuse(page: Page, reuse: Mapping[str, str | None]) -> None:
    if is_web_address(address := reuse["url"] or ""):
        node = page.add(FOAF.Document, address, DCTERMS.title, reuse["title"] or address)
        page.graph.add((page.node, DCTERMS.isReferencedBy, node))


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


def _write_period(page: Page, text: str) -> None:
    start, _slash, end = text.partition("/")
    period = page.add(DCTERMS.PeriodOfTime, f"{page.node}#period", RDFS.label, text)
    for day, term in ((start, DCAT.startDate), (end or start, DCAT.endDate)):
        if kind := {4: XSD.gYear, 7: XSD.gYearMonth, 10: XSD.date}.get(len(day)):
            page.graph.add((period, term, Literal(day, datatype=kind)))
    page.graph.add((page.node, DCTERMS.temporal, period))


def _write_contact(page: Page, name: str) -> None:
    contact = page.add(VCARD.Kind, f"{page.node}#contact", VCARD.fn, name)
    page.graph.add((page.node, DCAT.contactPoint, contact))


def _write_email(page: Page, email: str) -> None:
    contact = URIRef(f"{page.node}#contact")
    page.graph.add((contact, RDF.type, VCARD.Kind))
    page.graph.add((contact, VCARD.hasEmail, URIRef(f"mailto:{quote(email, safe='@.+-_')}")))
    page.graph.add((page.node, DCAT.contactPoint, contact))


TERMS: Mapping[str, Callable[[Page, Any], None]] = MappingProxyType(
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
        "dct:isReferencedBy": _write_reuse,
        "dct:provenance": _write_provenance,
        "dct:accrualPeriodicity": _write_frequency,
        "dct:temporal": _write_period,
        "dcat:contactPoint": _write_contact,
        "vcard:hasEmail": _write_email,
    }
)
"""How a piece of description is written, by the DCAT term of its row in METADATA."""
