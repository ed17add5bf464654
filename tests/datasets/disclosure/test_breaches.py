"""Planted breaches: on random cubes, one secondary cell that is shown is found, every time.

A cell may be shown without harm where the pattern hides more than it must. So an oracle of its own (linear programmes
of scipy over the slots, nothing decomposed) tells which cells betray another one when they are shown: harmless ones
are left shown, until one betrays. An instance is excused when nothing that is hidden betrays anything.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from datasets.disclosure import Cube, Measure, Rules, audit, build_cube, protect
from datasets.disclosure.layout import FULL_KEY, PIECE, Grid, Level, complete_key, lay_out
from datasets.disclosure.primary import find_unsafe
from datasets.errors import DisclosureError

LEVELS = (
    Level("pays"),
    Level("departement", "code_departement", "pays"),
    Level("epci", "code_epci", "pays"),
)
GRID = Grid("essai-par-mode", ("mode",), ("pays", "departement"), ("annee",))
RULES = Rules(most_hidden=1.0, coalition=0)
COUNT, KM, SAVED = Measure("nb_dates", integer=True), Measure("km"), Measure("gain", signed=True)
FAR = 1e7
Files = dict[str, pd.DataFrame]


def make_cube(seed: int) -> Cube:
    """A small cube: two partitions that straddle, quarters and a year, two or three measures, perhaps a grid."""
    rng = np.random.default_rng(seed)
    n, venues, places = int(rng.integers(40, 100)), int(rng.integers(14, 30)), int(rng.integers(4, 7))
    dept = rng.integers(0, places, venues)
    epci = (dept * 7 // 5 + rng.integers(0, 2, venues)) % (places + 1)
    venue = (rng.beta(0.7, 1.6, n) * venues).astype(int)
    quarter = rng.integers(1, int(rng.integers(3, 5)), n)
    km = np.round(rng.lognormal(4, 0.9, n), 1) + 1
    rows = pd.DataFrame(
        {
            "code_departement": [f"D{d}" for d in dept[venue]],
            "code_epci": [None if v % 11 == 5 else f"E{epci[v]}" for v in venue],
            "trimestre": [f"2026-T{q}" for q in quarter],
            "annee": "2026",
            "lieu_id": venue,
            "equipe_id": rng.integers(0, 60, n),
            "mode": rng.choice(["train", "car", "avion"], n),
            "nb_dates": 1.0,
            "km": km,
            "gain": np.round(km * rng.normal(0.1, 0.5, n), 1),
        }
    )
    return build_cube(
        rows,
        measures=[COUNT, KM, SAVED][: int(rng.integers(2, 4))],
        levels=LEVELS,
        grids=[GRID] if rng.random() < 0.4 else [],
        roles={"lieux": "lieu_id", "equipes": "equipe_id"},
        dominance_measures=["km"],
        name="essai",
    )


class Oracle:
    """Who knows what can be told of hidden cells, one linear programme for each, without any short cut.

    His unknowns are the slots, each with every category that the cells of its département have that year: who reads
    the files cannot tell which of them a slot has.
    """

    def __init__(self, cube: Cube) -> None:
        self.cube = cube
        self.keys = list(map(tuple, cube.cells[list(FULL_KEY)].to_numpy()))
        self.slots = _spread(cube)
        cells, members, _ = lay_out(self.slots.replace({"": None}), cube.layout)
        place = pd.MultiIndex.from_frame(cells[list(FULL_KEY)]).get_indexer(pd.MultiIndex.from_tuples(self.keys))
        self.members = members.toarray()[place]
        self.unsafe = (find_unsafe(cube, RULES) != "").to_numpy()
        names = [column for column in cube.layout.columns if column != "mode"]
        leaves = [["code_departement", "annee", "mode"]] if cube.layout.grids else []
        self.guessed = np.concatenate([_group(self.slots, columns) for columns in (names, *leaves)])
        """What is known beforehand, give or take half: the pieces by quarter, and the finest cells of the grid."""

    def is_breached(self, files: Files) -> bool:
        """Whether some hidden cell is known better than it may be."""
        told = pd.concat([complete_key(rows, self._grid(name)) for name, rows in files.items()])
        masked = dict(zip(map(tuple, told[list(FULL_KEY)].to_numpy()), told["masque"], strict=True))
        tables = {(key[0], len(key[2]), key[3]) for key in masked}
        shown = np.array([not masked.get(key, True) for key in self.keys])
        listed = np.array([key in masked for key in self.keys])
        close = self.unsafe & (listed | [self._is_reached(key, tables) for key in self.keys])
        targets = np.flatnonzero(~shown & (listed | self.unsafe))
        if (np.abs(self.members[targets] @ _free(self.members[shown])).max(axis=1, initial=0.0) < 1e-9).any():
            return True
        order = np.argsort(~close[targets], kind="stable")
        return any(self._is_narrow(t, m, shown, bool(close[t])) for t in targets[order] for m in self.cube.measures)

    def _grid(self, name: str) -> Grid:
        return next(grid for grid in self.cube.layout.every_grid if (grid.name or "essai") == name)

    def _is_reached(self, key: Any, tables: set[Any]) -> bool:
        """A piece is reached when all leaf levels are released, or when it lies outside of all territories."""
        leaves = all((leaf, len(key[2]), "") in tables for leaf in ("departement", "epci"))
        return key[0] == PIECE and (leaves or not key[1].strip("×"))

    def _is_narrow(self, target: int, measure: Measure, shown: np.ndarray, close: bool) -> bool:
        true = self.slots[measure.name].to_numpy(dtype=float)
        gross = self.slots[f"brut_{measure.name}"].to_numpy(dtype=float) if measure.signed else true
        value, least = abs(self.members[target] @ true), 1.0 if measure.integer else 1e-5 * gross.mean()
        need = max((RULES.protection if close else RULES.margin) * value, least)
        low = -np.full(len(true), FAR) if measure.signed else -true
        needs = {1: need if close else 0.0, -1: need if measure.signed else min(need, value)}
        around = RULES.prior * self.guessed @ gross
        known, bounds = self.members[shown], np.stack([low, np.full(len(true), FAR)], axis=1)
        return any(
            wanted[sign] > 0
            and self._reach(self.members[target], known, bounds, within, sign) < wanted[sign] * (1 - 1e-4)
            for within, wanted in ((None, needs), (around, dict.fromkeys((1, -1), RULES.protection * value * close)))
            for sign in (1, -1)
        )

    def _reach(self, goal: np.ndarray, known: np.ndarray, bounds: np.ndarray, around: Any, sign: int) -> float:
        limits = (
            {} if around is None else {"A_ub": np.vstack([self.guessed, -self.guessed]), "b_ub": [*around, *around]}
        )
        found = linprog(-sign * goal, A_eq=known, b_eq=np.zeros(len(known)), bounds=bounds, method="highs-ds", **limits)
        return float(-found.fun) if found.status == 0 else 0.0


def _spread(cube: Cube) -> pd.DataFrame:
    """Return the slots of a cube with, for each, every category of its département that year."""
    slots = cube.slots.fillna("")
    if not cube.layout.grids:
        return slots
    seen = slots[["code_departement", "annee", "mode"]].drop_duplicates()
    bare = slots[[column for column in cube.layout.columns if column != "mode"]].drop_duplicates()
    wide = bare.merge(seen, on=["code_departement", "annee"])
    return wide.merge(slots, how="left", on=list(cube.layout.columns)).fillna(0.0)


def _group(slots: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """Return groups × slots."""
    label = slots.groupby(columns, sort=False).ngroup().to_numpy()
    return np.eye(int(label.max()) + 1)[label].T


def _free(known: np.ndarray) -> np.ndarray:
    """Return the projection on the moves that known sums leave: what it sends to zero is told by adding them up."""
    return np.eye(known.shape[1]) - np.linalg.pinv(known) @ known


def show(files: Files, cube: Cube, key: tuple[str, ...]) -> Files:
    """Return the files where one cell is shown."""
    name = key[3] or "essai"
    rows = files[name].copy()
    grid = next(grid for grid in cube.layout.every_grid if grid.name == key[3])
    at = pd.MultiIndex.from_frame(complete_key(rows, grid)[list(FULL_KEY)]).get_loc(key)
    true = cube.cells.set_index(list(FULL_KEY)).loc[key]
    for column in rows.columns.intersection(true.index):
        rows.loc[at, column] = true[column]
    rows.loc[at, "masque"] = False
    return files | {name: rows}


def list_instances() -> Iterator[tuple[Cube, Files, list[tuple[str, ...]]]]:
    """Yield cubes, their files and their secondary cells in random order, where there are any."""
    seed = 0
    while True:
        cube, seed = make_cube(seed), seed + 1
        try:
            protection = protect(cube, RULES, seconds=2)
        except DisclosureError:
            continue
        files = {grid.name or "essai": protection.serve(cube, grid.name) for grid in cube.layout.every_grid}
        cells = protection.cells[protection.cells["status"] == "secondary"]
        keys = list(map(tuple, cells[list(FULL_KEY)].to_numpy()))
        if keys:
            np.random.default_rng(seed).shuffle(keys)
            yield cube, files, keys


def plant(cube: Cube, files: Files, keys: list[tuple[str, ...]]) -> tuple[Files | None, Files]:
    """Return the files with a breach (None when nothing betrays anything), and those just before it."""
    oracle = Oracle(cube)
    for key in keys:
        opened = show(files, cube, key)
        if oracle.is_breached(opened):
            return opened, files
        files = opened
    return None, files


def plant_breaches(wanted: int, each: int = 1) -> tuple[int, int]:
    """Plant so many breaches, one at a time, `each` in one cube, and assert that all are found.

    Return in how many cubes the files were refused before anything was planted (the oracle must agree), and in how
    many nothing that was hidden betrayed anything when shown.
    """
    planted = refused = harmless = 0
    for cube, files, keys in list_instances():
        if planted >= wanted:
            return refused, harmless
        if not audit(files, {"essai": cube}, RULES).passed:
            assert Oracle(cube).is_breached(files), keys
            refused += 1
            continue
        for turn in range(each):
            breached, before = plant(cube, files, keys[turn:] + keys[:turn])
            assert before is files or audit(before, {"essai": cube}, RULES).passed, keys
            harmless += breached is None
            planted += breached is not None
            assert breached is None or not audit(breached, {"essai": cube}, RULES).passed, keys
    raise AssertionError("no more instances")


def test_a_planted_breach_is_found_every_time() -> None:
    """Twenty times in ten random cubes, showing one secondary cell is found; without it the files pass."""
    refused, harmless = plant_breaches(20, each=2)
    assert refused == 0
    assert harmless <= 1


@pytest.mark.verify
def test_a_planted_breach_is_found_a_thousand_times() -> None:
    """The same in 1,000 random cubes, one breach in each; next to no file is refused before."""
    refused, harmless = plant_breaches(1000)
    assert refused <= 10
    assert harmless <= 10
