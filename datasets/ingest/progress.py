"""How far the reading of a file is, told as it goes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

STEPS = ("sniff", "read", "understand", "load")
"""The steps of a reading, in order."""
Done = TypeVar("Done")


@dataclass(frozen=True)
class Progress:
    """How far a reading is: one of STEPS, and how many are done of how many in all (0: nobody knows).

    Rows are counted while they are read; columns, while they are understood and loaded.
    """

    step: str
    done: int = 0
    total: int = 0


Tell = Callable[[Progress], object]


def counted(work: Iterable[Done], step: str, total: int, tell: Tell) -> list[Done]:
    """Return what a step makes of each column, telling how many are done."""
    tell(Progress(step, 0, total))
    made = []
    for one in work:
        made.append(one)
        tell(Progress(step, len(made), total))
    return made
