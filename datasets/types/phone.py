"""Telephone numbers; they stay text, with their leading zero."""

from datasets.types.column import ColumnType, by_pattern, unchanged

GAP = r"[ .\-/\x{A0}\x{202F}]?"

TYPE = ColumnType(
    name="phone",
    public="text",
    label={"fr": "Numéro de téléphone", "en": "Telephone number"},
    matches=by_pattern(rf"(?:(?:\+|00)33{GAP}(?:\(0\))?{GAP}|0)[1-9](?:{GAP}\d{{2}}){{4}}|\+(?:{GAP}\d){{8,14}}"),
    parse=unchanged,
    valid=(
        "0474750750",
        "04 74 75 07 50",
        "+33 4 74 75 07 50",
        "06.12.34.56.78",
        "05-62-00-00-00",
        "+262 262 00 00 00",
    ),
    invalid=("", "474750750", "04747507", "0074750750", "04 74 75 07 5"),
    hints=r"(?:^|_)(?:tel|telephone\d*|phone|fax|mobile|portable)(?:_|$)",
    zero_first=True,
)
