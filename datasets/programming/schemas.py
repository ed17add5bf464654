"""The schemas of the datasets of cultural programming, read once from fields.csv."""

import csv
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from datasets.model import Field, Schema
from datasets.programming.values import VALUES
from datasets.types.public import POINT, arrow_schema

FLAGS = ("facet", "id", "sortable")


def _as_field(row: Mapping[str, str]) -> Field:
    annotations: dict[str, Any] = {flag: True for flag in FLAGS if flag in row["annotations"].split()}
    if row["unite"]:
        annotations["unit"] = row["unite"]
    if row["decimales"]:
        annotations["decimals"] = int(row["decimales"])
    return Field(
        row["nom"],
        row["type"],
        MappingProxyType({"fr": row["libelle"], "en": row["label"]}),
        MappingProxyType({"fr": row["description"], "en": row["description_en"]} if row["description"] else {}),
        MappingProxyType(annotations),
        VALUES.get(row["nom"], MappingProxyType({})),
    )


def _read_schemas() -> Mapping[str, Schema]:
    text = files("datasets.programming").joinpath("fields.csv").read_text(encoding="utf-8")
    fields: dict[str, list[Field]] = {}
    for row in csv.DictReader(text.splitlines()):
        fields.setdefault(row["jeu"], []).append(_as_field(row))
    return MappingProxyType({name: Schema(tuple(each)) for name, each in fields.items()})


SCHEMAS = _read_schemas()
"""The schema of each published dataset, by its id."""


def as_table(dataset_id: str, frame: pd.DataFrame) -> pa.Table:
    """Return a published frame in the physical form of its schema: NaN become nulls, lon and lat a point.

    A `geo_point_2d` field is read in the columns lon and lat; `geo_shape` fields hold WKB or None.
    """
    schema = arrow_schema(SCHEMAS[dataset_id])
    arrays = []
    for field in schema:
        if field.type == POINT:
            arrays.append(_points(frame["lon"].to_numpy(np.float64), frame["lat"].to_numpy(np.float64)))
        else:
            arrays.append(pa.array(frame[field.name], type=field.type, from_pandas=True))
    return pa.table(arrays, schema=schema)


def as_frame(table: pa.Table) -> pd.DataFrame:
    """Return a published table as the frame that `as_table` made it from: a point becomes lon and lat."""
    for field in table.schema:
        if field.type == POINT:
            point = table[field.name].combine_chunks()
            table = table.drop_columns([field.name])
            for axis in ("lon", "lat"):
                table = table.append_column(axis, pc.struct_field(point, axis))
    return table.to_pandas()


def _points(lon: np.ndarray, lat: np.ndarray) -> pa.StructArray:
    axes = [pa.array(axis, pa.float64()) for axis in (lon, lat)]
    missing = pa.array(np.isnan(lon) | np.isnan(lat))
    return pa.StructArray.from_arrays(axes, fields=list(POINT), mask=missing)
