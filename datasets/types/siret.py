"""SIRET numbers of establishments (fourteen digits with their key); they stay text."""

from datasets.types.column import ColumnType, by_check, unchanged
from datasets.types.keys import siret_key
from datasets.types.siren import SPACE

TYPE = ColumnType(
    name="siret",
    public="text",
    label={"fr": "Numéro SIRET", "en": "SIRET number"},
    matches=by_check(rf"\d{{3}}{SPACE}\d{{3}}{SPACE}\d{{3}}{SPACE}\d{{5}}", siret_key),
    parse=unchanged,
    valid=("55208131766522", "552 081 317 66522", "35600000000048", "35600000009075"),
    invalid=("", "55208131766523", "552081317", "5520813176652", "35600000009076"),
    hints=r"(?:^|_)siret(?:_|$)",
    evidence=2,
)
