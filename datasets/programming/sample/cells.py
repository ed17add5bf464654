"""Columns of text made quickly: identifiers, days, instants, decimals; a null is a null."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datasets.programming.sample.sizes import COLUMNS, TABLES, Bools, Ints

ENGAGEMENT, VEHICLE = len(TABLES), len(TABLES) + 1
"""Kinds of identifiers that have no table."""


def table(name: str, *columns: pa.Array | np.ndarray) -> pa.Table:
    """Return the columns of a table under their names."""
    return pa.table(dict(zip(COLUMNS[name], columns, strict=True)))


def identifiers(kind: int, numbers: Ints, null: Bools | None = None) -> pa.Array:
    """Return numbers as identifiers shaped like UUIDs, in the order of the numbers; `kind` tells tables apart."""
    digits = pc.utf8_lpad(pa.array(numbers, mask=null).cast(pa.string()), 12, "0")
    return pc.binary_join_element_wise(pa.scalar(f"{kind:08d}-0000-4000-8000"), digits, "-")


def identifiers_of(table: str, numbers: Ints, null: Bools | None = None) -> pa.Array:
    """Return the identifiers of rows of a table."""
    return identifiers(TABLES.index(table), numbers, null)


def days(numbers: Ints, null: Bools | None = None) -> pa.Array:
    """Return days since 1970-01-01 as ISO dates."""
    return pa.array(numbers.astype(np.int32), mask=null).cast(pa.date32()).cast(pa.string())


def french_days(iso: pa.Array, rows: Ints) -> pa.Array:
    """Return ISO dates where those of `rows` are written DD/MM/YYYY."""
    parts = [pc.utf8_slice_codeunits(iso.take(pa.array(rows)), low, high) for low, high in ((8, 10), (5, 7), (0, 4))]
    return replaced(iso, rows, pc.binary_join_element_wise(*parts, "/"))


def instants(seconds: Ints) -> pa.Array:
    """Return seconds since 1970-01-01 as ISO instants in UTC."""
    text = pa.array(seconds).cast(pa.timestamp("s")).cast(pa.string())
    return pc.binary_join_element_wise(pc.replace_substring(text, " ", "T"), pa.scalar("Z"), "")


def decimals(tenths: Ints, commas: Ints) -> pa.Array:
    """Return tenths as texts with a decimal point, or a decimal comma on the rows of `commas`."""
    whole, rest = (pa.array(part).cast(pa.string()) for part in np.divmod(tenths, 10))
    point = np.full(len(tenths), ".", dtype=object)
    point[commas] = ","
    return pc.binary_join_element_wise(whole, pa.array(point, pa.string()), rest, "")


def words_at(words: Sequence[str | None], positions: Ints) -> pa.Array:
    """Return the words at `positions`."""
    return pa.array(list(words), pa.string()).take(pa.array(positions))


def replaced(column: pa.Array, rows: Ints, values: pa.Array) -> pa.Array:
    """Return a column where the values of `rows` (sorted) are others."""
    mask = np.zeros(len(column), dtype=bool)
    mask[rows] = True
    return pc.replace_with_mask(column, pa.array(mask), values)
