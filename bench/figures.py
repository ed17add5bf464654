"""The figures of a run: tables in docs/performance.md, and all of them as a dataset, docs/performance.csv."""

import csv
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
DATASET = PAGE.with_suffix(".csv")
COLUMNS = ("part", "date", "commit", "rows", "task", "server", "figure", "unit", "ratio")
MARKS = {part: f"<!-- {part} -->\n" for part in ("measured", "formats", "grown")}

Figures = dict[str, dict[str, float]]
"""Figures by task, then by server."""


def keep(part: str, found: Figures, rows: int) -> None:
    """Write the figures of a part of the measures, of so many rows, in the place of the former ones.

    `ratio` is how many times the portal's figure it is.
    """
    former = list(csv.DictReader(DATASET.read_text(encoding="utf-8").splitlines())) if DATASET.exists() else []
    kept = [row for row in former if (row["part"], row["rows"]) != (part, str(rows))]
    when, commit = f"{datetime.now(UTC):%Y-%m-%d}", find_commit()
    for task, figures in found.items():
        for server, figure in figures.items():
            ratio = f"{figure / figures['portal']:.3g}" if figures.get("portal") else ""
            told = (part, when, commit, rows, task, server, f"{figure:.6g}", unit_of(task), ratio)
            kept.append(dict(zip(COLUMNS, told, strict=True)))
    with DATASET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)


def unit_of(task: str) -> str:
    """Return the unit of the figures of a task."""
    return (
        "MiB" if "memory" in task else "pages/s" if task.startswith("pages") else "MB" if task.endswith("MB") else "s"
    )


def tell(task: str, figure: float, ours: float | None = None) -> str:
    """Return a figure with its unit where the task does not say it, and how many times the portal's it is."""
    short = f"{figure * 1000:,.0f} ms" if figure < 1 else f"{figure:,.1f} s"
    shown = short if unit_of(task) == "s" else f"{figure:,.0f}"
    return shown if ours is None or figure == ours else f"{shown} (× {figure / ours:.2g})"


def describe() -> str:
    """Return when, on what and at which commit a run was made."""
    load = f"load {os.getloadavg()[1]:.1f} while measured"
    return f"{datetime.now(UTC):%Y-%m-%d} at {find_commit()}, {os.cpu_count()} processors, {load}"


def find_commit() -> str:
    """Return the commit that is measured."""
    told = subprocess.run(
        ("git", "rev-parse", "--short", "HEAD"), cwd=Path(__file__).parent, capture_output=True, text=True, check=True
    )
    return told.stdout.strip()


def replace_between(mark: str, table: str) -> None:
    """Write a table between the two marks of the page, in the place of the former one."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(mark)
    PAGE.write_text(before + mark + table + mark + rest.partition(mark)[2], encoding="utf-8")
