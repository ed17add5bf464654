"""Years, when the label says so: 2019 (or 01/01/2019 00:00, as spreadsheets damage it), as their first day."""

import pyarrow as pa

from datasets.types.column import ColumnType, by_pattern, trimmed
from datasets.types.date import read_days

YEAR = r"1\d{3}|20\d{2}|21\d{2}"
MIDNIGHT = r"(?: 0?0:00(?::00)?)?"
FORMS = (rf"^(?P<year>{YEAR})$", rf"^0?1/0?1/(?P<year>{YEAR}){MIDNIGHT}$")

matches = by_pattern(rf"{YEAR}|0?1/0?1/(?:{YEAR}){MIDNIGHT}")


def parse(texts: pa.StringArray) -> pa.Date32Array:
    """Return the first of January of each year; null where the text is not a year from 1000 to 2199."""
    return read_days(trimmed(texts), *FORMS)


TYPE = ColumnType(
    name="year",
    public="date",
    label={"fr": "Année", "en": "Year"},
    matches=matches,
    parse=parse,
    valid=("2019", "1971", " 2024 ", "01/01/2015 00:00", "1/1/2015"),
    invalid=("", "19", "02/01/2015", "12019", "2019-2020", "0999", "3000"),
    hints=r"^(?:annee|an|year|millesime|exercice)(?:_|$)|_(?:annee|year|millesime)$",
    needs_hint=True,
    annotations={"timeserie_precision": "year"},
)
