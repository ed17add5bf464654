"""The public field types of the Explore API and the form each takes in Parquet (Arrow) and in queries (DuckDB)."""

from dataclasses import dataclass

import pyarrow as pa

from datasets.model import Field, Schema


@dataclass(frozen=True)
class PublicType:
    """A public type: its name, its Arrow form, its DuckDB name, and the family within which values compare."""

    name: str
    arrow: pa.DataType
    duckdb: str
    family: str


POINT = pa.struct([pa.field("lon", pa.float64()), pa.field("lat", pa.float64())])

PUBLIC_TYPES: dict[str, PublicType] = {
    row.name: row
    for row in (
        PublicType("text", pa.string(), "VARCHAR", "text"),
        PublicType("int", pa.int64(), "BIGINT", "number"),
        PublicType("double", pa.float64(), "DOUBLE", "number"),
        PublicType("boolean", pa.bool_(), "BOOLEAN", "boolean"),
        PublicType("date", pa.date32(), "DATE", "moment"),
        PublicType("datetime", pa.timestamp("us", tz="UTC"), "TIMESTAMP WITH TIME ZONE", "moment"),
        PublicType("geo_point_2d", POINT, "STRUCT(lon DOUBLE, lat DOUBLE)", "geo"),
        PublicType("geo_shape", pa.binary(), "BLOB", "geo"),
        PublicType("file", pa.string(), "VARCHAR", "text"),
        PublicType("json_blob", pa.string(), "VARCHAR", "text"),
    )
}


def arrow_type(field: Field) -> pa.DataType:
    """Return the Arrow type of a field's values; a multivalued field holds lists."""
    single = PUBLIC_TYPES[field.type].arrow
    return pa.list_(single) if field.multivalued else single


def duckdb_type(field: Field) -> str:
    """Return the DuckDB type of a field's values, as SQL text."""
    single = PUBLIC_TYPES[field.type].duckdb
    return f"{single}[]" if field.multivalued else single


def arrow_schema(schema: Schema) -> pa.Schema:
    """Return the Arrow schema of a dataset's records, in the order of its fields."""
    return pa.schema([pa.field(field.name, arrow_type(field)) for field in schema])
