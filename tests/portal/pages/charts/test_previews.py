"""Previews of datasets: made by whoever does the jobs, never while a page waits."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask

from datasets.publish import publish
from portal import create_app
from portal.clock import FixedClock
from portal.pages.charts.previews import NOTHING, PREVIEWS, WAITING, Previews
from portal.turns import Turns
from tests.builders import a_release
from tests.portal.pages.sample import some_places

PLACES = "/explore/dataset/lieux-de-demonstration/preview.svg"
AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def waiting(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """A portal with two datasets, whose jobs wait for a worker."""
    instance = shutil.copytree(migrated, tmp_path_factory.mktemp("previews") / "instance")
    app = create_app({"instance": instance, "limits_url": "memory://"}, clock=FixedClock(AT))
    portal = app.extensions["portal"]
    with app.app_context():
        publish(lambda: portal.databases.session("catalogue"), portal.store, [some_places(), a_release()], at=AT)
    return app


def previews_of(app: Flask) -> Previews:
    """Return what makes the previews of an application."""
    made: Previews = app.extensions[PREVIEWS]
    return made


def test_a_page_never_waits_for_a_preview(waiting: Flask) -> None:
    """What is not made is answered at once by a quiet picture of the same size that nobody keeps, and asked once."""
    visitor, queue = waiting.test_client(), waiting.extensions["portal"].queue
    answers = [visitor.get(PLACES) for _ in range(3)]
    assert {answer.data for answer in answers} == {WAITING}
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert queue.huey.pending_count() == 1
    assert not list((waiting.extensions["portal"].settings.instance / "drawings").glob("*"))


def test_previews_follow_a_publication(waiting: Flask) -> None:
    """Once nothing else waits, each dataset has its preview, the same in both languages, which browsers may keep."""
    portal, visitor = waiting.extensions["portal"], waiting.test_client()
    portal.queue.huey.flush()
    previews_of(waiting).catch_up()
    drawn = [visitor.get(f"{PLACES}?lang={lang}") for lang in ("fr", "en")]
    assert drawn[0].data == drawn[1].data != WAITING
    assert drawn[0].headers["Cache-Control"] == "public, max-age=3600"
    for picture in (drawn[0].data, WAITING, NOTHING):
        root = ElementTree.fromstring(picture)
        assert (root.get("width"), root.get("height")) == ("240", "135")
    folder = portal.settings.instance / "drawings"
    assert len(list(folder.glob("*.preview"))) == 2
    before = {each: each.stat().st_mtime_ns for each in folder.glob("*.preview")}
    previews_of(waiting).catch_up()
    assert {each: each.stat().st_mtime_ns for each in folder.glob("*.preview")} == before


def test_previews_give_way_to_other_jobs(waiting: Flask) -> None:
    """While somebody waits for a job, no preview is made."""
    portal = waiting.extensions["portal"]
    shutil.rmtree(portal.settings.instance / "drawings", ignore_errors=True)
    late = Previews(waiting)
    portal.queue.enqueue("draw_preview", dataset_id="communes-du-gers")
    late.catch_up()
    assert not list((portal.settings.instance / "drawings").glob("*.preview"))


def test_what_could_not_be_drawn_is_tried_again(waiting: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A round that had no turn to draw is no reason to think that previews are there: the next one makes them."""
    portal = waiting.extensions["portal"]
    portal.queue.huey.flush()
    folder = portal.settings.instance / "drawings"
    shutil.rmtree(folder, ignore_errors=True)
    turns, made = Turns(1, 1, seconds=0.05, waiting=3), Previews(waiting)
    monkeypatch.setitem(waiting.extensions, "portal", replace(portal, queries=turns))
    with turns.take("somebody"):
        made.catch_up()
    assert not list(folder.glob("*.preview"))
    made.catch_up()
    assert len(list(folder.glob("*.preview"))) == 2


def test_a_dataset_that_is_gone_has_no_preview(waiting: Flask) -> None:
    """A job about a dataset that was withdrawn meanwhile is done with, and its address answers 404."""
    previews_of(waiting).make("inconnu")
    assert waiting.test_client().get("/explore/dataset/inconnu/preview.svg").status_code == 404
