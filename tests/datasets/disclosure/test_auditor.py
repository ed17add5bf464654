"""The auditor finds what he must find, alone."""

import ast
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from datasets.disclosure import Measure, Rules, audit, build_cube, protect
from datasets.disclosure import apart as apart_module
from datasets.disclosure.apart import Apart
from datasets.disclosure.orders import Attack
from datasets.errors import DisclosureError

APART = Apart("datasets.disclosure.attacks", 1)
FOLDER = Path(apart_module.__file__).parent
AUDITOR = [
    *(
        "auditor.py",
        "book.py",
        "links.py",
        "subject.py",
        "served.py",
        "plan.py",
        "orders.py",
        "apart.py",
        "cubes.py",
        "primary.py",
    ),
    *("attacks.py", "field.py", "part.py", "coalitions.py", "counting.py", "crowds.py", "swaps.py"),
]


def attack_grid(inner, hidden):
    """The intervals of the hidden inner cells of a table whose other cells and margins are known."""
    inner = np.asarray(inner, dtype=float)
    cells = np.arange(inner.size).reshape(inner.shape)
    known = [*cells, *cells.T, cells.ravel(), *([c] for c in cells.ravel() if c not in hidden)]
    targets = sparse.csr_matrix(np.eye(inner.size)[hidden])
    far = np.full(len(hidden), 1e6)
    attack = Attack(inner.ravel(), np.full(inner.size, 1e5), far, far)
    sums = [np.array(k) for k in known]
    siege = SimpleNamespace(sign=np.ones(inner.size), sums=sums, targets=targets, attacks=[attack])
    [([reach], _, _)] = APART.call("find_reaches", [siege])
    fall, rise = reach.fall, reach.rise
    value = inner.ravel()[hidden]
    return {c: (v - f, v + r) for c, v, f, r in zip(hidden, value, fall, rise, strict=True)}


SPREAD = [[30, 47, 64, 89], [90, 124, 5, 31], [92, 100, 59, 85], [800, 991, 651, 685]]


def test_a_cell_that_several_sums_give_away_is_found():
    """Two cells hidden in each line, yet w|b is exactly 47; one more hidden cell leaves it in [0, 78]."""
    hidden = [0, 1, 2, 4, 6, 9, 11, 13, 15]
    assert attack_grid(SPREAD, hidden)[1] == pytest.approx((47, 47))
    assert attack_grid(SPREAD, [*hidden, 7])[1] == pytest.approx((0, 78))
    assert attack_grid(SPREAD, [*hidden, 5])[1] == pytest.approx((0, 141))


def count_odd_cycle(last):
    """What whole numbers betray of the `last` of four counts, when a + b, b + c and a + c + last are known."""
    sums = [np.array(pair) for pair in ([0, 1], [1, 2], [0, 2, 3])]
    true, need = np.array([5.0, 5.0, 5.0, float(last)]), np.array([1.0])
    attack = Attack(true, np.full(4, 1e5), np.minimum(need, last), need, whole=1.0)
    target = sparse.csr_matrix(np.array([[0.0, 0.0, 0.0, 1.0]]))
    [([reach], _, _)] = APART.call(
        "find_reaches", [SimpleNamespace(sign=np.ones(4), sums=sums, targets=target, attacks=[attack])]
    )
    assert min(reach.fall[0], reach.rise[0]) >= 1 - 1e-6
    return reach.counted


def test_whole_numbers_betray_what_fractions_would_hide():
    """A count that can only move by two is 1 for sure when it would fall below 0; a larger one is not betrayed."""
    assert count_odd_cycle(1) == (0,)
    assert count_odd_cycle(2) == ()


def test_the_auditor_shares_nothing_with_the_suppressor():
    """Neither the auditor nor his attacks import the suppressor, its solver, or the protection built on it."""
    for name in AUDITOR:
        tree = ast.parse((FOLDER / name).read_text())
        imported = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)} | {
            alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names
        }
        forbidden = {"highspy", "datasets.disclosure.secondary", "datasets.disclosure.protection"}
        assert not imported & forbidden, name
    assert "ortools" not in (FOLDER / "secondary.py").read_text()


MEASURES = [
    Measure("nb_dates", integer=True),
    Measure("distance_reelle_km"),
    Measure("distance_evitee_km", signed=True),
]


@pytest.fixture(scope="module")
def published(contributions):
    """A cube of 900 venues over one year, its protection and its served rows."""
    rows = contributions(20_000, 900, 1, seed=3)
    cube = build_cube(
        rows, measures=MEASURES, holding="holding", dominance_measures=["distance_reelle_km"], name="essai"
    )
    protection = protect(cube, seconds=5)
    return cube, protection, protection.serve(cube)


def test_what_is_protected_passes(published):
    """The suppressor's work resists the auditor."""
    cube, protection, rows = published
    report = audit({"essai": rows}, {"essai": cube})
    assert report.findings == ()
    assert report.width >= 2 * Rules().protection - 1e-6
    assert {"primary", "secondary", "published"} <= set(protection.cells["status"])


def test_each_planted_breach_is_found(published):
    """Whichever secondary cell is shown, the attack succeeds (one in twelve is tried)."""
    cube, protection, rows = published
    secondary = protection.cells[protection.cells["status"] == "secondary"]
    names = [m.name for m in MEASURES]
    true = cube.cells.set_index(["niveau_geo", "code_geo", "periode"]).sort_index()[names]
    for key in secondary[["niveau_geo", "code_geo", "periode"]][::12].itertuples(index=False):
        breached = rows.set_index(["niveau_geo", "code_geo", "periode"]).sort_index()
        breached.loc[tuple(key), names] = true.loc[tuple(key)]
        breached.loc[tuple(key), "masque"] = False
        assert not audit({"essai": breached.reset_index()}, {"essai": cube}).passed, key


def test_one_measure_shown_is_found(published):
    """A value left in a masked row is found, even for a single measure."""
    cube, _, rows = published
    row = int(np.flatnonzero(rows["masque"])[0])
    breached = rows.copy()
    breached.loc[row, "distance_reelle_km"] = 12.0
    assert "value in a masked row" in {f.problem for f in audit({"essai": breached}, {"essai": cube}).findings}


def test_an_unsafe_cell_shown_is_found(published):
    """Publishing everything is refused."""
    cube, _, _ = published
    rows = cube.cells.loc[cube.cells["published"], ["niveau_geo", "code_geo", "periode", "nb_dates"]]
    problems = {f.problem for f in audit({"essai": rows.assign(masque=False)}, {"essai": cube}).findings}
    assert "unsafe cell shown" in problems


def test_it_reads_the_file_as_served(published, tmp_path):
    """A CSV path is read as it will be downloaded: codes as text, masque as true/false, rounded values."""
    cube, _, rows = published
    path = tmp_path / "essai.csv"
    rows.round(1).to_csv(path, index=False)
    assert audit({"essai": path}, {"essai": cube}).passed
    swapped = rows.copy()
    shown = np.flatnonzero(~rows["masque"])[:2]
    swapped.loc[shown, "nb_dates"] = swapped.loc[shown[::-1], "nb_dates"].to_numpy() + 5
    swapped.to_csv(path, index=False)
    assert {f.problem for f in audit({"essai": path}, {"essai": cube}).findings} == {
        "value that is not the sum of its cell"
    }


def test_rows_from_nowhere_and_rows_twice_are_found(published):
    """A row that the public structure does not hold, or holds once, is a fault of the file."""
    cube, _, rows = published
    strange = pd.concat([rows, rows.iloc[[0]], rows.iloc[[1]].assign(code_geo="nowhere")], ignore_index=True)
    problems = {f.problem for f in audit({"essai": strange}, {"essai": cube}).findings}
    assert problems == {
        "the same row twice",
        "row outside the public structure",
        "value that is not the sum of its cell",
    }


def test_a_process_that_dies_is_an_error():
    """When the process apart ends, the caller gets an error, not a certificate."""
    broken = Apart("os", 1)
    with pytest.raises(DisclosureError, match="ended"):
        list(broken.call("_exit", [3]))
    broken.close()
