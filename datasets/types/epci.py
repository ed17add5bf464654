"""Codes of EPCI, the groups of communes: SIREN numbers that begin with 20 or 24, when the label says so."""

from datasets.types.column import ColumnType, by_check, unchanged
from datasets.types.keys import luhn

TYPE = ColumnType(
    name="epci",
    public="text",
    label={"fr": "Code d’EPCI", "en": "Code of an EPCI (group of communes)"},
    matches=by_check(r"2[04]\d{7}", luhn),
    parse=unchanged,
    valid=("200066926", "243200417"),
    invalid=("", "552081317", "200066927", "32013"),
    hints=r"(?:^|_)(?:epci|intercommunalite)(?:_|$)",
    needs_hint=True,
)
