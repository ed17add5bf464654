"""The auditor: an attacker who reads the files as served and deduces what he can about the hidden cells.

He shares no code with the suppressor, works on unknowns of his own (`unknowns`, not the cells) and uses another solver
(GLOP). He is granted more than the public has: he knows which pieces of territory were active in each quarter, unless
he is made to learn it from a directory of venues. True values serve only to judge how wide his intervals are; they are
never written. `plan` tells his levels.

    audit → book (the files: faults, sieges) → plan (the attacks) → attacks, in processes apart → orders (the judgement)

He is quick because most questions are settled without a solver: each served sum is reduced by the served sums it
contains, what remains falls into independent parts, and a part with one single sum left has a closed form.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from datasets.disclosure.apart import Apart
from datasets.disclosure.book import Book
from datasets.disclosure.cubes import Cube
from datasets.disclosure.links import link_measures
from datasets.disclosure.orders import Finding, Siege
from datasets.disclosure.plan import choose_levels
from datasets.disclosure.primary import Rules
from datasets.disclosure.served import Served
from datasets.disclosure.subject import Subject
from datasets.errors import DisclosureError

LEVELS = ("L0", "L1", "L2", "L3", "L4", "L5")
"""Every level that can be tried; `plan` tells them."""

_ATTACKERS = Apart("datasets.disclosure.attacks")


@dataclass(frozen=True)
class Audit:
    """What the attacks gave: `passed` when no finding; `width` is the smallest relative interval over unsafe cells."""

    findings: tuple[Finding, ...]
    levels: tuple[str, ...]
    attacked: int
    width: float
    programmes: int
    solver: str

    @property
    def passed(self) -> bool:
        """Whether every attack failed."""
        return not self.findings


def audit(
    served: Mapping[str, Served],
    subjects: Mapping[str, Subject | Cube],
    rules: Rules | None = None,
    *,
    levels: Sequence[str] | None = None,
    earlier: Mapping[str, Sequence[Served]] | None = None,
    directory: pd.DataFrame | None = None,
    labels: Mapping[str, str] | None = None,
) -> Audit:
    """Attack the served files (Parquet or CSV, bytes or path, or frames) at each of `levels`; return the findings.

    By default the levels are those that the rules require (`plan.choose_levels`).

    A served file has the columns niveau_geo, code_geo, periode, masque and measures, empty where hidden; the file
    of a grid, served under the grid's name, also those of its categories. A measure of the subject that the file
    does not show as such (ratios are made of it) is attacked as if it did. `earlier` gives the files served before,
    `labels` the fields of headings that are labels. With a `directory` (one row per venue, the columns of the levels)
    the attacker knows of the structure what it and the files tell; without, also which pieces were active.
    """
    rules = rules or Rules()
    levels = choose_levels(rules) if levels is None else levels
    if unknown := set(levels) - set(LEVELS):
        raise DisclosureError(table=", ".join(served), reason=f"no attack is named {', '.join(sorted(unknown))}.")
    books = []
    for name, given in subjects.items():
        subject = Subject.of(given, rules) if isinstance(given, Cube) else given
        subject = subject if directory is None else subject.widen(directory)
        books.append(Book(name, subject, served, earlier or {}, labels or {}))
    findings = [finding for book in books for finding in book.read_faults()]
    links = link_measures([book.subject for book in books], rules)
    sieges: list[Siege] = [siege for book in books for siege in book.list_sieges(rules, levels, books, links)]
    width, programmes, solver = float("inf"), 0, ""
    for siege, answer in zip(sieges, _ATTACKERS.call("find_reaches", sieges), strict=True):
        reaches, solved, solver = answer
        findings += siege.judge(reaches)
        width, programmes = min(width, siege.find_width(reaches)), programmes + solved
    attacked = sum(len(siege.keys) * len(siege.names) for siege in sieges)
    return Audit(tuple(findings), tuple(levels), attacked, width, programmes, solver)
