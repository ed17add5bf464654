"""International bank account numbers; they stay text, and are kept back: see `datasets.ingest.identify`."""

from datasets.types.column import ColumnType, by_check, unchanged
from datasets.types.keys import iban_key

TYPE = ColumnType(
    name="iban",
    public="text",
    label={"fr": "Numéro de compte bancaire (IBAN)", "en": "Bank account number (IBAN)"},
    matches=by_check(r"[A-Z]{2}\d{2}(?:[ \x{A0}]?[0-9A-Z]{1,4}){3,8}", iban_key),
    parse=unchanged,
    valid=("FR1420041010050500013M02606", "FR14 2004 1010 0505 0001 3M02 606"),
    invalid=("", "FR1520041010050500013M02606", "FR14"),
    hints=r"(?:^|_)iban(?:_|$)",
)
