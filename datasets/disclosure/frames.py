"""A cube from any pandas frame: nested places, one column of periods, contributors and measures."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pandas as pd

from datasets.disclosure.cubes import Cube, Measure, build_cube
from datasets.disclosure.layout import Level, Period

TOTAL = "total"
"""The level, and the code, of the sum of all places."""


def cube_of(
    frame: pd.DataFrame,
    *,
    places: Sequence[str],
    period: str,
    contributor: str | Sequence[str],
    measures: Sequence[Measure | str],
    name: str = "table",
    **options: Any,
) -> Cube:
    """Return the cube of a frame with one row per contribution, for `protect`, `serve` and `audit`.

    `places` names columns from the widest to the finest, each nested in the one before, `period` a column of periods,
    `contributor` that of who contributes (several: as many roles), `measures` the columns that are added up. `options`
    are those of `build_cube`. Raises RecordsError when a column is missing.
    """
    roles = [contributor] if isinstance(contributor, str) else list(contributor)
    chain = [TOTAL, *places]
    levels = [Level(TOTAL, code=TOTAL), *(Level(place, place, parent) for parent, place in pairwise(chain))]
    texts = {column: frame[column].astype(str).where(frame[column].notna()) for column in {*places, period} & {*frame}}
    return build_cube(
        frame.assign(**texts),
        measures=measures,
        levels=levels,
        periods=[Period(period, period)],
        roles={role: role for role in roles},
        name=name,
        **options,
    )
