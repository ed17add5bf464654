"""Breaches with known answers: known patterns of which one secondary cell is opened, and factors that tie measures."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from datasets.disclosure import Cube, Rules, audit, build_cube
from datasets.disclosure.apart import Apart
from datasets.disclosure.layout import Level, Period
from datasets.disclosure.orders import Attack, Siege, stack_sums

APART = Apart("datasets.disclosure.attacks", 1)


def find_exact(values: Sequence[float], totals: Sequence[Sequence[int]], hidden: Sequence[int]) -> set[int]:
    """The hidden cells of a table that a reader of the totals and of the other cells knows exactly."""
    true, n = np.array(values, dtype=float), len(values)
    known = [np.array(total) for total in totals] + [np.array([c]) for c in range(n) if c not in hidden]
    need = np.ones(len(hidden))
    attack = Attack(true, np.full(n, 1e5), np.minimum(need, true[list(hidden)]), need)
    targets = stack_sums([np.array([c]) for c in hidden], n)
    siege = Siege("table", [], np.zeros(0), [], [], n, known, targets, [attack], np.ones(n))
    [([reach], _, _)] = APART.call("find_reaches", [siege])
    return {cell for cell, room in zip(hidden, reach.fall + reach.rise, strict=True) if room < 1e-6}


def list_margins(rows: int, columns: int) -> list[list[int]]:
    """The totals of a table whose cells are numbered row by row."""
    cell = np.arange(rows * columns).reshape(rows, columns)
    return [*cell.tolist(), *cell.T.tolist(), cell.ravel().tolist()]


SPREAD = [30, 47, 64, 89, 90, 124, 5, 31, 92, 100, 59, 85, 800, 991, 651, 685]
REGIONS = dict(zip("ABIJKLMN", [2, 2, 8, 8, 3, 3, 3, 7], strict=True))
GROUPS = [["ABIJKLMN".index(c) for c in group] for group in ("ABIJ", "KLMN", "LM", "ABIJKN", "ABIJKLMN")]
TABLES = {
    "two hidden per line": (SPREAD, list_margins(4, 4), [0, 1, 2, 4, 6, 9, 11, 13, 15], [7]),
    "region by gender": ([18, 2, 14, 19, 12, 10, 11, 14], list_margins(4, 2), [1], [0, 4, 5]),
    "two groupings of the same regions": (list(REGIONS.values()), GROUPS, [0, 1, 4, 5, 6], [7]),
}
"""Cells, sums that are shown, unsafe cells, the secondary cells that protect them."""


@pytest.mark.parametrize("name", TABLES)
def test_a_published_pattern_holds_until_one_cell_is_opened(name: str) -> None:
    """Each known pattern resists; whichever of its secondary cells is shown, an unsafe cell is read exactly."""
    values, totals, unsafe, secondary = TABLES[name]
    assert not find_exact(values, totals, [*unsafe, *secondary])
    for opened in secondary:
        left = [cell for cell in secondary if cell != opened]
        assert find_exact(values, totals, [*unsafe, *left]) & set(unsafe)


def make_cubes(factor: float, noise: float) -> dict[str, Cube]:
    """Kilometres and emissions of the same journeys, in two cubes that do not share the name of a measure."""
    rng = np.random.default_rng(5)
    sizes = {"A": 2, "B": 4, "C": 5, "D": 6, "E": 5}
    rows = pd.DataFrame([(dept, f"{dept}{i}", "2026") for dept, n in sizes.items() for i in range(n)])
    rows.columns = pd.Index(["dept", "who", "annee"])
    rows["km"] = rng.uniform(20, 60, len(rows)).round(1)
    rows["ges"] = rows["km"] * factor * (1 + noise * rng.uniform(0, 1, len(rows)))
    levels = (Level("pays"), Level("departement", "dept", "pays"))
    return {
        name: build_cube(
            rows, measures=[name], levels=levels, periods=(Period("annee", "annee"),), roles={"lieux": "who"}, name=name
        )
        for name in ("km", "ges")
    }


def serve_hiding(cube: Cube, *hidden: str) -> pd.DataFrame:
    """The rows of a cube with these départements hidden."""
    rows = cube.cells.loc[cube.cells["published"], ["niveau_geo", "code_geo", "periode", cube.name]]
    masque = rows["code_geo"].isin(hidden)
    return rows.assign(masque=masque, **{cube.name: rows[cube.name].mask(masque)}).reset_index(drop=True)


RULES = Rules(most_hidden=1.0, p=0.0, dominance=(), coalition=0)


@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_kilometres_do_not_betray_emissions(noise: float) -> None:
    """Two files that pass one at a time are refused together: what one shows is the other's, but for a factor."""
    cubes = make_cubes(0.21, noise)
    files = {"km": serve_hiding(cubes["km"], "A", "B"), "ges": serve_hiding(cubes["ges"], "A", "C")}
    for name, cube in cubes.items():
        assert audit({name: files[name]}, {name: cube}, RULES).passed
    found = audit(files, cubes, RULES).findings
    assert {("km", "A"), ("ges", "A")} <= {(finding.dataset, finding.cell[1]) for finding in found}


def test_measures_that_no_factor_ties_are_apart() -> None:
    """Where emissions vary with the vehicle, kilometres tell nothing, and both files pass together."""
    cubes = make_cubes(0.21, 3.0)
    files = {"km": serve_hiding(cubes["km"], "A", "B"), "ges": serve_hiding(cubes["ges"], "A", "C")}
    assert audit(files, cubes, RULES).passed
