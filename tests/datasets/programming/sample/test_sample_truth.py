"""The expected truth: it adds up, and the real pipeline finds the same."""

import numpy as np
import pandas as pd
import pytest

from datasets.programming.calculation import calculate
from datasets.programming.records import read_records
from datasets.programming.sample.expected import ADDITIVE, COUNTS
from datasets.programming.sample.figures import MEASURES

SUMS = [name for name in MEASURES if not name.startswith("nb_")]
FOUND = {
    "nb_dates": "nb_dates",
    "nb_dates_coprogrammees": "nb_dates_coprogrammees",
    "km_contrefactuel": "distance_contrefactuelle_km",
    "km_reel": "distance_reelle_km",
    "contrefactuel": "emissions_contrefactuelles_kgco2e",
    "reel": "emissions_reelles_kgco2e",
    "economie_brute": "economie_brute_kgco2e",
    "economie_attribuable": "economie_attribuable_kgco2e",
}


def level(totals: pd.DataFrame, niveau_geo: str) -> pd.DataFrame:
    return totals[totals["niveau_geo"] == niveau_geo].set_index(["periode", "code_geo"])


@pytest.mark.parametrize("size", ["S", "M"])
@pytest.mark.parametrize("niveau_geo", ["region", "departement"])
def test_levels_add_up(samples, size, niveau_geo):
    """Régions, and départements, add up to the country for all that can be added."""
    totals = samples(size).totals
    names = [*ADDITIVE, "nb_lieux_actifs", "nb_programmateurs_actifs"]
    parts = level(totals, niveau_geo).groupby("periode")[names].sum()
    whole = level(totals, "pays").reset_index("code_geo")[names]
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-9, check_dtype=False)


@pytest.mark.parametrize("size", ["S", "M"])
def test_quarters_add_up(samples, size):
    """The quarters of a year add up to the year for all that can be added; distinct counts never exceed their sum."""
    totals = samples(size).totals
    quarters = totals[totals["periode"].str.len() == 7].assign(periode=lambda f: f["periode"].str[:4])
    keys = ["periode", "niveau_geo", "code_geo"]
    sums = quarters.groupby(keys)[[*MEASURES, *COUNTS]].sum()
    years = totals[totals["periode"].str.len() == 4].set_index(keys)[[*MEASURES, *COUNTS]].sort_index()
    additive = list(ADDITIVE)
    np.testing.assert_allclose(sums[additive], years[additive], rtol=1e-9, atol=1e-6)
    assert (years[list(COUNTS)] <= sums[list(COUNTS)]).all(axis=None)


@pytest.mark.parametrize("size", ["S", "M"])
def test_identities(samples, size):
    """The saving is the counterfactual less the actual; the attributable one is no more than the brute one."""
    totals = samples(size).totals
    gap = totals["emissions_contrefactuelles_kgco2e"] - totals["emissions_reelles_kgco2e"]
    np.testing.assert_allclose(gap, totals["economie_brute_kgco2e"], rtol=1e-9, atol=1e-6)
    gap = totals["distance_contrefactuelle_km"] - totals["distance_reelle_km"]
    np.testing.assert_allclose(gap, totals["distance_evitee_km"], rtol=1e-9, atol=1e-6)
    country = level(totals, "pays")
    assert (country["economie_attribuable_kgco2e"] <= country["economie_brute_kgco2e"]).all()
    assert (totals["nb_dates_coprogrammees"] <= totals["nb_dates"]).all()


def test_dominance(samples):
    """One company makes about 90 % of the saving of one département."""
    assert 0.85 <= samples("M").report.dominance <= 0.98


@pytest.mark.parametrize("size", ["S", "M"])
def test_the_pipeline_finds_the_truth(samples, territories, size):
    """Read with all its defects, the sample gives the truth: exactly for counts, to 1e-9 for sums."""
    sample = samples(size)
    records = read_records(sample.report.folder, territories)
    stops = calculate(records).stops
    communes = territories.communes.iloc[records.venues["commune"].to_numpy()]
    stops = stops.assign(
        periode=stops["trimestre"].astype("str"),
        code_geo=communes["code_departement"].to_numpy()[stops["lieu"].to_numpy()],
    )
    found = stops.groupby(["periode", "code_geo"])
    expected = level(sample.totals[sample.totals["periode"].str.len() == 7], "departement")
    expected = expected[expected["nb_dates"] > 0].sort_index()
    sums = found[list(FOUND)].sum().rename(columns=FOUND)
    np.testing.assert_allclose(sums, expected[list(FOUND.values())], rtol=1e-9, atol=1e-6)
    assert (found["lieu"].nunique() == expected["nb_lieux_actifs"]).all()
    assert (found["projet"].nunique() == expected["nb_projets"]).all()
    computed = stops[stops["contrefactuel"].notna()].groupby(["periode", "code_geo"])["tour"].nunique()
    assert (computed.reindex(expected.index, fill_value=0) == expected["nb_tournees"]).all()
    visits = level(sample.totals[sample.totals["periode"].str.len() == 7], "pays")
    assert records.connections["number"].sum() == visits["nb_connexions"].sum()
    assert records.introductions["number"].sum() == visits["nb_mises_en_relation"].sum()


def test_nothing_is_hidden_by_zero(samples):
    """Each measure of the truth takes both small and large values: no column is left empty."""
    totals = samples("M").totals
    assert (totals[[*MEASURES, *COUNTS]].abs().sum() > 0).all()
    assert (totals["economie_brute_kgco2e"] < 0).any()
    assert totals[SUMS].notna().all(axis=None)
