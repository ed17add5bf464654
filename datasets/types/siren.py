"""SIREN numbers of organisations (nine digits with their key), and so codes of EPCI; they stay text."""

from stdnum.fr import siren

from datasets.types.column import ColumnType, by_check, unchanged

TYPE = ColumnType(
    name="siren",
    public="text",
    label={"fr": "Numéro SIREN", "en": "SIREN number"},
    matches=by_check(r"\d{3}[ ]?\d{3}[ ]?\d{3}", siren.is_valid),
    parse=unchanged,
    valid=("552081317", "200066926", "552 081 317"),
    invalid=("", "552081318", "55208131", "5520813170"),
    hints=r"(?:^|_)(?:siren|epci)(?:_|$)",
    evidence=3,
)
