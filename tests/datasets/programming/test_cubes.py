"""Cubes and published rows: equal to the truth of the sample, empty where hidden, whole in their columns."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from datasets.disclosure.cubes import build_cube
from datasets.disclosure.layout import JOINT
from datasets.disclosure.primary import Rules
from datasets.programming.calculation import calculate
from datasets.programming.contributions import contributions
from datasets.programming.cubes import CALENDAR_CUBE, CUBES, KEY, PROTECTED, SAVINGS_ID, USAGE_ID
from datasets.programming.factors import FACTORS_VERSION, METHOD_VERSION
from datasets.programming.openings import opening_contributions
from datasets.programming.profiles import count_beside
from datasets.programming.published import (
    FACTORS_ID,
    TERRITORIES_ID,
    Stamp,
    factors_frame,
    published_frame,
    territories_frame,
)
from datasets.programming.quality import QUALITY_ID, quality_frame
from datasets.programming.records import read_records
from datasets.programming.sample import write_sample
from datasets.programming.schemas import SCHEMAS, as_table
from datasets.types.public import arrow_schema

STAMP = Stamp(date(2026, 11, 22))
TODAY = date(2025, 9, 1)


@pytest.fixture(scope="module")
def sample(tmp_path_factory, territories):
    """The records of a small sample, their calculation, and the folder of their truth."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder, "S", 32, territories)
    records = read_records(folder, territories)
    return records, calculate(records), folder / "verite" / "totals.csv"


@pytest.fixture(scope="module")
def cells(sample):
    """The cells of each dataset before protection, with their distinct counts: {dataset: (cells, counts)}."""
    frames = {name: contributions(name, *sample[:2]) for name in CUBES}
    frames[CALENDAR_CUBE.name] = opening_contributions(sample[0], TODAY)
    specs = (*CUBES.values(), CALENDAR_CUBE)
    every = {spec.name: build_cube(frames[spec.name], **spec.options()).cells for spec in specs}
    return {
        name: (find_cells(every[spec.name], grid), count_beside(name, frames[spec.name], Rules()))
        for name, (spec, grid) in PROTECTED.items()
    }


def find_cells(every, grid):
    """Return the published cells of a grid, with a column for each category."""
    mine = every[every["published"] & (every["grille"] == grid.name)].reset_index(drop=True)
    parts = mine["categorie"].str.split(JOINT, expand=True)
    return mine.assign(**{column: parts[place] for place, column in enumerate(grid.columns)})


def published(sample, cells, name, hide=lambda frame: np.zeros(len(frame), dtype=bool)):
    """Return the published rows of a cube, hiding the cells that `hide` chooses."""
    found, counts = cells[name]
    spec, grid = PROTECTED[name]
    measures = [measure.name for measure in spec.measures]
    served = found[[*KEY, *grid.columns, *measures]].reset_index(drop=True)
    served.insert(3, "masque", hide(served))
    served[measures] = served[measures].mask(served["masque"])
    return published_frame(name, served, counts, sample[0].territories, STAMP)


def test_totals_are_those_of_the_truth(sample, cells):
    """Before protection every cell equals what the generator knows: counts exactly, sums to 1e-9."""
    truth = pd.read_csv(sample[2], dtype={"periode": "str", "code_geo": "str"}).set_index(KEY)
    rows = pd.concat([published(sample, cells, name).set_index(KEY) for name in (SAVINGS_ID, USAGE_ID)], axis=1)
    rows = rows.loc[:, ~rows.columns.duplicated()].astype({"nb_dates": float})
    assert len(truth) > 500
    compared = [name for name in truth.columns if name in rows.columns]
    assert len(compared) == 16
    usage = published(sample, cells, USAGE_ID).set_index(KEY)
    for name in compared:
        found = (usage if name in usage.columns else rows)[name].reindex(truth.index).fillna(0)
        tolerance = 0 if name.startswith("nb_") else 1e-9 * np.maximum(1, truth[name].abs())
        assert ((found - truth[name]).abs() <= tolerance).all(), name


def test_uncomputed_tours_are_counted_apart(sample, cells):
    """Tours without home or transport are in nb_tournees_sans_calcul, and their dates still count."""
    truth = pd.read_csv(sample[2], dtype={"periode": "str", "code_geo": "str"}).set_index(KEY)
    served = {name: found.assign(masque=False) for name, (found, _) in cells.items()}
    quality = quality_frame(sample[1], sample[0], served, STAMP)
    national = truth.xs(("pays", "FR"), level=("niveau_geo", "code_geo"))["nb_tournees_sans_calcul"]
    by_first_day = quality.set_index("periode")["nb_tournees_sans_calcul"]
    by_first_day = by_first_day[by_first_day.index.str.len() == 7]
    assert by_first_day.sum() == (~sample[1].tours["computed"]).sum()
    assert by_first_day.sum() <= national[national.index.str.len() == 7].sum()


def test_every_row_says_how_it_was_made(sample, cells):
    """Each published row carries the versions of method and factors and the day of production."""
    for name, (_, grid) in PROTECTED.items():
        rows = published(sample, cells, name)
        assert (rows["version_methode"] == METHOD_VERSION).all()
        assert (rows["version_facteurs"] == FACTORS_VERSION).all()
        assert (rows["date_production"] == date(2026, 11, 22)).all()
        assert not rows.duplicated([*KEY, *grid.columns]).any()


def test_a_hidden_cell_has_no_value(sample, cells):
    """Every measure of a hidden cell is empty, never 0, including what is derived from measures."""
    plain = {*KEY, "granularite", "nom_geo", "population", "perimetre", "masque", "lon", "lat"}
    plain |= {"version_methode", "version_facteurs", "date_production"}
    plain |= {"code_region", "code_departement", "nom_region_a", "nom_region_b", "semaine_du"}
    for name, (spec, grid) in PROTECTED.items():
        rows = published(sample, cells, name, hide=lambda frame: np.arange(len(frame)) % 2 == 0)
        measures = [column for column in rows.columns if column not in plain and column not in grid.columns]
        assert rows.loc[rows["masque"], measures].isna().all(axis=None)
        shown = [measure.name for measure in spec.measures if measure.name in rows] or measures
        assert rows.loc[~rows["masque"], shown].notna().all(axis=None)


def test_an_evolution_needs_both_terms(sample, cells):
    """The change over one year is empty when this year's or last year's cell is hidden."""
    shown = published(sample, cells, USAGE_ID).set_index(KEY)
    assert shown.loc[("pays", "FR", "2025"), "evolution_pct"] == pytest.approx(
        100 * (shown.loc[("pays", "FR", "2025"), "nb_dates"] / shown.loc[("pays", "FR", "2024"), "nb_dates"] - 1)
    )
    rows = published(sample, cells, USAGE_ID, hide=lambda frame: frame["periode"] == "2024").set_index(KEY)
    assert np.isnan(rows.loc[("pays", "FR", "2025"), "evolution_pct"])


def test_bounds_surround_the_saving(sample, cells):
    """The low and high bounds are on each side of the attributable saving, as far from it, and not alike."""
    rows = published(sample, cells, SAVINGS_ID)
    due, low, high = (rows[f"economie_{name}_kgco2e"] for name in ("attribuable", "basse", "haute"))
    known = due.notna() & low.notna()
    assert known.any()
    assert ((high - due) - (due - low)).abs()[known].max() < 1e-6
    assert (high[known & (due != 0)] > low[known & (due != 0)]).all()
    assert (rows["economie_brute_kgco2e"] - rows["emissions_contrefactuelles_kgco2e"]).notna().all()


def test_sums_over_regions_and_venues_abroad_make_the_whole(sample, cells):
    """Regions add up to the country, all venues of the sample being in France."""
    rows = published(sample, cells, SAVINGS_ID)
    year = rows[rows["periode"] == "2025"]
    total = year.loc[year["niveau_geo"] == "pays", "economie_brute_kgco2e"].iloc[0]
    assert year.loc[year["niveau_geo"] == "region", "economie_brute_kgco2e"].sum() == pytest.approx(total, rel=1e-12)


def test_published_rows_have_the_form_of_their_schema(sample, cells):
    """Every dataset becomes an Arrow table with exactly the fields of its schema."""
    served = {name: found.assign(masque=False) for name, (found, _) in cells.items()}
    frames = {name: published(sample, cells, name) for name in PROTECTED}
    frames[FACTORS_ID] = factors_frame(STAMP)
    frames[TERRITORIES_ID] = territories_frame(sample[0].territories, STAMP)
    frames[QUALITY_ID] = quality_frame(sample[1], sample[0], served, STAMP)
    assert set(frames) == set(SCHEMAS)
    for name, frame in frames.items():
        table = as_table(name, frame)
        assert table.schema == arrow_schema(SCHEMAS[name])
        assert table.num_rows == len(frame) > 0
    drawn = frames[SAVINGS_ID][frames[SAVINGS_ID]["niveau_geo"].isin(["region", "departement"])]
    assert as_table(SAVINGS_ID, drawn)["centre"].null_count == 0


def test_every_field_speaks_both_languages():
    """Each field of each dataset has a French and an English label; key fields and units are annotated."""
    for name, schema in SCHEMAS.items():
        for field in schema:
            assert field.label["fr"], (name, field.name)
            assert field.label["en"], (name, field.name)
            assert not field.name.endswith("_kgco2e") or field.annotations["unit"] == "kgCO2e"
        assert any("id" in field.annotations for field in schema)
    assert [f.name for f in SCHEMAS[SAVINGS_ID] if "facet" in f.annotations][:1] == ["periode"]


def test_a_hidden_country_hides_the_counts_of_quality(sample, cells):
    """A quarter whose national cell is hidden tells no number of tours."""
    served = {name: found.assign(masque=found["niveau_geo"] == "pays") for name, (found, _) in cells.items()}
    assert quality_frame(sample[1], sample[0], served, STAMP)["nb_tournees"].isna().all()
