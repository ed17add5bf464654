"""Any other code, when the label says so: it stays text, since 01 and 1 are two codes."""

from datasets.types.column import ColumnType, by_pattern, unchanged

TYPE = ColumnType(
    name="code",
    public="text",
    label={"fr": "Code", "en": "Code"},
    matches=by_pattern(r"[0-9A-Z][0-9A-Z._/\-]*"),
    parse=unchanged,
    valid=("01", "90.01Z", "FEST_39073_1020", "84"),
    invalid=("", "deux mots", "é", "12 %"),
    hints=r"(?:^|_)(?:code|cod|ref|reference|siren|siret|cp|insee|naf|ape|rna|uai)(?:_|$)",
    needs_hint=True,
)
