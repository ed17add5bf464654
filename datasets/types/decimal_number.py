"""Decimal numbers, with a comma or a point, spaces of thousands and powers of ten: 0,138 · 1 234,5 · 3,80E-4."""

import pyarrow as pa
import pyarrow.compute as pc

from datasets.types.column import ColumnType, by_pattern
from datasets.types.integer import SPACES, plain_number

WHOLE = rf"(?:0|[1-9]\d*|[1-9]\d{{0,2}}(?:{SPACES}\d{{3}})+)"
PATTERN = rf"[+\-−]?(?:{WHOLE}(?:[.,]\d*)?|[.,]\d+)(?:E[+\-−]?\d{{1,3}})?"

matches = by_pattern(PATTERN)


def parse(texts: pa.StringArray) -> pa.DoubleArray:
    """Return the numbers as doubles; null where the text is not one."""
    bare = pc.replace_substring(pc.utf8_upper(plain_number(texts)), ",", ".")
    bare = pc.replace_substring(bare, "E+", "E")
    return pc.cast(pc.if_else(matches(texts), bare, pa.scalar(None, pa.string())), pa.float64())


TYPE = ColumnType(
    name="decimal",
    public="double",
    label={"fr": "Nombre décimal", "en": "Decimal number"},
    matches=matches,
    parse=parse,
    valid=("0,138", "3,80E-4", "1 234,56", "-0.5", "12", "344,70954670000000", ",5", "5.", "1e+6"),
    invalid=("", "01,5", "1.234,56", "1,234,567", "12 34,5", "n.d.", "1,5 t", "E5", "0x1F", "nan", "inf"),
)
