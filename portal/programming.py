"""Programming records at the portal: invent some, publish what is safe, keep the territories."""

from collections.abc import Iterator
from pathlib import Path

from datasets.catalogue.catalogue import list_datasets
from datasets.errors import IngestError
from datasets.programming.releases import Identity, Progress, prepare_releases, read_earlier
from datasets.programming.sample import write_sample
from datasets.programming.territories import (
    Territories,
    load_contours,
    open_territories,
    read_territories,
    write_territories,
)
from datasets.publish import publish
from portal.extensions import Portal
from portal.openings import close_calendar, find_closed, note_places
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


def publish_records(portal: Portal, folder: Path, progress: Progress, *, report: Path | None = None) -> Iterator[str]:
    """Publish the protected datasets of the records of `folder`, all together; yield what to tell the operator.

    While the accounts are away nobody can say whose open dates may be told: the calendar stays as it is served.
    """
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
    note_places(portal, versions, prepared.places)
    if closed is not None:
        for programmer in sorted(set(find_closed(portal) or ()) - set(closed)):
            close_calendar(portal, programmer)  # somebody chose so while this was computed
    yield from prepared.summary
    for version in versions:
        yield f"{version.dataset_id}: {version.rows} records, version {version.version_id}"
