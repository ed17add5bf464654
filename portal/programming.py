"""Programming records at the portal: invent some, publish what is safe, keep the territories."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from datasets.catalogue.catalogue import find_dataset, list_datasets
from datasets.errors import IngestError
from datasets.model import Version
from datasets.programming.cubes import CALENDAR_ID
from datasets.programming.descriptions import describe
from datasets.programming.openings import trim_calendar
from datasets.programming.releases import Identity, Progress, prepare_releases, read_earlier
from datasets.programming.sample import write_sample
from datasets.programming.schemas import SCHEMAS
from datasets.programming.territories import (
    Territories,
    load_contours,
    open_territories,
    read_territories,
    write_territories,
)
from datasets.publish import Release, publish
from datasets.store.versions import DATA
from portal.accounts.partners.service import list_closed_programmers
from portal.extensions import Portal
from portal.privacy.calendar import PARIS


def find_territories(portal: Portal) -> Territories:
    """Return the territories of the instance; the first time, those of the reference packages are kept in it."""
    folder = portal.settings.instance / "territories"
    try:
        return open_territories(folder)
    except IngestError:
        territories = read_territories(portal.settings.packages)
    if folder.parent.exists():
        write_territories(territories, folder)
    return territories


def load(portal: Portal, file: Path, level: str | None) -> Iterator[str]:
    """Load better contours or positions into the instance; yield what to tell the operator."""
    territories = load_contours(find_territories(portal), file, niveau_geo=level)
    write_territories(territories, portal.settings.instance / "territories")
    for name, source in territories.contour_sources.items():
        known = sum(niveau == name for niveau, _ in territories.contours)
        yield f"{name}: {known} contours ({source})" if known else f"positions of communes ({source})"
    yield "The next publication will use them."


def sample(portal: Portal, folder: Path, size: str, seed: int, progress: Progress) -> Iterator[str]:
    """Write invented records into `folder`; yield what was written."""
    report = write_sample(
        folder,
        size,
        seed,
        find_territories(portal),
        lambda table, done, total: progress("Inventing records", done, total),
        today=portal.clock.now().astimezone(PARIS).date(),
    )
    yield f"{sum(report.rows.values()):,} rows in {folder}"


def trim(portal: Portal) -> Iterator[str]:
    """Publish the calendar again without the weeks that are over; yield what to tell the operator."""
    version = find_calendar(portal)
    left = trim_calendar(version, portal.store, portal.clock.now().astimezone(PARIS).date()) if version else None
    if left is None:
        yield "No week of the calendar is over."
        return
    publish_calendar(portal, left)
    yield f"{CALENDAR_ID}: {len(left)} records left"


def close_calendar(portal: Portal) -> bool:
    """Publish the calendar without any slot, when somebody whose open dates it may count shows them no more.

    Protected counts cannot be taken apart: the next publication tells those of the others. False when there was none.
    """
    version = find_calendar(portal)
    if version is None or version.rows == 0:
        return False
    with portal.store.open(version, DATA) as file:
        publish_calendar(portal, pq.read_table(file).slice(0, 0))
    return True


def find_calendar(portal: Portal) -> Version | None:
    """Return the version of the calendar that is served, None when there is none."""
    with portal.databases.session("catalogue") as session:
        dataset = find_dataset(session, CALENDAR_ID)
    return dataset.version if dataset else None


def publish_calendar(portal: Portal, rows: pa.Table) -> None:
    """Publish the calendar with these rows."""
    identity = {"licence": portal.settings.licence, "publisher": portal.settings.publisher}
    release = Release(
        CALENDAR_ID, describe(CALENDAR_ID, **identity), SCHEMAS[CALENDAR_ID], rows, provenance={"source": "programming"}
    )
    publish(lambda: portal.databases.session("catalogue"), portal.store, [release], at=portal.clock.now())


def publish_records(portal: Portal, folder: Path, progress: Progress, *, report: Path | None = None) -> Iterator[str]:
    """Publish the protected datasets of the records of `folder`, all together; yield what to tell the operator."""
    settings, at, closed = portal.settings, portal.clock.now(), find_closed(portal)
    with portal.databases.session("catalogue") as session:
        current = [dataset.version for dataset in list_datasets(session) if dataset.version]
    prepared = prepare_releases(
        folder,
        find_territories(portal),
        Identity(settings.licence, settings.publisher),
        at=at,
        seconds=settings.suppression_seconds,
        earlier=read_earlier(current, portal.store),
        today=at.astimezone(PARIS).date(),
        settling_days=settings.settling_days,
        levels=settings.attacks,
        closed=closed,
        progress=progress,
    )
    if report:
        prepared.report.write_csv(report)
    progress("Publishing", 0, 0)
    versions = publish(lambda: portal.databases.session("catalogue"), portal.store, prepared.releases, at=at)
    if set(find_closed(portal)) - set(closed):  # somebody chose so while this was computed
        close_calendar(portal)
    yield from prepared.summary
    for version in versions:
        yield f"{version.dataset_id}: {version.rows} records, version {version.version_id}"


def find_closed(portal: Portal) -> list[str]:
    """Return the programmers whose open dates may not be told now.

    Raises StoreUnavailable: without an answer nothing is published.
    """
    with portal.databases.session("accounts") as session:
        return list_closed_programmers(session)
