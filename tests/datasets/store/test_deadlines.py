"""What lasts too long is ended in time, in order, and what ended before is forgotten."""

import time
from collections.abc import Iterator
from threading import Event

import pytest

from datasets.store.deadlines import Deadlines


@pytest.fixture
def deadlines() -> Iterator[Deadlines]:
    """Deadlines that are watched until the end of the test."""
    deadlines = Deadlines()
    yield deadlines
    deadlines.close()


def test_acts_are_done_at_their_instants(deadlines: Deadlines) -> None:
    """The nearest deadline falls first, though it was set last; each falls once."""
    fallen: list[str] = []
    last = Event()
    deadlines.set(0.3, lambda: (fallen.append("late"), last.set())[0])
    deadlines.set(0.2, lambda: fallen.append("middle"))
    start = time.monotonic()
    deadlines.set(0.1, lambda: fallen.append("early"))
    assert last.wait(10)
    assert fallen == ["early", "middle", "late"]
    assert time.monotonic() - start >= 0.25


def test_what_is_cancelled_does_not_fall_and_holds_nothing(deadlines: Deadlines) -> None:
    """A cancelled deadline forgets its act at once; those after it still fall."""
    fallen: list[str] = []
    last = Event()
    cancelled = deadlines.set(0.05, lambda: fallen.append("cancelled"))
    deadlines.set(0.15, last.set)
    cancelled.cancel()
    assert cancelled._act is None
    assert last.wait(10)
    assert fallen == []


def test_nothing_falls_after_the_end(deadlines: Deadlines) -> None:
    """Once closed, nothing is watched, and the thread ends."""
    fell = Event()
    deadlines.set(0.1, fell.set)
    deadlines.close()
    assert not fell.wait(0.3)
