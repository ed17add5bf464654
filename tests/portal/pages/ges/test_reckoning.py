"""The example of the page: the figures of the method, and every step that leads to them."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from datasets.programming.factors import DETOURS, FACTORS, MODES, PLANE
from portal.pages.ges.places import Place
from portal.pages.ges.reckoning import Leg, Reckoning, reckon
from portal.pages.ges.trips import EXAMPLE, Line, Trip, read_trip

CASES_FILE = Path(__file__).parents[3] / "datasets" / "programming" / "examples.json"
EXAMPLES = json.loads(CASES_FILE.read_text(encoding="utf-8"))
POINTS, CASES = EXAMPLES["points"], {case["id"]: case for case in EXAMPLES["cases"]}
TOLERANCE = 1e-6
places = st.builds(Place, st.just("x"), st.floats(-60, 70), st.floats(-180, 180))
lines = st.builds(Line, st.sampled_from(MODES), st.floats(0.5, 50))
trips = st.builds(
    Trip,
    places,
    st.lists(places, min_size=1, max_size=4).map(tuple),
    st.frozensets(st.integers(1, 4)),
    st.lists(lines, min_size=1, max_size=2).map(tuple),
)


def ask(app: Flask, **values: Any) -> Reckoning:
    """Compute what the form holds."""
    with app.test_request_context("/pages/ges/"):
        form = read_trip(MultiDict(values))
    assert form.errors == {}
    assert form.trip is not None
    return reckon(form.trip)


def fields_of(case: dict[str, Any], path: list[str]) -> dict[str, Any]:
    """Write a case of the method as the fields of the form, places by their coordinates."""
    point = {name: f"{lat}, {lon}" for name, (lat, lon) in POINTS.items()}
    fields: dict[str, Any] = {"home": point[case["home"]]}
    fields |= {f"stop{rank}": point[name] for rank, name in enumerate(path, 1)}
    for rank, (mode, quantity) in enumerate(case["components"], 1):
        fields |= {f"mode{rank}": mode, f"quantity{rank}": str(quantity)}
    return fields | {"own": [str(path.index(name) + 1) for name in case.get("own", ())]}


@pytest.mark.parametrize("name", ["E01", "E02", "E03", "E05", "E06", "E09", "E11", "E12", "E13b", "E15", "E16", "E17"])
def test_the_form_gives_the_worked_figures(site: Flask, name: str) -> None:
    """Every worked example that the form can express gives the figures of the method, leg by leg, within 1e-6 kg."""
    case = CASES[name]
    expected, path = case["expected"], case.get("path") or case["expected"]["tours"][0]
    found = ask(site, **fields_of(case, path))
    sums = {
        "counterfactual": found.counterfactual,
        "actual": found.emitted,
        "saving": found.gross,
        "attributable": found.attributable,
        "attributable_counterfactual": found.counterfactual_due,
        "low": found.gross - found.gross_margin,
        "high": found.gross + found.gross_margin,
    }
    for key in sums.keys() & expected.keys():
        assert sums[key] == pytest.approx(expected[key], abs=TOLERANCE), key
    for key, shown in (
        ("km", [leg.km for leg in found.actual]),
        ("alone", [leg.kg for leg in found.alone]),
        ("allocation", [share.gross for share in found.shares]),
    ):
        if key in expected:
            assert shown == pytest.approx(expected[key], abs=TOLERANCE), key


@settings(max_examples=25, deadline=None)
@given(trips)
def test_the_steps_add_up(trip: Trip) -> None:
    """For any trip each step is quantity × factor × detour × km, and the steps add up to the figures and the shares."""
    found = reckon(trip)
    for legs, total in (
        (found.actual, found.emitted),
        (found.alone, found.counterfactual),
        (found.without, found.counterfactual_due),
    ):
        assert sum(map(by_hand, legs)) == pytest.approx(total, rel=1e-9, abs=1e-6)
        assert [leg.kg for leg in legs] == pytest.approx([by_hand(leg) for leg in legs])
    assert found.counterfactual - found.emitted == pytest.approx(found.gross, rel=1e-9, abs=1e-6)
    assert sum(share.gross for share in found.shares) == pytest.approx(found.gross, rel=1e-9, abs=1e-6)
    assert sum(share.attributable for share in found.shares) == pytest.approx(found.attributable, rel=1e-9, abs=1e-6)


def by_hand(leg: Leg) -> float:
    """Multiply the numbers that the page shows for a leg."""
    return sum(part.line.quantity * part.factor.usage * part.factor.detour * leg.km * leg.times for part in leg.parts)


def test_a_known_distance_replaces_ours_on_both_sides(site: Flask) -> None:
    """A distance given by road counts for itself, in the tour and in the situations it is compared with."""
    found = ask(site, **EXAMPLE, **{"km0-1": "720", "km1-2": "0"})
    assert [leg.given for leg in found.actual] == [True, True, False, False]
    assert [leg.given for leg in found.alone] == [True, False, False]
    assert found.actual[0].km * DETOURS["route"] == pytest.approx(720)
    assert found.alone[0].kg == pytest.approx(2 * 720 * FACTORS["vul_fourgon"].usage)
    assert found.actual[1].kg == 0
    later = ask(site, **(EXAMPLE | {"stop2": ""}), **{"km0-3": "800", "km1-2": "40"})
    assert [leg.given for leg in later.actual] == [False, False, True]


def test_a_plane_has_the_factor_of_its_distance(site: Flask) -> None:
    """Each leg by plane names the factor of its own distance."""
    found = ask(site, home="45.5, -73.6", stop1="48.9, 2.4", stop2="47.2, -1.6", mode1=PLANE, quantity1="4")
    assert [leg.parts[0].factor.mode for leg in found.actual] == ["avion_5000_plus", "avion_0_500", "avion_5000_plus"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"home": "Nulle-Part-sur-Rien"}, "home"),
        ({"home": "91, 0"}, "home"),
        ({"home": ""}, "home"),
        ({"stop2": "<script>"}, "stop2"),
        ({"mode1": "fusée"}, "mode1"),
        ({"mode1": "avion_0_500"}, "mode1"),
        ({"quantity1": "0"}, "quantity1"),
        ({"quantity1": "-1"}, "quantity1"),
        ({"quantity1": "1e9"}, "quantity1"),
        ({"quantity1": "nan"}, "quantity1"),
        ({"quantity1": "9" * 400}, "quantity1"),
        ({"km0-1": "999999"}, "km0-1"),
        ({"km1-2": "loin"}, "km1-2"),
    ],
)
def test_what_is_wrong_is_told_by_field(site: Flask, fields: dict[str, str], wrong: str) -> None:
    """A field that cannot be read is named with what to do; nothing is computed from the others."""
    with site.test_request_context("/pages/ges/?lang=en"):
        form = read_trip(MultiDict(EXAMPLE | fields))
    assert list(form.errors) == [wrong]
    assert form.trip is None
