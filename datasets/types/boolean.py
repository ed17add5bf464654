"""Yes or no, in French or English. 0 and 1 stay numbers."""

import pyarrow as pa
import pyarrow.compute as pc

from datasets.types.column import ColumnType, by_pattern, trimmed

YES = "vrai|oui|true|yes"
NO = "faux|non|false|no"

matches = by_pattern(f"{YES}|{NO}")
matches_yes = by_pattern(YES)


def parse(texts: pa.StringArray) -> pa.BooleanArray:
    """Return true or false; null where the text is neither."""
    return pc.if_else(matches(texts), matches_yes(trimmed(texts)), pa.scalar(None, pa.bool_()))


TYPE = ColumnType(
    name="boolean",
    public="boolean",
    label={"fr": "Oui ou non", "en": "Yes or no"},
    matches=matches,
    parse=parse,
    valid=("oui", "Non", "VRAI", "faux", "true", "False", "yes", "no"),
    invalid=("", "0", "1", "peut-être", "ouais", "V"),
)
