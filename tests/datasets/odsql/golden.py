"""Reads the cases of tests/golden/odsql."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "golden" / "odsql"


def lines(name: str) -> Iterator[str]:
    """Give the lines of a file that are neither blank nor comments."""
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line


def pairs(name: str) -> list[tuple[str, str]]:
    """Return the two sides of each line "left -> right"."""
    split = (line.rpartition(" -> ") for line in lines(name))
    return [(left.strip(), right.strip()) for left, _, right in split]


def blocks(name: str) -> list[list[str]]:
    """Return the blocks of lines that blank lines part, comments left out."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    kept = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    return [block.strip().splitlines() for block in kept.split("\n\n") if block.strip()]


def sections(name: str) -> list[tuple[str, str]]:
    """Return each line with the section, opened by "## name", in which it stands."""
    found, section = [], ""
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif line.strip() and not line.startswith("#"):
            found.append((section, line))
    return found


def parameters(line: str) -> dict[str, Any]:
    """Return the parameters of a Query that a line of "name: text" tells; where and its like may be repeated."""
    read: dict[str, Any] = {}
    for part in line.split(" | "):
        name, _, text = part.partition(":")
        if name in ("where", "refine", "exclude", "facet"):
            read[name] = (*read.get(name, ()), text.strip())
        else:
            read[name] = int(text) if name in ("limit", "offset") else text.strip()
    return read
