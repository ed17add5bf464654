"""A checked query becomes one SELECT over one file: $1 is the file, the other parameters follow."""

from dataclasses import dataclass, replace

from datasets.model import Field, Schema
from datasets.odsql import nodes
from datasets.odsql.clauses import Output, Statement
from datasets.odsql.geography import WGS84, write_moved
from datasets.odsql.kinds import is_constant, multivalued
from datasets.odsql.nodes import Node
from datasets.odsql.searching import columns_of, searched_fields, write_document
from datasets.odsql.sql import Writer, identifier
from datasets.odsql.vocabulary import FILE_ORDER
from datasets.types.public import duckdb_type

GEO_TYPES = ("geo_point_2d", "geo_shape")


@dataclass(frozen=True)
class Compiled:
    """SQL text whose $1 is the file, the parameters from $2 on, and the schema of the answer."""

    sql: str
    params: tuple[object, ...]
    schema: Schema


def writer_for(
    schema: Schema, zone: str = "UTC", lang: str = "fr", epsg: int = WGS84, *, indexed: bool = False
) -> Writer:
    """Return a writer whose own names begin as no field does; `indexed` when an indexed copy is read."""
    mark = "#"
    while any(name.startswith(mark) for name in schema.names):
        mark += "#"
    gathered = tuple(field.name for field in searched_fields(schema)) if indexed else None
    return Writer(zone, lang, mark, epsg, gathered)


def write_index(schema: Schema) -> str:
    """Write the rows of an indexed copy: those of the file $1, their places and the beginnings of their identifiers."""
    writer = writer_for(schema)
    beginning = write_beginning(write_identifier(schema))
    return f"SELECT *, {FILE_ORDER} AS {FILE_ORDER}, {beginning} AS {writer.identity} FROM {writer.source}"


def write_vocabulary(schema: Schema) -> str:
    """Write the words of an indexed copy, $1, in its rows from $2 until before $3: each with the places of these."""
    writer = writer_for(schema, indexed=True)
    text = write_document(writer, columns_of(searched_fields(schema)))
    cut = f"string_split_regex(folded({text}), '[^\\p{{L}}\\p{{N}}]+')"
    return (
        f"SELECT word, list_sort(list(place)) AS rows FROM (SELECT CAST({FILE_ORDER} AS UINTEGER) AS place, "
        f"unnest(list_distinct({cut})) AS word FROM {writer.source} "
        f"WHERE {FILE_ORDER} >= $2 AND {FILE_ORDER} < $3) WHERE word <> '' GROUP BY word"
    )


def write_beginning(record_id: str) -> str:
    """Write the first 64 bits of an identifier as a number; null for what is none."""
    return f"TRY_CAST('0x' || substr({record_id}, 1, 16) AS UBIGINT)"


def compile_statement(statement: Statement, writer: Writer, geometry: str = "geojson") -> Compiled:
    """Compile a checked query to one SELECT, without limit or offset; `writer` tells the zone and the language."""
    source = write_source(statement, writer)
    shown = ", ".join(
        f'{write_output(output, statement, writer, geometry)} AS "{writer.mark}{place}"'
        for place, output in enumerate(statement.outputs)
    )
    sql = f"SELECT {shown} FROM {source}"
    if writer.keys:
        sql += " GROUP BY " + ", ".join(key for _, key in writer.keys)
    if order := write_order(statement, writer):
        sql += f" ORDER BY {order}"
    fields = tuple(output_field(output, statement) for output in statement.outputs)
    return Compiled(sql, tuple(writer.params), Schema(fields))


def compile_count(statement: Statement, writer: Writer) -> Compiled:
    """Compile the number of records, or of groups, of a checked query."""
    source = write_source(statement, writer)
    if writer.keys:
        source = "(SELECT DISTINCT " + ", ".join(key for _, key in writer.keys) + f" FROM {source})"
    return Compiled(f"SELECT count(*) FROM {source}", tuple(writer.params), Schema(()))


def only_record(compiled: Compiled, schema: Schema, record_id: str, *, indexed: bool = False) -> Compiled:
    """Return a compiled query of every record, in the order of the file, cut to the one that has the identifier."""
    asked = f"${len(compiled.params) + 2}"
    condition = f"{write_identifier(schema)} = {asked}"
    if indexed:
        condition = f"{writer_for(schema).identity} = {write_beginning(asked)} AND {condition}"
    return replace(compiled, sql=f"{compiled.sql} WHERE {condition} LIMIT 1", params=(*compiled.params, record_id))


def with_identifier(compiled: Compiled, schema: Schema, source: str) -> Compiled:
    """Return a compiled query of plain records whose rows also tell their identifier, as `_id`."""
    shown, read, rest = compiled.sql.partition(f" FROM {source}")
    fields = (*compiled.schema.fields, Field("_id", "text"))
    return Compiled(f"{shown}, {write_identifier(schema)}{read}{rest}", compiled.params, Schema(fields))


def write_identifier(schema: Schema) -> str:
    """Write the identifier of a record: the SHA-1 of the fields that make it unique, or of all of them."""
    unique = [field for field in schema if "id" in field.annotations] or list(schema)
    values = [f"coalesce(CAST({identifier(field.name)} AS VARCHAR), chr(30))" for field in unique]
    return f"sha1(concat_ws(chr(31), {', '.join(values)}))"


def write_source(statement: Statement, writer: Writer) -> str:
    """Write what is read: the file, filtered, with a column more for each group key."""
    where = " AND ".join(map(writer.write, statement.where))
    source = f"{writer.source} WHERE {where}" if where else writer.source
    if not statement.groups:
        return source
    keys: list[tuple[Node, str]] = []
    for place, group in enumerate(statement.groups):
        name = f'"{writer.mark}k{place}"'
        source = f"(SELECT *, {write_key(group.node, writer)} AS {name} FROM {source})"
        keys.append((group.node, name))
    writer.keys = tuple(keys)
    return source


def write_key(node: Node, writer: Writer) -> str:
    """Write a group key; a multivalued field groups by each of its elements, or null when it has none."""
    written = writer.write(node)
    return f"unnest(CASE WHEN len({written}) > 0 THEN {written} ELSE [NULL] END)" if multivalued(node) else written


def write_output(output: Output, statement: Statement, writer: Writer, geometry: str) -> str:
    """Write one column of the answer in its declared type; places as `write_place` does."""
    node = output.node
    written = writer.write(node)
    if isinstance(node, nodes.Apply) and node.function.show:
        written = node.function.show(writer, node, written)
    elif node.type not in GEO_TYPES and not isinstance(node, nodes.Column):
        return f"CAST({written} AS {duckdb_type(output_field(output, statement))})"
    if node.type not in GEO_TYPES:
        return written
    if multivalued(node):
        each = write_place(writer, writer.element, node.type, geometry)
        return f"list_transform({written}, lambda {writer.element}: {each})"
    return write_place(writer, written, node.type, geometry)


def write_place(writer: Writer, written: str, kind: str, geometry: str) -> str:
    """Write a place in the coordinate system asked: a point as lon and lat, a shape as GeoJSON text or as WKB."""
    moved = writer.epsg != WGS84
    if kind == "geo_point_2d":
        return write_moved(writer, written, kind) if moved else written
    if geometry == "wkb" and not moved:
        return written
    shape = f"ST_GeomFromWKB({written})"
    shape = write_moved(writer, shape, kind) if moved else shape
    return f"CAST(ST_AsGeoJSON({shape}) AS VARCHAR)" if geometry == "geojson" else f"ST_AsWKB({shape})"


def write_order(statement: Statement, writer: Writer) -> str:
    """Write the order: nulls last, then what makes it the same each time."""
    keys = [
        key
        for node, descending in statement.order
        if not is_constant(node)
        for key in write_sorting(node, writer.write(node), f"{' DESC' if descending else ''} NULLS LAST")
    ]
    if writer.keys:
        keys += [key for node, name in writer.keys for key in write_sorting(node, name, " NULLS FIRST")]
    elif keys and not statement.aggregated:
        keys.append(FILE_ORDER)
    return ", ".join(keys)


def write_sorting(node: Node, written: str, way: str) -> list[str]:
    """Write the keys that sort a value: a text as readers do, capitals and accents counting only between equals."""
    shown = isinstance(node, nodes.Apply) and node.function.show
    if node.type != "text" or shown:
        return [written + way]
    return [f"folded({written}){way}", written + way]


def output_field(output: Output, statement: Statement) -> Field:
    """Return the field that describes a column of the answer."""
    node = output.node
    if not isinstance(node, nodes.Column):
        return Field(output.key, node.type)
    if node.field.multivalued and any(node == group.node for group in statement.groups):
        single = {name: value for name, value in node.field.annotations.items() if name != "multivalued"}
        return replace(node.field, name=output.key, annotations=single)
    return replace(node.field, name=output.key)
