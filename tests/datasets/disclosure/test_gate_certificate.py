"""The certificate is about the bytes that are served, and tells nothing about what is hidden."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.disclosure import Cube, Protection, protect, release_tables
from datasets.disclosure.certificate import Certificate, check_certificate
from datasets.disclosure.gate import find_release
from datasets.disclosure.layout import FULL_KEY
from datasets.errors import DisclosureError
from tests.datasets.disclosure.test_breaches import RULES, Files, Oracle, make_cube


@pytest.fixture(scope="module")
def cube() -> Cube:
    """A cube whose files pass."""
    return make_cube(0)


@pytest.fixture(scope="module")
def protection(cube: Cube) -> Protection:
    """Its protection."""
    return protect(cube, RULES, seconds=2)


def serve(cube: Cube, protection: Protection) -> Files:
    """The rows that are served."""
    return {grid.name or "essai": protection.serve(cube, grid.name) for grid in cube.layout.every_grid}


def seal(files: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """The Parquet bytes of each file."""
    sealed = {}
    for name, rows in files.items():
        target = BytesIO()
        pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), target)
        sealed[name] = target.getvalue()
    return sealed


def test_a_reader_checks_the_hash_with_ordinary_tools(cube: Cube, protection: Protection, tmp_path: Path) -> None:
    """The hash is that of sha256sum; another byte, or another file, is told."""
    files = seal(serve(cube, protection))
    told = json.loads(json.dumps(release_tables(files, [cube], protection, RULES).to_dict()))
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    assert check_certificate(told, {name: tmp_path / name for name in files}) == {}
    if shutil.which("sha256sum"):
        printed = subprocess.run(["sha256sum", tmp_path / "essai"], check=True, capture_output=True, text=True).stdout
        assert printed.split()[0] == told["files"]["essai"]
    assert check_certificate(told, {"essai": files["essai"] + b" "}) == {"essai": "differs"}
    assert check_certificate(told, {"autre": files["essai"]}) == {"autre": "not certified"}


def test_the_gate_attacks_the_bytes_that_will_be_published(cube: Cube) -> None:
    """What sealing adds is attacked: a file that shows an unsafe cell is refused, though its rows hid it."""
    certified = find_release([cube], lambda found: serve(cube, found), RULES, seconds=2, seal=seal)
    assert check_certificate(certified[2].to_dict(), seal(dict(certified[1]))) == {}

    def betray(files: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
        return seal({name: rows.assign(km=rows["km"].fillna(1.0)) for name, rows in files.items()})

    with pytest.raises(DisclosureError, match="value in a masked row"):
        find_release([cube], lambda found: serve(cube, found), RULES, seconds=2, seal=betray)


def move_hidden(cube: Cube, files: Files) -> Cube:
    """A cube with other values in the hidden cells, that shows the same rows."""
    told = {
        (*key, "", ""): masked
        for key, masked in zip(_list_places(files["essai"]), files["essai"]["masque"], strict=True)
    }
    oracle = Oracle(cube)
    shown = np.array([not told.get(key, True) for key in oracle.keys])
    known = oracle.members[shown]
    free = np.eye(known.shape[1]) - np.linalg.pinv(known) @ known
    step = free @ np.random.default_rng(0).normal(size=known.shape[1])
    km = cube.slots["km"].to_numpy(dtype=float)
    step *= 0.05 * np.min(km[np.abs(step) > 1e-9] / np.abs(step[np.abs(step) > 1e-9]))
    assert np.abs(step).max() > 0.01
    values = km + step
    return replace(cube, slots=cube.slots.assign(km=values), cells=cube.cells.assign(km=cube.members @ values))


def _list_places(rows: pd.DataFrame) -> list[tuple[str, ...]]:
    return list(map(tuple, rows[["niveau_geo", "code_geo", "periode"]].to_numpy()))


def certify(cube: Cube, protection: Protection, files: Files) -> Certificate:
    """The certificate of files."""
    return release_tables(files, [cube], protection, RULES)


def test_two_truths_that_show_the_same_rows_get_the_same_certificate(cube: Cube, protection: Protection) -> None:
    """Whatever is hidden, the certificate is the same: nobody can narrow a hidden value with it."""
    files = serve(cube, protection)
    other = move_hidden(cube, files)
    names = list(FULL_KEY)
    ratio = (other.cells["km"] / cube.cells["km"]).set_axis(pd.MultiIndex.from_frame(cube.cells[names]))
    factor = ratio.reindex(pd.MultiIndex.from_frame(protection.cells[names])).to_numpy()
    moved = replace(protection, cells=protection.cells.assign(weight=protection.cells["weight"] * factor))
    hidden = (protection.cells["status"] != "published").to_numpy()
    assert np.abs(factor - 1)[hidden].max() > 1e-3
    assert np.abs(factor - 1)[~hidden].max() < 1e-9
    assert certify(other, moved, files).to_dict() == certify(cube, protection, files).to_dict()
