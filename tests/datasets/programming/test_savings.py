import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.programming.factors import FACTORS, MODES, PLANE
from datasets.programming.legs import ACTUAL, great_circle_km, trace_legs
from datasets.programming.savings import NO_MODE, Component, Savings, Stop, compute_savings, compute_tour
from datasets.programming.tours import STATUSES, build_tours

EXAMPLES = json.loads(Path(__file__).with_name("examples.json").read_text(encoding="utf-8"))
POINTS = EXAMPLES["points"]
CASES = {case["id"]: case for case in EXAMPLES["cases"]}
TOLERANCE = 1e-6

places = st.builds(Stop, st.floats(-60, 70), st.floats(-180, 180), st.booleans())
homes = st.tuples(st.floats(-60, 70), st.floats(-180, 180))
vehicles = st.sampled_from([mode for mode in MODES if mode != PLANE])


def components_of(case, share=1.0):
    """Build the transport lines of a case: [mode, quantity] or [mode, quantity, far mode]."""
    return [Component(line[0], line[1], line[2] if len(line) > 2 else None, share) for line in case["components"]]


def stops_of(case, path=None):
    """Build the places of a case told as a path."""
    own, passing = case.get("own", ()), case.get("without_performance", ())
    return [Stop(*POINTS[name], name not in own, name not in passing) for name in path or case["path"]]


def compute(case, share=1.0, **options) -> Savings:
    """Compute a case told as a path."""
    known = case.get("order_known", True)
    return compute_tour(
        tuple(POINTS[case["home"]]), stops_of(case), components_of(case, share), order_known=known, **options
    )


def compute_dates(case, rows):
    """Compute a case told as dates through all the rules; return the tours (lists of names) and the savings."""
    names = list(POINTS)
    venues = list(dict.fromkeys((row[1], row[4] if len(row) > 4 else row[1]) for row in rows))
    days = [pd.Timestamp(row[2]).toordinal() for row in rows]
    dates = pd.DataFrame(
        {
            "equipe": 0,
            "tournee": [ord(row[0]) - 65 for row in rows],
            "projet": 0,
            "lieu": [venues.index((row[1], row[4] if len(row) > 4 else row[1])) for row in rows],
            "engagement": [names.index(row[1]) if len(row) < 5 else int(row[5][1:]) for row in rows],
            "first_day": days,
            "last_day": days,
            "status": [STATUSES.index(row[3]) for row in rows],
            "coprogrammed": True,
        }
    )
    lat, lon = POINTS[case["home"]]
    start = pd.DataFrame({"lat": [lat] * 2, "lon": [lon] * 2, "order_known": [True] * 2})
    where = pd.DataFrame([POINTS[name] for name, _ in venues], columns=["lat", "lon"])
    columns = ("tournee", "rang", "kind", "lieu", "lat", "lon")
    steps = pd.DataFrame({name: np.zeros(0, dtype=np.int64) for name in columns})
    tours = build_tours(dates, start, where, steps)
    lines = [
        {"tour": tour, "mode": MODES.index(line[0]), "far_mode": NO_MODE, "quantity": line[1], "share": 1.0}
        for tour in range(len(tours.homes))
        for line in case["components"]
    ]
    legs = trace_legs(tours.nodes, tours.homes)
    found = compute_savings(legs, pd.DataFrame(lines), tours=len(tours.homes), stops=len(tours.stops))
    paths = [[venues[lieu][0] for lieu in stops["lieu"]] for _, stops in tours.stops.groupby("tour")]
    return paths, found, legs


def check(expected, found: Savings):
    """Compare the sums and the shares that a case states."""
    sums = {"counterfactual": "contrefactuel", "actual": "reel", "saving": "economie_brute"}
    for name, column in sums.items():
        if name in expected:
            assert found.tours[column].sum() == pytest.approx(expected[name], abs=TOLERANCE)
    for name, column in {"alone": "contrefactuel", "allocation": "economie_brute"}.items():
        if name in expected:
            assert found.stops[column].tolist() == pytest.approx(expected[name], abs=TOLERANCE)


def test_there_are_eighteen_cases():
    """All the worked examples of the method are held by these tests."""
    assert len(CASES) == 18


@pytest.mark.parametrize("name", ["E01", "E02", "E03", "E04", "E05", "E06", "E07", "E10", "E11", "E12", "E16"])
def test_a_path_gives_the_worked_figures(name):
    """A tour told as a path gives the figures of the method within 1e-6 kgCO2e."""
    check(CASES[name]["expected"], compute(CASES[name]))


@pytest.mark.parametrize("name", ["E09", "E13", "E13b", "E14", "E17"])
def test_dates_give_the_worked_figures(name):
    """A tour told as dates goes through the rules (cancelled, merged, split, duplicate) and gives the figures."""
    case = CASES[name]
    paths, found, _ = compute_dates(case, case["dates"])
    assert paths == case["expected"]["tours"]
    check(case["expected"], found)


@pytest.mark.parametrize("name", [name for name in CASES if "km" in CASES[name]["expected"]])
def test_legs_have_the_worked_lengths(name):
    """Every leg of the path travelled has the great-circle length of the example within 1e-6 km."""
    case = CASES[name]
    names = [case["home"], *(case.get("path") or case["expected"]["tours"][0]), case["home"]]
    points = np.array([POINTS[name] for name in names])
    km = great_circle_km(points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1])
    assert km.tolist() == pytest.approx(case["expected"]["km"], abs=TOLERANCE)


def test_an_unknown_order_is_the_longest_one():
    """E04: the prudent path is the longest permutation, and the shortest and mean ones are as worked."""
    case = CASES["E04"]
    lengths = {
        path: compute_tour(tuple(POINTS["Paris"]), stops_of(case, path), components_of(case)).tours["reel"][0]
        for path in permutations(case["path"])
    }
    expected = case["expected"]
    assert compute(case).tours["reel"][0] == max(lengths.values())
    assert min(lengths.values()) == pytest.approx(expected["shortest"], abs=TOLERANCE)
    assert lengths[tuple(expected["shortest_path"])] == min(lengths.values())
    assert np.mean(list(lengths.values())) == pytest.approx(expected["mean"], abs=TOLERANCE)


def test_a_shared_vehicle_counts_once():
    """E08: two companies in one truck share its path by volume, and each keeps its own counterfactual."""
    case = CASES["E08"]
    each = [compute(case, share).tours.iloc[0] for share in case["shares"]]
    expected = case["expected"]
    assert [tour["contrefactuel"] for tour in each] == pytest.approx(expected["counterfactual_each"], abs=TOLERANCE)
    assert [tour["reel"] for tour in each] == pytest.approx(expected["actual_each"], abs=TOLERANCE)
    assert [tour["economie_brute"] for tour in each] == pytest.approx(expected["saving_each"], abs=TOLERANCE)
    assert sum(tour["economie_brute"] for tour in each) == pytest.approx(expected["saving"], abs=TOLERANCE)


def test_a_cancelled_date_is_an_absent_date():
    """E09: a cancelled date leaves both sides; before it was cancelled, the forecast was the worked one."""
    case = CASES["E09"]
    absent = [row for row in case["dates"] if row[3] == "realise"]
    assert compute_dates(case, absent)[1].tours.equals(compute_dates(case, case["dates"])[1].tours)
    foreseen = [[*row[:3], "realise"] for row in case["dates"]]
    forecast = compute_dates(case, foreseen)[1].tours["economie_brute"].sum()
    assert forecast == pytest.approx(case["expected"]["forecast"], abs=TOLERANCE)


def test_the_uncertainty_of_a_single_mode_carries_over_to_the_saving():
    """E15: 30 % on the factor and 10 % on the detour give 31.6 % on the saving."""
    tour, expected = compute(CASES["E15"]).tours.iloc[0], CASES["E15"]["expected"]
    saving, margin = tour["economie_brute"], tour["incertitude"]
    assert margin / saving == pytest.approx(expected["relative"], abs=TOLERANCE)
    assert saving - margin == pytest.approx(expected["low"], abs=TOLERANCE)
    assert saving + margin == pytest.approx(expected["high"], abs=TOLERANCE)


def test_what_is_attributable_compares_with_the_tour_that_existed():
    """E16: with two co-programmed dates of four, the attributable saving is the worked one."""
    found, expected = compute(CASES["E16"]), CASES["E16"]["expected"]
    tour, alone = found.tours.iloc[0], found.stops["contrefactuel"]
    assert tour["contrefactuel_attribuable"] == pytest.approx(expected["attributable_counterfactual"], abs=TOLERANCE)
    assert tour["economie_attribuable"] == pytest.approx(expected["attributable"], abs=TOLERANCE)
    own_path = tour["contrefactuel_attribuable"] - alone[1] - alone[2]
    assert own_path == pytest.approx(expected["own_path"], abs=TOLERANCE)


@settings(max_examples=30, deadline=None)
@given(homes, places, vehicles)
def test_one_stop_saves_nothing(home, stop, mode):
    """The saving of a tour of one stop is exactly 0."""
    assert compute_tour(home, [stop], [Component(mode)]).tours["economie_brute"][0] == 0


@settings(max_examples=30, deadline=None)
@given(homes, st.lists(places, min_size=1, max_size=8), st.lists(vehicles, min_size=1, max_size=3), st.booleans())
def test_the_shares_add_up_to_the_saving(home, stops, modes, known):
    """The allocations of both savings sum to them, and actual emissions too."""
    found = compute_tour(home, stops, [Component(mode, 2) for mode in modes], order_known=known)
    tour = found.tours.iloc[0]
    if tour["contrefactuel"] > 0:
        for column in ("economie_brute", "economie_attribuable", "reel", "contrefactuel", "km_reel"):
            assert found.stops[column].sum() == pytest.approx(tour[column], rel=1e-9, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(homes, st.lists(places, min_size=1, max_size=8), vehicles, st.booleans())
def test_one_vehicle_without_detour_never_loses(home, stops, mode, known):
    """One vehicle and no extra stop: the triangle inequality forbids a negative saving."""
    tour = compute_tour(home, stops, [Component(mode)], order_known=known).tours.iloc[0]
    assert tour["economie_brute"] >= -1e-9 * max(1, tour["contrefactuel"])


@settings(max_examples=30, deadline=None)
@given(homes, st.lists(places, min_size=1, max_size=6), vehicles)
def test_twice_the_vehicles_emit_twice(home, stops, mode):
    """Doubling the quantities doubles every emission and saving."""
    once = compute_tour(home, stops, [Component(mode, 1)]).tours
    twice = compute_tour(home, stops, [Component(mode, 2)]).tours
    for column in ("contrefactuel", "reel", "economie_brute", "economie_attribuable", "incertitude"):
        assert twice[column][0] == pytest.approx(2 * once[column][0], rel=1e-12)


@settings(max_examples=30, deadline=None)
@given(homes, st.lists(places, min_size=1, max_size=6), vehicles)
def test_attributable_meets_its_two_ends(home, stops, mode):
    """All dates co-programmed: both savings are equal; none: nothing is attributable."""
    shared = [Stop(stop.lat, stop.lon, True) for stop in stops]
    tour = compute_tour(home, shared, [Component(mode)]).tours.iloc[0]
    assert tour["economie_attribuable"] == tour["economie_brute"]
    own = [Stop(stop.lat, stop.lon, False) for stop in stops]
    assert compute_tour(home, own, [Component(mode)]).tours["economie_attribuable"][0] == 0


def many_tours(draws):
    """Put several tours in one table: homes, nodes and one van each."""
    nodes = [
        {"tour": tour, "lat": stop.lat, "lon": stop.lon, "coprogrammed": stop.coprogrammed}
        for tour, (_, stops) in enumerate(draws)
        for stop in stops
    ]
    table = pd.DataFrame(nodes)
    table["stop"] = range(len(table))
    start = pd.DataFrame([home for home, _ in draws], columns=["lat", "lon"]).assign(order_known=True)
    lines = {"tour": range(len(draws)), "mode": MODES.index("vul_fourgon"), "far_mode": NO_MODE}
    vans = pd.DataFrame({**lines, "quantity": 1.0, "share": 1.0})
    return compute_savings(trace_legs(table, start), vans, tours=len(draws), stops=len(table))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(homes, st.lists(places, min_size=1, max_size=4)), min_size=2, max_size=5), st.randoms())
def test_companies_do_not_change_each_other(draws, random):
    """Tours computed together, in any order, are what they are alone."""
    order = random.sample(range(len(draws)), len(draws))
    together, shuffled = many_tours(draws).tours, many_tours([draws[each] for each in order]).tours
    for tour, (home, stops) in enumerate(draws):
        alone = compute_tour(home, stops, [Component("vul_fourgon")]).tours.iloc[0]
        assert together["economie_brute"][tour] == pytest.approx(alone["economie_brute"], rel=1e-12, abs=1e-9)
        assert shuffled["reel"][order.index(tour)] == together["reel"][tour]


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(4)))
def test_the_order_of_the_rows_does_not_matter(order):
    """When the days are known, shuffled dates give the same tours and figures."""
    case = {"home": "Paris", "components": [["vul_fourgon", 1]]}
    rows = [["A", name, f"2026-04-0{day}", "realise"] for day, name in enumerate(("Lyon", "Nice", "Brest", "Lille"), 1)]
    found = compute_dates(case, [rows[each] for each in order])
    paths, expected, _ = compute_dates(case, rows)
    assert found[0] == paths
    assert found[1].tours.equals(expected.tours)


def test_beyond_seven_places_an_unknown_order_saves_nothing():
    """Eight places in an unknown order: the upper bound makes both savings 0."""
    stops = [Stop(44 + step / 5, step / 3, step % 2 == 0) for step in range(8)]
    tour = compute_tour((48.85, 2.35), stops, [Component("minibus_9")], order_known=False).tours.iloc[0]
    assert tour["economie_brute"] == pytest.approx(0, abs=1e-9)
    assert tour["economie_attribuable"] == pytest.approx(0, abs=1e-9)


def test_a_plane_has_the_factor_of_its_band():
    """The lower bound of a band of distances is included, on the great circle without detour."""
    bands = [(499.999, "avion_0_500"), (500, "avion_500_1000"), (1000, "avion_1000_2000"), (5000, "avion_5000_plus")]
    for km, line in bands:
        leg = {"tour": 0, "scenario": ACTUAL, "stop": -1, "km": km, "times": 1.0, "shared": True}
        plane = {"tour": 0, "mode": MODES.index(PLANE), "far_mode": NO_MODE, "quantity": 1.0, "share": 1.0}
        found = compute_savings(pd.DataFrame([leg]), pd.DataFrame([plane]), tours=1, stops=0)
        assert found.tours["reel"][0] == pytest.approx(km * FACTORS[line].usage, rel=1e-12)


def test_a_tour_without_home_or_transport_has_no_figure():
    """No home, or no transport line: no calculation, never a figure by default."""
    for home, lines in (((float("nan"), float("nan")), [Component("ter")]), ((48.0, 2.0), [])):
        tour = compute_tour(home, [Stop(44.0, 0.5)], lines).tours.iloc[0]
        assert tour[["contrefactuel", "reel", "economie_brute", "economie_attribuable"]].isna().all()
