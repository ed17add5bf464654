"""The certificate: what was checked before the release of some files, published beside them.

It holds hashes, rules, levels of attack and counts. What it says about values is computed from what is shown: a reader
of the files learns nothing from it about what is hidden.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from datasets.disclosure.auditor import Audit
from datasets.disclosure.cubes import Cube
from datasets.disclosure.primary import Rules
from datasets.disclosure.protection import Protection
from datasets.disclosure.served import Served, hash_file
from datasets.disclosure.subject import Subject

Judges = Mapping[str, Cube | Subject]
"""The private side of a release, by name."""


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


def certify(
    files: Mapping[str, Served], judges: Judges, protection: Protection, report: Audit, rules: Rules
) -> Certificate:
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
        hidden_shares=_list_shares(protection, {name for name, judge in judges.items() if _is_weighed(judge, rules)}),
        withheld=[asdict(table) for table in protection.dropped],
    )


def check_certificate(certificate: Mapping[str, Any], files: Mapping[str, Served]) -> dict[str, str]:
    """Compare files with the hashes of a certificate (a dict read from its JSON); return what is wrong with each.

    The result is empty when each file is the one that was certified; otherwise it says of a name "differs" or
    "not certified". Files of the certificate that are not given are not looked at.
    """
    known = certificate["files"]
    found = {name: "not certified" if name not in known else "differs" for name in files}
    return {name: wrong for name, wrong in found.items() if known.get(name) != hash_file(files[name])}


def _round_down(width: float) -> float | None:
    """Return the width rounded down to 5 %, and never above 1: enough to compare, too little to invert."""
    return min(int(width * 20 + 1e-9) / 20, 1.0) if width != float("inf") else None


def _count_rules(protection: Protection) -> dict[str, int]:
    hidden = protection.cells[protection.cells["status"].isin(["primary", "secondary"])]
    named = hidden["rule"].where(hidden["status"] == "primary", "secondary")
    return {str(rule): int(n) for rule, n in named.value_counts().sort_index().items()}


def _is_weighed(judge: Cube | Subject, rules: Rules) -> bool:
    """Whether the weights by which hiding is counted are values that the files show (Σ|x| is not)."""
    signed = {measure.name: measure.signed for measure in judge.measures}
    return not signed.get(rules.weight or next(iter(judge.dominance), judge.measures[0].name), True)


def _list_shares(protection: Protection, weighed: set[str]) -> list[dict[str, Any]]:
    """Return, for each table, how many cells it hides and the part of the value that it leaves untold.

    That part is what its shown cells lack of the table that tells most, the same year (whole per cent): any reader
    can compute it. The share of what is hidden would be an equation about it.
    """
    cells = protection.cells
    shown = cells["weight"].where(cells["status"] == "published", 0.0)
    names = ["cube", "genre", "bloc", "grille", "niveau_geo"]
    told = shown.groupby([cells[name] for name in names]).sum()
    most = told.groupby(["cube", "genre", "bloc"]).max()
    return [
        {
            "dataset": row["cube"],
            "grid": row["grille"],
            "level": row["niveau_geo"],
            "period": row["genre"],
            "year": row["bloc"],
            "released": bool(row["diffuse"]),
            "cells": int(row["cases"]),
            "hidden_cells": int(row["masques"]),
            "untold_value_pct": _find_untold(row, told, most) if row["cube"] in weighed else None,
        }
        for row in protection.shares.to_dict("records")
    ]


def _find_untold(row: Mapping[Any, Any], told: "pd.Series[float]", most: "pd.Series[float]") -> int | None:
    whole = float(most[row["cube"], row["genre"], row["bloc"]])
    part = float(told[row["cube"], row["genre"], row["bloc"], row["grille"], row["niveau_geo"]])
    return round(100 * (1 - part / whole)) if whole > 0 else None
