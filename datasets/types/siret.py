"""SIRET numbers of establishments (fourteen digits with their key); they stay text."""

from stdnum.fr import siret

from datasets.types.column import ColumnType, by_check, unchanged

TYPE = ColumnType(
    name="siret",
    public="text",
    label={"fr": "Numéro SIRET", "en": "SIRET number"},
    matches=by_check(r"\d{3}[ ]?\d{3}[ ]?\d{3}[ ]?\d{5}", siret.is_valid),
    parse=unchanged,
    valid=("55208131766522", "552 081 317 66522"),
    invalid=("", "55208131766523", "552081317", "5520813176652"),
    hints=r"(?:^|_)siret(?:_|$)",
    evidence=3,
)
