"""Detected column types: one small file each, with its examples inside. No file, no network, no database."""

from datasets.errors import UnknownColumnType
from datasets.types import (
    boolean,
    currency,
    date,
    date_time,
    decimal_number,
    departement,
    duration,
    email,
    epci,
    geo_point,
    geo_shape,
    iban,
    insee_commune,
    integer,
    month,
    percentage,
    period,
    phone,
    plain_code,
    postcode,
    region,
    rna,
    siren,
    siret,
    text,
    time,
    uai,
    url,
    year,
)
from datasets.types.column import ColumnType

_PLACES = (geo_shape.TYPE, geo_point.TYPE)
_ADDRESSES = (email.TYPE, url.TYPE, phone.TYPE)
_CODES = (siret.TYPE, epci.TYPE, siren.TYPE, uai.TYPE, rna.TYPE, iban.TYPE, insee_commune.TYPE)
_SHORT_CODES = (departement.TYPE, region.TYPE, postcode.TYPE, plain_code.TYPE)
_BOOLEANS = (boolean.TYPE, boolean.LETTER, boolean.CROSS, boolean.DIGIT)
_PERIODS = (year.TYPE, month.TYPE, period.TYPE)
_DAYS = (date.TYPE, date.FIRST_MONTH, date.EIGHT_DIGITS, date.SERIAL)
_TIMES = (date_time.TYPE, date_time.FIRST_MONTH, duration.TYPE, time.TYPE)
_WHOLE_NUMBERS = (percentage.TYPE, *currency.TYPES, integer.TYPE)
_NUMBERS = (
    decimal_number.TYPE,
    decimal_number.BRACKETS,
    decimal_number.POINT_THOUSANDS,
    decimal_number.COMMA_THOUSANDS,
)
_ORDER = (*_PLACES, *_ADDRESSES, *_CODES, *_SHORT_CODES, *_BOOLEANS, *_PERIODS, *_DAYS, *_TIMES, *_WHOLE_NUMBERS)
TYPES: dict[str, ColumnType] = {kind.name: kind for kind in (*_ORDER, *_NUMBERS, text.TYPE)}
"""Every detected type by its name, the narrowest first: the first that holds for a column is its type."""


def get_type(name: str) -> ColumnType:
    """Return the detected type called `name`; raise UnknownColumnType otherwise."""
    try:
        return TYPES[name]
    except KeyError:
        raise UnknownColumnType(found=name, expected=", ".join(TYPES)) from None
