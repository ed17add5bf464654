"""Usage: what is counted, where and when."""

import pytest

from datasets.programming.calculation import calculate, quarters_of
from datasets.programming.contributions import contributions
from datasets.programming.cubes import FLOWS_ID, USAGE_ID, count_distinct
from datasets.programming.records import read_records
from datasets.programming.usage import EVENTS, usage_rows


@pytest.fixture
def records(write_tables, territories):
    """The small tables, read."""
    return read_records(write_tables(), territories)


def test_quarters_have_their_french_names(records):
    """A day belongs to the quarter that holds it: T1 from January to March."""
    days = records.dates["first_day"].to_numpy()
    assert quarters_of(days).tolist() == ["2026-T1"] * 3
    assert quarters_of(days - days + 0).tolist() == ["1970-T1"] * 3
    assert quarters_of(days - days + 364).tolist() == ["1970-T4"] * 3


def test_events_are_counted_once(records):
    """The sums of the rows are the dates, sign-ins and introductions of the tables."""
    rows = usage_rows(records, calculate(records).stops)
    assert rows[list(EVENTS)].sum().tolist() == [3, 3, 3, 1]


def test_sign_ins_are_placed_at_the_programmer_s_venue(records):
    """A sign-in belongs to the venue of its programmer and to the quarter of Paris."""
    rows = usage_rows(records, calculate(records).stops)
    signed = rows[rows["nb_connexions"] > 0].sort_values(["programmateur", "trimestre"])
    assert signed[["programmateur", "lieu"]].to_numpy().tolist() == [[0, 0], [0, 0], [1, 1]]
    assert signed["trimestre"].tolist() == ["2026-T1", "2026-T2", "2026-T1"]


def test_distinct_things_are_counted_by_territory_and_period(records):
    """Venues, programmers and projects are counted once per cell, whatever the number of their events."""
    counts = count_distinct(USAGE_ID, contributions(USAGE_ID, records, calculate(records)))
    assert counts.loc[("departement", "32", "2026")].tolist() == [3, 2, 1, 1]
    assert counts.loc[("departement", "32", "2026-T2")].tolist() == [0, 1, 0, 0]


def test_contributors_of_a_row_are_known_or_empty(records):
    """A sign-in has no company, an introduction that of its project; a stop has its venue's programmer."""
    frame = contributions(USAGE_ID, records, calculate(records))
    signed = frame["nb_connexions"] > 0
    assert frame.loc[signed, ["equipe_id", "projet_id"]].isna().all(axis=None)
    introduced = frame[frame["nb_mises_en_relation"] > 0]
    assert introduced[["lieu_id", "equipe_id", "projet_id"]].to_numpy().tolist() == [[0, 0, 0]]
    assert frame["programmateur_id"].notna().all()
    assert frame["code_departement"].tolist() == ["32"] * len(frame)


def test_one_operator_of_two_venues_is_one_contributor(records):
    """Venues with the same SIREN share their holding."""
    holding = contributions(USAGE_ID, records, calculate(records)).groupby("lieu_id")["holding"].first()
    assert holding[0] == holding[1] != holding[2]


def test_a_link_has_two_ends_and_their_regions_in_order(records):
    """An introduction leads from its programmer's venue to the other's; both regions are told, the lower code first."""
    frame = contributions(USAGE_ID, records, calculate(records))
    linked = frame[frame["nb_mises_en_relation"] > 0].iloc[0]
    assert (linked["code_region_a"], linked["code_region_b"]) == ("76", "76")
    assert (linked["holding"], linked["holding_b"]) == (0, 0)
    others = frame[(frame["nb_mises_en_relation"] == 0) & (frame["nb_couples"] == 0)]
    assert others[["code_region_a", "holding_b"]].isna().all(axis=None)


def test_venues_that_share_a_project_make_pairs(records):
    """Three venues that co-programmed a project in one year are three pairs, one project in common, and no new date."""
    frame = contributions(USAGE_ID, records, calculate(records))
    pairs = frame[frame["nb_couples"] > 0]
    assert pairs["nb_couples"].tolist() == [1, 1, 1]
    assert pairs[list(EVENTS)].to_numpy().sum() == 0
    counts = count_distinct(FLOWS_ID, frame)
    assert counts.loc[("pays", "FR", "2026", "76", "76")].tolist() == [1]
    assert len(counts.loc["pays"]) == 1


def test_an_introduction_to_nobody_known_is_counted_without_a_link(write_tables, territories):
    """Somebody who was erased leaves the introduction in its territory, and out of the flows."""
    records = read_records(write_tables(lambda t: t["mises_en_relation"][0].update(programmateur_b="")), territories)
    frame = contributions(USAGE_ID, records, calculate(records))
    introduced = frame[frame["nb_mises_en_relation"] > 0]
    assert introduced["code_departement"].tolist() == ["32"]
    assert introduced["code_region_a"].isna().all()
