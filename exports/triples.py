"""Rows as RDF: Turtle, N3, RDF/XML and JSON-LD, each row a blank node, as CSV on the Web has it (W3C csv2rdf).

A field is a property `{address}#{name}`, its name in ASCII letters; a null has no triple, a list one for each value.
The four formats tell the same graph, but for control characters, which XML cannot hold.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc

from datasets.model import Field, Schema
from exports.exporter import ExportOptions, join_rows, pieces
from exports.markup import HEADER, xml_attribute, xml_text, xml_texts
from exports.names import plain_names
from exports.values import CELL_WRITERS, json_strings, point_texts, regroup, texts_by

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
XSD = "http://www.w3.org/2001/XMLSchema#"
CSVW = "http://www.w3.org/ns/csvw#"
GEO = "http://www.opengis.net/ont/geosparql#"

DATATYPES = {
    "int": f"{XSD}integer",
    "double": f"{XSD}double",
    "boolean": f"{XSD}boolean",
    "date": f"{XSD}date",
    "datetime": f"{XSD}dateTime",
    "geo_point_2d": f"{GEO}geoJSONLiteral",
    "geo_shape": f"{GEO}geoJSONLiteral",
    "file": f"{RDF}JSON",
    "json_blob": f"{RDF}JSON",
}
"""The datatype of each field type; a text has none."""

PRECISIONS = {"year": f"{XSD}gYear", "month": f"{XSD}gYearMonth"}
LEXICAL = {
    **CELL_WRITERS,
    "boolean": lambda column, *_: pc.if_else(column, "true", "false"),
    "geo_point_2d": lambda column, *_: point_texts(column),
}
Quote = Callable[[pa.Array], pa.Array]


@dataclass(frozen=True)
class Property:
    """A field as RDF names it."""

    field: Field
    name: str
    iri: str
    datatype: str | None


def properties_of(schema: Schema, options: ExportOptions) -> list[Property]:
    """Return the properties of a schema, in order."""
    return [
        Property(field, name, f"{_namespace(options)}{name}", _datatype(field))
        for name, field in zip(plain_names(schema.names), schema, strict=True)
    ]


def _namespace(options: ExportOptions) -> str:
    return quote(options.address, safe=":/?[]@!$&'()*+,;=%~") + "#"


def _datatype(field: Field) -> str | None:
    if field.type == "date":
        return PRECISIONS.get(str(field.annotations.get("timeserie_precision")), DATATYPES["date"])
    return DATATYPES.get(field.type)


def objects(column: pa.Array, known: Property, options: ExportOptions, quoted: Quote, joint: str) -> pa.Array:
    """Return the values of each row, written by `quoted`, joined by `joint`; null where there is none."""

    def write(values: pa.Array, *_: object) -> pa.Array:
        return quoted(LEXICAL[known.field.type](values, known.field, options))

    def join(lists: pa.Array, values: pa.Array, *_: object) -> pa.Array:
        nothing = quoted(pa.array([""], pa.string()))[0]
        joined = pc.binary_join(regroup(lists, pc.fill_null(values, nothing)), joint)
        return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), joined)

    return texts_by(column, known.field, options, {known.field.type: write}, join)


@dataclass(frozen=True)
class Turtle:
    """Writes Turtle 1.1, which is N3 too: what each field is called, then the rows."""

    name: str = "turtle"
    extension: str = "ttl"
    media_type: str = "text/turtle; charset=utf-8"
    geometry: Literal["geojson", "wkb"] = "geojson"
    needs_geometry: bool = False
    needs_date: bool = False

    def write(self, schema: Schema, batches: Iterable[pa.RecordBatch], options: ExportOptions) -> Iterator[bytes]:
        """Yield the properties, then a blank node for each row."""
        known = properties_of(schema, options)
        yield "".join(_turtle_head(known, options)).encode()
        for piece in pieces(batches):
            parts: list[str | pa.Array] = [f"[] a <{CSVW}Row>"]
            for column, each in zip(piece.columns, known, strict=True):
                suffix = f"^^<{each.datatype}>" if each.datatype else ""
                values = objects(column, each, options, partial(_literals, suffix), ", ")
                parts.append(pc.fill_null(_join(f" ; :{each.name} ", values), ""))
            yield join_rows([*parts, pa.array([" .\n"] * len(piece))])


def _literals(suffix: str, texts: pa.Array) -> pa.Array:
    return _join(json_strings(texts), suffix)


def _turtle_head(known: list[Property], options: ExportOptions) -> Iterator[str]:
    yield f"@prefix : <{_namespace(options)}> .\n"
    for each in known:
        yield f":{each.name} a <{RDF}Property> ; <{CSVW}name> {_json(each.field.name)}"
        for lang, label in each.field.label.items():
            yield f" ; <{RDFS}label> {_json(label)}@{lang}"
        yield " .\n"


@dataclass(frozen=True)
class RdfXml:
    """Writes RDF/XML 1.1."""

    name: str = "rdfxml"
    extension: str = "rdf"
    media_type: str = "application/rdf+xml; charset=utf-8"
    geometry: Literal["geojson", "wkb"] = "geojson"
    needs_geometry: bool = False
    needs_date: bool = False

    def write(self, schema: Schema, batches: Iterable[pa.RecordBatch], options: ExportOptions) -> Iterator[bytes]:
        """Yield the properties, then a description for each row."""
        known = properties_of(schema, options)
        yield "".join(_xml_head(known, options)).encode()
        for piece in pieces(batches):
            parts: list[str | pa.Array] = ["<csvw:Row>"]
            for column, each in zip(piece.columns, known, strict=True):
                kind = f' rdf:datatype="{each.datatype}"' if each.datatype else ""
                start, end = f"<f:{each.name}{kind}>", f"</f:{each.name}>"
                values = objects(column, each, options, partial(_elements, start, end), "")
                parts.append(pc.fill_null(values, ""))
            yield join_rows([*parts, pa.array(["</csvw:Row>\n"] * len(piece))])
        yield b"</rdf:RDF>\n"


def _elements(start: str, end: str, texts: pa.Array) -> pa.Array:
    return _join(start, xml_texts(texts), end)


def _xml_head(known: list[Property], options: ExportOptions) -> Iterator[str]:
    namespace = xml_attribute(_namespace(options))
    yield f'{HEADER}<rdf:RDF xmlns:rdf="{RDF}" xmlns:rdfs="{RDFS}" xmlns:csvw="{CSVW}" xmlns:f={namespace}>\n'
    for each in known:
        yield f"<rdf:Property rdf:about={xml_attribute(each.iri)}><csvw:name>{xml_text(each.field.name)}</csvw:name>"
        for lang, label in each.field.label.items():
            yield f"<rdfs:label xml:lang={xml_attribute(lang)}>{xml_text(label)}</rdfs:label>"
        yield "</rdf:Property>\n"


@dataclass(frozen=True)
class JsonLd:
    """Writes JSON-LD 1.1: a context that types the fields, then a graph of row objects."""

    name: str = "jsonld"
    extension: str = "jsonld"
    media_type: str = "application/ld+json"
    geometry: Literal["geojson", "wkb"] = "geojson"
    needs_geometry: bool = False
    needs_date: bool = False

    def write(self, schema: Schema, batches: Iterable[pa.RecordBatch], options: ExportOptions) -> Iterator[bytes]:
        """Yield the context, the properties, then an object for each row."""
        known = properties_of(schema, options)
        context = {
            each.name: {"@id": each.iri, **({"@type": each.datatype} if each.datatype else {})} for each in known
        }
        heads = ", ".join(_json(_json_property(each)) for each in known)
        yield f'{{"@context": {_json(context)}, "@graph": [{heads}'.encode()
        started = bool(known)
        for piece in pieces(batches):
            parts: list[str | pa.Array] = [f'{{"@type": "{CSVW}Row"']
            for column, each in zip(piece.columns, known, strict=True):
                parts.append(pc.fill_null(_join(f', "{each.name}": ', _json_values(column, each, options)), ""))
            yield join_rows([", ", *parts, pa.array(["}"] * len(piece))])[0 if started else 2 :]
            started = True
        yield b"]}"


def _term(known: Property) -> dict[str, str]:
    return {"@id": known.iri} if known.datatype is None else {"@id": known.iri, "@type": known.datatype}


def _json_values(column: pa.Array, known: Property, options: ExportOptions) -> pa.Array:
    bare = known.field.type in ("int", "double", "boolean")
    values = objects(column, known, options, (lambda texts: texts) if bare else json_strings, ", ")
    return _join("[", values, "]") if known.field.multivalued else values


def _json_property(known: Property) -> dict[str, Any]:
    labels = [{"@value": label, "@language": lang} for lang, label in known.field.label.items()]
    described: dict[str, Any] = {"@id": known.iri, "@type": f"{RDF}Property", f"{CSVW}name": known.field.name}
    return {**described, f"{RDFS}label": labels} if labels else described


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _join(*parts: str | pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")
