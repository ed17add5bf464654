"""Files whose reading is known beforehand: `python -m datasets.ingest.corpus DIR` says which ones are read right.

Each case is a text file NAME.toml beside the file that it speaks of:

    about = "what the case tries"
    file = "name.csv"                    # the file, NAME.csv by default
    error = "EmptyFile"                  # the class of the error, for a file that must be refused
    rows = 3
    used = {encoding = "cp1252", delimiter = ";"}      # options of reading that must have been found
    problems = ["4 code lost_zero 06400"]  # row, field, reason and, when there is one, the suggested correction
    known = "why this case is wrong today" # listed, and not counted as a failure
    [[columns]]                          # every column, in order; only what is written is compared
    title = "Code Insee"
    name = "code_insee"
    type = "insee_commune"
    published = true
    values = ["32013", "01001"]          # the first values, as `write_value` writes them

What is not written is not compared. In every case, the texts of the file must be had again from what is published.
"""

import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasets.errors import PortalError
from datasets.ingest import Choice, Ingested, read_file, read_fixes, read_options
from datasets.ingest.restoring import lost_texts

NOTHING = "∅"
"""How a value that is not there is written."""


@dataclass(frozen=True)
class Verdict:
    """How one case was read: its name, every difference with what was expected, and why it is known, if it is."""

    name: str
    differences: tuple[str, ...]
    known: str = ""

    @property
    def right(self) -> bool:
        """Whether nothing differs."""
        return not self.differences

    def line(self) -> str:
        """Return the verdict in one line."""
        if self.right:
            return f"right  {self.name}"
        return f"{'known' if self.known else 'WRONG'}  {self.name}: {'; '.join(self.differences)} {self.known}".rstrip()


def try_corpus(folder: Path) -> Iterator[Verdict]:
    """Yield the verdict of each case of a folder, in the order of names."""
    for path in sorted(folder.glob("*.toml")):
        case = tomllib.loads(path.read_text(encoding="utf-8"))
        yield Verdict(path.stem, tuple(compare_case(path, case)), case.get("known", ""))


def compare_case(path: Path, case: Mapping[str, Any]) -> Iterator[str]:
    """Read the file of a case and yield each difference with what it expects."""
    try:
        found = read_file(
            path.with_name(case.get("file", f"{path.stem}.csv")),
            {name: Choice(**choice) for name, choice in case.get("choices", {}).items()},
            fixes=read_fixes(case.get("fixes", [])),
            reading=read_options(case.get("reading", {})),
        )
    except PortalError as error:
        if type(error).__name__ != case.get("error"):
            yield f"refused: {error}"
        return
    if case.get("error"):
        yield f"read, and {case['error']} was expected"
    yield from compare_facts(found, case)
    yield from compare_columns(found, case.get("columns", []))
    yield from (f"texts of {name} are lost" for name in lost_texts(found.raw, found.columns, found.table))


def compare_facts(found: Ingested, case: Mapping[str, Any]) -> Iterator[str]:
    """Yield the differences in rows, options of reading and problems."""
    if "rows" in case and found.report.kept != case["rows"]:
        yield f"{found.report.kept} rows, not {case['rows']}"
    for name, value in case.get("used", {}).items():
        if getattr(found.dialect, name) != value:
            yield f"{name} {getattr(found.dialect, name)!r}, not {value!r}"
    if "problems" in case:
        told = [f"{p.row} {p.column or '*'} {p.reason} {p.suggestion}".strip() for p in found.report.problems]
        yield from (f"not told: {problem}" for problem in case["problems"] if problem not in told)
        yield from (f"told: {problem}" for problem in told if problem not in case["problems"])


def compare_columns(found: Ingested, expected: list[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the differences in columns: how many, their titles, names, types, publication and first values."""
    if expected and len(found.columns) != len(expected):
        yield f"columns {[column.name for column in found.columns]}, not {len(expected)}"
    for column, case in zip(found.columns, expected, strict=False):
        facts = {"title": column.label, "name": column.name, "type": column.type, "published": column.published}
        for fact, value in facts.items():
            if fact in case and case[fact] != value:
                yield f"{fact} of {column.name} {value!r}, not {case[fact]!r}"
        if "values" in case and column.published:
            values = [write_value(value) for value in found.table[column.name][: len(case["values"])].to_pylist()]
            if values != case["values"]:
                yield f"values of {column.name} {values}, not {case['values']}"


def write_value(value: Any) -> str:
    """Return a published value as a case writes it: ISO days, a point as "latitude, longitude", nothing as ∅."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return f"{value['lat']}, {value['lon']}"
    if isinstance(value, bytes):
        return "shape"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def main(folder: str) -> int:
    """Print one line per case and the totals; return how many are wrong and not known to be."""
    verdicts = list(try_corpus(Path(folder)))
    for verdict in verdicts:
        print(verdict.line())
    right = sum(verdict.right for verdict in verdicts)
    known = sum(not verdict.right and bool(verdict.known) for verdict in verdicts)
    print(f"{right} right of {len(verdicts)}, {known} known, {len(verdicts) - right - known} wrong")
    return len(verdicts) - right - known


if __name__ == "__main__":
    sys.exit(min(1, main(sys.argv[1])))
