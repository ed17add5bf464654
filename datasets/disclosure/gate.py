"""The gate: may these files be released? The attacks decide; the certificate says what was checked.

What is attacked is what will be published, byte for byte. See `certificate` for what is told about it.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from datasets.disclosure.auditor import Audit, audit
from datasets.disclosure.certificate import Certificate, certify
from datasets.disclosure.cubes import Cube
from datasets.disclosure.frozen import append_kept, put_back, year_of
from datasets.disclosure.layout import Table
from datasets.disclosure.primary import Rules
from datasets.disclosure.protection import Protection, protect
from datasets.disclosure.served import Served, read_served
from datasets.disclosure.subject import Subject
from datasets.errors import DisclosureError

ATTEMPTS = 3
"""How often a release that an attack broke is generalised and tried again."""

Files = Mapping[str, Served]
"""What is served, by dataset: Parquet or CSV (bytes or path), or rows."""

Frames = Mapping[str, pd.DataFrame]


def find_release(
    cubes: Sequence[Cube],
    serve: Callable[[Protection], Frames],
    rules: Rules | None = None,
    *,
    seconds: float = 20.0,
    earlier: Frames | None = None,
    kept: Frames | None = None,
    withheld: Collection[Table] = (),
    complete: Callable[[Frames], Frames] = lambda rows: rows,
    seal: Callable[[Frames], Files] | None = None,
    levels: Sequence[str] | None = None,
    tell: Callable[[str], None] = lambda step: None,
) -> tuple[Protection, Frames, Certificate]:
    """Protect cubes and attack what `serve` makes of the protection, until every attack fails; return the release.

    What was served before is served again: `earlier` gives the rows of the years that the cubes hold (and, under names
    of cubes or grids that are not served, what everybody knows beside them), `kept` those of
    other years. `withheld` lists tables that are not released, whatever they hold. A year in which an attack succeeds
    is published without the new tables that it betrays the next time (generalise, then try again). `complete` adds
    periods that anybody can make of the rows. `seal` makes of them the bytes that will be published: these are read
    back, attacked and hashed. `levels` are those of the attacks: insiders are feared when they are among them (by
    default, those that `rules` require).
    Raises DisclosureError after ATTEMPTS, or when nothing can be released safely.
    """
    rules, withheld, earlier, kept = rules or Rules(), frozenset(withheld), earlier or {}, kept or {}
    if levels is not None:
        rules = replace(rules, coalition=2 if "L3" in levels else int("L2" in levels))
    for attempt in range(1, ATTEMPTS + 1):
        tell("Choosing what to hide" if attempt == 1 else f"Hiding more, attempt {attempt}")
        protection = protect(cubes, rules, seconds=seconds, earlier=earlier, withheld=withheld)
        new = {name: put_back(rows, earlier.get(name)) for name, rows in serve(protection).items()}
        whole = complete({name: append_kept(new.get(name), kept.get(name)) for name in new.keys() | kept.keys()})
        files = seal(whole) if seal else whole
        tell("Attacking the result")
        judges = {cube.name: Subject.of(cube, rules) for cube in cubes}
        seen = _read_new(files, new, cubes)
        report = audit(seen, judges, rules, levels=levels, earlier={name: [rows] for name, rows in earlier.items()})
        if report.passed:
            attacked = {name: files[name] for name in seen}
            return protection, whole, certify(attacked, judges, protection, report, rules)
        tell(_explain(report))
        withheld |= _list_next(report, protection, {name: earlier[name] for name in new if name in earlier})
    raise DisclosureError(table=", ".join(sorted(files)), reason=_explain(report))


def _read_new(files: Files, new: Frames, cubes: Sequence[Cube]) -> Frames:
    """Return what is read in the files of the periods of `new`: nothing private is left to judge the others."""
    grids = {grid.name or cube.name: grid for cube in cubes for grid in cube.layout.every_grid}
    read = {name: read_served(file, grids[name]) for name, file in files.items() if name in new}
    return {name: rows[rows["periode"].isin(set(new[name]["periode"].astype(str)))] for name, rows in read.items()}


def release_tables(
    files: Files,
    cubes: Sequence[Cube] | Mapping[str, Subject],
    protection: Protection,
    rules: Rules | None = None,
    *,
    levels: Sequence[str] | None = None,
) -> Certificate:
    """Attack the files that are about to be served and certify them.

    `files`: dataset → its bytes, path or rows, exactly as served; `cubes`: their private cubes. Raises
    DisclosureError when an attack succeeds: the message counts the cells by problem and names none.
    """
    rules = rules or Rules()
    judges = cubes if isinstance(cubes, Mapping) else {cube.name: cube for cube in cubes}
    report = audit(files, judges, rules, levels=levels)
    if not report.passed:
        raise DisclosureError(table=", ".join(sorted(files)), reason=_explain(report))
    return certify(files, judges, protection, report, rules)


def _list_next(report: Audit, protection: Protection, earlier: Frames) -> frozenset[Table]:
    """Return, for each year in which an attack succeeded, the released tables to do without the next time.

    Tables by category go before the totals that they divide: those in which a cell was found, or all of a year when
    the cell found is a total. Then the table with the most cells. Of a year that was released in part, all tables:
    what was served before was safe alone, and is served again.
    """
    begun = {year_of(str(period)) for rows in earlier.values() for period in rows["periode"].unique()}
    shares = protection.shares[protection.shares["diffuse"]].sort_values("cases")
    gone: list[pd.DataFrame] = []
    for dataset, year in {(finding.dataset, year_of(finding.cell[2])) for finding in report.findings}:
        found = {f.cell[3] for f in report.findings if (f.dataset, year_of(f.cell[2])) == (dataset, year)}
        mine = shares[(shares["cube"] == dataset) & (shares["bloc"] == year)]
        divided = mine[mine["grille"] != ""]
        named = divided if "" in found else divided[divided["grille"].isin(found)]
        gone.append(mine if year in begun else named if len(named) else mine.tail(1))
    lost = pd.concat(gone) if gone else shares.head(0)
    return frozenset(Table(*map(str, key)) for key in lost[["niveau_geo", "genre", "bloc", "grille"]].to_numpy())


def _explain(report: Audit) -> str:
    """Say how many attacks succeeded, by dataset, level and problem; no cell is named."""
    counts = Counter((f.dataset, f.level, f.problem) for f in report.findings)
    told = [f"{dataset}, {level}: {problem} ({n})" for (dataset, level, problem), n in sorted(counts.items())]
    return "an attack on the served files succeeded. " + "; ".join(told) + "."
