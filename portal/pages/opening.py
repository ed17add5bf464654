"""What an address asks for, opened: the dataset, its rows, its filters, the contours under its map."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import abort, redirect, request

from datasets.catalogue.catalogue import CATALOGUE_ID, find_dataset, find_version, get_dataset
from datasets.catalogue.snapshot import LANGUAGES, get_catalogue_source
from datasets.errors import NotFound
from datasets.model import Dataset
from datasets.query import Source, source_of
from portal.extensions import note_use, portal
from portal.i18n import explicit_language
from portal.memory import Memory
from portal.pages.charts.survey import list_dimensions
from portal.pages.filters import Filters, fits, read_filters
from portal.pages.maps import choropleth, points
from portal.pages.maps.contours import REFERENCE_ID, Contour, draw_level
from portal.pages.secrecy import Secrecy, find_secrecy

drawings = Memory(32)
answers = Memory(256)
"""What was drawn of the reference, and what was read for recent addresses: each key names its version."""


@dataclass(frozen=True)
class View:
    """A dataset as a page needs it: itself, its rows, what the address asks for, and what was ignored of it."""

    dataset: Dataset
    source: Source
    filters: Filters
    ignored: tuple[str, ...]

    @property
    def id(self) -> str:
        """The identifier of the dataset."""
        return self.dataset.dataset_id

    @property
    def mappable(self) -> bool:
        """Whether the records can be put on a map."""
        schema = self.source.schema
        return choropleth.has_territories(schema) or points.find_point(schema) is not None

    @property
    def chartable(self) -> bool:
        """Whether a chart can be drawn of the records."""
        return bool(list_dimensions(self.source.schema))

    @property
    def secrecy(self) -> Secrecy | None:
        """What the dataset hides; None when it does not say."""
        version = self.dataset.version
        key = ("secrecy", self.id, self.source.version_id)
        return answers.get(key, lambda: find_secrecy(version, portal.store))

    @property
    def key(self) -> tuple[str, str, Filters]:
        """What the records shown depend on: the version and the filters."""
        return self.id, self.source.version_id, self.filters

    def path(self, tab: str) -> str:
        """Return the path of a tab, without the filters."""
        return f"/explore/dataset/{self.id}/{tab}/"

    def tab(self, tab: str) -> str:
        """Return the address of a tab, with the filters."""
        return self.filters.address(self.path(tab))


@dataclass(frozen=True)
class VersionView(View):
    """One version of a dataset as a page needs it: its table has an address of its own, which does not change."""

    def path(self, tab: str) -> str:
        """Return the path of a tab: those of the dataset, but for the table."""
        version = self.dataset.version
        if tab != "table" or version is None:
            return super().path(tab)
        return f"/explore/dataset/{self.id}/version/{version.version_id}/"


def open_version(dataset_id: str, version_id: str) -> VersionView:
    """Find one version of a dataset and read the address. Raises NotFound, and Withdrawn with the reason."""
    with portal.databases.session("catalogue") as session:
        found = get_dataset(session, dataset_id)
        version = find_version(session, found.dataset_id, version_id)
    if found.dataset_id != dataset_id:
        abort(redirect(address_of(found.dataset_id, f"version/{version_id}"), 301))
    note_use(found.dataset_id, "page")
    source = source_of(version, portal.store)
    return VersionView(replace(found, version=version), source, *known_filters(source))


def open_view(dataset_id: str) -> View:
    """Find the dataset and read the address; a former identifier leads to the present one (301)."""
    with portal.databases.session("catalogue") as session:
        found = get_dataset(session, dataset_id)
    if found.dataset_id != dataset_id:
        abort(redirect(address_of(found.dataset_id, request.path.split("/", 4)[4].strip("/")), 301))
    note_use(found.dataset_id, "page")
    source = open_source(found)
    return View(found, source, *known_filters(source))


def open_source(dataset: Dataset) -> Source:
    """Return the rows of a published dataset."""
    if dataset.version is None:
        raise NotFound(kind="dataset", name=dataset.dataset_id)
    return source_of(dataset.version, portal.store)


def find_source(dataset_id: str) -> Source | None:
    """Return the rows of the published dataset of that identifier, or None."""
    with portal.databases.session("catalogue") as session:
        found = find_dataset(session, dataset_id)
    return open_source(found) if found else None


def find_catalogue(lang: str = LANGUAGES[0]) -> Source | None:
    """Return the catalogue in `lang` as something to query; None while nothing was ever published."""
    with portal.databases.session("catalogue") as session:
        if find_dataset(session, CATALOGUE_ID) is None:
            return None
        return get_catalogue_source(session, portal.store, lang)


def known_filters(source: Source) -> tuple[Filters, tuple[str, ...]]:
    """Read the address; filters that the fields of `source` cannot take are left out and named."""
    filters = read_filters(request.args, explicit_language())
    schema, names = source.schema, {*source.schema.names, *source.aliases}
    unknown = [name for name in filters.names() if name not in names]
    unfit = [
        limit
        for limit in filters.limited
        if limit[1] in names and not (limit[1] in schema.names and fits(limit[0], limit[2], schema.get_field(limit[1])))
    ]
    for limit in unfit:
        filters = filters.lifted(limit)
    return filters.without(unknown), (*unknown, *dict.fromkeys(name for _, name, _ in unfit))


def address_of(dataset_id: str, tab: str) -> str:
    """Return the address of a tab of a dataset, with the query string of the present address."""
    query = f"?{request.query_string.decode()}" if request.query_string else ""
    return f"{request.script_root}/explore/dataset/{dataset_id}/{tab}/{query}"


def find_ground(level: str, *, step: float = 0.5) -> Mapping[str, Contour]:
    """Return the contours of a level, by code; none when the reference is not published."""
    source = find_source(REFERENCE_ID)
    if source is None:
        return {}
    key = (source.version_id, level, step)
    return drawings.get(key, lambda: draw_level(level, source, portal.engine, step=step))
