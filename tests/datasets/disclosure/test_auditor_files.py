"""The auditor reads files as they are served, refuses what was tampered with, and may know only what is public."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from datasets.disclosure import Cube, audit, protect
from datasets.disclosure.served import hash_file, read_served
from datasets.errors import DisclosureError
from datasets.model import Field, Schema
from datasets.store.versions import write_parquet
from exports.delimited import Delimited
from exports.exporter import ExportOptions
from tests.datasets.disclosure.test_breaches import RULES, Files, make_cube, show

CHOSEN = (0, 5)
"""Seeds of cubes, without and with a grid, whose files pass."""

LABELS = {
    "Niveau": "niveau_geo",
    "Code du territoire": "code_geo",
    "Période": "periode",
    "Mode": "mode",
    "Masqué": "masque",
}


def serve(cube: Cube) -> Files:
    """The rows of a cube, protected."""
    protection = protect(cube, RULES, seconds=2)
    return {grid.name or "essai": protection.serve(cube, grid.name) for grid in cube.layout.every_grid}


@pytest.fixture(scope="module", params=CHOSEN)
def served(request: pytest.FixtureRequest) -> tuple[Cube, Files]:
    """A cube and its files."""
    cube = make_cube(request.param)
    return cube, serve(cube)


def list_places(rows: pd.DataFrame) -> list[tuple[str, ...]]:
    """The level, territory and period of each row."""
    return list(map(tuple, rows[["niveau_geo", "code_geo", "periode"]].to_numpy()))


def find_shown(rows: pd.DataFrame, level: str = "departement") -> list[int]:
    """The numbers of the rows of a level that are not masked."""
    return [int(i) for i in np.flatnonzero(~rows["masque"] & (rows["niveau_geo"] == level))]


def shift(rows: pd.DataFrame, row: int, name: str, change: float) -> pd.DataFrame:
    """The rows, with one value changed."""
    values = rows[name].to_numpy(dtype=float).copy()
    values[row] += change
    return rows.assign(**{name: values})


def as_table(rows: pd.DataFrame) -> tuple[Schema, pa.Table]:
    """The rows of a file in public types, with a label for each field."""
    names = {name: label for label, name in LABELS.items()}
    kinds = {"masque": "boolean"} | dict.fromkeys(rows.select_dtypes("number"), "double")
    fields = [Field(str(n), kinds.get(n, "text"), {"fr": names.get(str(n), str(n))}) for n in rows]
    arrays = {str(n): pa.array(rows[n], from_pandas=True) for n in rows}
    return Schema(tuple(fields)), pa.table(arrays)


def as_parquet(rows: pd.DataFrame) -> bytes:
    """The bytes of a version of the store."""
    target = BytesIO()
    write_parquet(target, *as_table(rows))
    return target.getvalue()


def as_csv(rows: pd.DataFrame, options: ExportOptions) -> bytes:
    """The bytes of a download."""
    schema, table = as_table(rows)
    return b"".join(Delimited().write(schema, table.to_batches(), options))


PLAIN = ExportOptions()
FORMS: dict[str, Callable[[pd.DataFrame], bytes]] = {
    "parquet": as_parquet,
    "csv": lambda rows: as_csv(rows, PLAIN),
    "csv with labels, a mark of order and commas": lambda rows: as_csv(
        rows, replace(PLAIN, use_labels=True, with_bom=True, delimiter=",", quote_all=True)
    ),
    "tabs": lambda rows: as_csv(rows, replace(PLAIN, delimiter="\t")),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_file_is_read_alike(served: tuple[Cube, Files], form: str, tmp_path: Path) -> None:
    """Parquet and CSV, bytes or path, give the rows that the frame gives, pass as it does, and fail as it does."""
    cube, files = served
    written = {name: FORMS[form](rows) for name, rows in files.items()}
    grids = {grid.name or "essai": grid for grid in cube.layout.every_grid}
    for name, rows in files.items():
        path = tmp_path / name
        path.write_bytes(written[name])
        read, known = (read_served(file, grids[name], LABELS) for file in (path, rows))
        pd.testing.assert_frame_equal(read[known.columns], known, check_dtype=False)
        assert hash_file(path) == hash_file(written[name])
    assert audit(written, {"essai": cube}, RULES, labels=LABELS).passed
    bad = FORMS[form](shift(files["essai"], find_shown(files["essai"])[0], "km", 1.0))
    found = audit(written | {"essai": bad}, {"essai": cube}, RULES, labels=LABELS).findings
    assert [f.problem for f in found] == ["value that is not the sum of its cell"]


@pytest.mark.parametrize(("level", "change"), [("pays", 1.0), ("departement", -1.0), ("epci", 1.0)])
def test_a_value_perturbed_by_one_is_refused(served: tuple[Cube, Files], level: str, change: float) -> None:
    """A total, a part, whatever the measure: one unit too much or too little is a false file."""
    cube, files = served
    rows = files["essai"]
    row = find_shown(rows, level)[-1]
    for measure in cube.measures:
        false = shift(rows, row, measure.name, change)
        found = audit({**files, "essai": false}, {"essai": cube}, RULES).findings
        assert [(f.measure, f.problem) for f in found] == [(measure.name, "value that is not the sum of its cell")]


def test_a_large_total_perturbed_by_one_is_refused() -> None:
    """One unit in a hundred million is seen too."""
    cube = make_cube(CHOSEN[0])
    for frame in (cube.slots, cube.cells):
        frame["km"] *= 1e5
    files = serve(cube)
    false = shift(files["essai"], find_shown(files["essai"], "pays")[0], "km", 1.0)
    assert audit(files, {"essai": cube}, RULES).passed
    assert not audit({**files, "essai": false}, {"essai": cube}, RULES).passed


def test_a_doubled_row_is_refused(served: tuple[Cube, Files]) -> None:
    """A row that is there twice is a fault of the file."""
    cube, files = served
    twice = pd.concat([files["essai"], files["essai"].iloc[[3]]], ignore_index=True)
    found = audit({**files, "essai": twice}, {"essai": cube}, RULES).findings
    assert "the same row twice" in {f.problem for f in found}


@pytest.mark.parametrize("value", [0.0, "0", "peu"])
def test_a_value_in_a_masked_row_is_refused(served: tuple[Cube, Files], value: float | str) -> None:
    """Neither a number nor a text may stand in the measure of a masked row."""
    cube, files = served
    told = files["essai"].assign(km=files["essai"]["km"].astype(object))
    told.loc[int(np.flatnonzero(told["masque"])[0]), "km"] = value
    found = audit({**files, "essai": told}, {"essai": cube}, RULES).findings
    assert "value in a masked row" in {f.problem for f in found}


def test_an_earlier_release_that_shows_a_cell_is_refused(served: tuple[Cube, Files]) -> None:
    """What was shown before is known, and betrays an unsafe cell now; at L0 alone nobody remembers."""
    cube, files = served
    few = set(list_places(cube.cells[(cube.cells["n_lieux"] < 3) & cube.cells["published"]]))
    place = next(p for p in list_places(files["essai"][files["essai"]["masque"]]) if p in few)
    before = show(files, cube, (*place, "", ""))["essai"]
    assert not audit(files, {"essai": cube}, RULES, earlier={"essai": [before]}).passed
    assert audit(files, {"essai": cube}, RULES, levels=("L0",), earlier={"essai": [before]}).passed


def test_a_reader_of_the_directory_of_venues_is_no_stronger(served: tuple[Cube, Files]) -> None:
    """Who knows where venues stand, not which were active, breaks no cell that the attacker of a release does not."""
    cube, files = served
    places = cube.slots[list(cube.layout.geography)].drop_duplicates()
    idle = places.assign(code_departement=places["code_departement"].to_numpy()[::-1])
    directory = pd.concat([places, places, idle])
    assert audit(files, {"essai": cube}, RULES, directory=directory).passed
    opened, seen = files, set()
    for place in list_places(files["essai"][files["essai"]["masque"]])[::4]:
        opened = show(opened, cube, (*place, "", ""))
        reports = [audit(opened, {"essai": cube}, RULES, directory=each) for each in (None, directory)]
        known, seen = ({(f.cell, f.measure, f.level) for f in report.findings} for report in reports)
        assert seen <= known
    assert seen


@pytest.mark.parametrize("content", [b"", b"PAR", b"niveau_geo;code_geo\r\npays;FR\r\n", b"PAR1PAR1", b"\xff\xfe;"])
def test_a_file_without_its_key_is_an_error(content: bytes) -> None:
    """What cannot be read is not attacked, and is no pass."""
    cube = make_cube(CHOSEN[0])
    with pytest.raises(DisclosureError, match=r"no column|cannot be read"):
        audit({"essai": content}, {"essai": cube}, RULES)


def test_an_attack_without_a_name_is_an_error() -> None:
    """A level that does not exist is not silently passed."""
    with pytest.raises(DisclosureError, match="L6"):
        audit({}, {}, RULES, levels=("L0", "L6"))
