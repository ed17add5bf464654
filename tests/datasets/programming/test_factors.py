"""Emission factors: the table is whole, coherent, and says where each value comes from."""

import pytest

from datasets.programming.factors import (
    DETOURS,
    FACTORS,
    FACTORS_VERSION,
    MODES,
    PARTY_DEFAULTS,
    PLANE,
    PLANE_BANDS,
    SET_DEFAULTS,
    read_factor_rows,
)

ROWS = read_factor_rows()


def test_every_factor_is_there():
    """The table has its twenty-four lines, one per mode and version."""
    assert len(FACTORS) == 24
    assert len({(row["mode"], row["version"]) for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["mode"])
def test_a_factor_says_what_it_is(row):
    """A line has its unit, its network, its source, its version and its validity, and its parts add up."""
    assert row["unite"] in ("vehicule.km", "passager.km")
    assert row["reseau"] in DETOURS
    assert row["source"]
    assert row["version"] == FACTORS_VERSION
    assert row["valide_du"]
    if row["amont"]:
        parts = sum(float(row[name] or 0) for name in ("amont", "combustion", "trainees"))
        assert float(row["usage"]) == pytest.approx(parts, abs=1e-9)
    assert float(row["total"]) >= float(row["usage"])


def test_bands_of_planes_touch_each_other():
    """The bands start at 0, follow each other, and each has its line."""
    assert [start for start, _ in PLANE_BANDS] == [0, 500, 1000, 2000, 5000]
    assert all(line in FACTORS for _, line in PLANE_BANDS)


def test_modes_that_may_be_declared():
    """Every mode but the bands of planes may be declared, and the plane as one mode; defaults are among them."""
    assert len(MODES) == 20
    assert PLANE in MODES
    supposed = [mode for _, mode in PARTY_DEFAULTS] + [mode for _, mode in SET_DEFAULTS if mode]
    assert set(supposed) <= set(MODES) - {PLANE}
