"""Contributors who know their own part: what they may learn is judged by brute force, and must be nothing."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.optimize import linprog

from datasets.disclosure import Rules, audit, build_cube, protect, sieges
from datasets.disclosure.blocks import Block, Scenario, Unprotectable
from datasets.disclosure.layout import FULL_KEY, Grid, Level, Period, tie_cells
from datasets.disclosure.secondary import find_pattern
from datasets.errors import DisclosureError

LEVELS = (Level("pays"), Level("departement", "dept", "pays"))
YEAR = (Period("annee", "annee"),)
ROOMY = Rules(most_hidden=1.0, p=0.0, coalition=1)
OUTSIDERS = ("L0", "L1", "L4", "L5")
EVERYONE = (*OUTSIDERS, "L2")


def make_cube(*cells, name="essai", grids=(), **more):
    """A cube of one level and one year: cells are (département, contributor, value[, category])."""
    rows = pd.DataFrame(cells, columns=["dept", "who", "km", "mode"][: len(cells[0])]).assign(annee="2026")
    options = {"levels": LEVELS, "periods": YEAR, "roles": {"lieux": "who"}}
    return build_cube(rows, measures=["km"], grids=grids, name=name, **options, **more)


def stack(*groups):
    """Cells from (département, values): each value has a contributor of its own unless it is a pair (who, value)."""
    cells = []
    for dept, values in groups:
        for i, value in enumerate(values):
            who, amount = value if isinstance(value, tuple) else (f"{dept}-{i}", value)
            cells.append((dept, who, float(amount)))
    return cells


def serve_hiding(cube, *hidden):
    """The rows of a cube with these départements hidden."""
    rows = cube.cells.loc[cube.cells["published"], ["niveau_geo", "code_geo", "periode", "km"]].reset_index(drop=True)
    rows["masque"] = rows["code_geo"].isin(hidden)
    rows.loc[rows["masque"], "km"] = np.nan
    return rows


LONE = stack(("A", [40, 60]), ("B", [70]), ("C", [30] * 5), ("D", [20] * 6))
"""A and B are unsafe: A has two contributors, B a single one, who knows B and so A."""


def test_a_lone_contributor_sees_through_the_pattern_that_stops_outsiders():
    """Total − published = A + B protects both from outsiders; the one who is B alone reads A exactly."""
    cube = make_cube(*LONE)
    rows = serve_hiding(cube, "A", "B")
    assert audit({"essai": rows}, {"essai": cube}, ROOMY, levels=OUTSIDERS).passed
    for levels in (("L0", "L2"), ("L2",)):
        report = audit({"essai": rows}, {"essai": cube}, ROOMY, levels=levels)
        assert {(f.cell[1], f.level) for f in report.findings} == {("A", "L2")}


def test_the_suppressor_hides_more_against_him():
    """The pattern that is found stops him too, at the least cost: D, not C."""
    cube = make_cube(*LONE)
    rows = protect(cube, ROOMY, seconds=2).serve(cube)
    assert set(rows.loc[rows["masque"], "code_geo"]) == {"A", "B", "D"}
    assert audit({"essai": rows}, {"essai": cube}, ROOMY, levels=EVERYONE).passed


def test_two_who_put_their_parts_together():
    """B and C are one contributor each: neither alone reads A, both together do (L3), unless coalitions are feared."""
    cells = stack(("A", [40, 60]), ("B", [70]), ("C", [90]), ("D", [20] * 6), ("E", [25] * 6))
    cube = make_cube(*cells)
    rows = serve_hiding(cube, "A", "B", "C")
    assert audit({"essai": rows}, {"essai": cube}, ROOMY, levels=EVERYONE).passed
    together = audit({"essai": rows}, {"essai": cube}, ROOMY, levels=("L0", "L3"))
    assert {(f.cell[1], f.level) for f in together.findings} >= {("A", "L3")}
    careful = Rules(most_hidden=1.0, p=0.0, coalition=2)
    rows = protect(cube, careful, seconds=2).serve(cube)
    assert audit({"essai": rows}, {"essai": cube}, careful, levels=("L0", "L1", "L3")).passed


def test_no_pattern_against_a_contributor_is_no_table():
    """When the total is known already, whoever is B alone reads A whatever is hidden: the table is withheld."""
    cube = make_cube(*stack(("A", [40, 60]), ("B", [70])))
    naive = serve_hiding(cube, "A", "B")
    protection = protect(cube, ROOMY, seconds=2, earlier={"essai": naive})
    assert {(table.level, table.block) for table in protection.dropped} == {("departement", "2026")}
    assert not audit({"essai": naive}, {"essai": cube}, ROOMY, levels=("L0", "L2")).passed
    assert audit({"essai": protection.serve(cube)}, {"essai": cube}, ROOMY, levels=EVERYONE).passed


def test_no_pattern_is_invented_against_a_contributor():
    """With the total shown, the one who is B alone knows A whatever is hidden: no pattern is returned."""
    values, hidden = np.array([170.0, 100.0, 70.0]), np.array([False, True, True])
    need = np.where(hidden, 0.1 * values, 0.0)
    lone = sparse.csr_matrix([[0.0, 0.0, 1.0]])
    outsider = Scenario("L0", values, np.full(3, 1e4), need, need)
    equation = tie_cells([np.array([(0, 1), (0, 2)])], 3)
    known = np.array([True, False, False])
    assert find_pattern(Block(equation, values, hidden, known, [outsider])).gap == 0
    with pytest.raises(Unprotectable):
        find_pattern(Block(equation, values, hidden, known, [replace(outsider, insiders=[lone])]))


def reads(cube, rows, group, cell):
    """Brute force: how far the others' part of a hidden cell may fall and rise in the eyes of a group."""
    served = rows.set_index("code_geo")["masque"]
    cells = cube.cells[cube.cells["published"]].reset_index(drop=True)
    own = np.zeros(len(cells))
    alone = np.zeros(len(cells), dtype=bool)
    slots = cube.slots
    members = cube.members[np.flatnonzero(cube.cells["published"].to_numpy())]
    parts = cube.owners["lieux"]
    mine = np.bincount(
        parts.loc[parts["contributor"].isin(group), "slot"],
        parts.loc[parts["contributor"].isin(group), "km"],
        minlength=len(slots),
    )
    count = np.bincount(parts["slot"], minlength=len(slots))
    ours = np.bincount(parts.loc[parts["contributor"].isin(group), "slot"], minlength=len(slots))
    own, alone = members @ mine, np.asarray(members @ (count - ours)).ravel() == 0
    true = cells["km"].to_numpy()
    hidden = served.reindex(cells["code_geo"]).to_numpy()
    bounds = [(t, t) if not h or a else (o, None) for t, h, a, o in zip(true, hidden, alone, own, strict=True)]
    depts = cells["niveau_geo"].to_numpy() == "departement"
    equation = np.where(depts, 1.0, -1.0)
    goal = (cells["code_geo"] == cell).to_numpy().astype(float)
    low = linprog(goal, A_eq=[equation], b_eq=[0.0], bounds=bounds).fun
    top = linprog(-goal, A_eq=[equation], b_eq=[0.0], bounds=bounds)
    at = int(np.flatnonzero(goal)[0])
    return true[at] - low, (np.inf if top.status == 3 else -top.fun) - true[at], true[at] - own[at]


@pytest.mark.parametrize(("seed", "coalition"), [*((s, 1) for s in range(8)), *((s, 2) for s in (0, 5))])
def test_nobody_inside_learns_what_brute_force_could_tell(seed, coalition):
    """On random tables every group of contributors is tried: the others' part of an unsafe cell stays within ± 10 %."""
    rng = np.random.default_rng(seed)
    groups = [
        (f"D{d}", [(int(rng.integers(0, 30)), int(v)) for v in rng.integers(5, 80, rng.integers(1, 7))])
        for d in range(8)
    ]
    cube = make_cube(*stack(*groups))
    rules = Rules(most_hidden=1.0, p=0.0, coalition=coalition)
    try:
        rows = protect(cube, rules, seconds=2).serve(cube)
    except DisclosureError:
        return
    hidden = rows.loc[rows["masque"] & (rows["niveau_geo"] == "departement"), "code_geo"]
    unsafe = cube.cells[(cube.cells["n_lieux"] < 3) & cube.cells["code_geo"].isin(hidden)]["code_geo"]
    people = sorted(set(cube.owners["lieux"]["contributor"]))
    for group in (g for n in range(1, coalition + 1) for g in combinations(people, n)):
        for cell in unsafe:
            fall, rise, left = reads(cube, rows, group, cell)
            if left > 1e-9:
                assert min(fall, rise) >= 0.1 * left - 1e-6, (group, cell)
    levels = ("L0", "L1", "L3" if coalition == 2 else "L2")
    assert audit({"essai": rows}, {"essai": cube}, rules, levels=levels).passed


@pytest.mark.parametrize("seed", range(3))
def test_what_is_cleared_nearby_is_cleared(seed, monkeypatch):
    """In a large part targets are tried among their neighbours first: what is hidden is the same, and as safe."""
    rng = np.random.default_rng(seed)
    groups = [(f"D{d}", rng.integers(5, 80, rng.integers(1, 7)).tolist()) for d in range(9)]
    cube = make_cube(*stack(*groups))
    whole = protect(cube, ROOMY, seconds=2).serve(cube)
    monkeypatch.setattr(sieges, "NEAR", 2)
    near = protect(cube, ROOMY, seconds=2).serve(cube)
    assert near["masque"].tolist() == whole["masque"].tolist()
    assert audit({"essai": near}, {"essai": cube}, ROOMY, levels=EVERYONE).passed


MODES = Grid("essai-par-mode", ("mode",), ("pays", "departement"), ("annee",))


def make_modes(seed=0):
    """A cube divided by mode of transport."""
    rng = np.random.default_rng(seed)
    cells = [
        (
            f"D{rng.integers(6)}",
            int(rng.integers(40)),
            float(rng.integers(5, 90)),
            rng.choice(["train", "avion", "car"]),
        )
        for _ in range(120)
    ]
    return make_cube(*cells, grids=[MODES])


def test_a_grid_adds_up_to_its_table():
    """Modes add up to the département, départements to the country, mode by mode."""
    cube = make_modes()
    assert np.abs(cube.equations @ cube.cells["km"].to_numpy()).max() < 1e-9
    modes = cube.cells[cube.cells["grille"] == MODES.name]
    assert set(modes["categorie"]) == {"train", "avion", "car"}
    whole = cube.cells[(cube.cells["grille"] == "") & cube.cells["published"]].set_index("code_geo")["km"]
    assert modes.groupby("code_geo")["km"].sum().to_dict() == pytest.approx(whole.to_dict())


@pytest.mark.parametrize("seed", range(4))
def test_a_grid_does_not_betray_its_table(seed):
    """What is hidden in one file cannot be had from the other: both are served, and attacked together."""
    cube = make_modes(seed)
    protection = protect(cube, ROOMY, seconds=2)
    served = {"essai": protection.serve(cube), MODES.name: protection.serve(cube, MODES.name)}
    assert list(served[MODES.name].columns[:5]) == ["niveau_geo", "code_geo", "periode", "mode", "masque"]
    assert audit(served, {"essai": cube}, ROOMY, levels=EVERYONE).passed
    hidden = np.flatnonzero(served[MODES.name]["masque"])
    if len(hidden):
        key = served[MODES.name].loc[hidden[0], ["code_geo", "mode"]]
        true = cube.cells.set_index(list(FULL_KEY))["km"]
        level = served[MODES.name].loc[hidden[0], "niveau_geo"]
        value = true[level, key["code_geo"], "2026", MODES.name, key["mode"]]
        breached = served[MODES.name].copy()
        breached.loc[hidden[0], ["km", "masque"]] = [value, False]
        assert not audit({**served, MODES.name: breached}, {"essai": cube}, ROOMY).passed


def test_a_signed_measure_is_known_only_where_one_is_alone():
    """Of savings that may be negative, one's own part bounds nothing, but a cell of one's own is known."""
    from datasets.disclosure import Measure

    rows = pd.DataFrame(LONE, columns=["dept", "who", "km"]).assign(annee="2026")
    rows["km"] *= np.where(np.arange(len(rows)) % 2, -1, 1)
    cube = build_cube(
        rows, measures=[Measure("km", signed=True)], levels=LEVELS, periods=YEAR, roles={"lieux": "who"}, name="essai"
    )
    report = audit({"essai": serve_hiding(cube, "A", "B")}, {"essai": cube}, ROOMY, levels=("L0", "L2"))
    assert {(f.cell[1], f.level) for f in report.findings} == {("A", "L2")}
    rows = protect(cube, ROOMY, seconds=2).serve(cube)
    assert audit({"essai": rows}, {"essai": cube}, ROOMY, levels=EVERYONE).passed


def test_what_was_shown_before_is_known():
    """A cell shown by an earlier release and hidden now is known (L4), and betrays those hidden with it."""
    cube = make_cube(*stack(("A", [40, 60]), ("B", [35] * 3), ("C", [30] * 5), ("D", [20] * 6)))
    now, before = serve_hiding(cube, "A", "B"), serve_hiding(cube, "A", "C")
    assert audit({"essai": now}, {"essai": cube}, ROOMY).passed
    report = audit({"essai": now}, {"essai": cube}, ROOMY, earlier={"essai": [before]})
    assert {(f.cell[1], f.problem) for f in report.findings} == {("A", "exact")}
