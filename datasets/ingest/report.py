"""What happened to a file: every value refused or changed, with its row, its column, its reason and what to do."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from datasets.ingest.reasons import MAKING, READING, Reason

KEPT, KEPT_EACH = 100_000, 20_000
"""Problems told one by one, in all and for one reason in one column; beyond, they are counted."""
SEVERITIES = ("refused", "changed", "noticed")


REASONS: dict[str, Reason] = {
    "not_of_type": Reason(
        "refused",
        {
            "fr": "La valeur n’est pas du type de la colonne : la case est publiée vide.",
            "en": "The value is not of the type of the column: the cell is published empty.",
        },
    ),
    "missing_mark": Reason(
        "changed",
        {
            "fr": "Cette marque veut dire « pas de valeur » : la case est publiée vide.",
            "en": "This mark means “no value”: the cell is published empty.",
        },
    ),
    "too_many_cells": Reason(
        "refused",
        {
            "fr": "La ligne a plus de cases que de titres : elle est mise de côté. Un séparateur est sans doute "
            "écrit dans un texte sans guillemets.",
            "en": "The row has more cells than there are titles: it is set aside. A delimiter is probably "
            "written inside a text without quotation marks.",
        },
    ),
    "too_few_cells": Reason(
        "noticed",
        {
            "fr": "La ligne a moins de cases que de titres : les dernières sont laissées vides.",
            "en": "The row has fewer cells than there are titles: the last ones are left empty.",
        },
    ),
    "before_titles": Reason(
        "noticed",
        {
            "fr": "Cette ligne précède les titres : elle n’est pas publiée. Reprenez-la dans la description.",
            "en": "This row comes before the titles: it is not published. Put it in the description.",
        },
    ),
    "blank_rows": Reason(
        "noticed",
        {"fr": "Les lignes entièrement vides sont passées.", "en": "Entirely empty rows are passed over."},
    ),
    "lost_zero": Reason(
        "noticed",
        {
            "fr": "Ce code a sans doute perdu son zéro de tête dans un tableur. Il est publié tel quel.",
            "en": "This code has probably lost its leading zero in a spreadsheet. It is published as it is.",
        },
    ),
    "unlike_others": Reason(
        "noticed",
        {
            "fr": "Cette valeur n’a pas la forme des autres de la colonne. Elle est publiée telle quelle.",
            "en": "This value has not the form of the others of its column. It is published as it is.",
        },
    ),
    "e_mail_removed": Reason(
        "changed",
        {
            "fr": "Une adresse e-mail est écrite dans cette case : elle est remplacée par […].",
            "en": "An e-mail address is written in this cell: it is replaced by […].",
        },
    ),
    "broken_geometry": Reason(
        "refused",
        {
            "fr": "La géométrie n’est pas valide en degrés WGS 84 (longitude, latitude) : la case est publiée vide.",
            "en": "The geometry is not valid in WGS 84 degrees (longitude, latitude): the cell is published empty.",
        },
    ),
    "repaired_geometry": Reason(
        "changed",
        {
            "fr": "La géométrie se recoupait ou n’était pas fermée : elle a été réparée.",
            "en": "The geometry crossed itself or was not closed: it was repaired.",
        },
    ),
    "against_type": Reason(
        "noticed",
        {
            "fr": "Presque toutes les autres valeurs de la colonne sont d’un même type ; celle-ci empêche de le "
            "retenir. Tout reste en texte.",
            "en": "Nearly all other values of the column are of one type; this one prevents it. All stays text.",
        },
    ),
    "lost_digits": Reason(
        "noticed",
        {
            "fr": "Un tableur a écrit ce code comme une puissance de dix : ses derniers chiffres sont perdus. "
            "Reprenez-le à la source.",
            "en": "A spreadsheet wrote this code as a power of ten: its last digits are lost. Take it from its source.",
        },
    ),
    "near_value": Reason(
        "noticed",
        {
            "fr": "Cette valeur s’écrit presque comme une autre, bien plus fréquente. Elle est publiée telle quelle.",
            "en": "This value is written almost as another, far more frequent one. It is published as it is.",
        },
    ),
    "corrected": Reason(
        "changed",
        {
            "fr": "La valeur du fichier a été corrigée par le producteur.",
            "en": "The value of the file was corrected by the producer.",
        },
    ),
    "fix_not_applied": Reason(
        "noticed",
        {
            "fr": "Une correction n’a pas trouvé sa case dans ce fichier : elle n’est pas appliquée.",
            "en": "A correction did not find its cell in this file: it is not applied.",
        },
    ),
    "damaged_letters": Reason(
        "noticed",
        {
            "fr": "Des lettres semblent abîmées à la source (Ã©, �). Elles sont publiées telles quelles.",
            "en": "Some letters look damaged at the source (Ã©, �). They are published as they are.",
        },
    ),
    **READING,
    **MAKING,
}
"""Every reason by its code."""


@dataclass(frozen=True)
class Problem:
    """One value or row: `row` is its number in the file as a spreadsheet shows it (the titles are row 1).

    `column` is the field name, empty when the whole row is concerned; `value` is the text of the file.
    """

    row: int
    column: str
    value: str
    reason: str
    suggestion: str = ""

    def message(self, lang: str = "fr") -> str:
        """Return the reason in `lang`."""
        texts = REASONS[self.reason].text
        return texts.get(lang) or texts["fr"]


@dataclass(frozen=True)
class Group:
    """The problems of one column that have one reason: their exact `count`, and the first `cases`."""

    column: str
    reason: str
    count: int
    cases: tuple[Problem, ...]

    @property
    def severity(self) -> str:
        """One of SEVERITIES."""
        return REASONS[self.reason].severity

    @property
    def mendable(self) -> int:
        """How many of the cases have a suggested correction."""
        return sum(bool(case.suggestion) for case in self.cases)


@dataclass
class Report:
    """All that was noticed while a file was read: rows received and kept, problems, and their exact counts.

    `watch` is told the rows that came so far, and how many are `expected` (0: nobody knows).
    """

    received: int = 0
    kept: int = 0
    expected: int = 0
    watch: Callable[[int, int], object] = field(default=lambda done, total: None, repr=False, compare=False)
    problems: list[Problem] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, problem: Problem) -> None:
        """Count a problem, and keep it while there is room."""
        self.counts[problem.column, problem.reason] += 1
        if len(self.problems) < KEPT:
            self.problems.append(problem)

    def advance(self, rows: int) -> None:
        """Count rows that came, and tell."""
        self.received += rows
        self.watch(self.received, max(self.expected, self.received) if self.expected else 0)

    def extend(self, problems: Iterable[Problem]) -> None:
        """Add several problems."""
        for problem in problems:
            self.add(problem)

    def join(self, other: "Report") -> None:
        """Add the problems of another report, which tells of other cells of the same rows."""
        self.counts.update(other.counts)
        self.problems += other.problems[: KEPT - len(self.problems)]

    def tell(self, reason: str, column: str, number: Callable[[int], int], *parts: pa.Array | pa.ChunkedArray) -> None:
        """Count the cells of a column that have one reason, and keep the first ones while there is room.

        `parts` are their indices, of which `number` gives the row, their texts, and what each was meant to be, or null.
        """
        self.counts[column, reason] += len(parts[0])
        room = min(KEPT_EACH, KEPT - len(self.problems))
        for record, text, suggestion in zip(*(part[:room].to_pylist() for part in parts), strict=True):
            self.problems.append(Problem(number(record), column, text, reason, suggestion or ""))

    def groups(self, shown: int = 5) -> list[Group]:
        """Return the problems by column and reason, refusals first, each group with its first `shown` cases."""
        cases: dict[tuple[str, str], list[Problem]] = {}
        for problem in self.problems:
            first = cases.setdefault((problem.column, problem.reason), [])
            if len(first) < shown:
                first.append(problem)
        found = (Group(*key, count, tuple(cases.get(key, ()))) for key, count in self.counts.items())
        return sorted(found, key=lambda group: SEVERITIES.index(group.severity))

    def rows(self, lang: str = "fr") -> Iterator[tuple[str, ...]]:
        """Yield the report as rows of text, titles first: for a CSV file or a table."""
        titles = {
            "fr": ("ligne", "colonne", "valeur", "raison", "suggestion"),
            "en": ("row", "column", "value", "reason", "suggestion"),
        }
        yield titles.get(lang, titles["fr"])
        for problem in self.problems:
            yield str(problem.row), problem.column, problem.value, problem.message(lang), problem.suggestion
