"""The problems of a draft's file, kept beside it: shown, downloaded, and put right by their suggestions."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

from datasets.ingest import Fix
from datasets.ingest.annotating import annotated_rows
from datasets.ingest.raw import RawTable
from datasets.ingest.report import Problem, Report

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_problems(path: Path, report: Report) -> None:
    """Keep the problems of a report in a file, one JSON array per line."""
    with path.open("w", encoding="utf-8") as file:
        for found in report.problems:
            row = [found.row, found.column, found.value, found.reason, found.suggestion]
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def write_annotated(path: Path, raw: RawTable, report: Report, lang: str) -> None:
    """Keep the file itself as a CSV with a last column that says what is wrong on each row; nothing when all is right.

    Cells are those of the file, untouched: it is to be mended and sent again.
    """
    if not report.counts:
        path.unlink(missing_ok=True)
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(annotated_rows(raw, report, lang))


def read_problems(path: Path) -> Iterator[Problem]:
    """Yield the problems that were kept; none when there is no such file."""
    if path.exists():
        with path.open(encoding="utf-8") as file:
            for line in file:
                yield Problem(*json.loads(line))


def report_lines(path: Path, lang: str) -> Iterator[str]:
    """Yield a kept report as lines of CSV in `lang`; an apostrophe leads cells that a spreadsheet would compute."""
    for row in Report(problems=list(read_problems(path))).rows(lang):
        line = io.StringIO()
        csv.writer(line, delimiter=";").writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in row])
        yield line.getvalue()


def suggested_fixes(path: Path, column: str, reason: str) -> list[Fix]:
    """Return the corrections that were suggested for one reason in one column, one per cell concerned."""
    return [
        Fix(column=column, text=problem.suggestion, row=problem.row, was=problem.value)
        for problem in read_problems(path)
        if problem.column == column and problem.reason == reason and problem.suggestion
    ]
