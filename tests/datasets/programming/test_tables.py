"""Tables divided by categories: equal to the truth of the sample; profiles of tours; the calendar looks ahead."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from datasets.disclosure.cubes import build_cube
from datasets.disclosure.layout import JOINT
from datasets.disclosure.primary import Rules
from datasets.programming.calculation import calculate
from datasets.programming.contributions import contributions
from datasets.programming.cubes import CALENDAR_CUBE, CALENDAR_ID, CUBES, KEY, PROTECTED, TOURS
from datasets.programming.openings import (
    drop_past,
    drop_places,
    find_places,
    name_weeks,
    opening_contributions,
    trim_calendar,
)
from datasets.programming.profiles import count_beside, profile_tours
from datasets.programming.published import Stamp, published_frame
from datasets.programming.records import read_records
from datasets.programming.sample import write_sample
from datasets.programming.schemas import SCHEMAS, as_table

TODAY = date(2026, 3, 4)
CELL = [*KEY, "categorie"]


@pytest.fixture(scope="module")
def sample(tmp_path_factory, territories):
    """The records of a small sample, and its truth: (records, calculation, truth)."""
    folder = tmp_path_factory.mktemp("tables")
    write_sample(folder, "S", 32, territories, today=TODAY)
    records = read_records(folder, territories)
    truth = pd.read_csv(folder / "verite" / "tables.csv", dtype={"periode": "str", "code_geo": "str"})
    return records, calculate(records), truth


@pytest.fixture(scope="module")
def frames(sample):
    """The contributions to each cube."""
    built = {name: contributions(name, *sample[:2]) for name in CUBES}
    return {**built, CALENDAR_CUBE.name: opening_contributions(sample[0], TODAY)}


@pytest.mark.parametrize("name", [name for name, (_, grid) in PROTECTED.items() if grid.columns])
def test_cells_are_those_of_the_truth(sample, frames, name):
    """Before protection every cell of a table by categories equals what the generator knows, and there is no other."""
    spec, grid = PROTECTED[name]
    cells = build_cube(frames[spec.name], **spec.options()).cells
    cells = cells[cells["published"] & (cells["grille"] == grid.name)].set_index(CELL)
    beside = count_beside(name, frames[spec.name], Rules()).reset_index()
    beside["categorie"] = beside[list(grid.columns)].astype("str").agg(JOINT.join, axis=1)
    found = cells.drop(columns="nb_lieux").join(
        beside.set_index(CELL)[list(spec.counts.get(grid.name, ()))].add_prefix("distinct ")
    )
    found = found.rename(columns=lambda column: column.removeprefix("distinct "))
    truth = sample[2][sample[2]["jeu"] == name].pivot(index=CELL, columns="mesure", values="valeur").fillna(0.0)
    compared = [measure for measure in truth if measure in found]
    assert compared
    assert set(truth.index[(truth[compared] != 0).any(axis=1)]) <= set(found.index)
    for measure in compared:
        expected = truth[measure].reindex(found.index).fillna(0.0)
        assert np.allclose(found[measure].astype(float), expected, rtol=1e-9, atol=1e-6), measure


def test_the_truth_tells_every_table(sample):
    """The generator's truth holds each dataset divided by categories."""
    assert set(sample[2]["jeu"]) == {name for name, (_, grid) in PROTECTED.items() if grid.columns}


def a_tour(company, origin="France", size=3):
    """Return the contribution of one tour of one stop."""
    where = {"annee": "2025", "code_region": "76", "classe_etapes": "1", "classe_distance": "moins de 250 km"}
    return {**where, "equipe_id": company, "origine": origin, "nb_tournees": 1, "taille_equipe": size}


@pytest.mark.parametrize(
    ("abroad", "shown"),
    [([], [0.0]), ([9], []), ([9] * 6, []), ([9, 10, 11], [100 / 3]), ([9] * 40 + [10, 11], [])],
)
def test_a_share_from_abroad_speaks_of_three_companies(abroad, shown):
    """The share of tours from abroad is empty when fewer than three companies come from there, or one dominates."""
    rows = [a_tour(n) for n in range(6)] + [a_tour(n, "hors France") for n in abroad]
    share = profile_tours(pd.DataFrame(rows), Rules())["part_domicile_hors_france_pct"]
    assert share.dropna().tolist() == [pytest.approx(each) for each in shown]


def test_a_median_size_needs_five_companies():
    """The median counts each company once, and is empty below five of them."""
    rows = [a_tour(company, size=size) for company, size in [(1, 2), (1, 2), (1, 2), (2, 3), (3, 4)]]
    assert profile_tours(pd.DataFrame(rows), Rules())["taille_equipe_mediane"].isna().all()
    rows += [a_tour(4, size=9), a_tour(5, size=9)]
    assert profile_tours(pd.DataFrame(rows), Rules())["taille_equipe_mediane"].tolist() == [4.0, 4.0]


def test_a_tour_counts_once(sample, frames):
    """Each computed tour counts for one, in one region and one class, whatever the number of its stops."""
    tour = sample[1].stops.loc[sample[1].tours["computed"].to_numpy()[sample[1].stops["tour"]], "tour"].to_numpy()
    frame = frames[TOURS].assign(tour=tour)
    assert frame.groupby("tour")["nb_tournees"].sum().eq(1).all()
    assert frame.groupby("tour")[["code_region", "annee", "classe_etapes"]].nunique().le(1).all(axis=None)


def test_only_open_slots_with_consent_are_told(sample):
    """A slot counts when its project is open, its owner consents, and it is to come."""
    records = sample[0]
    kept = opening_contributions(records, TODAY)
    assert len(kept) > 0
    owners = kept["programmateur_id"].astype(int)
    assert records.projects["open"].to_numpy()[kept["projet_id"].astype(int)].all()
    assert records.programmers["consents"].to_numpy()[owners].all()
    assert (kept["semaine"].astype("str") >= "2026-S10").all()
    nobody = replace(records, programmers=records.programmers.assign(consents=False))
    assert opening_contributions(nobody, TODAY).empty
    assert opening_contributions(records, date(2030, 1, 1)).empty


def test_weeks_are_those_of_iso():
    """The first days of a year may belong to the last week of the year before."""
    days = np.array([date(2026, 1, 1), date(2027, 1, 1), date(2026, 11, 22)], dtype="datetime64[D]").astype(np.int32)
    assert name_weeks(days).tolist() == ["2026-S01", "2026-S53", "2026-S47"]


def test_a_week_that_is_over_is_taken_out():
    """The rows of past weeks are dropped; the current week stays until it ends."""
    rows = pd.DataFrame({"periode": ["2026-S52", "2026-S53", "2027-S01"]})
    assert drop_past(rows, date(2027, 1, 3))["periode"].tolist() == ["2026-S53", "2027-S01"]
    assert drop_past(rows, date(2027, 1, 4))["periode"].tolist() == ["2027-S01"]


def test_a_published_calendar_is_trimmed(sample, frames, store):
    """What is left of a published calendar are the rows of weeks that are not over, as they were."""
    cube = build_cube(frames[CALENDAR_CUBE.name], **CALENDAR_CUBE.options())
    cells = cube.cells[cube.cells["published"]].assign(masque=False)
    served = cells.assign(discipline=cells["categorie"])[[*KEY, "discipline", "masque", "nb_creneaux"]]
    counts = count_beside(CALENDAR_ID, frames[CALENDAR_CUBE.name], Rules())
    rows = published_frame(CALENDAR_ID, served, counts, sample[0].territories, Stamp(TODAY))
    table = as_table(CALENDAR_ID, rows)
    version = store.write(CALENDAR_ID, SCHEMAS[CALENDAR_ID], table, created=datetime(2026, 3, 4, tzinfo=UTC))
    assert trim_calendar(version, store, TODAY) is None
    first = min(rows["semaine_du"])
    left = trim_calendar(version, store, first + timedelta(days=7))
    assert 0 < len(left) < len(table)
    assert min(left["semaine_du"].to_pylist()) > first


def count_slots(frame):
    """Return the slots of each cell of the calendar, by country, région and département."""
    cells = build_cube(frame, **CALENDAR_CUBE.options()).cells
    cells = cells[cells["published"]]
    return cells.set_index(["periode", "niveau_geo", "code_geo", "categorie"])["nb_creneaux"].sort_index()


def test_the_rows_that_stay_count_nobody_who_left(sample, frames):
    """Without a programmer no kept cell moves, every cell that moves is dropped, and weeks cannot be told from it."""
    records, frame = sample[0], frames[CALENDAR_CUBE.name]
    names = records.programmers["name"].to_numpy()[frame["programmateur_id"].astype(int)]
    cells, places = count_slots(frame), find_places(records, frame)
    assert set(places) == set(names)
    rows = cells.rename_axis(["periode", "niveau_geo", "code_geo", "discipline"]).reset_index()
    stayed = set()
    for name in sorted(places)[:3]:
        kept = drop_places(pa.Table.from_pandas(rows, preserve_index=False), places[name]).to_pandas()
        kept = kept.set_index(["periode", "niveau_geo", "code_geo", "discipline"])["nb_creneaux"].sort_index()
        without = count_slots(frame[names != name]).reindex(cells.index, fill_value=0)
        assert without[kept.index].tolist() == kept.tolist()
        moved = without[without != cells].index
        assert moved.intersection(kept.index).empty
        gone = cells.index.difference(kept.index).droplevel("periode").unique()
        assert gone.intersection(kept.index.droplevel("periode")).empty
        stayed.add(len(kept))
    assert min(stayed) > 0, "the others stay"
    assert drop_places(pa.table(rows.to_dict("list")), ()).num_rows == len(rows)
