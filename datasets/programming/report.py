"""What happened to the programming records: every rule that was applied, how often, where, and what to do.

A report never holds a personal value: whoever notes an occurrence masks (MASK) what does not plainly look neutral.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from datasets.model import Texts

EXAMPLES_KEPT = 200
"""Examples kept per rule, table and column; beyond, occurrences are only counted."""

MASK = "•••"

REPAIRED, REFUSED, NOTICED = "repare", "refuse", "signale"

ACTIONS: dict[str, Texts] = {
    REPAIRED: {"fr": "réparé", "en": "repaired"},
    REFUSED: {"fr": "ligne refusée", "en": "row refused"},
    NOTICED: {"fr": "signalé", "en": "noticed"},
}


@dataclass(frozen=True)
class Rule:
    """A rule of reading: its `code`, its action (a key of ACTIONS), what it says and what to do."""

    code: str
    action: str
    text: Texts
    advice: Texts


def _read_rules() -> Mapping[str, Rule]:
    text = files("datasets.programming").joinpath("rules.csv").read_text(encoding="utf-8")
    return MappingProxyType(
        {
            row["code"]: Rule(
                row["code"],
                row["action"],
                {"fr": row["fr"], "en": row["en"]},
                {"fr": row["conseil"], "en": row["advice"]},
            )
            for row in csv.DictReader(text.splitlines())
        }
    )


RULES = _read_rules()
"""Every rule of reading, by its code: docs/programming.md tells them to people."""


@dataclass(frozen=True)
class Example:
    """One occurrence of a rule: where, and the value when it may be shown."""

    table: str
    line: int
    column: str
    value: str
    code: str


@dataclass
class Report:
    """What was read, repaired and refused.

    `rows`: rows read by table; `refused`: rows refused by table; `counts`: occurrences by (table, column, code);
    `examples`: the first ones of each.
    """

    rows: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)
    encodings: dict[str, str] = field(default_factory=dict)

    def note(
        self, code: str, table: str, column: str, lines: Iterable[int], values: Iterable[object], *, number: int
    ) -> None:
        """Count `number` occurrences of a rule and keep the first examples (`lines` and `values` may be longer)."""
        key = (table, column, code)
        room = EXAMPLES_KEPT - self.counts[key]
        self.counts[key] += number
        for line, value, _ in zip(lines, values, range(max(0, room)), strict=False):
            self.examples.append(Example(table, int(line), column, str(value), RULES[code].code))

    def total(self, code: str) -> int:
        """Return how often a rule was applied, over all tables."""
        return sum(number for (_, _, each), number in self.counts.items() if each == code)

    def total_of(self, action: str) -> int:
        """Return how often the rules of an action (a key of ACTIONS) were applied."""
        return sum(number for (_, _, code), number in self.counts.items() if RULES[code].action == action)

    def lines(self, lang: str = "fr") -> Iterator[str]:
        """Yield the summary for a person: one line per rule, table and column, the most frequent first."""
        for (table, column, code), number in self.counts.most_common():
            rule = RULES[code]
            where = f"{table}.{column}" if column else table
            yield f"{number:>9,}  {where}: {rule.text[lang]} [{ACTIONS[rule.action][lang]}] {rule.advice[lang]}"

    def write_csv(self, path: str | Path, lang: str = "fr") -> None:
        """Write the counts, then the first examples of each: table, line, column, value, what was done, what to do."""
        header = {
            "fr": ("table", "ligne", "colonne", "valeur", "code", "action", "explication", "conseil", "nombre"),
            "en": ("table", "line", "column", "value", "code", "action", "explanation", "advice", "number"),
        }
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header[lang])
            for (table, column, code), number in self.counts.most_common():
                writer.writerow((table, "", column, "", code, *_told(code, lang), number))
            for each in self.examples:
                writer.writerow(
                    (each.table, each.line, each.column, each.value, each.code, *_told(each.code, lang), "")
                )


def _told(code: str, lang: str) -> tuple[str, str, str]:
    rule = RULES[code]
    return ACTIONS[rule.action][lang], rule.text[lang], rule.advice[lang]
