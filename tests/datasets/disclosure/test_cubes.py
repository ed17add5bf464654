"""Cubes count contributors by holding, add up exactly, and know the pieces that nobody publishes."""

import numpy as np
import pandas as pd
import pytest

from datasets.disclosure.cubes import Measure, build_cube
from datasets.disclosure.layout import PIECE
from datasets.disclosure.primary import Rules, find_unsafe
from datasets.errors import RecordsError


def make_rows(*rows):
    """Contributions of one quarter: (département, EPCI, venue, value), region = first letter of the département."""
    frame = pd.DataFrame(rows, columns=["code_departement", "code_epci", "lieu_id", "v"])
    return frame.assign(
        code_region=frame["code_departement"].str[0],
        trimestre="2026-T3",
        annee="2026",
        equipe_id=np.arange(len(frame)),
        programmateur_id=np.arange(len(frame)),
        holding=frame["lieu_id"],
    )


def cell_of(cube, level, code, period="2026-T3"):
    """The only cell with this key."""
    cells = cube.cells
    found = cells[(cells.niveau_geo == level) & (cells.code_geo == code) & (cells.periode == period)]
    assert len(found) == 1
    return found.iloc[0]


def test_every_equation_holds_for_every_measure(contributions):
    """Parents equal the sum of their children, signed measures included."""
    rows = contributions(3000, 200, 2)
    cube = build_cube(rows, measures=["nb_dates", Measure("distance_evitee_km", signed=True)], holding="holding")
    for column in ("nb_dates", "distance_evitee_km", "brut_distance_evitee_km", "n"):
        assert np.abs(cube.equations @ cube.cells[column].to_numpy()).max() < 1e-6


def test_what_straddles_is_a_cell():
    """An EPCI over two départements gives two pieces, tied to both partitions."""
    cube = build_cube(make_rows(("A1", "E", 1, 5.0), ("A2", "E", 2, 7.0), ("A2", "F", 3, 1.0)), measures=["v"])
    pieces = cube.cells[(cube.cells.niveau_geo == PIECE) & (cube.cells.genre == "trimestre")]
    assert sorted(pieces["v"]) == [1.0, 5.0, 7.0]
    assert not pieces["published"].any()
    assert cell_of(cube, "epci", "E")["v"] == 12


def test_abroad_counts_in_the_country_only():
    """What has no département is in the national total, and is a piece of its own."""
    cube = build_cube(make_rows(("A1", "E", 1, 5.0), (None, None, 2, 7.0)), measures=["v"])
    assert cell_of(cube, "pays", "FR")["v"] == 12
    assert cube.cells.loc[(cube.cells.niveau_geo == "region") & (cube.cells.genre == "annee"), "v"].sum() == 5
    assert cell_of(cube, PIECE, "××")["v"] == 7


def test_a_holding_is_one_contributor():
    """Four venues of one operator are one contributor, though four venues are counted."""
    rows = make_rows(*(("A1", "E", i, 1.0) for i in range(4))).assign(holding=1)
    cell = cell_of(build_cube(rows, measures=["v"], holding="holding"), "departement", "A1")
    assert (cell["n_lieux"], cell["nb_lieux"]) == (1, 4)


def test_unknown_contributors_are_not_counted():
    """A row without a programmer adds none: three rows, two programmers known, is an unsafe cell."""
    rows = make_rows(("A1", "E", 1, 1.0), ("A1", "E", 2, 1.0), ("A1", "E", 3, 1.0))
    rows["programmateur_id"] = [1, 2, None]
    cube = build_cube(rows, measures=["v"])
    assert cell_of(cube, "departement", "A1")["n_programmateurs"] == 2
    assert set(find_unsafe(cube, Rules())) == {"frequency"}


@pytest.mark.parametrize(("largest", "unsafe"), [(0.8499, False), (0.85, True), (0.90, True)])
def test_dominance_starts_at_the_threshold(largest, unsafe):
    """A contributor with 85 % of the cell makes it unsafe, one with a little less does not."""
    others = (1 - largest) / 4
    rows = make_rows(("A1", "E", 0, largest), *(("A1", "E", i, others) for i in range(1, 5)))
    rule = find_unsafe(build_cube(rows, measures=["v"]), Rules())
    assert set(rule) == ({"dominance"} if unsafe else {""})


def test_dominance_of_negative_values_weighs_absolute_values():
    """Savings of opposite signs do not hide each other: each contributor weighs |its own total|."""
    cancelling = make_rows(("A1", "E", 1, 100.0), ("A1", "E", 2, -95.0), ("A1", "E", 3, 30.0))
    lonely = make_rows(("A1", "E", 1, -100.0), ("A1", "E", 2, 9.0), ("A1", "E", 3, 5.0))
    measure = Measure("v", signed=True)
    assert set(find_unsafe(build_cube(cancelling, measures=[measure]), Rules())) == {""}
    assert set(find_unsafe(build_cube(lonely, measures=[measure]), Rules())) == {"dominance"}
    own = make_rows(("A1", "E", 1, 100.0), ("A1", "E", 1, -100.0), ("A1", "E", 2, 5.0), ("A1", "E", 3, 5.0))
    assert set(find_unsafe(build_cube(own, measures=[measure]), Rules(p=0))) == {""}


def test_each_role_is_counted():
    """Ten venues played by two companies tell one company about the other."""
    rows = make_rows(*(("A1", "E", i, 1.0) for i in range(10))).assign(equipe_id=[0, 1] * 5)
    assert set(find_unsafe(build_cube(rows, measures=["v"]), Rules())) == {"frequency"}


def test_missing_columns_are_named():
    """A frame without a measure is refused by its name."""
    with pytest.raises(RecordsError, match="kilometres"):
        build_cube(make_rows(("A1", "E", 1, 1.0)), measures=["kilometres"])


def test_an_empty_frame_gives_an_empty_cube():
    """No contribution, no cell, no equation."""
    cube = build_cube(make_rows(("A1", "E", 1, 1.0)).iloc[:0], measures=["v"])
    assert (len(cube.cells), cube.equations.shape[0]) == (0, 0)
