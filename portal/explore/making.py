"""The whole of a version is made a file once, in each layout that is asked, by whoever does the jobs of the queue.

The usual formats are made soon after a publication, the others when they are first asked. Until then an export
streams from the version itself.
"""

import logging
import math
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, cast

from flask import current_app
from werkzeug.local import LocalProxy

from datasets.catalogue.catalogue import list_current
from datasets.errors import PortalError
from datasets.model import Version
from datasets.query import Query, run_query, source_of
from datasets.store.engine import be_modest
from datasets.store.indexed import is_indexable, make_index
from datasets.store.made import PLAIN, MadeFile, MadeFiles
from exports import EXPORTERS, Exporter, ExportOptions
from exports.compressed import compress
from exports.exporter import suits
from exports.layouts import name_layout, settle
from portal.extensions import Portal
from portal.i18n import LANGUAGES
from portal.memory import Memory

logger = logging.getLogger(__name__)
MAKER = "export_maker"
SOON: Mapping[str, float] = MappingProxyType(
    {"csv": math.inf, "xlsx": 100_000, "parquet": math.inf, "json": math.inf, "geojson": math.inf}
)
"""The formats that are made without being asked, the most asked first, and the rows up to which they are."""

CODED_FROM = 2**16
"""Bytes from which a compressed file is worth keeping."""

SIDE_BY_SIDE = 2
"""Files that are made at once."""

REMEMBERED = 4096
"""Files that a process remembers having asked for."""


@dataclass(frozen=True)
class Whole:
    """All the records of a version, in a layout that is kept."""

    version: Version
    exporter: Exporter
    options: ExportOptions

    @property
    def name(self) -> str:
        """The name of its file."""
        return name_layout(self.exporter, self.options)


def whole_of(version: Version, exporter: Exporter, options: ExportOptions) -> Whole | None:
    """Return the whole of a version in a layout, or None when that layout is not kept."""
    settled = settle(exporter, version.schema, options, LANGUAGES)
    return Whole(version, exporter, settled) if settled else None


class Maker:
    """Finds the files that were made, asks for others, and makes them."""

    def __init__(self, parts: Portal) -> None:
        self._parts, self._files = parts, MadeFiles(parts.store)
        self._asked = Memory(REMEMBERED)
        self._caught_up = ""

    def find(self, whole: Whole, coding: str = PLAIN) -> MadeFile | None:
        """Return the file of a whole, or None while it is not made."""
        return self._files.find(whole.version, whole.name, coding)

    def ask(self, whole: Whole, coding: str = PLAIN) -> None:
        """Have a file made when the worker is free; each process asks once."""
        version = whole.version
        job = {
            "dataset_id": version.dataset_id,
            "version_id": version.version_id,
            "export_format": whole.exporter.name,
            "coding": coding,
            "layout": asdict(whole.options),
        }
        self._asked.get((version.dataset_id, version.version_id, whole.name, coding), lambda: self._enqueue(job))

    def _enqueue(self, job: dict[str, Any]) -> bool:
        self._parts.queue.enqueue("make_export", **job)
        return True

    def run(self, dataset_id: str, version_id: str, export_format: str, coding: str, layout: dict[str, Any]) -> None:
        """Do a job: make the file that was asked. Raises NotFound and StoreError."""
        version = self._parts.store.read(dataset_id, version_id)
        self.make(Whole(version, EXPORTERS[export_format], ExportOptions(**layout)), coding)

    def make(self, whole: Whole, coding: str = PLAIN) -> None:
        """Make a file, unless it is there; a compressed one only when it is large enough to be kept."""
        if self.find(whole, coding):
            return
        if coding == PLAIN:
            self._files.make(whole.version, whole.name, self._write(whole))
            return
        self.make(whole)
        plain = self.find(whole)
        if plain and plain.size >= CODED_FROM:
            self._files.make(whole.version, whole.name, compress(plain.read(), coding, thorough=True), coding)

    def _write(self, whole: Whole) -> Iterator[bytes]:
        parts, exporter = self._parts, whole.exporter
        source, seconds = source_of(whole.version, parts.store), parts.settings.export_seconds
        result = run_query(Query(limit=None), source, parts.engine, geometry=exporter.geometry, seconds=seconds)
        try:
            yield from exporter.write(result.schema, result.rows, whole.options)
        finally:
            result.rows.close()

    def catch_up(self) -> None:
        """Make the usual files of what is published, until another job waits; those of former versions go.

        The catalogue has a new version at each publication: while it is the same, there is nothing to do.
        """
        with self._parts.databases.session("catalogue") as session:
            state, versions = list_current(session, but=self._caught_up)
        for version in versions:
            self._files.forget_others(version)
            if not self._make_usual(version):
                return
        self._caught_up = state

    def _make_usual(self, version: Version) -> bool:
        """Make what is made of a version without being asked, side by side, less urgently than anything else.

        Nothing more is begun once another job waits: then what is returned is False.
        """
        works = [partial(self._index, version), *(partial(self._try, whole) for whole in usual_files(version))]

        def begin(work: Callable[[], None]) -> bool:
            if self._parts.queue.waiting:
                return False
            work()
            return True

        with ThreadPoolExecutor(SIDE_BY_SIDE, "making", be_modest) as pool:
            return all(list(pool.map(begin, works)))

    def _index(self, version: Version) -> None:
        """Make the indexed copy of a version when it is worth it, or say why not: its file is read meanwhile."""
        settings = self._parts.settings
        if not is_indexable(version):
            return
        try:
            memory = f"{settings.making_memory // 2**20}MiB"
            make_index(version, self._parts.store, memory=memory, threads=settings.query_threads)
        except PortalError as error:
            logger.warning("%s has no indexed copy: %s", version.dataset_id, error)

    def _try(self, whole: Whole) -> None:
        """Make a file, or say why not: its readers have a stream, and the other files do not wait for it."""
        try:
            self.make(whole)
        except PortalError as error:
            logger.warning("%s of %s was not made: %s", whole.name, whole.version.dataset_id, error)


def usual_files(version: Version) -> Iterator[Whole]:
    """Yield what is made of a version without being asked."""
    types = {field.type for field in version.schema}
    for exporter in (EXPORTERS[name] for name, most in SOON.items() if version.rows <= most):
        whole = whole_of(version, exporter, ExportOptions()) if suits(exporter, types) else None
        if whole:
            yield whole


maker = cast(Maker, LocalProxy(lambda: current_app.extensions[MAKER]))
"""The maker of the application that answers."""
