"""What a reader of two releases learns is all told, and what may be of one contributor is pointed at."""

from pathlib import Path

import pandas as pd
import pytest

from datasets.disclosure.comparison import compare, find_key, tell_comparison
from datasets.errors import DisclosureError


def release(*rows: tuple[str, str, str, float | None]) -> pd.DataFrame:
    """Return served rows (level, code, period, number of dates); None is hidden. Kilometres follow the dates."""
    frame = pd.DataFrame(rows, columns=["niveau_geo", "code_geo", "periode", "nb_dates"])
    frame["nb_dates"] = frame["nb_dates"].astype(float)
    return frame.assign(masque=frame["nb_dates"].isna(), km=frame["nb_dates"] * 100.5)


OLD = release(
    ("pays", "FR", "2026-T1", 90),
    *[("departement", code, "2026-T1", 10) for code in ("09", "11", "12", "30", "31", "32", "34", "46")],
    ("departement", "82", "2026-T1", None),
    ("departement", "65", "2026-T1", None),
)


def change(**moves: float | None) -> pd.DataFrame:
    """Return the old release with other numbers of dates, by code (`c32=…`)."""
    frame = OLD.set_index("code_geo")["nb_dates"]
    frame = frame.where(~frame.index.isin([code.removeprefix("c") for code in moves]))
    for code, value in moves.items():
        frame[code.removeprefix("c")] = value
    values = [None if pd.isna(value) else value for value in frame.reindex(OLD["code_geo"])]
    return release(*zip(OLD["niveau_geo"], OLD["code_geo"], OLD["periode"], values, strict=True))


def reasons(new: pd.DataFrame) -> dict[str, str]:
    """Return the code and the reason of each row that the comparison points at."""
    return compare(OLD, new).exposed.set_index("code_geo")["reason"].to_dict()


def test_the_same_release_tells_nothing() -> None:
    """Two equal releases differ in nothing, whatever the order of their rows; a new period is no difference either."""
    appended = pd.concat([OLD, release(("pays", "FR", "2026-T2", 80))])
    found = compare(OLD, appended.sample(frac=1, random_state=1))
    assert found.keeps
    assert found.exposed.empty
    assert found.count() == {"added": 1, "removed": 0, "shown": 0, "hidden": 0, "changed": 0}
    assert list(tell_comparison(found))[-1] == "Nothing that was released changed: the difference tells nothing."


def test_one_late_project_is_pointed_at() -> None:
    """The country and one département move together: what moved is one project, and both rows are told."""
    found = compare(OLD, change(FR=95, c32=15))
    assert not found.keeps
    assert found.count()["changed"] == 2
    assert set(found.exposed["code_geo"]) == {"FR", "32"}
    told = "\n".join(tell_comparison(found, "fr"))
    assert "departement 32 2026-T1 nb_dates 10 → 15" in told
    assert "La différence peut révéler un contributeur." in told


def test_a_small_move_of_a_count_is_pointed_at() -> None:
    """Many rows move, one of them by a single date: that one may be a single project."""
    found = reasons(change(FR=103, c09=14, c11=14, c12=14, c32=11))
    assert found == {"32": "count"}


def test_what_was_shown_and_is_hidden_is_recalled() -> None:
    """Hiding a figure that was served hides nothing from who kept the file."""
    assert reasons(change(c32=None)) == {"32": "recalled"}


def test_what_was_hidden_and_is_shown_is_counted() -> None:
    """A row newly shown is told as such."""
    assert compare(OLD, change(c82=4)).count()["shown"] == 1


def test_rows_of_categories_are_told_apart() -> None:
    """Where a table has categories, its rows are compared category by category."""
    by_mode = pd.concat([OLD.assign(mode="train"), OLD.assign(mode="car")], ignore_index=True)
    assert find_key(by_mode) == ("niveau_geo", "code_geo", "periode", "mode")
    moved = by_mode.assign(km=by_mode["km"].where(by_mode["mode"] != "car", by_mode["km"] + 1))
    found = compare(by_mode, moved)
    assert found.count()["changed"] == 9
    assert set(found.figures["mode"]) == {"car"}


@pytest.mark.parametrize("separator", [",", ";"])
def test_files_are_read_as_they_are_served(tmp_path: Path, separator: str) -> None:
    """CSV, with commas or with the semicolons and the mark of spreadsheets, and Parquet say the same."""
    rows = OLD.assign(code_geo=OLD["code_geo"].replace("09", "01"))
    rows.to_csv(tmp_path / "old.csv", sep=separator, index=False, encoding="utf-8-sig")
    rows.to_parquet(tmp_path / "old.parquet")
    assert compare(tmp_path / "old.csv", tmp_path / "old.parquet").rows.empty
    assert "01" in set(compare(tmp_path / "old.csv", OLD).rows["code_geo"])


def test_a_file_without_a_mask_is_refused(tmp_path: Path) -> None:
    """What is no protected dataset cannot be compared, and the message says what was missing."""
    path = tmp_path / "towns.csv"
    path.write_text("niveau_geo,code_geo,periode\npays,FR,2026\n")
    with pytest.raises(DisclosureError, match="masque"):
        compare(path, OLD)
