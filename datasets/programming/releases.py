"""From private records to datasets ready to be published: read → calculate → count → protect → attack → sign.

Nothing here writes anything public: `datasets.publish` does, with what this returns, or nothing happens.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from datasets.disclosure.certificate import Certificate
from datasets.disclosure.cubes import Cube, build_cube
from datasets.disclosure.explanation import explain
from datasets.disclosure.frozen import Frames, Plan, append_kept, is_over, plan_cubes, put_back, sum_years
from datasets.disclosure.gate import find_release
from datasets.disclosure.layout import Table
from datasets.disclosure.primary import Rules
from datasets.disclosure.protection import Protection
from datasets.model import Version
from datasets.programming.calculation import Calculation, calculate
from datasets.programming.contributions import contributions, list_venues
from datasets.programming.cubes import CALENDAR_ID, CUBES, KEY, PROTECTED, TOURS
from datasets.programming.descriptions import describe
from datasets.programming.openings import Openings, Place, prepare_openings
from datasets.programming.profiles import count_beside
from datasets.programming.published import (
    FACTORS_ID,
    TERRITORIES_ID,
    Stamp,
    factors_frame,
    published_frame,
    territories_frame,
)
from datasets.programming.quality import QUALITY_ID, quality_frame
from datasets.programming.records import Records, read_records
from datasets.programming.report import REPAIRED, Report
from datasets.programming.schemas import SCHEMAS, as_frame, as_table
from datasets.programming.territories import Territories
from datasets.publish import Release
from datasets.store.versions import DATA, VersionStore, write_parquet

Progress = Callable[[str, int, int], None]
"""Told (step, done, total); total is 0 when it is not known."""


LATER = "no year is both over and as it was released"
CERTIFICATE = "certificate.json"
EXPLANATION = "explanation.json"
TITLES = {
    CERTIFICATE: {"fr": "Certificat de secret statistique", "en": "Disclosure-control certificate"},
    EXPLANATION: {"fr": "Ce qui est masqué, et pourquoi", "en": "What is hidden, and why"},
}


@dataclass(frozen=True)
class Identity:
    """Whose datasets these are: the licence and the publisher that their descriptions name."""

    licence: str
    publisher: str


@dataclass(frozen=True)
class Prepared:
    """Releases that passed every check, the report on the rows, what was hidden, and what to tell.

    `places` gives, by programmer, the places whose rows of the calendar may count them (see `openings`).
    """

    releases: tuple[Release, ...]
    report: Report
    protection: Protection | None
    summary: tuple[str, ...]
    places: Mapping[str, Collection[Place]]


def prepare_releases(
    folder: Path,
    territories: Territories,
    identity: Identity,
    *,
    at: datetime,
    seconds: float,
    earlier: Frames | None = None,
    today: date | None = None,
    settling_days: int = 0,
    levels: Sequence[str] | None = None,
    closed: Collection[str] | None = (),
    progress: Progress = lambda step, done, total: None,
) -> Prepared:
    """Return the datasets that the records of `folder` allow, protected within about `seconds` of search.

    `earlier` gives the rows served before, by dataset (`read_earlier`): they are served again as they are. A
    period waits until `settling_days` after its end, by `today`; without `today` none does. `levels` are those of the
    attacks that a release must withstand (by default, all but insiders). `closed` names programmers whose open dates
    are told no more; None when nobody can say which: the calendar is left as it is served.
    Raises RecordsError when the records cannot be read, DisclosureError when no safe release was found.
    """
    records = read_records(folder, territories, closed=closed or (), progress=progress)
    progress("Computing tours and savings", 0, 0)
    calculation = calculate(records)
    stamp, before = Stamp(at.date()), earlier or {}
    settled = today - timedelta(days=settling_days) if today else None
    plan, cubes = _plan(records, calculation, before, settled, progress)
    rows = {FACTORS_ID: factors_frame(stamp), TERRITORIES_ID: territories_frame(territories, stamp)}
    certificates: dict[str, Certificate | None] = {}
    protection = None
    if cubes:
        serve = _server(plan, cubes, territories, stamp)
        protection, served, certificate = find_release(
            cubes,
            serve,
            seconds=seconds,
            earlier={**plan.known, **_know_totals(cubes)},
            kept=plan.kept,
            withheld=plan.withheld,
            seal=seal,
            levels=levels,
            complete=lambda files: _sum_years(files, plan, territories, stamp),
            tell=lambda step: progress(step, 0, 0),
        )
        certificates = dict.fromkeys(served, certificate)
        rows |= served
    openings = None
    if closed is not None:
        openings = prepare_openings(
            records,
            territories,
            stamp,
            today=today or at.date(),
            seconds=seconds / 2,
            seal=seal,
            tell=lambda step: progress(f"{step}: open slots", 0, 0),
        )
        rows[CALENDAR_ID], certificates[CALENDAR_ID] = openings.rows, openings.certificate
    if protection:
        rows[QUALITY_ID] = _quality(calculation, records, rows, before.get(QUALITY_ID), plan.frozen, stamp)
    releases = tuple(
        Release(
            name,
            describe(name, licence=identity.licence, publisher=identity.publisher),
            SCHEMAS[name],
            as_table(name, frame),
            provenance={"source": "programming", **_versions(stamp, territories)},
            **(attach(signed, frame) if (signed := certificates.get(name)) else {}),
        )
        for name, frame in rows.items()
    )
    summary = (*_summarise(records.report, plan, protection), *_summarise_slots(openings))
    return Prepared(releases, records.report, protection, summary, openings.places if openings else {})


def _plan(
    records: Records, calculation: Calculation, earlier: Frames, settled: date | None, progress: Progress
) -> tuple[Plan, list[Cube]]:
    """Return what is computed and what is served again, and the cubes of what is computed."""
    frames = {name: contributions(name, records, calculation) for name in CUBES}

    directory = list_venues(records)

    def build(name: str, frame: pd.DataFrame) -> Cube:
        progress(f"Counting the cells of {name}", 0, 0)
        spec = CUBES[name]
        return build_cube(frame, **spec.options(), directory=directory if spec.by_venue else None)

    def over(period: str) -> bool:
        return settled is None or is_over(period, settled)

    layouts = {name: spec.layout for name, spec in CUBES.items()}
    return plan_cubes(frames, layouts, build, earlier, Rules(), over)


def _server(
    plan: Plan, cubes: Sequence[Cube], territories: Territories, stamp: Stamp
) -> Callable[[Protection], dict[str, pd.DataFrame]]:
    """Return what makes the new rows of each dataset; those served before are at hand, to compare years."""
    counted = {cube.name: cube for cube in cubes}
    datasets = {name: (counted[spec.name], grid) for name, (spec, grid) in PROTECTED.items() if spec.name in counted}
    counts = {name: count_beside(name, plan.fresh[cube.name], Rules()) for name, (cube, _) in datasets.items()}

    def serve(protection: Protection) -> dict[str, pd.DataFrame]:
        files = {}
        for name, (cube, grid) in datasets.items():
            beside = put_back(protection.serve(cube, grid.name), plan.before(name))
            rows = published_frame(name, beside, counts[name], territories, stamp)
            files[name] = rows[~rows["periode"].isin(plan.frozen)]
        return files

    return serve


def _know_totals(cubes: Iterable[Cube]) -> dict[str, pd.DataFrame]:
    """Return the totals of tours that `qualite-couverture` tells, as rows that everybody knows."""
    every = {cube.name: cube.cells for cube in cubes}
    if TOURS not in every:
        return {}
    total = every[TOURS][(every[TOURS]["niveau_geo"] == "pays") & (every[TOURS]["grille"] == "")]
    return {TOURS: total[[*KEY, "nb_tournees"]].assign(masque=False)}


def _sum_years(files: Frames, plan: Plan, territories: Territories, stamp: Stamp) -> Frames:
    """Return the files with the years of which a released quarter moved, made of their quarters as they are served."""
    whole = dict(files)
    for name, rows in files.items() if plan.summed else ():
        spec, grid = PROTECTED[name]
        totals = sum_years(rows, plan.summed, [*KEY, *grid.columns], [measure.name for measure in spec.measures])
        if totals.empty:
            continue
        nobody = pd.DataFrame(
            columns=list(spec.counts.get(grid.name, ())), index=pd.MultiIndex.from_frame(totals[KEY].head(0))
        )
        made = published_frame(name, put_back(totals, rows), nobody, territories, stamp)
        whole[name] = append_kept(made[made["periode"].isin(plan.summed)], rows)
    return whole


def _quality(
    calculation: Calculation,
    records: Records,
    rows: Frames,
    earlier: pd.DataFrame | None,
    frozen: Collection[str],
    stamp: Stamp,
) -> pd.DataFrame:
    """Return the rows of `qualite-couverture`: those of released periods, as they were if they were served before."""
    served = {name: frame for name, frame in rows.items() if name in PROTECTED}
    before = None if earlier is None else earlier[earlier["periode"].isin(frozen)]
    return put_back(quality_frame(calculation, records, served, stamp), before)


def seal(files: Frames) -> dict[str, bytes]:
    """Return the Parquet that the store keeps of each dataset: what is attacked and certified is what is served."""
    return {name: _write_bytes(name, rows) for name, rows in files.items()}


def _write_bytes(name: str, rows: pd.DataFrame) -> bytes:
    target = BytesIO()
    write_parquet(target, SCHEMAS[name], as_table(name, rows))
    return target.getvalue()


def attach(certificate: Certificate, rows: pd.DataFrame) -> dict[str, Any]:
    """Return what a release needs so that readers find, beside the rows, their certificate and what they hide."""
    certified = certificate.to_dict()
    contents = {CERTIFICATE: certified, EXPLANATION: explain(rows, certified).to_dict()}
    files = {name: json.dumps(content, ensure_ascii=False, indent=1).encode() for name, content in contents.items()}
    return {"files": files, "titles": TITLES}


def read_earlier(versions: Iterable[Version], store: VersionStore) -> dict[str, pd.DataFrame]:
    """Return the rows that `versions` serve, by dataset, for those that are served again by the next release."""
    earlier = {}
    for version in versions:
        if version.dataset_id == QUALITY_ID or is_kept(version.dataset_id):
            with store.open(version, DATA) as file:
                earlier[version.dataset_id] = as_frame(pq.read_table(file))
    return earlier


def is_kept(dataset_id: str) -> bool:
    """Return whether a dataset is protected and tells what happened: its released periods are served again."""
    return dataset_id in PROTECTED and PROTECTED[dataset_id][0].name in CUBES


def _versions(stamp: Stamp, territories: Territories) -> dict[str, str]:
    return {
        "version_methode": stamp.version_methode,
        "version_facteurs": stamp.version_facteurs,
        "territoires": territories.version,
    }


def _summarise(report: Report, plan: Plan, protection: Protection | None) -> Iterator[str]:
    """Yield what an operator wants to know: rows read, repaired, refused; what is kept, shown, and hidden."""
    yield (
        f"{report.rows.total():,} rows read, {report.total_of(REPAIRED):,} values repaired, "
        f"{report.refused.total():,} rows refused"
    )
    if plan.frozen:
        yield f"served again as they were: {', '.join(plan.frozen)}"
    for year in plan.moved:
        yield f"{year}: a quarter that was released has changed since; it is kept, the year is the sum of its quarters"
    if protection is None:
        yield "no other period is over: nothing new to protect"
        return
    yield from _list_shares(protection, plan.withheld)


def _summarise_slots(openings: Openings | None) -> Iterator[str]:
    if openings is None:
        yield f"{CALENDAR_ID}: left as it is, nobody can say whose open dates may be told"
    elif openings.protection is None:
        yield f"{CALENDAR_ID}: no open slot that may be told"
    else:
        yield from _list_shares(openings.protection, frozenset())
        yield f"{CALENDAR_ID}: {openings.rows['periode'].nunique()} weeks"


def _list_shares(protection: Protection, withheld: Collection[Table]) -> Iterator[str]:
    """Yield, for each dataset, level and kind of period, how much is shown and hidden."""
    shares = protection.shares
    shares = shares.assign(jeu=shares["grille"].where(shares["grille"] != "", shares["cube"]))
    for key, years in shares.groupby(["jeu", "niveau_geo", "genre"], sort=False):
        name, level, kind = map(str, key)
        shown = years[years["diffuse"]]
        if shown.empty:
            waits = all(Table(level, kind, year) in withheld for year in years["bloc"])
            yield f"{name} {level} {kind}: " + (LATER if waits else "not published, nearly all of it would be hidden")
            continue
        cells, hidden = shown["cases"].sum(), shown["masques"].sum()
        value = (shown["part_valeur"] * shown["cases"]).sum() / cells
        kept = f"{len(shown)} of {len(years)} years"
        yield f"{name} {level} {kind}: {kept}, {hidden} of {cells} cells hidden ({value:.0%} of the value)"
