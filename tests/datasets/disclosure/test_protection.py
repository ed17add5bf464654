"""What is released is safe, hides little, and stays so against subtraction in space and time."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasets.disclosure import Measure, Rules, audit, build_cube, protect, release_tables
from datasets.disclosure.costs import COSTS
from datasets.errors import DisclosureError

KEY = ["niveau_geo", "code_geo", "periode"]
KM = Measure("km")


def make_rows(*groups):
    """Contributions: (département, EPCI, quarter, number of venues, km of each); one company and programmer each."""
    rows, venue = [], 0
    for dept, epci, quarter, count, km in groups:
        for _ in range(count):
            venue += 1
            rows.append((dept, epci, f"2026-T{quarter}", venue, km))
    frame = pd.DataFrame(rows, columns=["code_departement", "code_epci", "trimestre", "lieu_id", "km"])
    ids = {"equipe_id": frame["lieu_id"], "programmateur_id": frame["lieu_id"], "annee": "2026"}
    return frame.assign(code_region=frame["code_departement"].str[0], **ids)


def make_cube(*groups, name="essai", measures=(KM,)):
    """The cube of these contributions."""
    return build_cube(make_rows(*groups), measures=measures, name=name)


def show_all(cube):
    """Every row of the cube as if nothing had to be hidden, unsafe rows excepted."""
    rows = protect(cube, seconds=1).serve(cube)
    true = cube.cells.loc[cube.cells["published"], [*KEY, "km"]].reset_index(drop=True)
    unsafe = cube.cells.loc[cube.cells["published"], "n_lieux"].to_numpy() < 3
    true["masque"] = unsafe
    true.loc[unsafe, "km"] = np.nan
    assert set(rows.columns) >= set(true.columns)
    return true


ROOMY = Rules(most_hidden=1.0)


def test_the_piece_of_a_straddling_epci_is_protected():
    """Département − its other EPCI = the one venue of the piece: something else must be hidden."""
    cube = make_cube(("A1", "X", 1, 4, 10.0), ("A2", "X", 1, 1, 30.0), ("A2", "Y", 1, 6, 10.0), ("A1", "Z", 1, 4, 9.0))
    naive = show_all(cube)
    assert not naive["masque"].any()
    assert {f.problem for f in audit({"essai": naive}, {"essai": cube}).findings} == {"exact"}
    protection = protect(cube, ROOMY, seconds=2)
    assert audit({"essai": protection.serve(cube)}, {"essai": cube}, ROOMY).passed
    assert (protection.cells["status"] == "secondary").any()


def test_a_year_does_not_betray_its_quarters():
    """Year − the other quarters = the unsafe quarter: another quarter or the year is hidden too."""
    groups = [("A1", "X", 1, 2, 10.0), ("A1", "X", 2, 5, 10.0), ("A1", "X", 3, 6, 10.0)]
    cube = make_cube(*groups, *(("A2", "Y", q, 20, 10.0) for q in (1, 2, 3)))
    found = {f.cell for f in audit({"essai": show_all(cube)}, {"essai": cube}).findings if f.problem == "exact"}
    assert ("departement", "A1", "2026-T1", "", "") in found
    protection = protect(cube, ROOMY, seconds=2)
    assert audit({"essai": protection.serve(cube)}, {"essai": cube}, ROOMY).passed


def test_a_table_that_hides_most_of_its_value_is_withheld():
    """A level where nearly everything is unsafe is not released; the others are."""
    cube = make_cube(*(("A1", f"E{i}", 1, 2, 10.0) for i in range(30)), *(("A2", "F", 1, 9, 1.0),))
    protection = protect(cube, seconds=2)
    assert {(t.level, t.period) for t in protection.dropped} == {("epci", "trimestre"), ("epci", "annee")}
    rows = protection.serve(cube)
    assert "epci" not in set(rows["niveau_geo"])
    assert not rows.loc[rows["niveau_geo"] == "departement", "masque"].any()
    assert audit({"essai": rows}, {"essai": cube}).passed


def test_hidden_rows_carry_nothing():
    """Measures and counts of a hidden row are empty, never 0; keys and masque remain."""
    cube = make_cube(("A1", "X", 1, 2, 10.0), ("A2", "Y", 1, 5, 10.0), ("A3", "Z", 1, 9, 10.0))
    rows = protect(cube, ROOMY, seconds=2).serve(cube)
    hidden = rows[rows["masque"]]
    assert len(hidden)
    assert hidden.drop(columns=[*KEY, "masque"]).isna().all(axis=None)
    assert rows[~rows["masque"]].notna().all(axis=None)


@pytest.mark.parametrize("cost", COSTS)
def test_what_was_hidden_stays_hidden(cost):
    """A row hidden by an earlier release is hidden again, whatever cost is minimised, even when nothing asks for it."""
    cube = make_cube(("A1", "X", 1, 6, 10.0), ("A2", "Y", 1, 6, 10.0), ("A3", "Z", 1, 9, 10.0))
    before = protect(cube, seconds=2).serve(cube)
    assert not before["masque"].any()
    then = before[before["code_geo"].isin(["A1", "X"])].assign(masque=True)
    protection = protect(cube, replace(ROOMY, cost=cost), seconds=2, earlier={"essai": then})
    status = protection.cells.set_index(KEY)["status"]
    assert status["departement", "A1", "2026"] == "secondary"


def test_no_pattern_no_release():
    """When earlier releases show all that could protect an unsafe cell, nothing is released."""
    cube = make_cube(("A1", "X", 1, 2, 10.0), ("A2", "Y", 1, 6, 10.0), ("A3", "Z", 1, 9, 10.0))
    before = show_all(cube)
    with pytest.raises(DisclosureError):
        protect(cube, ROOMY, seconds=2, earlier={"essai": before})


def test_cubes_that_share_a_measure_share_their_pattern():
    """A row unsafe in one dataset is hidden in the other when a measure stands in both."""
    small = make_cube(("A1", "X", 1, 2, 10.0), ("A2", "Y", 1, 7, 10.0), ("A3", "Z", 1, 9, 10.0), name="petit")
    large = make_cube(("A1", "X", 1, 9, 10.0), ("A2", "Y", 1, 7, 10.0), ("A3", "Z", 1, 9, 10.0), name="grand")
    protection = protect([small, large], ROOMY, seconds=2)
    masks = [protection.serve(c).set_index(KEY)["masque"] for c in (small, large)]
    assert masks[0].equals(masks[1])
    assert masks[1]["departement", "A1", "2026"]
    other = build_cube(make_rows(("A1", "X", 1, 9, 1.0)).rename(columns={"km": "autre"}), measures=["autre"])
    assert not protect([small, other], ROOMY, seconds=2).serve(other)["masque"].any()


def test_linked_measures_share_one_mask():
    """A row that dominance in km makes unsafe hides its GES too: one factor would give one from the other."""
    rows = make_rows(("A1", "X", 1, 5, 1.0), ("A2", "Y", 1, 5, 10.0), ("A3", "Z", 1, 9, 10.0))
    rows.loc[0, "km"] = 1000.0
    rows["ges"] = 1.0
    cube = build_cube(rows, measures=["km", "ges"], dominance_measures=["km"])
    served = protect(cube, ROOMY, seconds=2).serve(cube).set_index(KEY)
    assert served.loc[("departement", "A1", "2026")][["km", "ges"]].isna().all()


def test_signed_measures_are_protected(contributions):
    """Savings below zero are hidden and attacked like the rest."""
    rows = contributions(4000, 150, 1, seed=5)
    rows["distance_evitee_km"] -= 40
    measures = [Measure("distance_evitee_km", signed=True), Measure("distance_reelle_km")]
    cube = build_cube(rows, measures=measures, holding="holding", name="essai")
    protection = protect(cube, seconds=5)
    assert (cube.cells["distance_evitee_km"] < 0).any()
    assert audit({"essai": protection.serve(cube)}, {"essai": cube}).passed


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(seed=st.integers(0, 10_000), venues=st.integers(5, 80), seconds=st.sampled_from([0.0, 2.0]))
def test_no_hidden_unsafe_cell_is_narrower_than_its_protection(contributions, seed, venues, seconds):
    """Whatever the data and the time given, what is served resists the auditor."""
    rows = contributions(venues * 12, venues, 1, seed=seed)
    measures = [
        Measure("nb_dates", integer=True),
        Measure("nb_dates_coprogrammees", integer=True),
        "distance_reelle_km",
    ]
    cube = build_cube(rows, measures=measures, holding="holding", name="essai")
    try:
        protection = protect(cube, seconds=seconds)
    except DisclosureError:
        return
    report = audit({"essai": protection.serve(cube)}, {"essai": cube})
    assert report.findings == ()


def test_the_certificate_tells_rules_and_no_value(contributions, tmp_path):
    """The gate signs hashes, rules, levels and counts; no value of a hidden cell is in it."""
    rows = contributions(6000, 200, 1, seed=3)
    cube = build_cube(rows, measures=["distance_reelle_km"], holding="holding", name="essai")
    protection = protect(cube, seconds=3)
    path = tmp_path / "essai.csv"
    protection.serve(cube).to_csv(path, index=False)
    told = release_tables({"essai": path}, [cube], protection).to_dict()
    assert set(told["levels"]) >= {"L0", "L1", "L4", "L5"}
    assert told["rules"]["primary"] == ["frequency", "dominance", "p-percent"]
    assert len(told["files"]["essai"]) == 64
    assert told["smallest_relative_width"] >= 0.2
    assert set(told["hidden_by_rule"]) <= {"frequency", "dominance", "p-percent", "secondary"}
    hidden = protection.cells["status"].isin(["primary", "secondary"])
    assert sum(told["hidden_by_rule"].values()) == hidden.sum()
    text = str(told)
    for value in cube.cells.loc[cube.cells["published"], "distance_reelle_km"]:
        assert f"{value:.3f}" not in text


def test_the_gate_refuses_and_names_no_cell():
    """A file that fails is not certified; the reason counts cells and names none."""
    cube = make_cube(("A1", "X", 1, 2, 10.0), ("A2", "Y", 1, 7, 10.0), ("A3", "Z", 1, 9, 10.0))
    protection = protect(cube, ROOMY, seconds=2)
    with pytest.raises(DisclosureError, match="exact") as refused:
        release_tables({"essai": show_all(cube)}, [cube], protection)
    assert "A1" not in str(refused.value)


def test_the_example_of_the_documentation_runs(capsys):
    """The example of docs/disclosure.md works as printed, and what it serves passes."""
    page = Path(__file__).parents[3] / "docs" / "disclosure.md"
    program = re.search(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    assert program
    exec(compile(program[1], str(page), "exec"), {})
    assert capsys.readouterr().out.startswith("True ")
