"""Months: 2021-04, 04/2021, avr-21, avril 2021. Published as their first day, with the precision said."""

import pyarrow as pa
import pyarrow.compute as pc

from datasets.types.column import ColumnType
from datasets.types.date import read_days, unaccented

FORMS = (
    r"^(?P<year>\d{4})[-/](?P<month>\d{2})$",
    r"^(?P<month>\d{1,2})[-/](?P<year>\d{4})$",
    r"^(?P<word>[a-z]+)\.?[ \-/.](?P<year>\d{4}|\d{2})$",
)


def parse(texts: pa.StringArray) -> pa.Date32Array:
    """Return the first day of each month; null where the text is not a month."""
    return read_days(unaccented(texts), *FORMS)


def matches(texts: pa.StringArray) -> pa.BooleanArray:
    """Accept the texts that are a month."""
    return pc.is_valid(parse(texts))


TYPE = ColumnType(
    name="month",
    public="date",
    label={"fr": "Mois", "en": "Month"},
    matches=matches,
    parse=parse,
    valid=("2021-04", "04/2021", "avr-21", "déc.-18", "Décembre 2017", "sept 99", "may-24"),
    invalid=("", "2021-13", "13/2021", "2026-T3", "21", "avr", "20/12/2021", "31-janv-23"),
    annotations={"timeserie_precision": "month"},
)
