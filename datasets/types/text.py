"""Any text: what a column is when nothing narrower holds for every value."""

import pyarrow as pa

from datasets.types.column import ColumnType, unchanged


def matches_all(texts: pa.StringArray) -> pa.BooleanArray:
    """Accept every text."""
    return pa.array([True], pa.bool_()).take(pa.repeat(0, len(texts)))


TYPE = ColumnType(
    name="text",
    public="text",
    label={"fr": "Texte", "en": "Text"},
    matches=matches_all,
    parse=unchanged,
    valid=("Auch", "01001", "2026-T3", "=SUM(A1)", " blanc "),
    invalid=(),
)
