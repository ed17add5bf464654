"""French telephone numbers; they stay text, with their leading zero."""

from datasets.types.column import ColumnType, by_pattern, unchanged

TYPE = ColumnType(
    name="phone",
    public="text",
    label={"fr": "Numéro de téléphone", "en": "Telephone number"},
    matches=by_pattern(r"(?:(?:\+|00)33[ .]?(?:\(0\))?[ .]?|0)[1-9](?:[ .\-]?\d{2}){4}"),
    parse=unchanged,
    valid=("0474750750", "04 74 75 07 50", "+33 4 74 75 07 50", "06.12.34.56.78"),
    invalid=("", "474750750", "04747507", "0074750750", "04 74 75 07 5"),
    hints=r"(?:^|_)(?:tel|telephone\d*|phone|fax|mobile|portable)(?:_|$)",
)
