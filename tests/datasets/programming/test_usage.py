"""Usage: what is counted, where and when."""

import pytest

from datasets.programming.calculation import calculate, quarters_of
from datasets.programming.cubes import CUBES, USAGE_ID, contributions, count_distinct
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
    spec = CUBES[USAGE_ID]
    counts = count_distinct(spec, contributions(USAGE_ID, records, calculate(records)))
    assert counts.loc[("departement", "32", "2026")].tolist() == [3, 2, 1, 1]
    assert counts.loc[("departement", "32", "2026-T2")].tolist() == [0, 1, 0, 0]


def test_contributors_of_a_row_are_known_or_empty(records):
    """A sign-in has no company and no project; a stop is counted with its venue's programmer."""
    frame = contributions(USAGE_ID, records, calculate(records))
    signed = frame["nb_connexions"] > 0
    assert frame.loc[signed, ["equipe_id", "projet_id"]].isna().all(axis=None)
    assert frame["programmateur_id"].notna().all()
    assert frame["code_departement"].tolist() == ["32"] * len(frame)


def test_one_operator_of_two_venues_is_one_contributor(records):
    """Venues with the same SIREN share their holding."""
    holding = contributions(USAGE_ID, records, calculate(records)).groupby("lieu_id")["holding"].first()
    assert holding[0] == holding[1] != holding[2]
