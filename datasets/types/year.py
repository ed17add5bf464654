"""Years, when the label says so: 2019. Published as their first day, with the precision said."""

import pyarrow as pa
import pyarrow.compute as pc

from datasets.types.column import ColumnType, by_pattern, trimmed
from datasets.types.date import days

matches = by_pattern(r"1\d{3}|20\d{2}|21\d{2}")


def parse(texts: pa.StringArray) -> pa.Date32Array:
    """Return the first of January of each year; null where the text is not a year from 1000 to 2199."""
    year = pc.if_else(matches(texts), trimmed(texts), pa.scalar(None, pa.string()))
    first = pa.repeat(1, len(texts))
    return days(year, first, first)


TYPE = ColumnType(
    name="year",
    public="date",
    label={"fr": "Année", "en": "Year"},
    matches=matches,
    parse=parse,
    valid=("2019", "1971", " 2024 "),
    invalid=("", "19", "12019", "2019-2020", "0999", "3000"),
    hints=r"^(?:annee|an|year|millesime|exercice)(?:_|$)|_(?:annee|year|millesime)$",
    needs_hint=True,
    annotations={"timeserie_precision": "year"},
)
