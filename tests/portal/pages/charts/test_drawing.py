"""The program that draws, and what is kept of it."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from datasets.errors import Busy, LimitExceeded, StoreError
from portal.pages.charts import easel
from portal.pages.charts.drawing import Drawer

CONFIG = {"locale": {"number": {"decimal": ",", "thousands": "\u202f", "grouping": [3], "currency": ["", "\u00a0€"]}}}


def bars(**values: float | None) -> dict[str, object]:
    """Return a description of bars."""
    rows = [{"k": name, "v": value} for name, value in values.items()]
    encoding = {"y": {"field": "k", "type": "nominal"}, "x": {"field": "v", "type": "quantitative"}}
    return {"data": {"values": rows}, "mark": "bar", "encoding": encoding, "width": 200, "height": 80, "config": CONFIG}


@pytest.fixture(scope="module")
def drawer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drawer]:
    """A drawer on an empty instance, whose path is too long for the address of a socket."""
    folder = tmp_path_factory.mktemp("drawer") / ("long" * 25)
    folder.mkdir()
    drawer = Drawer(folder)
    yield drawer
    drawer.close()


def test_a_drawing_is_svg_with_accents_and_the_numbers_of_the_reader(drawer: Drawer) -> None:
    """Labels keep their accents, numbers have the reader's separators, and the whole is well-formed."""
    drawn = drawer.draw("svg", bars(Œuilly=12345.5, Éauze=3.0))
    texts = [element.text for element in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    assert {"Œuilly", "Éauze"} <= set(texts)
    assert "10\u202f000" in texts


def test_the_program_holds_little_and_is_one(drawer: Drawer) -> None:
    """One program draws for all who share an instance, and what it drew is read again from a file."""
    first = drawer.draw("svg", bars(a=1))
    program = drawer._program
    other = Drawer(drawer.folder.parent)
    assert other.draw("svg", bars(a=1)) == first
    assert other.draw("svg", bars(b=1)) != first
    assert other._program is None
    assert program is not None
    held = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{program.pid}/status").read_text())
    assert held is not None
    assert int(held[1]) < 200 * 1024


def test_a_program_that_was_killed_is_started_again(drawer: Drawer) -> None:
    """The next drawing comes from a new program."""
    drawer.draw("svg", bars(c=1))
    assert drawer._program is not None
    before = drawer._program.pid
    os.kill(before, signal.SIGKILL)
    assert drawer.draw("svg", bars(c=2)).startswith(b"<svg")
    assert drawer._program is not None
    assert drawer._program.pid != before


def test_png_comes_from_svg(drawer: Drawer) -> None:
    """A drawing is painted at the scale asked for."""
    picture = drawer.draw("png", drawer.draw("svg", bars(a=1)).decode(), scale=2)
    assert picture.startswith(b"\x89PNG")


def test_nothing_is_fetched_from_files_or_networks(drawer: Drawer, tmp_path: Path) -> None:
    """A description that names a file draws without it; one that names an address is refused."""
    (tmp_path / "rows.csv").write_text("word\nforbidden\n")
    named = {"mark": "text", "encoding": {"text": {"field": "word"}}}
    drawn = drawer.draw("svg", named | {"data": {"url": f"file://{tmp_path}/rows.csv"}})
    assert b"forbidden" not in drawn
    with pytest.raises(StoreError, match="not allowed"):
        drawer.draw("svg", named | {"data": {"url": "http://127.0.0.1:1/rows.csv"}})


def test_what_cannot_be_drawn_is_refused(drawer: Drawer) -> None:
    """A description that makes no sense, or is too large, is refused without ending the program."""
    drawer.draw("svg", bars(d=1))
    before = drawer._program
    for wrong, error in (({"mark": "nonsense"}, StoreError), ("x" * easel.MOST_BYTES, LimitExceeded)):
        with pytest.raises(error):
            drawer.draw("svg", wrong)
    assert drawer.draw("svg", bars(d=2)).startswith(b"<svg")
    assert drawer._program is before


def test_a_drawing_that_never_ends_is_abandoned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The alarm of the program ends it, and whoever asked is told to come back."""
    slow = tmp_path / "slow.py"
    source = Path(easel.__file__).read_text("utf-8")
    body = source.replace("DRAWING_SECONDS = 15", "DRAWING_SECONDS = 1").replace(
        "    return str(engine.vega", "    import time; time.sleep(60)\n    return str(engine.vega"
    )
    slow.write_text(body, "utf-8")
    monkeypatch.setattr("portal.pages.charts.drawing.PROGRAM", slow)
    monkeypatch.setattr("portal.pages.charts.drawing.ATTEMPTS", 1)
    drawer = Drawer(tmp_path)
    with pytest.raises(Busy):
        drawer.draw("svg", bars(a=1))
    drawer.close()


def test_drawings_are_kept_within_a_size(tmp_path: Path) -> None:
    """The least recently read are deleted first."""
    drawer = Drawer(tmp_path, most=2500)
    drawer.folder.mkdir()
    for rank, name in enumerate(("old", "recent", "read")):
        drawer.keep(f"{name}.svg", lambda: b"x" * 1000)
        os.utime(drawer.folder / f"{name}.svg", (rank, rank))
    drawer.keep("old.svg", lambda: b"made again")
    drawer.purge()
    assert sorted(path.stem for path in drawer.folder.glob("*.svg")) == ["old", "read"]
