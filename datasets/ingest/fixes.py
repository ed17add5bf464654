"""Small corrections that a producer decides — a value, a type, a title — kept as plain data and replayed on the file.

A column is always named as the file itself gives it, before any rename, so that the order of decisions is idle and
the same fixes can be replayed on the next file.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import UnionType
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datasets.errors import InvalidParameter
from datasets.ingest.naming import name_fields
from datasets.ingest.raw import RawTable
from datasets.ingest.report import Problem, Report


@dataclass(frozen=True)
class Fix:
    """A new text for one cell, or, when `row` is 0, for every cell of the column that holds exactly `was`.

    `row` is the number that the report gives. With a row, `was` may be None: whatever stands there is replaced;
    otherwise a cell that holds another text is left as it is, and told.
    """

    kind: ClassVar[str] = "value"
    column: str
    text: str
    row: int = 0
    was: str | None = None


@dataclass(frozen=True)
class Retype:
    """A type (a key of `datasets.types.TYPES`) for a column, over what was understood."""

    kind: ClassVar[str] = "type"
    column: str
    type: str


@dataclass(frozen=True)
class Rename:
    """A title for a column, in the place of the file's: its field name follows."""

    kind: ClassVar[str] = "title"
    column: str
    title: str


AnyFix = Fix | Retype | Rename
KINDS: dict[str, type[AnyFix]] = {each.kind: each for each in (Fix, Retype, Rename)}
"""Every kind of fix by the name under which it is kept."""


def write_fixes(fixes: Iterable[AnyFix]) -> list[dict[str, Any]]:
    """Return fixes as plain values, ready for JSON."""
    return [{"kind": fix.kind, **asdict(fix)} for fix in fixes]


def read_fixes(kept: Iterable[Mapping[str, Any]]) -> tuple[AnyFix, ...]:
    """Return fixes from the plain values of `write_fixes`. Raises InvalidParameter for what is not a fix."""
    return tuple(_read_fix(each) for each in kept)


def _read_fix(kept: Mapping[str, Any]) -> AnyFix:
    values = dict(kept)
    kind = KINDS.get(values.pop("kind", ""))
    try:
        fix = kind(**values) if kind else None
    except TypeError:
        fix = None
    if fix is None or not all(isinstance(value, _kind_of(name)) for name, value in asdict(fix).items()):
        raise InvalidParameter(name="fixes", found=repr(dict(kept)), expected=f"a fix of kind {', '.join(KINDS)}")
    return fix


def _kind_of(name: str) -> type | UnionType:
    return int if name == "row" else str | None if name == "was" else str


def apply_fixes(raw: RawTable, fixes: Sequence[AnyFix], report: Report) -> RawTable:
    """Return the texts of a file with the values and titles that its producer corrected.

    Each corrected cell is told in the `report` as "corrected", with what it was and what it became; a fix whose
    column, row or former text is not there is told as "fix_not_applied". Types are given by `declared_types`.
    """
    places = {name: position for position, name in enumerate(name_fields(raw.labels))}
    fixes = under_first_names(fixes, places)
    for fix in fixes:
        if fix.column not in places:
            report.add(Problem(0, fix.column, "", "fix_not_applied"))
    labels, table = list(raw.labels), raw.table
    for name, position in places.items():
        own = [fix for fix in fixes if fix.column == name]
        labels[position] = next((fix.title for fix in reversed(own) if isinstance(fix, Rename)), labels[position])
        if cells := [fix for fix in own if isinstance(fix, Fix)]:
            texts = _replace_everywhere(raw, position, name, [fix for fix in cells if fix.row == 0], report)
            texts = _replace_cells(raw, position, texts, name, [fix for fix in cells if fix.row], report)
            table = table.set_column(position, table.schema.field(position), texts)
    return replace(raw, labels=labels, table=table)


def under_first_names(fixes: Sequence[AnyFix], places: Collection[str]) -> list[AnyFix]:
    """Return fixes under the names of the file, those given under the new name of a renamed column too."""
    first = {name_fields([fix.title])[0]: fix.column for fix in fixes if isinstance(fix, Rename)}
    return [fix if fix.column in places else replace(fix, column=first.get(fix.column, fix.column)) for fix in fixes]


def declared_types(fixes: Iterable[AnyFix]) -> dict[str, str]:
    """Return the types that fixes give, by column; the last one wins."""
    return {fix.column: fix.type for fix in fixes if isinstance(fix, Retype)}


def _replace_everywhere(
    raw: RawTable, position: int, name: str, fixes: Sequence[Fix], report: Report
) -> pa.ChunkedArray:
    """Return a column in which each text that a fix names is replaced, wherever it stands."""
    texts = raw.table.column(position)
    former = pa.array([fix.was for fix in fixes], pa.string())
    found = pc.index_in(texts, value_set=former)
    records = pc.indices_nonzero(pc.is_valid(found))
    new = pa.array([fix.text for fix in fixes], pa.string())
    report.tell("corrected", name, raw.number, records, texts.take(records), new.take(found.drop_null()))
    for rank in sorted(set(range(len(fixes))) - set(found.unique().to_pylist())):
        report.add(Problem(0, name, fixes[rank].was or "", "fix_not_applied", fixes[rank].text))
    return pc.coalesce(new.take(found), texts)


def _replace_cells(
    raw: RawTable, position: int, texts: pa.ChunkedArray, name: str, fixes: Sequence[Fix], report: Report
) -> pa.ChunkedArray:
    """Return a column in which the cells of given rows are replaced; the last fix of a cell wins.

    The former text of a fix is the one of the file, or the one that an earlier fix put there.
    """
    chosen: dict[int, str] = {}
    original = raw.table.column(position)
    for fix, record in zip(fixes, raw.find_all([fix.row for fix in fixes]), strict=True):
        first = "" if record is None else original[record].as_py()
        if record is None or fix.was not in (None, first, chosen.get(record, texts[record].as_py())):
            report.add(Problem(fix.row, name, first, "fix_not_applied", fix.text))
        else:
            chosen[record] = fix.text
    for record, text in chosen.items():
        report.add(Problem(raw.number(record), name, original[record].as_py(), "corrected", text))
    mask = np.zeros(len(texts), dtype=bool)
    mask[list(chosen)] = True
    ordered = pa.array([chosen[record] for record in sorted(chosen)], pa.string())
    return pc.replace_with_mask(texts, pa.array(mask), ordered) if chosen else texts
