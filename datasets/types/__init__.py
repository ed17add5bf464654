"""Detected column types: one small file each, with its examples inside. No file, no network, no database."""

from datasets.errors import UnknownColumnType
from datasets.types import (
    boolean,
    date,
    date_time,
    decimal_number,
    departement,
    email,
    geo_point,
    geo_shape,
    insee_commune,
    integer,
    month,
    phone,
    plain_code,
    postcode,
    siren,
    siret,
    text,
    url,
    year,
)
from datasets.types.column import ColumnType

_ORDER = (
    geo_shape,
    geo_point,
    email,
    url,
    phone,
    siret,
    siren,
    insee_commune,
    departement,
    postcode,
    plain_code,
    boolean,
    year,
    month,
    date,
    date_time,
    integer,
    decimal_number,
    text,
)
TYPES: dict[str, ColumnType] = {module.TYPE.name: module.TYPE for module in _ORDER}
"""Every detected type by its name, the narrowest first: the first that holds for a column is its type."""


def get_type(name: str) -> ColumnType:
    """Return the detected type called `name`; raise UnknownColumnType otherwise."""
    try:
        return TYPES[name]
    except KeyError:
        raise UnknownColumnType(found=name, expected=", ".join(TYPES)) from None
