"""Files as they are served, read as a stranger would: CSV text, Parquet, or a frame.

Nothing but the bytes is used: the delimiter is told by the heading, codes stay text, an empty cell is hidden.
"""

import csv
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO, StringIO
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from datasets.disclosure.layout import KEY, Grid, complete_key
from datasets.errors import DisclosureError

Served = pd.DataFrame | bytes | str | Path
"""A served file: its bytes or its path (Parquet or CSV), or its rows."""

PARQUET = b"PAR1"
DELIMITERS = ";,\t|"
TRUE = ("true", "1", "vrai")


def read_served(file: Served, grid: Grid | None = None, labels: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Return the served rows under FULL_KEY: keys as text, `masque` as a boolean, the rest as it stands.

    `labels` names the fields of a CSV whose heading holds labels. Raises DisclosureError when the file
    cannot be read or a column of the key is missing.
    """
    grid = grid or Grid()
    names = (*KEY, *grid.columns)
    try:
        rows = file if isinstance(file, pd.DataFrame) else _read(read_bytes(file), names, labels or {})
    except (UnicodeDecodeError, pd.errors.ParserError, pa.ArrowException) as error:
        raise DisclosureError(table=grid.name, reason=f"the file cannot be read ({error}).") from error
    if missing := {*names, "masque"} - set(rows.columns):
        raise DisclosureError(table=grid.name, reason=f"the file has no column {', '.join(sorted(missing))}.")
    for name in names:
        rows = rows.assign(**{name: rows[name].astype(object).where(rows[name].notna(), "").astype(str)})
    if rows["masque"].dtype != bool:
        rows = rows.assign(masque=rows["masque"].astype(str).str.lower().isin(TRUE))
    return complete_key(rows, grid).reset_index(drop=True)


def read_bytes(file: bytes | str | Path) -> bytes:
    """Return the bytes of a served file."""
    return file if isinstance(file, bytes) else Path(file).read_bytes()


def hash_file(file: Served) -> str:
    """Return the SHA-256 of a file's bytes, as `sha256sum` prints it; of a frame, that of its CSV text."""
    content = file.to_csv(index=False).encode() if isinstance(file, pd.DataFrame) else read_bytes(file)
    return sha256(content).hexdigest()


def _read(content: bytes, names: tuple[str, ...], labels: Mapping[str, str]) -> pd.DataFrame:
    if content.startswith(PARQUET):
        table = pq.read_table(BytesIO(content))
        plain = [field.name for field in table.schema if not pa.types.is_nested(field.type)]
        return table.select(plain).to_pandas()
    text = content.decode("utf-8-sig")
    heading = text.partition("\n")[0].rstrip("\r")
    columns = max((next(csv.reader([heading], delimiter=mark)) for mark in DELIMITERS), key=len)
    mark = next(m for m in DELIMITERS if next(csv.reader([heading], delimiter=m)) == columns)
    columns = [labels.get(column, column) for column in columns]
    if not set(names) <= set(columns):
        return pd.DataFrame(columns=columns)
    return pd.read_csv(
        StringIO(text),
        sep=mark,
        header=0,
        names=columns,
        index_col=False,
        dtype=dict.fromkeys(names, str),
        keep_default_na=False,
        na_values=[""],
    )
