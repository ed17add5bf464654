"""The file itself, with a last column that says what is wrong on each row: to be mended in a spreadsheet."""

from collections.abc import Iterator, Mapping
from itertools import count

from datasets.ingest.naming import name_fields
from datasets.ingest.raw import RawTable
from datasets.ingest.report import Problem, Report

TITLES = {"fr": "erreurs", "en": "errors"}
OFFERS = {"fr": " Proposition : {text}", "en": " Suggestion: {text}"}
BATCH = 10_000
DONE = ("corrected",)
"""Reasons that call for no correction any more."""


def annotated_rows(raw: RawTable, report: Report, lang: str = "fr") -> Iterator[list[str]]:
    """Yield the rows of a file as texts, titles first, each with what the report says of it in `lang`.

    Rows that could not be read are there too, at their place, with their whole text in the first cell.
    """
    titles = dict(zip(name_fields(raw.labels), raw.labels, strict=True))
    told = sorted_messages(report, titles, lang)
    yield [*raw.labels, TITLES[lang]]
    ahead = next(told, None)
    ranks = count()
    for batch in raw.table.to_batches(BATCH):
        for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            row, messages = raw.number(next(ranks)), []
            while ahead and ahead[0].row <= row:
                if ahead[0].row < row:
                    yield set_aside(ahead, len(raw.labels))
                else:
                    messages.append(ahead[1])
                ahead = next(told, None)
            yield [*cells, " ; ".join(messages)]
    while ahead:
        yield set_aside(ahead, len(raw.labels))
        ahead = next(told, None)


def sorted_messages(report: Report, titles: Mapping[str, str], lang: str) -> Iterator[tuple[Problem, str]]:
    """Yield the problems that have a row and still call for something, in the order of rows, each in words."""
    open_ones = (problem for problem in report.problems if problem.row and problem.reason not in DONE)
    for problem in sorted(open_ones, key=lambda problem: problem.row):
        place = titles.get(problem.column) or problem.column
        offer = OFFERS[lang].format(text=problem.suggestion) if problem.suggestion else ""
        yield problem, f"{place} : {problem.message(lang)}{offer}" if place else problem.message(lang) + offer


def set_aside(told: tuple[Problem, str], width: int) -> list[str]:
    """Return a row that is not among the records: its text in the first cell, and why it is not."""
    problem, message = told
    return [problem.value, *[""] * (width - 1), message]
