"""Codes of départements (01, 2A, 974), when the label says so; they stay text."""

from datasets.types.column import ColumnType, by_pattern, unchanged

TYPE = ColumnType(
    name="departement",
    public="text",
    label={"fr": "Code de département", "en": "Code of a département"},
    matches=by_pattern(r"0[1-9]|[1-8]\d|9[0-5]|2[AB]|97[1-8]|98[4-8]"),
    parse=unchanged,
    valid=("32", "01", "2A", "974", "988"),
    invalid=("", "1", "20A", "96", "Gers"),
    hints=r"(?:^|_)(?:dep|dept|departement)(?:_|$)",
    needs_hint=True,
    zero_first=True,
)
