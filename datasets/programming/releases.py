"""From private records to datasets ready to be published: read → calculate → count → protect → attack → sign.

Nothing here writes anything public: `datasets.publish` does, with what this returns, or nothing happens.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from datasets.disclosure.cubes import Cube, build_cube
from datasets.disclosure.gate import Certificate, find_release
from datasets.disclosure.protection import Protection
from datasets.model import Version
from datasets.programming.calculation import Calculation, calculate
from datasets.programming.cubes import CUBES, KEY, contributions, count_distinct
from datasets.programming.descriptions import describe
from datasets.programming.published import (
    FACTORS_ID,
    QUALITY_ID,
    TERRITORIES_ID,
    Stamp,
    factors_frame,
    published_frame,
    quality_frame,
    territories_frame,
)
from datasets.programming.records import Records, read_records
from datasets.programming.report import REPAIRED, Report
from datasets.programming.schemas import SCHEMAS, as_table
from datasets.programming.territories import Territories
from datasets.publish import Release
from datasets.store.versions import DATA, VersionStore

Progress = Callable[[str, int, int], None]
"""Told (step, done, total); total is 0 when it is not known."""


CERTIFICATE = "certificate.json"
CERTIFICATE_TITLE = {"fr": "Certificat de secret statistique", "en": "Disclosure-control certificate"}


@dataclass(frozen=True)
class Identity:
    """Whose datasets these are: the licence and the publisher that their descriptions name."""

    licence: str
    publisher: str


@dataclass(frozen=True)
class Prepared:
    """Releases that passed every check, the report on the rows, and what was hidden."""

    releases: tuple[Release, ...]
    report: Report
    protection: Protection
    summary: tuple[str, ...]


def prepare_releases(
    folder: Path,
    territories: Territories,
    identity: Identity,
    *,
    at: datetime,
    seconds: float,
    earlier: Mapping[str, pd.DataFrame] | None = None,
    progress: Progress = lambda step, done, total: None,
) -> Prepared:
    """Return the datasets that the records of `folder` allow, protected within about `seconds` of search.

    `earlier` gives the rows served before, by dataset: what was hidden stays hidden.
    Raises RecordsError when the records cannot be read, DisclosureError when no safe release was found.
    """
    records = read_records(folder, territories, progress=progress)
    progress("Computing tours and savings", 0, 0)
    calculation = calculate(records)
    cubes, counts = _count_cells(records, calculation, progress)
    stamp = Stamp(at.date())

    def serve(protection: Protection) -> dict[str, pd.DataFrame]:
        return {
            cube.name: published_frame(cube.name, protection.serve(cube), counts[cube.name], territories, stamp)
            for cube in cubes
        }

    protection, served, certificate = find_release(
        cubes, serve, seconds=seconds, earlier=earlier, tell=lambda step: progress(step, 0, 0)
    )
    rows = dict(served)
    rows[FACTORS_ID] = factors_frame(stamp)
    rows[TERRITORIES_ID] = territories_frame(territories, stamp)
    rows[QUALITY_ID] = quality_frame(calculation, records, {name: rows[name] for name in CUBES}, stamp)
    releases = tuple(
        Release(
            name,
            describe(name, licence=identity.licence, publisher=identity.publisher),
            SCHEMAS[name],
            as_table(name, frame),
            provenance={"source": "programming", **_versions(stamp, territories)},
            **(attach(certificate) if name in CUBES else {}),
        )
        for name, frame in rows.items()
    )
    return Prepared(releases, records.report, protection, tuple(_summarise(records.report, protection)))


def attach(certificate: Certificate) -> dict[str, Any]:
    """Return what a release needs so that readers find its certificate among its attachments."""
    content = json.dumps(certificate.to_dict(), ensure_ascii=False, indent=1).encode()
    return {"files": {CERTIFICATE: content}, "titles": {CERTIFICATE: CERTIFICATE_TITLE}}


def read_earlier(versions: Iterable[Version], store: VersionStore) -> dict[str, pd.DataFrame]:
    """Return the keys and the mask of the rows that `versions` serve, by dataset, for those that are protected."""
    earlier = {}
    for version in versions:
        if version.dataset_id in CUBES:
            with store.open(version, DATA) as file:
                earlier[version.dataset_id] = pq.read_table(file, columns=[*KEY, "masque"]).to_pandas()
    return earlier


def _count_cells(
    records: Records, calculation: Calculation, progress: Progress
) -> tuple[list[Cube], dict[str, pd.DataFrame]]:
    cubes, counts = [], {}
    for name, spec in CUBES.items():
        progress(f"Counting the cells of {name}", 0, 0)
        frame = contributions(name, records, calculation)
        cubes.append(build_cube(frame, **spec.options()))
        counts[name] = count_distinct(spec, frame)
    return cubes, counts


def _versions(stamp: Stamp, territories: Territories) -> dict[str, str]:
    return {
        "version_methode": stamp.version_methode,
        "version_facteurs": stamp.version_facteurs,
        "territoires": territories.version,
    }


def _summarise(report: Report, protection: Protection) -> Iterator[str]:
    """Yield what an operator wants to know: rows read, repaired, refused; tables shown, and what they hide."""
    yield (
        f"{report.rows.total():,} rows read, {report.total_of(REPAIRED):,} values repaired, "
        f"{report.refused.total():,} rows refused"
    )
    for (cube, level, kind), years in protection.shares.groupby(["cube", "niveau_geo", "genre"], sort=False):
        shown = years[years["diffuse"]]
        if shown.empty:
            yield f"{cube} {level} {kind}: not published, nearly all of it would be hidden"
            continue
        cells, hidden = shown["cases"].sum(), shown["masques"].sum()
        value = (shown["part_valeur"] * shown["cases"]).sum() / cells
        kept = f"{len(shown)} of {len(years)} years"
        yield f"{cube} {level} {kind}: {kept}, {hidden} of {cells} cells hidden ({value:.0%} of the value)"
