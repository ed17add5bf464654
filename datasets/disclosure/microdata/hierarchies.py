"""Hierarchies: the coarser and coarser ways in which a value may be told.

A hierarchy has levels: level 0 is the value itself, the last one is `*`, which tells nothing. Each level nests in the
next one: two values told alike at a level are told alike at every level above. This is what makes generalisation
monotone, so it is checked on the values met (`Hierarchy.climb`).

Each step is a function of a whole column of distinct values, without nulls; it returns their labels. A null stays null
up to the last level.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from datasets.errors import Phrase, RecordsError

ALL = "*"

Step = Callable[[pd.Series], pd.Series]


@dataclass(frozen=True)
class Hierarchy:
    """The names of the levels above the value and below `*`, and how to reach each of them from the value."""

    names: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def height(self) -> int:
        """The number of the last level."""
        return len(self.steps) + 1

    def climb(self, values: pd.Index) -> list[tuple[np.ndarray, pd.Index]]:
        """Return, for each level from 0, the code of each of the distinct `values` and the labels of these codes.

        Raises RecordsError when a value has no label at some level, or when a level does not nest in the next one.
        """
        series = pd.Series(values)
        climbed = [(np.arange(len(values)), values)]
        for name, step in zip(self.names, self.steps, strict=True):
            codes, labels = pd.factorize(step(series).astype("str"), sort=True)
            if (codes < 0).any():
                _refuse(name, values[int(np.argmin(codes))], _KNOWN)
            climbed.append((codes, pd.Index(labels)))
        climbed.append((np.zeros(len(values), dtype=np.int64), pd.Index([ALL], dtype="str")))
        for name, (below, _), (above, _) in zip((*self.names, ALL), climbed, climbed[1:], strict=False):
            _check_nesting(name, values, below, above)
        return climbed


_KNOWN = Phrase("a value that the hierarchy knows", "une valeur que la hiérarchie connaît")
_NESTED = Phrase("levels that nest", "des niveaux emboîtés")


def _check_nesting(name: str, values: pd.Index, below: np.ndarray, above: np.ndarray) -> None:
    parent = np.zeros(int(below.max(initial=-1)) + 1, dtype=np.int64)
    parent[below] = above
    strays = np.flatnonzero(parent[below] != above)
    if len(strays):
        _refuse(name, values[int(strays[0])], _NESTED)


def _check_read(name: str, values: pd.Series, read: pd.Series | np.ndarray) -> None:
    missing = np.asarray(pd.isna(read))
    if missing.any():
        _refuse(name, values.iloc[int(np.argmax(missing))], _KNOWN)


def _refuse(name: str, value: Any, expected: Phrase) -> None:
    raise RecordsError(
        where=Phrase(f"hierarchy, level {name}", f"hiérarchie, niveau {name}"),
        found=repr(value),
        expected=expected,
        advice=Phrase("Complete or correct the hierarchy.", "Complétez ou corrigez la hiérarchie."),
    )


def whole() -> Hierarchy:
    """Return the hierarchy of a column that is told as it is, or not at all."""
    return Hierarchy()


def explicit(table: Mapping[Any, Sequence[Any]], names: Sequence[str] = ()) -> Hierarchy:
    """Return the hierarchy written in a table: value → its label at each level from 1, `*` excluded."""
    depth = len(names) or len(next(iter(table.values()), ()))
    titles = tuple(names) or tuple(str(i + 1) for i in range(depth))

    def look_up(level: int) -> Step:
        labels = {value: told[level] for value, told in table.items()}
        return lambda values: values.map(labels)

    return Hierarchy(titles, tuple(look_up(level) for level in range(depth)))


def territory(places: Mapping[str, Sequence[str | None]]) -> Hierarchy:
    """Return commune → EPCI → département → région → `*`.

    `places` gives, for the code of a commune, those of its EPCI (None outside any), département and région. An EPCI
    that crosses a border, or none, does not nest: its communes are told by the piece "EPCI×département".
    """
    homes: dict[str | None, set[str | None]] = {}
    for epci, departement, _ in places.values():
        homes.setdefault(epci, set()).add(departement)
    table = {
        commune: (epci if epci and len(homes[epci]) == 1 else f"{epci or ''}×{departement}", departement, region)
        for commune, (epci, departement, region) in places.items()
    }
    return explicit(table, ("EPCI", "département", "région"))


def prefixes(*lengths: int) -> Hierarchy:
    """Return the hierarchy of codes told by their first characters: `lengths` decrease, 3 tells 32013 as `320*`."""

    def start(length: int) -> Step:
        return lambda codes: codes.astype("str").str.slice(0, length) + ALL

    return Hierarchy(tuple(map(str, lengths)), tuple(map(start, lengths)))


def dates() -> Hierarchy:
    """Return day → month → quarter → year → decade → `*`, for dates, instants or texts in ISO 8601."""

    def reach(label: Callable[[pd.Series, pd.Series, pd.Series], pd.Series]) -> Step:
        def step(values: pd.Series) -> pd.Series:
            days = pd.to_datetime(values, format=None if values.dtype.kind == "M" else "ISO8601", errors="coerce")
            _check_read("date", values, days)
            return label(days.dt.year.astype("str"), days.dt.month, days.dt.year)

        return step

    def decade(_text: pd.Series, _month: pd.Series, year: pd.Series) -> pd.Series:
        first = year // 10 * 10
        return first.astype("str") + "–" + (first + 9).astype("str")

    return Hierarchy(
        ("mois", "trimestre", "année", "décennie"),
        (
            reach(lambda text, month, _: text + "-" + month.astype("str").str.zfill(2)),
            reach(lambda text, month, _: text + "-T" + ((month + 2) // 3).astype("str")),
            reach(lambda text, _, __: text),
            reach(decade),
        ),
    )


def intervals(*widths: float, low: float | None = None, high: float | None = None, origin: float = 0) -> Hierarchy:
    """Return the hierarchy of ages or amounts told by intervals: each width is a multiple of the one before.

    Intervals are closed on the left; below `low` and from `high` on, everything is told alike (`< 18`, `≥ 90`).
    """
    return Hierarchy(tuple(_tell(w) for w in widths), tuple(_cut(w, low, high, origin) for w in widths))


def _cut(width: float, low: float | None, high: float | None, origin: float) -> Step:
    def step(values: pd.Series) -> pd.Series:
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float)
        _check_read(_tell(width), values, numbers)
        start = origin + np.floor((numbers - origin) / width) * width
        first = np.maximum(start, -np.inf if low is None else low)
        last = np.minimum(start + width, np.inf if high is None else high)
        pairs = pd.MultiIndex.from_arrays([first, last])
        codes, distinct = pd.factorize(pairs)
        labels = np.array([f"[{_tell(a)} ; {_tell(b)}[" for a, b in distinct], dtype=object)[codes]
        if low is not None:
            labels[numbers < low] = f"< {_tell(low)}"
        if high is not None:
            labels[numbers >= high] = f"≥ {_tell(high)}"
        return pd.Series(labels, index=values.index)

    return step


def _tell(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else repr(float(number))
