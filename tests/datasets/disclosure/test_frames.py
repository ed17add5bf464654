"""Any pandas frame is protected and attacked in a few lines."""

import pandas as pd
import pytest

from datasets.disclosure import audit, cube_of, protect
from datasets.errors import RecordsError


@pytest.fixture
def sales() -> pd.DataFrame:
    """The turnover of shops: in one town there are only two."""
    towns = ("A1", "A2", "A3", "B1", "B2", "B3")
    rows = [(t, t[0], 2026, f"{t}-{i}", 10.0 + i) for t in towns for i in range(2 if t == "B2" else 9)]
    return pd.DataFrame(rows, columns=["town", "county", "year", "shop", "turnover"])


def test_a_frame_is_protected_and_attacked(sales: pd.DataFrame) -> None:
    """The town with two shops is hidden, with another one that subtraction would need; every attack fails."""
    cube = cube_of(sales, places=["county", "town"], period="year", contributor="shop", measures=["turnover"])
    rows = protect(cube, seconds=2).serve(cube)
    hidden = rows.loc[rows["masque"], "code_geo"].tolist()
    assert "B2" in hidden
    assert len(hidden) == 2
    assert rows.loc[rows["niveau_geo"] == "total", "turnover"].item() == sales["turnover"].sum()
    assert audit({cube.name: rows}, {cube.name: cube}).passed


def test_a_column_that_is_not_there_is_named(sales: pd.DataFrame) -> None:
    """The error says which column was expected."""
    with pytest.raises(RecordsError, match="village"):
        cube_of(sales, places=["county", "village"], period="year", contributor="shop", measures=["turnover"])
