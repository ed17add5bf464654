"""Codes of regions (76, 01, 94), when the label says so; they stay text."""

from datasets.types.column import ColumnType, by_pattern, unchanged

TYPE = ColumnType(
    name="region",
    public="text",
    label={"fr": "Code de région", "en": "Code of a region"},
    matches=by_pattern(r"0[1-46]|11|2[478]|32|44|5[23]|7[56]|84|9[34]"),
    parse=unchanged,
    valid=("76", "01", "94"),
    invalid=("", "1", "05", "73", "Occitanie"),
    hints=r"(?:^|_)(?:reg|region)(?:_|$)",
    needs_hint=True,
    zero_first=True,
)
