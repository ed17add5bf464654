"""Records that change between two publications never make a released figure move."""

import csv
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from datasets.disclosure.comparison import compare
from datasets.programming.releases import Identity, Prepared, prepare_releases
from datasets.programming.sample import write_sample
from datasets.programming.schemas import as_frame
from datasets.programming.territories import Territories

SAVINGS, USAGE, QUALITY = "economies-ges", "statistiques-usage-geographiques", "qualite-couverture"
AUTUMN, WINTER, SETTLING = date(2025, 10, 10), date(2026, 1, 2), 100
Rows = list[list[str]]
Frames = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, territories: Territories) -> Path:
    """Invented records of two years."""
    folder = tmp_path_factory.mktemp("successive") / "records"
    write_sample(folder, "S", 32, territories)
    return folder


@pytest.fixture(scope="module")
def publish(territories: Territories) -> Callable[..., tuple[Frames, Prepared]]:
    """Prepare a release: its rows by dataset, and what is told."""

    def prepare(
        folder: Path, day: date, earlier: Frames | None = None, settling_days: int = 0
    ) -> tuple[Frames, Prepared]:
        at = datetime(2026, 11, 22, tzinfo=UTC)
        options = {"at": at, "seconds": 1, "earlier": earlier, "today": day, "settling_days": settling_days}
        prepared = prepare_releases(folder, territories, Identity("", ""), **options)
        return {release.dataset_id: as_frame(release.rows) for release in prepared.releases}, prepared

    return prepare


@pytest.fixture(scope="module")
def first(folder: Path, publish: Callable[..., tuple[Frames, Prepared]]) -> Frames:
    """What was released in autumn, when late entries were waited for: a year, and two quarters."""
    return publish(folder, AUTUMN, settling_days=SETTLING)[0]


def a_late_one(rows: Rows, day: int) -> Rows:
    """Enter one more date, on the eve of another."""
    late = list(next(row for row in rows if row[day].startswith("2025-05")))
    late[0], late[day : day + 2] = "late", ["2025-05-29"] * 2
    return [*rows, late]


def one_less(rows: Rows, day: int) -> Rows:
    """Remove a date."""
    return [row for row in rows if row is not next(row for row in rows if row[day].startswith("2025-02"))]


def another_day(rows: Rows, day: int) -> Rows:
    """Correct the day of a date, from one quarter to another."""
    corrected = next(row for row in rows if row[day].startswith("2025-02"))
    return [row if row is not corrected else [*row[:day], "2025-05-05", "2025-05-05", *row[day + 2 :]] for row in rows]


EDITS = [a_late_one, *(pytest.param(edit, marks=pytest.mark.verify) for edit in (one_less, another_day))]


def edit_dates(folder: Path, edit: Callable[[Rows, int], Rows]) -> None:
    """Rewrite the dates that were performed; `edit` gets them, and the place of their day."""
    path = folder / "dates.csv"
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    status, day = header.index("statut"), header.index("debut")
    others = [row for row in rows if row[status] != "realise"]
    performed = [row for row in rows if row[status] == "realise"]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *others, *edit(performed, day)])


@pytest.mark.parametrize("edit", EDITS)
def test_a_change_in_a_released_quarter_never_shows(
    tmp_path: Path,
    folder: Path,
    first: Frames,
    publish: Callable[..., tuple[Frames, Prepared]],
    edit: Callable[[Rows, int], Rows],
) -> None:
    """The quarters are served again as they were, and their year adds up what they show."""
    shutil.copytree(folder, tmp_path / "changed")
    edit_dates(tmp_path / "changed", edit)
    second, told = publish(tmp_path / "changed", WINTER, first)
    for name in (SAVINGS, USAGE):
        assert compare(first[name], second[name]).keeps
        country = second[name][second[name]["niveau_geo"] == "pays"].set_index("periode")["nb_dates"]
        assert country["2025"] == country[["2025-T1", "2025-T2", "2025-T3"]].sum()
    old = first[QUALITY]
    assert old.equals(second[QUALITY][second[QUALITY]["periode"].isin(old["periode"])].reset_index(drop=True))
    assert any("has changed since" in line for line in told.summary)


def test_an_unchanged_year_is_completed(
    folder: Path, first: Frames, publish: Callable[..., tuple[Frames, Prepared]]
) -> None:
    """When nothing moved, the next quarter and the year are computed; then nothing is new, and nothing is published."""
    second, _ = publish(folder, WINTER, first)
    found = compare(first[SAVINGS], second[SAVINGS])
    assert found.keeps
    assert set(found.rows["periode"]) == {"2025-T3", "2025"}
    year = second[SAVINGS].query("niveau_geo == 'pays' and periode == '2025'")
    assert year["nb_tournees"].notna().all()
    third, told = publish(folder, WINTER, second)
    assert SAVINGS not in third
    assert any("nothing new" in line for line in told.summary)


def test_a_period_waits_for_late_entries(first: Frames) -> None:
    """A quarter that ended fewer days ago than late entries are waited for is not released yet."""
    assert date(2025, 9, 30) < AUTUMN
    assert first[SAVINGS]["periode"].max() == "2025-T2"
