"""SIREN numbers of organisations (nine digits with their key); they stay text."""

from datasets.types.column import ColumnType, by_check, unchanged
from datasets.types.keys import luhn

SPACE = r"[ \x{A0}\x{202F}]?"
matches = by_check(rf"\d{{3}}{SPACE}\d{{3}}{SPACE}\d{{3}}", luhn)

TYPE = ColumnType(
    name="siren",
    public="text",
    label={"fr": "Numéro SIREN", "en": "SIREN number"},
    matches=matches,
    parse=unchanged,
    valid=("552081317", "200066926", "552 081 317"),
    invalid=("", "552081318", "55208131", "5520813170", "000000000"),
    hints=r"(?:^|_)siren(?:_|$)",
    evidence=3,
)
