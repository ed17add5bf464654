"""Private records at the desk: the ten programming tables come as a zip or one by one, and are never public.

    private/{owner}/{table}.csv     the tables, as they came
    private/{owner}/state.json      how far they are, and what to tell
    private/{owner}/report.csv      what reading them repaired and refused; it holds no personal value

They become protected datasets, and are erased as soon as these are published; within a day otherwise.
"""

import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from datasets.errors import FileTooLarge, IngestError, Phrase, PortalError
from datasets.programming.names import TABLE_NAMES
from portal.extensions import Portal
from portal.instance import hold_instance
from portal.producers.incoming import Reception
from portal.sources.service import say

STATE, REPORT = "state.json", "report.csv"
BUSY = ("checking", "publishing")
SHOWN = 40
"""Lines of the row report that the page shows."""

LIFE = timedelta(days=1)
"""How long private records wait to be published: the clause P4 of the policy."""

UNKNOWN_TABLE = Phrase(
    "one of the ten tables (" + ", ".join(TABLE_NAMES) + "), as CSV, or a zip of them",
    "l’une des dix tables (" + ", ".join(TABLE_NAMES) + "), en CSV, ou un zip qui les contient",
)
ADVICE = Phrase("Name each file as its table.", "Nommez chaque fichier comme sa table.")
DAMAGED = Phrase("a damaged or protected zip", "un zip abîmé ou protégé")


@dataclass
class PrivateState:
    """How far the private records of somebody are, and what to tell: by language, or as lines."""

    state: str = "receiving"
    told: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)


def folder_of(portal: Portal, owner: str) -> Path:
    """Return where the private records of `owner` are."""
    return Path(portal.settings.instance) / "private" / owner


def read_state(portal: Portal, owner: str) -> PrivateState:
    """Return how far the private records of `owner` are."""
    try:
        return PrivateState(**json.loads((folder_of(portal, owner) / STATE).read_text("utf-8")))
    except FileNotFoundError:
        return PrivateState()


def write_state(portal: Portal, owner: str, state: PrivateState) -> None:
    """Write how far the private records of `owner` are, all or nothing."""
    folder = folder_of(portal, owner)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = folder / f"{STATE}.{os.getpid()}"
    aside.write_text(json.dumps(asdict(state), ensure_ascii=False), "utf-8")
    aside.replace(folder / STATE)


def list_tables(portal: Portal, owner: str) -> dict[str, int | None]:
    """Return the size in bytes of each of the ten tables of `owner`; None for those that have not come."""
    folder = folder_of(portal, owner)
    return {name: path.stat().st_size if (path := folder / f"{name}.csv").exists() else None for name in TABLE_NAMES}


def receive_records(portal: Portal, owner: str, name: str, stream: IO[bytes]) -> None:
    """Keep a table, or those of a zip, in the place of what came before.

    Raises IngestError for another file, FileTooLarge beyond the limit of uploads, all members of a zip together.
    """
    left = portal.settings.upload_limit
    bare = name.replace("\\", "/").rpartition("/")[2].lower()
    if bare.endswith(".zip"):
        with opened_zip(name, stream) as archive:
            members = {table_of(one.filename): one for one in archive.infolist() if not one.is_dir()}
            for table, member in members.items():
                if table is not None:
                    with archive.open(member) as content:
                        left -= keep_table(portal, owner, table, content, left)
            if not any(members):
                raise refuse_file(name)
    elif (table := table_of(bare)) is not None:
        keep_table(portal, owner, table, stream, left)
    else:
        raise refuse_file(name)
    write_state(portal, owner, PrivateState())


@contextmanager
def opened_zip(name: str, stream: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """Open a zip; raise IngestError when it, or a file in it, cannot be read."""
    try:
        with zipfile.ZipFile(stream) as archive:
            yield archive
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise IngestError(where=name, found=DAMAGED, expected=UNKNOWN_TABLE, advice=ADVICE) from error


def table_of(name: str) -> str | None:
    """Return the table that a file name stands for, whatever its folder; None for another file."""
    stem, _, suffix = name.replace("\\", "/").rpartition("/")[2].lower().rpartition(".")
    return stem if suffix == "csv" and stem in TABLE_NAMES else None


def keep_table(portal: Portal, owner: str, table: str, content: IO[bytes], limit: int) -> int:
    """Write a table under its name, and return its size. Raises FileTooLarge, DiskFull and StoreError."""
    folder = folder_of(portal, owner)
    if limit <= 0:
        raise FileTooLarge(name=table, limit=f"{portal.settings.upload_limit / 1e6:.0f} MB")
    reception = Reception(folder, f"{table}.csv", limit)
    try:
        folder.chmod(0o700)
        shutil.copyfileobj(content, reception, 1 << 20)
        (folder / reception.keep()).replace(folder / f"{table}.csv")
    finally:
        reception.close()
    return reception.size


def refuse_file(name: str) -> IngestError:
    """Return the error of a file that is none of the tables."""
    return IngestError(where=name, found=repr(name), expected=UNKNOWN_TABLE, advice=ADVICE)


def ask(portal: Portal, owner: str, job: str) -> None:
    """Have the records of `owner` checked or published, unless it is being done."""
    state = read_state(portal, owner)
    if state.state in BUSY:
        return
    write_state(portal, owner, PrivateState({"check_private": "checking", "publish_private": "publishing"}[job]))
    portal.queue.enqueue(job, owner=owner)


def check_private(portal: Portal, owner: str) -> None:
    """Read the records of `owner` and keep the row report; nothing is published."""
    from datasets.programming.records import read_records  # costs a second, and only this job needs it
    from portal.programming import find_territories

    folder = folder_of(portal, owner)
    with telling(portal, owner):
        report = read_records(folder, find_territories(portal)).report
        report.write_csv(folder / REPORT, portal.settings.language)
        lines = [line for _, line in zip(range(SHOWN), report.lines(portal.settings.language), strict=False)]
        write_state(portal, owner, PrivateState("checked", lines=lines))


def publish_private(portal: Portal, owner: str) -> None:
    """Publish the protected datasets of the records of `owner`, then erase these at once."""
    from portal.programming import publish_records

    folder = folder_of(portal, owner)
    with telling(portal, owner), hold_instance(portal.settings.instance, "publishing"):
        told = publish_records(portal, folder, lambda step, done, total: None, report=folder / REPORT)
        state = PrivateState("published", lines=list(told))
        for table in TABLE_NAMES:
            (folder / f"{table}.csv").unlink(missing_ok=True)
        write_state(portal, owner, state)


@contextmanager
def telling(portal: Portal, owner: str) -> Iterator[None]:
    """Write why a job failed; what is not an error of the tree is raised again, for the log."""
    try:
        yield
    except PortalError as error:
        place = folder_of(portal, owner)
        told = {lang: text.replace(str(place), place.parent.name) for lang, text in say(error).items()}
        write_state(portal, owner, PrivateState("refused", told=told))
    except BaseException:
        write_state(portal, owner, PrivateState("refused", told=INTERRUPTED))
        raise


INTERRUPTED: dict[str, str] = {
    "fr": "Le travail a été interrompu de notre côté. Rien n’a changé ; recommencez.",
    "en": "The work was interrupted on our side. Nothing has changed; please start again.",
}


def erase_private(instance: Path, owner: str) -> None:
    """Erase the private records of `owner`, with their report."""
    shutil.rmtree(instance / "private" / owner, ignore_errors=True)


def purge_private(instance: Path, before: datetime) -> int:
    """Erase the private records, and the reports, to which nothing was added since `before`; return how many owners."""
    purged, place = 0, instance / "private"
    for folder in place.iterdir() if place.exists() else ():
        newest = max((path.stat().st_mtime for path in folder.iterdir()), default=0.0) if folder.is_dir() else 0.0
        if newest < before.timestamp():
            purged += 1
            shutil.rmtree(folder, ignore_errors=True) if folder.is_dir() else folder.unlink(missing_ok=True)
    return purged


def describe(portal: Portal, owner: str) -> dict[str, Any]:
    """Return what the page of private records shows."""
    tables = list_tables(portal, owner)
    return {
        "tables": tables,
        "whole": all(size is not None for size in tables.values()),
        "any": any(size is not None for size in tables.values()),
        "private": read_state(portal, owner),
        "reported": (folder_of(portal, owner) / REPORT).exists(),
    }
