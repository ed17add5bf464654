"""A cell that may no longer be told (it is wrong, or somebody's right requires it): hidden, with what would tell it.

Nothing private is needed. A reader of the new file knows the rows that are still shown; the cell is hidden with the
fewest others (by value) such that it may be 10 % more or less than it was: two linear programmes say so. Who kept an
older file still has the figure; what is stopped is telling it.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse
from scipy.optimize import linprog

from datasets.disclosure.book import PUBLIC
from datasets.disclosure.explanation import VALUES
from datasets.disclosure.frozen import year_of
from datasets.disclosure.layout import KEY, TERRITORIES, Level
from datasets.disclosure.primary import Rules
from datasets.errors import DisclosureError

Cell = tuple[str, str, str]
"""Level, code, period."""
Piece = dict[str, Any]
"""A piece of territory: its code at each level, by column."""

TRIES = 400
"""How many ways of hiding are tried, the cheapest first."""


def choose_locked(
    rows: pd.DataFrame,
    cell: Cell,
    places: pd.DataFrame,
    levels: Sequence[Level] = TERRITORIES,
    rules: Rules | None = None,
) -> set[Cell]:
    """Return the cells to hide so that `cell` is not told by `rows` (KEY, masque and measures, without categories).

    `places` lists the pieces of territory: one column per level, null outside of it. Raises DisclosureError when the
    cell is not shown, or when nothing that is left to hide would protect it: the dataset must then be withdrawn.
    """
    rules, known = rules or Rules(), _Known(rows, places, levels)
    if cell not in known.shown:
        raise DisclosureError(table=" ".join(cell), reason="it is not a cell that is shown.")
    for hidden in sorted(set(known.list_ways(cell, rules)), key=lambda way: known.weigh(way, rules))[:TRIES]:
        least, greatest = known.enclose(cell, hidden)
        value = known.shown[cell]
        if least <= value * (1 - rules.protection) and greatest >= value * (1 + rules.protection):
            return set(hidden)
    raise DisclosureError(table=" ".join(cell), reason="no other cells would keep it from being computed: withdraw it.")


def hide_cells(table: pa.Table, cells: Collection[Cell]) -> pa.Table:
    """Return served rows with some cells hidden, in every category: `masque` true, empty but for what is public."""
    keys = pd.MultiIndex.from_frame(table.select(list(KEY)).to_pandas().astype(str))
    chosen = pa.array(keys.isin(list(cells)))
    for place, field in enumerate(table.schema):
        if field.name == "masque":
            table = table.set_column(place, field, pc.or_(table["masque"], chosen))
        elif field.name not in PUBLIC and (pa.types.is_integer(field.type) or pa.types.is_floating(field.type)):
            empty = pa.scalar(None, field.type)
            table = table.set_column(place, field, pc.if_else(chosen, empty, table[field.name]))
    return table


class _Known:
    """What the rows of a dataset tell of its first additive measure, by cell."""

    def __init__(self, rows: pd.DataFrame, places: pd.DataFrame, levels: Sequence[Level]) -> None:
        value = next((name for name in VALUES if name in rows), None)
        if value is None:
            raise DisclosureError(table="", reason="it has no measure that can be added.")
        listed = list(map(tuple, rows[list(KEY)].astype(str).to_numpy()))
        masked = rows["masque"].to_numpy(dtype=bool)
        amounts = rows[value].to_numpy(dtype=float)
        self.hidden = {key for key, mask in zip(listed, masked, strict=True) if mask}
        self.shown = {key: x for key, mask, x in zip(listed, masked, amounts, strict=True) if not mask}
        self.tables = {(level, period) for level, _, period in listed}
        self.columns = {
            level.name: level.column for level in levels if any(level.name == name for name, _ in self.tables)
        }
        self.parents = {level.name: self.columns.get(level.parent or "") for level in levels}
        columns = [column for column in self.columns.values() if column]
        pieces = places[columns].astype(object).where(places[columns].notna(), None).drop_duplicates()
        outside = pd.DataFrame([dict.fromkeys(columns)])
        self.pieces = pd.concat([pieces, outside], ignore_index=True).drop_duplicates(ignore_index=True)

    def list_ways(self, cell: Cell, rules: Rules) -> Iterator[frozenset[Cell]]:
        """Yield sets of cells to hide: those that change when something moves from one piece to another."""
        name, code, period = cell
        column, parent = self.columns[name], self.parents[name]
        if column is None:
            return
        inside = self.pieces[self.pieces[column] == code]
        others = self.pieces[self.pieces[column].notna() & (self.pieces[column] != code)]
        if parent:
            others = others[others[parent].isin(inside[parent])]
        least = rules.protection * self.shown[cell]
        for times in self._list_times(period):
            for here in _list_pieces(inside):
                for there in _list_pieces(others):
                    way = self._list_changed(here, there, times)
                    if way is not None and cell in way and all(self.shown.get(key, least) >= least for key in way):
                        yield way

    def weigh(self, way: frozenset[Cell], rules: Rules) -> float:
        """Return what hiding costs: the value that is shown no more, dearer at higher levels."""
        return sum(self.shown.get(key, 0.0) * rules.interest.get(key[0], 1.0) for key in way)

    def enclose(self, cell: Cell, hidden: frozenset[Cell]) -> tuple[float, float]:
        """Return the least and the greatest value that a cell may have for who reads what is left."""
        year = year_of(cell[2])
        shown = [key for key in self.shown if key not in hidden and year_of(key[2]) == year]
        system = sparse.vstack([self._sum(key) for key in shown])
        told = np.array([self.shown[key] for key in shown])
        goal = self._sum(cell).toarray()[0]
        ends = {sign: linprog(sign * goal, A_eq=system, b_eq=told) for sign in (1, -1)}
        least, greatest = (sign * end.fun if end.status == 0 else -sign * np.inf for sign, end in ends.items())
        return float(least), float(greatest)

    def _list_times(self, period: str) -> list[tuple[str, ...]]:
        """Return the periods that change together: a quarter with another one, a year with one of its quarters."""
        quarters = sorted({p for _, p in self.tables if len(p) > 4 and year_of(p) == year_of(period)})
        if period in quarters:
            return [(period, other) for other in quarters if other != period] or [(period, year_of(period))]
        return [(period, quarter) for quarter in quarters] or [(period,)]

    def _list_changed(self, here: Piece, there: Piece, times: tuple[str, ...]) -> frozenset[Cell] | None:
        """Return the released cells that hold one piece and not the other; None when one of them is empty."""
        changed = set()
        for name, column in self.columns.items():
            if column is None or here[column] == there[column]:
                continue
            for period in (period for period in times if (name, period) in self.tables):
                changed |= {(name, str(piece[column]), period) for piece in (here, there) if piece[column]}
        return frozenset(changed) if changed <= self.shown.keys() | self.hidden else None

    def _sum(self, key: Cell) -> sparse.csr_matrix:
        """Return the pieces by quarter that a cell adds up."""
        name, code, period = key
        column = self.columns[name]
        inside = np.ones(len(self.pieces)) if column is None else (self.pieces[column] == code).to_numpy(dtype=float)
        quarter = [float(period[6:] in ("", number)) for number in "1234"]
        return sparse.csr_matrix(np.kron(inside, quarter))


def _list_pieces(pieces: pd.DataFrame) -> list[Piece]:
    return [{str(name): value for name, value in piece.items()} for piece in pieces.to_dict("records")]
