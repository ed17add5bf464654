"""RNA numbers of associations: W and nine characters; they stay text."""

from datasets.types.column import ColumnType, by_pattern, unchanged

TYPE = ColumnType(
    name="rna",
    public="text",
    label={"fr": "Numéro RNA d’une association", "en": "RNA number of an association"},
    matches=by_pattern(r"W\d[0-9A-Z]\d{7}"),
    parse=unchanged,
    valid=("W321000123", "W2A1000456", "W9R1001234"),
    invalid=("", "W32100012", "321000123", "W3210001234", "X321000123"),
    hints=r"(?:^|_)(?:rna|waldec)(?:_|$)",
)
