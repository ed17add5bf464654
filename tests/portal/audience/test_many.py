"""A great many events: recorded as they come by several processes, then counted and made safe in bounded time."""

from pathlib import Path

import pytest

from bench import freeze, recording
from portal.audience.counting import count_day
from portal.databases import Databases


def test_sixty_thousand_events_are_frozen_at_a_bounded_cost(files: Databases) -> None:
    """At the cost of an event measured here, a hundred million take less than fifteen minutes of processor."""
    freeze.fill(files, 60_000)
    count_day([[("d\x1fpage\x1f\x1fnone\x1f0", "v")]])  # what is loaded once
    done = freeze.measure(files)
    assert done.events == 60_000
    assert done.worked < 60_000 * 9e-6 + 3


@pytest.mark.verify
def test_ten_million_events_are_frozen_at_the_pace_of_a_hundred_in_a_quarter_of_an_hour(tmp_path: Path) -> None:
    """In one month, at the processor and the memory that a hundred million may have; needs 2 GB of disk."""
    done = freeze.measure_apart(tmp_path, 10_000_000)
    print(done)
    assert done.events == 10_000_000 // freeze.DAYS * freeze.DAYS
    assert done.worked < 15 * 60 / 10 + 10
    assert done.memory < 4096


@pytest.mark.parametrize("killed", [False, True])
def test_two_processes_record_together(tmp_path: Path, killed: bool) -> None:
    """Events of two processes are all kept on a clean stop; a kill loses moments, here on a machine that is shared."""
    done = recording.measure(tmp_path, processes=2, rate=1_000, seconds=2, killed=killed)
    assert done.kept > 0
    assert done.lost_seconds <= 1.5 if killed else done.kept == done.sent


@pytest.mark.verify
@pytest.mark.parametrize("killed", [False, True])
def test_five_thousand_events_a_second_are_recorded(tmp_path: Path, killed: bool) -> None:
    """By the clock on the wall: none is lost on a clean stop, those of a second at most on a kill."""
    done = recording.measure(tmp_path, processes=2, rate=5_500, seconds=10, killed=killed)
    print(done)
    assert done.rate >= 5_000
    assert done.lost_seconds <= 1 if killed else done.kept == done.sent
