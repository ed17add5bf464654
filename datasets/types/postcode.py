"""French postcodes, when the label says so; they stay text, with their leading zero."""

from datasets.types.column import ColumnType, by_pattern, unchanged

TYPE = ColumnType(
    name="postcode",
    public="text",
    label={"fr": "Code postal", "en": "Postcode"},
    matches=by_pattern(r"(?:0[1-9]|[1-8]\d|9[0-8])\d{3}"),
    parse=unchanged,
    valid=("32000", "01130", "97435", "20000"),
    invalid=("", "6414", "00100", "99000", "320001", "2A004"),
    hints=r"(?:^|_)(?:cp|code_?postal|postcode|codpos|zip)(?:_|$)",
    needs_hint=True,
    zero_first=True,
)
