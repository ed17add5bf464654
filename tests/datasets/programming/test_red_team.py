"""A red team reads what is served, with the public directory of venues, and must learn nothing of planted units."""

from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree

import pandas as pd
import pytest

from datasets.errors import DisclosureError
from datasets.programming.calculation import calculate
from datasets.programming.contributions import contributions
from datasets.programming.cubes import FLOWS_ID, PROTECTED, USAGE_ID
from datasets.programming.factors import FACTORS
from datasets.programming.records import read_records
from datasets.programming.releases import Identity, prepare_releases
from tests.datasets.programming.attacker import LEVELS, TOTAL, Attacker, is_betrayed
from tests.datasets.programming.schedules import QUARTERS, Schedule, Unit, invent_schedule

AT = datetime(2026, 2, 1, tzinfo=UTC)
MEASURES = {"nb_dates": True, "distance_contrefactuelle_km": False}


def serve(schedule: Schedule, folder: Path) -> dict[str, pd.DataFrame]:
    """Return the rows that a publication of the schedule serves, by dataset."""
    prepared = prepare_releases(schedule.write(folder), schedule.territories, Identity("", ""), at=AT, seconds=1.0)
    return {each.dataset_id: each.rows.to_pandas() for each in prepared.releases if each.dataset_id in PROTECTED}


def find_truth(schedule: Schedule, folder: Path) -> pd.DataFrame:
    """Return what each venue truly did in each quarter."""
    records = read_records(folder, schedule.territories)
    frame = contributions(TOTAL, records, calculate(records))
    return frame.groupby(["lieu_id", "trimestre"], observed=True)[list(MEASURES)].sum()


def is_released(rows: pd.DataFrame, unit: Unit) -> bool:
    """Return whether the table that holds the cell of a unit is published: else the rules only say, never exact."""
    kind = "trimestre" if unit.quarter else "annee"
    return bool(((rows["niveau_geo"] == unit.level) & (rows["granularite"] == kind)).any())


def is_alone(schedule: Schedule, unit: Unit, truth: pd.DataFrame) -> bool:
    """Return whether nobody else acted in the territory of a unit: with a third venue its total may be shown."""
    column = LEVELS.get(unit.level)
    if column is None:
        return True
    place = schedule.directory[column]
    around = place.index[place == place.iloc[unit.venues[0]]].difference(unit.venues)
    acted = truth[truth["nb_dates"] > 0].reset_index()
    acted = acted[acted["trimestre"] == unit.quarter] if unit.quarter else acted
    return not acted["lieu_id"].astype(int).isin(around).any()


def attack(schedule: Schedule, served: dict[str, pd.DataFrame], truth: pd.DataFrame, **known: float) -> list[str]:
    """Return the planted units that an attacker finds out."""
    found = []
    for measure, whole in MEASURES.items():
        factors = known if measure.startswith("distance") else {}
        attacker = Attacker(served, schedule.directory, measure, QUARTERS, factors)
        for unit in schedule.units:
            if not is_alone(schedule, unit, truth):
                continue
            own = truth[truth.index.get_level_values("lieu_id").isin(unit.venues)]
            if unit.quarter:
                own = own[own.index.get_level_values("trimestre") == unit.quarter]
            interval = attacker.find_interval(unit.venues, unit.quarter)
            share = 0.10 if not unit.level or is_released(served[TOTAL], unit) else 0.0
            if is_betrayed(interval, float(own[measure].sum()), whole=whole, share=share):
                found.append(f"{unit.name}: {measure}")
    return found


def attack_flows(served: dict[str, pd.DataFrame], frame: pd.DataFrame) -> list[str]:
    """Return the flows shown with fewer than three venues at one end, or with one or two companies' common projects.

    `frame`: the true contributions to usage. A flow that alone is hidden is what the others leave of the country.
    """
    rows, key = served[FLOWS_ID], ["code_region_a", "code_region_b"]
    shown = rows[~rows["masque"].to_numpy(bool)].set_index(key).index
    found = ["flow by subtraction"] if rows["masque"].sum() == 1 else []
    for flow, links in frame.dropna(subset=key).groupby(key):
        companies = links.loc[links["nb_couples"] > 0, "equipe_id"].nunique()
        poor = min(links["holding"].nunique(), links["holding_b"].nunique()) < 3 or companies in (1, 2)
        found += [f"flow {flow}"] if poor and flow in shown else []
    return found


def run(schedule: Schedule, folder: Path, **known: float) -> tuple[list[str], dict[str, pd.DataFrame]]:
    """Return what the red team finds in what a schedule serves, and that; a refused publication serves nothing."""
    try:
        served = serve(schedule, folder)
    except DisclosureError:
        return [], {}
    records = read_records(folder, schedule.territories)
    usage = contributions(USAGE_ID, records, calculate(records))
    return attack(schedule, served, find_truth(schedule, folder), **known) + attack_flows(served, usage), served


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.verify)])
def test_the_red_team_finds_nobody(seed, tmp_path):
    """No planted unit is known within the protection of the rules, and something is shown all the same."""
    found, served = run(invent_schedule(seed), tmp_path)
    assert not found
    assert (~served[TOTAL]["masque"]).any()


@pytest.mark.verify
def test_the_red_team_finds_nobody_in_a_thousand_schedules(tmp_path):
    """A thousand random schedules with planted units are published, nearly all, and none of the units is found."""
    published = 0
    for seed in range(1_000):
        folder = tmp_path / str(seed)
        folder.mkdir()
        found, served = run(invent_schedule(seed), folder)
        assert not found, seed
        published += bool(served) and bool((~served[TOTAL]["masque"].astype(bool)).any())
        rmtree(folder)
    assert published >= 950


def test_emissions_tell_no_more_than_kilometres(tmp_path):
    """With a single mode of transport a factor turns emissions into kilometres: both together betray nobody."""
    mode = "vul_fourgon"
    found, _ = run(invent_schedule(5, modes=(mode,)), tmp_path, emissions_contrefactuelles_kgco2e=FACTORS[mode].usage)
    assert not found


def test_the_red_team_finds_who_is_not_protected(tmp_path):
    """Where the hidden rows of départements are shown as they are, the attacker finds a planted unit."""
    schedule = invent_schedule(0)
    found, served = run(schedule, tmp_path)
    assert not found
    truth = find_truth(schedule, tmp_path)
    rows = served[TOTAL].copy()
    place = schedule.directory["code_departement"].to_numpy()[truth.index.get_level_values("lieu_id").astype(int)]
    for at in rows.index[rows["masque"].to_numpy(bool) & (rows["niveau_geo"] == "departement").to_numpy()]:
        period = truth.index.get_level_values("trimestre").astype(str).str.startswith(rows["periode"][at])
        own = truth[(place == rows["code_geo"][at]) & period]
        for measure in MEASURES:
            rows.loc[at, measure] = own[measure].sum()
    found = attack(schedule, {**served, TOTAL: rows}, truth)
    assert "a company alone in a département: nb_dates" in found
