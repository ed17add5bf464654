"""The measures: what they keep, that every export is one of them, and that they run."""

import csv

import pytest

from bench import figures, formats, speed, tasks
from bench.rows import prepare
from bench.servers import present
from exports import EXPORTERS

FOUND = {"group-by": {"portal": 0.5, "roapi": 0.25}, "memory, MiB": {"portal": 200.0}, "pages a second": {"empty": 9.0}}


def read_dataset():
    """Return the rows of the dataset of all figures."""
    with figures.DATASET.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_figures_are_a_tidy_dataset():
    """Each line is one figure, with its unit, what it was measured on, and its ratio to the portal's."""
    rows = read_dataset()
    assert tuple(rows[0]) == figures.COLUMNS
    keys = [(row["part"], row["rows"], row["task"], row["server"]) for row in rows]
    assert len(set(keys)) == len(keys)
    for row in rows:
        assert float(row["figure"]) >= 0 or "memory" in row["task"]
        assert row["unit"] == figures.unit_of(row["task"])
        assert int(row["rows"]) > 0
        if row["server"] == "portal":
            assert row["ratio"] in ("1", "")


def test_a_run_replaces_its_own_figures_alone(tmp_path, monkeypatch):
    """Those of another part, or of another number of rows, stay."""
    monkeypatch.setattr(figures, "DATASET", tmp_path / "figures.csv")
    figures.keep("peers", FOUND, 1000)
    figures.keep("peers", FOUND, 2000)
    figures.keep("growth", FOUND, 1000)
    figures.keep("peers", {"group-by": {"portal": 1.0, "roapi": 3.0}}, 1000)
    told = [
        (row["part"], row["rows"], row["server"], row["figure"], row["unit"], row["ratio"]) for row in read_dataset()
    ]
    assert len(told) == 4 + 4 + 2
    assert told[-2:] == [("peers", "1000", "portal", "1", "s", "1"), ("peers", "1000", "roapi", "3", "s", "3")]
    assert ("growth", "1000", "empty", "9", "pages/s", "") in told


def test_a_table_shows_each_figure_beside_the_portals():
    """Seconds and milliseconds, memory, ratios; a server that was not there has no column."""
    head, line, *cells = speed.write_table(FOUND, 1000).splitlines()[2:]
    assert head == "| | portal | empty | roapi |"
    assert line == "|---|---|---|---|"
    assert cells[0] == "| group-by | 500 ms |  | 250 ms (× 0.5) |"
    assert cells[2] == "| pages a second |  | 9 |  |"


def test_every_format_is_measured():
    """A format that is added to the exports is added to the measures."""
    assert set(tasks.FORMATS) == set(EXPORTERS)
    assert all("portal" in asked for asked in tasks.TASKS.values())


@pytest.mark.verify
def test_the_measures_run(tmp_path, monkeypatch):
    """From nothing to the tables and the dataset, with whatever peers are there, on few rows."""
    monkeypatch.setattr(figures, "DATASET", tmp_path / "figures.csv")
    monkeypatch.setattr("bench.load.SLOW", 0.5)
    data = prepare(6_000, tmp_path)
    monkeypatch.setattr(speed, "COLUMNS", ("portal", "static", "empty"))
    found = speed.measure(tmp_path, data)
    assert all("portal" in figures for figures in found.values())
    assert found["whole dataset, CSV"]["static"] > 0
    figures.keep("peers", found, 6_000)
    exported = formats.measure(tmp_path)
    assert set(exported) == set(tasks.FORMATS)
    assert formats.write_table(exported, 6_000).count("\n") == len(exported) + 4
    assert present("portal")
