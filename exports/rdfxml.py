"""A graph of named nodes in RDF/XML: one element per node, called by its class, in an order that never changes.

rdflib's own writers order nodes by their hashes, which differ from one process to the next.
"""

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from rdflib import RDF, Graph, Literal, URIRef
from rdflib.term import Node

XML = "http://www.w3.org/XML/1998/namespace"


def write_rdf_xml(graph: Graph, order: Sequence[URIRef]) -> Iterator[bytes]:
    """Yield `graph` a node at a time: those of the classes of `order` first, then the others, by address.

    Every node has an address and a class, every text only characters of XML 1.0, every term a prefix in the graph.
    """
    names = {name: str(namespace) for name, namespace in graph.namespaces() if str(namespace) != XML}
    declared = "".join(f"\n  xmlns:{name}={quoteattr(names[name])}" for name in sorted(names))
    yield f'<?xml version="1.0" encoding="utf-8"?>\n<rdf:RDF{declared}>\n'.encode()
    ranks = {str(kind): rank for rank, kind in enumerate(order)}
    kinds = {node: str(kind) for node, kind in graph.subject_objects(RDF.type)}
    for node in sorted(kinds, key=lambda node: (ranks.get(kinds[node], len(ranks)), str(node))):
        yield _element(graph, node, graph.qname(kinds[node])).encode()
    yield b"</rdf:RDF>\n"


def _element(graph: Graph, node: Node, name: str) -> str:
    facts = sorted((graph.qname(str(term)), value) for term, value in graph.predicate_objects(node) if term != RDF.type)
    inside = "".join(f"    {_fact(term, value)}\n" for term, value in facts)
    opened = f"  <{name} rdf:about={quoteattr(str(node))}"
    return f"{opened}>\n{inside}  </{name}>\n" if inside else f"{opened}/>\n"


def _fact(term: str, value: Node) -> str:
    if not isinstance(value, Literal):
        return f"<{term} rdf:resource={quoteattr(str(value))}/>"
    lang = f" xml:lang={quoteattr(value.language)}" if value.language else ""
    datatype = f" rdf:datatype={quoteattr(str(value.datatype))}" if value.datatype else ""
    return f"<{term}{lang}{datatype}>{escape(str(value))}</{term}>"
