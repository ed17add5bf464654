"""UAI numbers of schools (formerly RNE): seven digits and the letter that is their key; they stay text."""

from datasets.types.column import ColumnType, by_check, unchanged
from datasets.types.keys import uai_key

TYPE = ColumnType(
    name="uai",
    public="text",
    label={"fr": "Numéro UAI d’un établissement scolaire", "en": "UAI number of a school"},
    matches=by_check(r"\d{7}[A-HJ-NPR-Z]", uai_key),
    parse=unchanged,
    valid=("0320001C", "0010002x"),
    invalid=("", "0320001A", "320001C", "0320001I", "03200011"),
    hints=r"(?:^|_)(?:uai|rne)(?:_|$)",
    evidence=3,
    zero_first=True,
)
