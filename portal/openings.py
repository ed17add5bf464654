"""The calendar of open dates as it is served: without the weeks that are over, nor who shows theirs no more.

    openings.json    {"versions": […], "places": {hash: [[niveau_geo, code_geo, discipline], …]}}

Protected counts cannot be taken apart. So each publication notes, under a keyed hash of each programmer, in which
places (a territory and a discipline, of any week) their open dates may be counted: those rows go when they say so, at
once and from older versions too, and the others stay. No date is noted, and copies of the instance do not hold it.
"""

import hashlib
import hmac
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from datasets.catalogue.catalogue import find_dataset, list_history, withdraw_version
from datasets.errors import Conflict, StoreUnavailable
from datasets.model import Version
from datasets.programming.cubes import CALENDAR_ID
from datasets.programming.descriptions import describe
from datasets.programming.openings import Place, drop_places, trim_calendar
from datasets.programming.schemas import SCHEMAS
from datasets.publish import Release, publish
from datasets.store.versions import DATA
from portal.accounts.partners.service import list_closed_programmers
from portal.databases import Session
from portal.extensions import Portal
from portal.privacy.calendar import PARIS

FILE = "openings.json"
TRIES = 5
"""How often a calendar that another publication changed meanwhile is read again."""

REASON = "Des dates qu’il comptait ne sont plus montrées. / Dates that it counted are shown no more."


@dataclass(frozen=True)
class Counted:
    """Where each programmer may be counted, by keyed hash, in the versions of the calendar that it was noted for."""

    versions: tuple[str, ...] = ()
    places: Mapping[str, Sequence[Place]] = field(default_factory=dict)

    def find(self, version: Version, name: str) -> Sequence[Place] | None:
        """Return the places of a programmer in a version; None when nobody noted them."""
        return self.places.get(name, ()) if version.version_id in self.versions else None


def trim(portal: Portal) -> Iterator[str]:
    """Publish the calendar again without the weeks that are over; yield what to tell the operator.

    Whoever shows their dates no more leaves it too, had it been away when they said so.
    """
    for programmer in find_closed(portal) or ():
        version = find_calendar(portal)
        if version and read_counted(portal.settings.instance).find(version, name_of(portal, programmer)):
            close_calendar(portal, programmer)
            yield "Somebody shows their dates no more."
    version = find_calendar(portal)
    left = trim_calendar(version, portal.store, portal.clock.now().astimezone(PARIS).date()) if version else None
    if version is None or left is None:
        yield "No week of the calendar is over."
        return
    publish_calendar(portal, left, version)
    yield f"{CALENDAR_ID}: {len(left)} records left"


def close_calendar(portal: Portal, programmer: str) -> bool:
    """Take out of the calendar the rows that may count a programmer who shows their dates no more.

    When nobody noted which those are, all go: the next publication tells those of the others. False when there was
    none. Raises Conflict when other publications never ceased.
    """
    for left in range(TRIES, 0, -1):
        version = find_calendar(portal)
        if version is None:
            return False
        with portal.store.open(version, DATA) as file:
            rows = pq.read_table(file)
        name = name_of(portal, programmer)
        places = read_counted(portal.settings.instance).find(version, name)
        kept = rows.slice(0, 0) if places is None else drop_places(rows, places)
        try:
            if len(kept) < len(rows):
                publish_calendar(portal, kept, version, closing=name)
            else:
                _withdraw_older(portal)
        except Conflict:
            if left == 1:
                raise
            continue
        return len(kept) < len(rows)
    return False


def find_calendar(portal: Portal) -> Version | None:
    """Return the version of the calendar that is served, None when there is none."""
    with portal.databases.session("catalogue") as session:
        dataset = find_dataset(session, CALENDAR_ID)
    return dataset.version if dataset else None


def publish_calendar(portal: Portal, rows: pa.Table, before: Version, *, closing: str = "") -> None:
    """Publish the calendar with these rows of the version `before`.

    When `closing` names who leaves it, older versions are served no more and they are noted nowhere. Raises Conflict
    when another publication came first.
    """
    identity = {"licence": portal.settings.licence, "publisher": portal.settings.publisher}
    release = Release(
        CALENDAR_ID,
        describe(CALENDAR_ID, **identity),
        SCHEMAS[CALENDAR_ID],
        rows,
        provenance={"source": "programming"},
        based_on=before.version_id,
    )

    def withdraw(session: Session, _versions: Sequence[Version]) -> None:
        if closing:
            _withdraw(session)

    (made,) = publish(
        lambda: portal.databases.session("catalogue"), portal.store, [release], at=portal.clock.now(), beside=withdraw
    )
    counted = read_counted(portal.settings.instance)
    if before.version_id in counted.versions:
        places = {name: mine for name, mine in counted.places.items() if name != closing}
        write_counted(portal.settings.instance, Counted((*counted.versions[-9:], made.version_id), places))


def note_places(portal: Portal, versions: Collection[Version], places: Mapping[str, Collection[Place]]) -> None:
    """Note where each programmer may be counted in the calendar that was just published."""
    made = [version.version_id for version in versions if version.dataset_id == CALENDAR_ID]
    if made:
        noted = {name_of(portal, name): sorted(mine) for name, mine in places.items()}
        write_counted(portal.settings.instance, Counted(tuple(made), noted))


def read_counted(instance: Path) -> Counted:
    """Return what was noted; nothing when it was not, or cannot be read."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        told = json.loads((instance / FILE).read_text("utf-8"))
        places = {name: [(level, code, kind) for level, code, kind in mine] for name, mine in told["places"].items()}
        return Counted(tuple(told["versions"]), places)
    return Counted()


def write_counted(instance: Path, counted: Counted) -> None:
    """Write it, all or nothing, readable by the owner only."""
    aside = instance / f"{FILE}.new"
    aside.touch(mode=0o600)
    aside.write_text(json.dumps({"versions": counted.versions, "places": dict(counted.places)}), "utf-8")
    aside.replace(instance / FILE)


def name_of(portal: Portal, programmer: str) -> str:
    """Return the name under which a programmer is noted: a hash keyed by the secret of the instance."""
    return hmac.new(portal.settings.secret_key.encode(), b"openings|" + programmer.encode(), hashlib.sha256).hexdigest()


def find_closed(portal: Portal) -> list[str] | None:
    """Return the programmers whose open dates may not be told now; None while the accounts are away."""
    try:
        with portal.databases.session("accounts") as session:
            return list_closed_programmers(session)
    except StoreUnavailable:
        return None


def _withdraw_older(portal: Portal) -> None:
    with portal.databases.session("catalogue") as session:
        _withdraw(session)


def _withdraw(session: Session) -> None:
    """Stop serving every version of the calendar but the current one."""
    for entry in list_history(session, CALENDAR_ID):
        if not entry.current and entry.withdrawn_reason is None:
            withdraw_version(session, CALENDAR_ID, entry.version.version_id, reason=REASON)
