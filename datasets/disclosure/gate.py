"""The gate: may these files be released? The attacks decide; the certificate says what was checked.

The certificate is public and stands beside the data: it holds hashes, rules, levels of attack and counts, never a
true value nor a bound that would narrow a cell.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

from datasets.disclosure.audit import LEVELS, Audit, audit
from datasets.disclosure.cubes import Cube
from datasets.disclosure.frozen import append_kept, put_back, year_of
from datasets.disclosure.layout import Table
from datasets.disclosure.primary import Rules
from datasets.disclosure.protection import Protection, protect
from datasets.disclosure.subject import Subject
from datasets.errors import DisclosureError

ATTEMPTS = 3
"""How often a release that an attack broke is generalised and tried again."""

Files = Mapping[str, str | Path | pd.DataFrame]
"""What is served, by dataset: the path of a CSV file, or its rows."""

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Certificate:
    """What was checked before the release of some files; `to_dict()` is what is published."""

    files: Mapping[str, str]
    rules: Mapping[str, Any]
    levels: tuple[str, ...]
    cells_attacked: int
    smallest_relative_width: float | None
    gap: float
    solvers: Mapping[str, str]
    cells: Mapping[str, int]
    hidden_by_rule: Mapping[str, int]
    hidden_shares: Sequence[Mapping[str, Any]]
    withheld: Sequence[Mapping[str, str]]

    def to_dict(self) -> dict[str, Any]:
        """Return the certificate as plain values, ready for JSON."""
        return asdict(self)


def find_release(
    cubes: Sequence[Cube],
    serve: Callable[[Protection], Frames],
    rules: Rules | None = None,
    *,
    seconds: float = 20.0,
    earlier: Frames | None = None,
    kept: Frames | None = None,
    withheld: Collection[Table] = (),
    tell: Callable[[str], None] = lambda step: None,
) -> tuple[Protection, Frames, Certificate]:
    """Protect cubes and attack what `serve` makes of the protection, until every attack fails; return the release.

    What was served before is served again: `earlier` gives the rows of the years that the cubes hold, `kept` those of
    other years. `withheld` lists tables that are not released, whatever they hold. A year in which an attack succeeds
    is published without its finest new table the next time (generalise, then try again).
    Raises DisclosureError after ATTEMPTS, or when nothing can be released safely.
    """
    rules, withheld, earlier, kept = rules or Rules(), frozenset(withheld), earlier or {}, kept or {}
    for attempt in range(1, ATTEMPTS + 1):
        tell("Choosing what to hide" if attempt == 1 else f"Hiding more, attempt {attempt}")
        protection = protect(cubes, rules, seconds=seconds, earlier=earlier, withheld=withheld)
        files = {name: put_back(rows, earlier.get(name)) for name, rows in serve(protection).items()}
        tell("Attacking the result")
        subjects = {cube.name: Subject.of(cube, rules) for cube in cubes}
        report = audit(files, subjects, rules, earlier={name: [rows] for name, rows in earlier.items()})
        if report.passed:
            whole = {name: append_kept(files.get(name), kept.get(name)) for name in files.keys() | kept.keys()}
            return protection, whole, certify(whole, protection, report, rules)
        withheld |= _list_finest(report, protection, earlier)
    raise DisclosureError(table=", ".join(sorted(files)), reason=_explain(report))


def release_tables(
    files: Files,
    cubes: Sequence[Cube] | Mapping[str, Subject],
    protection: Protection,
    rules: Rules | None = None,
    *,
    levels: Sequence[str] = LEVELS,
) -> Certificate:
    """Attack the files that are about to be served and certify them.

    `files`: dataset → CSV path (or frame) exactly as served; `cubes`: their private cubes. Raises
    DisclosureError when an attack succeeds: the message counts the cells by problem and names none.
    """
    rules = rules or Rules()
    subjects = cubes if isinstance(cubes, Mapping) else {cube.name: Subject.of(cube, rules) for cube in cubes}
    report = audit(files, subjects, rules, levels=levels)
    if not report.passed:
        raise DisclosureError(table=", ".join(sorted(files)), reason=_explain(report))
    return certify(files, protection, report, rules)


def certify(files: Files, protection: Protection, report: Audit, rules: Rules) -> Certificate:
    """Return the certificate of files whose attacks all failed."""
    return Certificate(
        files={name: hash_file(file) for name, file in sorted(files.items())},
        rules={**asdict(rules), "interest": dict(rules.interest), "primary": list(protection.tried)},
        levels=report.levels,
        cells_attacked=report.attacked,
        smallest_relative_width=_round_down(report.width),
        gap=round(protection.gap, 4),
        solvers={"suppression": protection.solver, "audit": report.solver},
        cells={str(k): int(v) for k, v in protection.cells["status"].value_counts().sort_index().items()},
        hidden_by_rule=_count_rules(protection),
        hidden_shares=_list_shares(protection),
        withheld=[asdict(table) for table in protection.dropped],
    )


def _list_finest(report: Audit, protection: Protection, earlier: Frames) -> frozenset[Table]:
    """Return, for each year in which an attack succeeded, the released table with the most cells.

    Of a year that was released in part, all tables: what was served before was safe alone, and is served again.
    """
    years = {year_of(finding.cell[2]) for finding in report.findings}
    begun = {year_of(str(period)) for rows in earlier.values() for period in rows["periode"].unique()}
    shares = protection.shares
    released = shares[shares["diffuse"] & shares["bloc"].isin(years)].sort_values("cases")
    finest = released[released["bloc"].isin(begun) | ~released.duplicated("bloc", keep="last")]
    return frozenset(Table(*map(str, key)) for key in finest[["niveau_geo", "genre", "bloc", "grille"]].to_numpy())


def hash_file(file: str | Path | pd.DataFrame) -> str:
    """Return the SHA-256 of a file's bytes, or of the CSV text of a frame."""
    if isinstance(file, pd.DataFrame):
        return sha256(file.to_csv(index=False).encode()).hexdigest()
    return sha256(Path(file).read_bytes()).hexdigest()


def _explain(report: Audit) -> str:
    """Say how many attacks succeeded, by dataset, level and problem; no cell is named."""
    counts = Counter((f.dataset, f.level, f.problem) for f in report.findings)
    told = [f"{dataset}, {level}: {problem} ({n})" for (dataset, level, problem), n in sorted(counts.items())]
    return "an attack on the served files succeeded. " + "; ".join(told) + "."


def _round_down(width: float) -> float | None:
    """Return the width rounded down to 5 %, and never above 1: enough to compare, too little to invert."""
    return min(int(width * 20 + 1e-9) / 20, 1.0) if width != float("inf") else None


def _count_rules(protection: Protection) -> dict[str, int]:
    hidden = protection.cells[protection.cells["status"].isin(["primary", "secondary"])]
    named = hidden["rule"].where(hidden["status"] == "primary", "secondary")
    return {str(rule): int(n) for rule, n in named.value_counts().sort_index().items()}


def _list_shares(protection: Protection) -> list[dict[str, Any]]:
    """Return the shares hidden, in whole per cent: a precise share of a value would be an equation."""
    return [
        {
            "dataset": row["cube"],
            "level": row["niveau_geo"],
            "period": row["genre"],
            "year": row["bloc"],
            "released": bool(row["diffuse"]),
            "cells": int(row["cases"]),
            "hidden_cells": int(row["masques"]),
            "hidden_value_pct": round(100 * float(row["part_valeur"])),
        }
        for row in protection.shares.to_dict("records")
    ]
