"""INSEE codes of communes (2A004, 01001), when the label says so; they stay text."""

from datasets.types.column import ColumnType, by_pattern, unchanged

TYPE = ColumnType(
    name="insee_commune",
    public="text",
    label={"fr": "Code INSEE de commune", "en": "INSEE code of a commune"},
    matches=by_pattern(r"(?:0[1-9]|[1-8]\d|9[0-5]|2[AB])\d{3}|97[1-8]\d{2}|98[4-9]\d{2}"),
    parse=unchanged,
    valid=("32013", "01001", "2A004", "97411"),
    invalid=("", "6004", "00001", "2C004", "96001", "200071595"),
    hints=r"(?:^|_)(?:insee|code_?commune|codgeo|depcom|commune_code|citycode|code_geo)(?:_|$)|^communes?$",
    needs_hint=True,
    zero_first=True,
)
