"""The gate tries again with less detail when an attack succeeds, and never publishes what an attack breaks."""

from collections.abc import Callable

import pandas as pd
import pytest

from datasets.disclosure.cubes import Cube, build_cube
from datasets.disclosure.gate import ATTEMPTS, find_release
from datasets.disclosure.layout import KEY, PERIODS, TERRITORIES
from datasets.disclosure.protection import Protection
from datasets.errors import DisclosureError

KM = "distance_contrefactuelle_km"


@pytest.fixture(scope="module")
def cube(contributions: Callable[..., pd.DataFrame]) -> Cube:
    """A cube of one year: a country, its régions and its départements."""
    rows = contributions(6000, 200, 1, seed=3)
    levels, periods = TERRITORIES[:3], PERIODS
    return build_cube(
        rows, measures=[KM], holding="holding", levels=levels, periods=periods, dominance_measures=[KM], name="essai"
    )


def betray(cube: Cube, protection: Protection) -> pd.DataFrame:
    """Return what would be served if one unsafe cell were shown."""
    rows = protection.serve(cube)
    cells = protection.cells.set_index(list(KEY))
    unsafe = rows["masque"] & cells.loc[list(map(tuple, rows[list(KEY)].to_numpy())), "status"].eq("primary").to_numpy()
    chosen = rows.index[unsafe][0]
    key = tuple(rows.loc[chosen, list(KEY)])
    rows.loc[chosen, "masque"] = False
    rows.loc[chosen, KM] = cube.cells.set_index(list(KEY)).loc[key, KM]
    return rows


def test_a_broken_release_is_generalised_and_tried_again(cube: Cube) -> None:
    """When an attack succeeds, the next attempt withholds the finest table of that year, and is attacked too."""
    attempts: list[Protection] = []

    def serve(protection: Protection) -> dict[str, pd.DataFrame]:
        attempts.append(protection)
        first = len(attempts) == 1
        return {"essai": betray(cube, protection) if first else protection.serve(cube)}

    protection, files, certificate = find_release([cube], serve, seconds=2)
    assert len(attempts) == 2
    assert set(attempts[0].dropped) < set(protection.dropped)
    assert len(files["essai"]) < len(attempts[0].serve(cube))
    assert certificate.withheld


def test_what_an_attack_breaks_every_time_is_never_released(cube: Cube) -> None:
    """After the last attempt the release is refused, and no cell is named."""
    attempts: list[Protection] = []

    def serve(protection: Protection) -> dict[str, pd.DataFrame]:
        attempts.append(protection)
        return {"essai": betray(cube, protection)}

    with pytest.raises(DisclosureError, match="unsafe cell shown"):
        find_release([cube], serve, seconds=2)
    assert len(attempts) == ATTEMPTS
