"""Tours: the eleven rules, one by one."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.programming.components import DECLARED, DEFAULT, UNKNOWN, build_components, share_vehicles
from datasets.programming.factors import MODES
from datasets.programming.legs import ACTUAL, ALONE, NO_STOP, trace_legs
from datasets.programming.tours import (
    HOME,
    LONGEST_PAUSE,
    PERFORMANCE,
    REALISED,
    RESIDENCY,
    STATUSES,
    STORE,
    build_tours,
    drop_duplicates,
    merge_dates,
)

VENUES = pd.DataFrame({"lat": [43.6, 44.0, 45.8, 48.4, 50.6], "lon": [0.6, 0.4, 4.8, -4.5, 3.1]})


def dates_of(*rows, **common):
    """Build dates from (venue, day) or (tournee, venue, day) rows; all realised, engagements by venue."""
    table = pd.DataFrame([row if len(row) == 3 else (0, *row) for row in rows], columns=["tournee", "lieu", "day"])
    columns = {"equipe": 0, "projet": 0, "engagement": table["lieu"], "status": REALISED, "coprogrammed": False}
    columns |= {"first_day": table["day"], "last_day": table["day"]} | common
    return table.drop(columns="day").assign(**columns)


def homes_of(tournees=1, *, known=True):
    """Build homes in Paris."""
    return pd.DataFrame({"equipe": 0, "lat": [48.85] * tournees, "lon": 2.35, "order_known": known})


def steps_of(*rows):
    """Build steps from (rang, kind, venue or -1, lat, lon) rows of the first tournee."""
    table = pd.DataFrame(rows, columns=["rang", "kind", "lieu", "lat", "lon"])
    return table.assign(tournee=0, mode=-1).astype({"rang": float, "kind": int, "lieu": int})


def build(dates, steps=None, homes=None):
    """Build tours over the five venues."""
    homes = homes_of(int(dates["tournee"].max()) + 1) if homes is None else homes
    return build_tours(dates, homes, VENUES, steps_of() if steps is None else steps)


def paths(tours):
    """Return the venues of each tour, in order."""
    return [stops["lieu"].tolist() for _, stops in tours.stops.groupby("tour")]


def test_only_realised_dates_make_stops():
    """Rule 1: a date in any other state leaves both the path and the counterfactual."""
    dates = dates_of(*((0, day) for day in range(len(STATUSES))), status=range(len(STATUSES)))
    assert build(dates).stops["first_day"].tolist() == [REALISED]


def test_a_date_entered_twice_counts_once():
    """Rule 2: the key is (company, day, venue), whatever the tour it was entered under."""
    tours = build(dates_of((0, 1, 1), (0, 2, 2), (1, 2, 2), (1, 1, 1)))
    assert paths(tours) == [[1, 2]]
    assert tours.homes["tournee"].tolist() == [0]


def test_two_companies_may_play_the_same_day_at_the_same_venue():
    """Rule 2: another company is not a duplicate."""
    assert len(drop_duplicates(dates_of((0, 1), (0, 1), equipe=[0, 1]))) == 2


def test_dates_of_one_engagement_make_one_stop():
    """Rule 2: two performances at the same venue under the same engagement are one stop, with two dates."""
    stops = merge_dates(dates_of((0, 1), (0, 2), (1, 3), coprogrammed=[True, True, False]))
    assert stops["nb_dates"].tolist() == [2, 1]
    assert stops["nb_dates_coprogrammees"].tolist() == [2, 0]
    assert merge_dates(dates_of((0, 1), (0, 2), engagement=[0, 1]))["nb_dates"].tolist() == [1, 1]


def test_coming_back_to_a_venue_is_another_stop():
    """Rule 2: a venue that is played again after another one is visited twice."""
    assert paths(build(dates_of((0, 1), (1, 2), (0, 3)))) == [[0, 1, 0]]


def test_stops_follow_their_days():
    """Rule 3: the order of travel is that of the first days."""
    assert paths(build(dates_of((0, 5), (1, 3), (2, 4)))) == [[1, 2, 0]]


def test_two_stops_of_one_day_have_no_known_order():
    """Rule 3: the same day for two venues makes the order unknown, and so does the producer's word."""
    assert not build(dates_of((0, 1), (1, 1))).homes["order_known"][0]
    assert not build(dates_of((0, 1), (1, 2)), homes=homes_of(known=False)).homes["order_known"][0]
    assert build(dates_of((0, 1), (1, 2))).homes["order_known"][0]


@pytest.mark.parametrize(("pause", "tours"), [(LONGEST_PAUSE, 1), (LONGEST_PAUSE + 1, 2)])
def test_a_long_pause_splits_a_tour(pause, tours):
    """Rule 4: more than ten days between two stops, from the last day of one to the first of the next."""
    assert len(build(dates_of((0, 1), (1, 1 + pause))).homes) == tours
    assert len(build(dates_of((0, 1), (1, 5 + pause), last_day=[5, 5 + pause])).homes) == tours


def test_a_declared_store_makes_the_journey_continuous():
    """Rules 4 and 5: a store between two stops joins them over a long pause, and belongs to the path only."""
    dates = dates_of((0, 1), (1, 30))
    tours = build(dates, steps_of((1, PERFORMANCE, 0, 0, 0), (2, STORE, -1, 46, 3), (3, PERFORMANCE, 1, 0, 0)))
    assert paths(tours) == [[0, 1]]
    assert tours.nodes["stop"].tolist() == [0, NO_STOP, 1]
    legs = trace_legs(tours.nodes, tours.homes)
    assert (legs["scenario"] == ACTUAL).sum() == 4
    assert legs.loc[legs["scenario"] == ALONE, "stop"].tolist() == [0, 1]


def test_a_store_before_the_first_stop_opens_the_path():
    """Rule 5: what was declared before the first performance comes first."""
    steps = steps_of((1, STORE, -1, 46, 3), (2, PERFORMANCE, 0, 0, 0))
    assert build(dates_of((0, 1)), steps).nodes["stop"].tolist() == [NO_STOP, 0]


def test_a_step_that_nobody_can_place_is_left_out():
    """Rule 5: a store without a known place adds no leg."""
    steps = steps_of((1, PERFORMANCE, 0, 0, 0), (2, STORE, -1, np.nan, np.nan))
    assert build(dates_of((0, 1)), steps).nodes["stop"].tolist() == [0]


def test_a_return_home_splits_nothing_by_itself():
    """Rule 4: a declared return home within ten days is the end of the path, which always goes home."""
    steps = steps_of((1, PERFORMANCE, 0, 0, 0), (2, HOME, -1, np.nan, np.nan), (3, PERFORMANCE, 1, 0, 0))
    assert build(dates_of((0, 1), (1, 3)), steps).nodes["stop"].tolist() == [0, 1]


def test_a_long_residency_becomes_the_home_of_what_follows():
    """Rule 11: after a residency longer than ten days, the next tour starts from it."""
    steps = steps_of((1, PERFORMANCE, 0, 0, 0), (2, RESIDENCY, -1, 46, 3), (3, PERFORMANCE, 1, 0, 0))
    homes = build(dates_of((0, 1), (1, 30)), steps).homes
    assert homes["lat"].tolist() == [48.85, 46]
    assert homes["lon"].tolist() == [2.35, 3]


def test_tours_end_at_home():
    """Rule 11: the return of one tour and the departure of the next are two legs, cut at home."""
    tours = build(dates_of((0, 0, 1), (1, 1, 2)))
    legs = trace_legs(tours.nodes, tours.homes)
    assert legs.loc[legs["scenario"] == ACTUAL].groupby("tour").size().tolist() == [2, 2]


def test_a_venue_of_the_home_commune_costs_nothing():
    """Rule 10: a distance of 0 gives 0, without a division by zero."""
    tours = build(dates_of((0, 1)), homes=homes_of().assign(lat=43.6, lon=0.6))
    assert (trace_legs(tours.nodes, tours.homes)["km"] == 0).all()


PROJECTS = pd.DataFrame({"nb_personnes": [3.0, 12.0, np.nan], "volume_m3": [2.0, 30.0, 50.0]})


def transports_of(*rows):
    """Build transports from (tournee, mode, quantity, vehicle, part) rows."""
    table = pd.DataFrame(rows, columns=["tournee", "mode", "quantity", "vehicle", "part_volume"])
    return table.assign(mode=[MODES.index(mode) for mode in table["mode"]]).astype({"vehicle": int, "tournee": int})


def test_a_tour_that_does_not_say_gets_the_default_transport():
    """A party of 3 takes a car; a party of 12 takes two minibuses, and its 30 m³ a 19 t truck; nobody invents more."""
    dates = dates_of((0, 0, 1), (1, 1, 2), (2, 2, 3), projet=[0, 1, 2])
    tours = build(dates)
    lines, origin = build_components(tours, transports_of(), PROJECTS, steps_of())
    told = [(line.tour, MODES[line.mode], line.quantity) for line in lines.itertuples()]
    assert told == [(0, "voiture_moyenne", 1), (1, "minibus_9", 2), (1, "porteur_19t", 1)]
    assert origin.tolist() == [DEFAULT, DEFAULT, UNKNOWN]


def test_a_declared_transport_is_the_only_one():
    """Declared lines are taken as they are, for every tour that a tournee was split into."""
    tours = build(dates_of((0, 1), (1, 30)))
    lines, origin = build_components(tours, transports_of((0, "ter", 3, -1, np.nan)), PROJECTS, steps_of())
    assert lines["tour"].tolist() == [0, 1]
    assert lines["quantity"].tolist() == [3, 3]
    assert origin.tolist() == [DECLARED, DECLARED]


def test_a_declared_flight_replaces_the_train_on_far_legs_only():
    """Rule 6: a plane is used when a leg declares one, never invented; vehicles of the set stay on the road."""
    tours = build(dates_of((0, 1)))
    rows = transports_of((0, "tgv", 4, -1, np.nan), (0, "vul_fourgon", 1, -1, np.nan))
    flown = steps_of((1, PERFORMANCE, 0, 0, 0)).assign(mode=MODES.index("avion"))
    assert build_components(tours, rows, PROJECTS, flown)[0]["far_mode"].tolist() == [MODES.index("avion"), -1]
    assert build_components(tours, rows, PROJECTS, steps_of())[0]["far_mode"].tolist() == [-1, -1]


@pytest.mark.parametrize(
    ("parts", "days", "shares"),
    [
        ((0.7, 0.3), (1, 1), (0.7, 0.3)),
        ((0.7, 0.7), (1, 1), (0.5, 0.5)),
        ((np.nan, np.nan), (1, 1), (0.5, 0.5)),
        ((np.nan, np.nan), (1, 40), (1, 1)),
    ],
)
def test_a_shared_vehicle_is_split_once(parts, days, shares):
    """Rule 9: by the declared parts, never more than the whole; else equally among the tours that overlap."""
    stops = pd.DataFrame({"tour": [0, 1], "first_day": days, "last_day": days})
    rows = transports_of(*((each, "porteur_19t", 1, 5, parts[each]) for each in (0, 1))).assign(tour=[0, 1])
    assert share_vehicles(rows, stops).tolist() == pytest.approx(shares)


def test_a_vehicle_of_one_tour_is_its_own():
    """Rule 9: a vehicle that nobody else declares is counted whole, in each tour after a split."""
    stops = pd.DataFrame({"tour": [0, 1], "first_day": [1, 30], "last_day": [2, 31]})
    rows = transports_of((0, "porteur_19t", 1, 5, 0.4), (0, "porteur_19t", 1, 5, 0.4)).assign(tour=[0, 1])
    assert share_vehicles(rows, stops).tolist() == [1, 1]


some_dates = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4), st.integers(0, 60)), min_size=1, max_size=15)


@settings(max_examples=40, deadline=None)
@given(some_dates, st.randoms())
def test_the_order_of_the_rows_changes_no_tour(rows, random):
    """Whatever the order in which dates were typed, the same stops make the same tours."""
    rows = list(dict.fromkeys((tournee, venue, day) for tournee, venue, day in rows))
    shuffled = random.sample(rows, len(rows))
    one, other = (
        build(dates_of(*each, equipe=[row[0] for row in each]), homes=homes_of(3)) for each in (rows, shuffled)
    )
    assert paths(one) == paths(other)


@settings(max_examples=40, deadline=None)
@given(some_dates)
def test_no_date_is_lost_or_counted_twice(rows):
    """The dates of the stops are the distinct (company, day, venue) of the rows."""
    tours = build(dates_of(*rows), homes=homes_of(3))
    assert tours.stops["nb_dates"].sum() == len({(venue, day) for _, venue, day in rows})
    assert tours.nodes["stop"].tolist() == list(range(len(tours.stops)))
