"""The privacy policy, read from `policy.toml`: what the page tells is what the code obeys."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from portal.privacy.calendar import Duration

FILE = Path(__file__).with_name("policy.toml")
FAMILIES = ("immediate", "ceiling", "floor", "answer", "measure")
"""At once; gone by then; kept until then; answered by then; a measure without a delay."""

ACTIONS = ("erase", "anonymise", "refuse", "protect", "inform", "separate")
TIMED = ("ceiling", "floor", "answer")


@dataclass(frozen=True)
class Category:
    """A category of data: what it holds, why, on what ground and who receives it (French and English)."""

    id: str
    name: Mapping[str, str]
    content: Mapping[str, str]
    purpose: Mapping[str, str]
    basis: Mapping[str, str]
    recipients: Mapping[str, str]


@dataclass(frozen=True)
class Clause:
    """A promise: what happens to a category, when, and which function keeps it."""

    id: str
    category: str
    trigger: str
    family: str
    action: str
    duration: Duration | None
    kept_by: str
    says: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A table of a database, "database.table": the category of data it holds, none when it holds nothing of persons."""

    name: str
    category: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """A whole policy, in force from a day."""

    version: str
    effective: date
    categories: Mapping[str, Category]
    clauses: Mapping[str, Clause]
    tables: tuple[Table, ...]

    def duration(self, clause_id: str) -> Duration:
        """Return the delay of a clause that has one. Raises KeyError or ValueError."""
        duration = self.clauses[clause_id].duration
        if duration is None:
            raise ValueError(f"clause {clause_id} has no delay")
        return duration

    def tables_of(self, category_id: str) -> tuple[str, ...]:
        """Return where a category is kept."""
        return tuple(table.name for table in self.tables if table.category == category_id)

    def clauses_of(self, category_id: str) -> tuple[Clause, ...]:
        """Return the clauses about a category, in the order of the file."""
        return tuple(clause for clause in self.clauses.values() if clause.category == category_id)


def parse_duration(text: str) -> Duration:
    """Return the delay that an ISO 8601 text such as P13M, P1Y or P7D states. Raises ValueError."""
    found = re.fullmatch(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?", text)
    if not found or not any(found.groups()):
        raise ValueError(f"{text!r} was found, a delay such as P13M, P1Y or P7D is expected")
    years, months, days = (int(number or 0) for number in found.groups())
    return Duration(months=12 * years + months, days=days)


def read_policy(path: Path = FILE) -> Policy:
    """Read and check a policy. Raises ValueError, naming the clause, for anything missing or contradictory."""
    with path.open("rb") as file:
        content = tomllib.load(file)
    categories = {row["id"]: Category(**row) for row in content["category"]}
    clauses: dict[str, Clause] = {}
    for row in content["clause"]:
        clause = read_clause(row)
        if clause.id in clauses:
            raise ValueError(f"clause {clause.id} is written twice")
        if clause.category not in categories:
            raise ValueError(f"clause {clause.id}: {clause.category!r} is no category")
        clauses[clause.id] = clause
    for category in categories:
        if not any(
            clause.family in ("ceiling", "immediate") for clause in clauses.values() if clause.category == category
        ):
            raise ValueError(f"category {category} has no end: a ceiling is expected (clause B11)")
    tables = tuple(Table(row["name"], row["category"], tuple(row["columns"].split())) for row in content["table"])
    for table in tables:
        if table.category and table.category not in categories:
            raise ValueError(f"table {table.name}: {table.category!r} is no category")
    return Policy(content["version"], content["effective"], categories, clauses, tables)


def read_clause(row: Mapping[str, Any]) -> Clause:
    """Return the clause that a row of the file states. Raises ValueError."""
    family, action, text = row["family"], row["action"], row.get("duration")
    if family not in FAMILIES or action not in ACTIONS:
        raise ValueError(f"clause {row['id']}: family {family!r} or action {action!r} is unknown")
    if (text is not None) != (family in TIMED):
        raise ValueError(f"clause {row['id']}: a delay is expected for {', '.join(TIMED)}, and for them only")
    if any(("{delay}" in said) != (text is not None) for said in row["says"].values()):
        raise ValueError(f"clause {row['id']}: what it says holds {{delay}} when it has one, and only then")
    duration = parse_duration(text) if text else None
    return Clause(row["id"], row["category"], row["trigger"], family, action, duration, row["kept_by"], row["says"])


POLICY = read_policy()
"""The policy of this code."""
