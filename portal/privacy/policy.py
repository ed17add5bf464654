"""The privacy policy, read from `policy.toml`: what the page tells is what the code obeys."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from datasets.errors import PermissionDenied
from portal.privacy.calendar import PARIS, Duration, ceiling, last_due_day

FILE = Path(__file__).with_name("policy.toml")
SEALED = ("version", "effective", "category", "conflict", "cookie")
FAMILIES = ("immediate", "ceiling", "floor", "answer", "measure")
"""At once; gone by then; kept until then; answered by then; a measure without a delay."""

ACTIONS = ("erase", "anonymise", "refuse", "protect", "inform", "separate", "keep")
TIMED = ("ceiling", "floor", "answer")
PURPOSES = ("service", "security", "statistics", "news", "rights", "proof", "publication")
"""What personal data may be used for; each category lists those that are its own."""


@dataclass(frozen=True)
class Category:
    """A category of data: what it holds, why, on what one ground and who receives it (French and English).

    `purposes` are those of PURPOSES for which it may be used.
    """

    id: str
    purposes: tuple[str, ...]
    name: Mapping[str, str]
    content: Mapping[str, str]
    purpose: Mapping[str, str]
    basis: Mapping[str, str]
    recipients: Mapping[str, str]


@dataclass(frozen=True)
class Clause:
    """A promise: what happens to a category, when, which function keeps it, what proves it, which tests watch it.

    `resolves` names the conflicts of the two policies that it settles; `earlier` are the delays that were promised
    before, each until a day.
    """

    id: str
    category: str
    trigger: str
    family: str
    action: str
    duration: Duration | None
    kept_by: str
    evidence: str
    tests: tuple[str, ...]
    resolves: tuple[str, ...]
    effective: date
    earlier: tuple[tuple[date, Duration], ...]
    says: Mapping[str, str]

    def delays(self, start: datetime) -> tuple[Duration, ...]:
        """Return the delays that bind what began at `start`: today's, and those that were promised then or since.

        A shorter delay applies to older data at once; a longer one never does. Raises ValueError without a delay.
        """
        if self.duration is None:
            raise ValueError(f"clause {self.id} has no delay")
        day = start.astimezone(PARIS).date()
        return (self.duration, *(duration for until, duration in self.earlier if day < until))


@dataclass(frozen=True)
class Conflict:
    """Two policies that promise different things, and what was decided, why (French and English)."""

    id: str
    says: Mapping[str, str]


@dataclass(frozen=True)
class Cookie:
    """A cookie of the portal: when it is set, why, and the clause that ends it."""

    name: str
    clause: str
    when: Mapping[str, str]
    purpose: Mapping[str, str]


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
    conflicts: Mapping[str, Conflict]
    cookies: tuple[Cookie, ...]
    evidence: Mapping[str, Mapping[str, str]]

    def require(self, category_id: str, purpose: str) -> None:
        """Refuse a use of a category for a purpose that is not one of its own (clause A6). Raises PermissionDenied."""
        if purpose not in self.categories[category_id].purposes:
            raise PermissionDenied()

    def duration(self, clause_id: str) -> Duration:
        """Return the delay of a clause that has one. Raises KeyError or ValueError."""
        duration = self.clauses[clause_id].duration
        if duration is None:
            raise ValueError(f"clause {clause_id} has no delay")
        return duration

    def ceiling(self, clause_id: str, start: datetime) -> datetime:
        """Return, in UTC, the instant before which what began at `start` must be gone under a clause."""
        return min(ceiling(start, duration) for duration in self.clauses[clause_id].delays(start))

    def last_due(self, clause_id: str, at: datetime) -> date:
        """Return the latest day in Paris of which some instant reaches its ceiling at `at` or before."""
        earlier = self.clauses[clause_id].earlier
        days = [min(last_due_day(at, duration), until - timedelta(days=1)) for until, duration in earlier]
        return max([last_due_day(at, self.duration(clause_id)), *days])

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
    categories = {row["id"]: read_category(row) for row in content["category"]}
    clauses: dict[str, Clause] = {}
    for row in content["clause"]:
        clause = read_clause(row, content["effective"])
        if clause.id in clauses:
            raise ValueError(f"clause {clause.id} is written twice")
        clauses[clause.id] = clause
    tables = tuple(Table(row["name"], row["category"], tuple(row["columns"].split())) for row in content["table"])
    conflicts = {row["id"]: Conflict(**row) for row in content["conflict"]}
    cookies = tuple(Cookie(**row) for row in content["cookie"])
    policy = Policy(
        content["version"], content["effective"], categories, clauses, tables, conflicts, cookies, content["evidence"]
    )
    check_references(policy)
    return policy


def check_references(policy: Policy) -> None:
    """Raise ValueError for a name that leads nowhere, or a category that nothing ends (clause B11)."""
    for clause in policy.clauses.values():
        if clause.category not in policy.categories:
            raise ValueError(f"clause {clause.id}: {clause.category!r} is no category")
        if clause.evidence not in policy.evidence:
            raise ValueError(f"clause {clause.id}: {clause.evidence!r} is no evidence")
        if unknown := set(clause.resolves) - set(policy.conflicts):
            raise ValueError(f"clause {clause.id}: {unknown} are no conflicts")
    for category in policy.categories:
        if not any(clause.family in ("ceiling", "immediate") for clause in policy.clauses_of(category)):
            raise ValueError(f"category {category} has no end: a ceiling is expected (clause B11)")
    for cookie in policy.cookies:
        policy.duration(cookie.clause)
    for table in policy.tables:
        if table.category and table.category not in policy.categories:
            raise ValueError(f"table {table.name}: {table.category!r} is no category")


def read_category(row: Mapping[str, Any]) -> Category:
    """Return the category that a row of the file states. Raises ValueError for one without its single ground."""
    purposes = tuple(row["purposes"])
    if not purposes or set(purposes) - set(PURPOSES):
        raise ValueError(f"category {row['id']}: purposes among {', '.join(PURPOSES)} are expected")
    if not isinstance(row.get("basis"), dict):
        raise ValueError(f"category {row['id']}: one legal basis is expected (clause A5)")
    return Category(**{**row, "purposes": purposes})


def read_clause(row: Mapping[str, Any], effective: date) -> Clause:
    """Return the clause that a row of the file states, in force from `effective` unless it says when.

    Raises ValueError.
    """
    family, action, text = row["family"], row["action"], row.get("duration")
    if family not in FAMILIES or action not in ACTIONS:
        raise ValueError(f"clause {row['id']}: family {family!r} or action {action!r} is unknown")
    if (text is not None) != (family in TIMED):
        raise ValueError(f"clause {row['id']}: a delay is expected for {', '.join(TIMED)}, and for them only")
    if any(("{delay}" in said) != (text is not None) for said in row["says"].values()):
        raise ValueError(f"clause {row['id']}: what it says holds {{delay}} when it has one, and only then")
    if not row.get("tests"):
        raise ValueError(f"clause {row['id']}: the names of the tests that watch it are expected")
    return Clause(
        id=row["id"],
        category=row["category"],
        trigger=row["trigger"],
        family=family,
        action=action,
        duration=parse_duration(text) if text else None,
        kept_by=row["kept_by"],
        evidence=row["evidence"],
        tests=tuple(row["tests"]),
        resolves=tuple(row.get("resolves", ())),
        effective=row.get("effective", effective),
        earlier=tuple((past["until"], parse_duration(past["duration"])) for past in row.get("earlier", ())),
        says=row["says"],
    )


def verify_seal(path: Path = FILE) -> str:
    """Return the seal of a policy: the digest of what people read of it. Raises ValueError when it is another.

    So no text can change under the version that they have read. Which tests watch a clause, and which columns hold a
    category, may change.
    """
    with path.open("rb") as file:
        content = tomllib.load(file)
    clauses = [{name: value for name, value in row.items() if name != "tests"} for row in content["clause"]]
    read = {**{name: content[name] for name in SEALED}, "clause": clauses}
    found = sha256(json.dumps(read, default=str, sort_keys=True).encode()).hexdigest()[:32]
    told = content["seals"].get(content["version"])
    if told != found:
        raise ValueError(
            f"{path.name}: version {content['version']} was sealed as {told}, and what it states is {found} now. "
            "Give the text a new version and a new date, then write its seal under [seals]."
        )
    return found


def has_changed() -> bool:
    """Tell whether the policy on the disk is no longer what this program read when it began."""
    try:
        return _identify(FILE) != READ and verify_seal(FILE) != SEAL
    except (OSError, ValueError, KeyError):
        return True


def _identify(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


READ = _identify(FILE)
POLICY = read_policy()
SEAL = verify_seal()
"""The seal of the policy in force."""
"""The policy of this code."""
