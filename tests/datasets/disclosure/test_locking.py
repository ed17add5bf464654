"""A cell that may no longer be told is hidden with what would tell it, and with nothing that is not needed."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from datasets.disclosure.layout import KEY, TERRITORIES
from datasets.disclosure.locking import Cell, choose_locked, hide_cells
from datasets.errors import DisclosureError

LEVELS = TERRITORIES[:3]
PLACES = pd.DataFrame([(f"{r}{d}", r) for r in "AB" for d in "123"], columns=["code_departement", "code_region"])
QUARTERS = [f"2025-T{quarter}" for quarter in (1, 2, 3, 4)]


def serve() -> pd.DataFrame:
    """Return all rows of a year: two régions of three départements; the last one is hidden in the first quarter."""
    chance = np.random.default_rng(4)
    finest = pd.DataFrame([(d, d[0], q) for d in PLACES["code_departement"] for q in QUARTERS], columns=["d", "r", "q"])
    finest["nb_dates"] = chance.integers(20, 60, len(finest)).astype(float)
    parts = []
    for level, codes in (
        ("pays", pd.Series("FR", finest.index)),
        ("region", finest["r"]),
        ("departement", finest["d"]),
    ):
        for periods in (finest["q"], finest["q"].str[:4]):
            sums = finest.groupby([codes.to_numpy(), periods.to_numpy()])["nb_dates"].sum()
            parts += [(level, code, period, value) for (code, period), value in sums.items()]
    rows = pd.DataFrame(parts, columns=[*KEY, "nb_dates"]).assign(masque=False, population=1000)
    return hide(rows, {("departement", "B3", "2025-T1")})


def hide(rows: pd.DataFrame, cells: set[Cell]) -> pd.DataFrame:
    """Return a frame with some cells hidden."""
    return hide_cells(pa.Table.from_pandas(rows, preserve_index=False), cells).to_pandas()


def is_told(rows: pd.DataFrame, cell: Cell) -> bool:
    """Whether a cell is a combination of the rows that are shown (by rank, no programme)."""
    spots = [(d, q) for d in PLACES["code_departement"] for q in QUARTERS]

    def holds(level: str, code: str, period: str) -> list[float]:
        return [float((level == "pays" or d.startswith(code)) and q.startswith(period)) for d, q in spots]

    shown = np.array([holds(*key) for key in rows.loc[~rows["masque"], list(KEY)].itertuples(index=False, name=None)])
    return bool(np.linalg.matrix_rank(np.vstack([shown, holds(*cell)])) == np.linalg.matrix_rank(shown))


@pytest.mark.parametrize(
    "cell",
    [
        ("departement", "A2", "2025-T2"),
        ("departement", "B1", "2025"),
        ("region", "A", "2025-T3"),
        ("departement", "B2", "2025-T1"),
    ],
)
def test_a_locked_cell_is_told_no_more(cell: Cell) -> None:
    """It is hidden with others, so that no sum of shown rows gives it; hiding it alone would not be enough."""
    rows = serve()
    chosen = choose_locked(rows, cell, PLACES, LEVELS)
    assert cell in chosen
    assert is_told(hide(rows, {cell}), cell)
    left = hide(rows, chosen)
    assert not is_told(left, cell)
    assert not left.loc[left["niveau_geo"] == "pays", "masque"].any()
    assert len(chosen) <= 12


def test_a_hidden_row_is_empty_but_for_what_is_public() -> None:
    """Every measure of the row is emptied, in every category; its population stays."""
    rows = pd.concat([serve().assign(mode=mode) for mode in ("train", "car")], ignore_index=True)
    left = hide(rows, {("region", "A", "2025")})
    hidden = left[(left["code_geo"] == "A") & (left["periode"] == "2025")]
    assert len(hidden) == 2
    assert hidden["masque"].all()
    assert hidden["nb_dates"].isna().all()
    assert (hidden["population"] == 1000).all()


@pytest.mark.parametrize(
    "cell", [("pays", "FR", "2025"), ("departement", "B3", "2025-T1"), ("departement", "Z9", "2025")]
)
def test_what_cannot_be_locked_is_refused(cell: Cell) -> None:
    """The country has no neighbour to hide behind; a hidden cell and one that is not there are refused too."""
    with pytest.raises(DisclosureError):
        choose_locked(serve(), cell, PLACES, LEVELS)
