"""The small drawings of lists, made after each publication by whoever does the jobs: no page waits for one.

They have no words, so that one of each version serves all readers. Until it is made, a quiet picture of the same size
stands in its place.
"""

import logging
from hashlib import blake2b
from typing import cast

from flask import Flask, current_app
from werkzeug.local import LocalProxy

from datasets.catalogue.catalogue import get_dataset, list_current
from datasets.errors import LimitExceeded, PortalError, StoreError
from datasets.model import Version
from portal.extensions import Portal
from portal.memory import Memory
from portal.pages.charts.drawing import Drawer
from portal.pages.charts.viewing import DRAWER, draw_svg, open_sight, revision

logger = logging.getLogger(__name__)
PREVIEWS, JOB = "previews", "draw_preview"
SIZE = 'xmlns="http://www.w3.org/2000/svg" width="240" height="135" viewBox="0 0 240 135"'
NOTHING = f"<svg {SIZE}/>".encode()
"""The preview of a dataset that no chart can show: nothing, of the same size."""

WAITING = (
    f'<svg {SIZE}><g fill="#8b8f94" fill-opacity="0.22"><rect x="12" y="22" width="150" height="16" rx="2"/>'
    '<rect x="12" y="54" width="205" height="16" rx="2"/><rect x="12" y="86" width="95" height="16" rx="2"/></g></svg>'
).encode()
"""What stands in the place of a preview that is not made yet."""

REMEMBERED = 4096
"""Previews that a process remembers having asked for."""


class Previews:
    """Finds the previews that were made, asks for others, and makes them."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._parts: Portal = app.extensions["portal"]
        self._drawer: Drawer = app.extensions[DRAWER]
        self._asked = Memory(REMEMBERED)
        self._caught_up = ""

    def find(self, version: Version) -> bytes | None:
        """Return the preview of a version; asked of the worker, once for each process, when there is none."""
        drawn = self._drawer.find(self.name(version))
        if drawn is None:
            self._asked.get(self.name(version), lambda: self._enqueue(version.dataset_id))
            drawn = self._drawer.find(self.name(version))  # where work is done at once
        return drawn

    def name(self, version: Version) -> str:
        """Return the name of the file of a preview: by its rows, the look of drawings, and the last full year."""
        told = f"{version.dataset_id} {version.version_id} {revision()} {self._parts.clock.now().year}"
        return f"{blake2b(told.encode(), digest_size=16).hexdigest()}.preview"

    def make(self, dataset_id: str) -> None:
        """Do a job: draw the preview of the present rows of a dataset, unless it is there; or say why not.

        What can never be drawn is nothing; what could not be for now is tried again with the next round.
        """
        with self._app.test_request_context(query_string={"lang": self._parts.settings.language}):
            try:
                with self._parts.databases.session("catalogue") as session:
                    version = get_dataset(session, dataset_id).version
                if version:
                    self._drawer.keep(self.name(version), lambda: self._draw(dataset_id))
            except PortalError as error:
                logger.warning("%s has no preview: %s", dataset_id, error)

    def _draw(self, dataset_id: str) -> bytes:
        try:
            _dataset, sight = open_sight(dataset_id)
            return draw_svg(sight, size="preview", theme="plain") if sight else NOTHING
        except (LimitExceeded, StoreError) as error:
            logger.warning("%s cannot be drawn: %s", dataset_id, error)
            return NOTHING

    def catch_up(self) -> None:
        """Make the previews of what is published, until another job waits.

        The catalogue has a new version at each publication: while it is the same, there is nothing to do.
        """
        with self._parts.databases.session("catalogue") as session:
            state, versions = list_current(session, but=self._caught_up)
        for version in versions:
            if self._parts.queue.waiting:
                return
            if not self._drawer.holds(self.name(version)):
                self.make(version.dataset_id)
        if all(self._drawer.holds(self.name(version)) for version in versions):
            self._caught_up = state

    def _enqueue(self, dataset_id: str) -> bool:
        self._parts.queue.enqueue(JOB, dataset_id=dataset_id)
        return True


def init_previews(app: Flask) -> None:
    """Have previews made, by name and after each publication."""
    made = app.extensions[PREVIEWS] = Previews(app)
    queue = app.extensions["portal"].queue
    queue.register(JOB, made.make)
    queue.repeat("draw_previews", made.catch_up, minutes=1)


previews = cast(Previews, LocalProxy(lambda: current_app.extensions[PREVIEWS]))
"""The previews of the application that answers."""
