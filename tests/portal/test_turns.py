"""Turns at heavy work: bounded in all and for one client, fair to who asks little, given back whatever happens."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from datasets.errors import Busy
from portal.turns import Turns


def test_no_more_than_allowed_run_at_once():
    """Twenty clients with three works each: never more than the total, and all are done."""
    turns, running, most = Turns(3, 2, 20, 100), [], []

    def work(client: int) -> None:
        with turns.take(str(client)):
            running.append(client)
            most.append(len(running))
            time.sleep(0.001)
            running.remove(client)

    with ThreadPoolExecutor(60) as pool:
        list(pool.map(work, list(range(20)) * 3))
    assert len(most) == 60
    assert max(most) <= 3
    assert not turns._running
    assert not turns._waiting


def test_one_client_never_holds_all():
    """Beyond its own number a client waits though turns are free; another goes at once."""
    turns = Turns(3, 2, 0.05, 12)
    with turns.take("greedy"), turns.take("greedy"):
        with pytest.raises(Busy) as refused:
            turns.begin("greedy")
        assert refused.value.seconds >= 1
        with turns.take("patient"):
            pass
    with turns.take("greedy"):
        pass


def test_who_asks_little_goes_first():
    """When a turn comes free, a client with nothing under way passes those who hold some already."""
    turns, order, ready = Turns(2, 2, 10, 12), [], Event()
    turns.begin("greedy")
    turns.begin("other")

    def ask(client: str) -> None:
        with turns.take(client):
            order.append(client)
            ready.wait(5)

    with ThreadPoolExecutor(2) as pool:
        pool.submit(ask, "greedy")
        while not turns._waiting["greedy"]:
            time.sleep(0.001)
        pool.submit(ask, "patient")
        while not turns._waiting["patient"]:
            time.sleep(0.001)
        turns.end("other")
        while not order:
            time.sleep(0.001)
        assert order == ["patient"]
        ready.set()
    assert order == ["patient", "greedy"]


def test_too_many_waiting_are_refused_at_once():
    """Neither one client nor all together keep more waiting than threads can bear."""
    turns, gate = Turns(1, 1, 5, 6), Barrier(3)
    turns.begin("holder")

    def wait() -> None:
        gate.wait()
        with turns.take("greedy"):
            pass

    with ThreadPoolExecutor(2) as pool:
        pool.submit(wait)
        pool.submit(wait)
        gate.wait()
        while turns._waiting["greedy"] < 2:
            time.sleep(0.001)
        start = time.monotonic()
        with pytest.raises(Busy):
            turns.begin("greedy")
        assert time.monotonic() - start < 1
        turns.end("holder")


def test_a_turn_is_given_back_after_an_error():
    """Work that fails leaves its turn to the next."""
    turns = Turns(1, 1, 0.01, 3)
    for _ in range(3):
        with pytest.raises(LookupError), turns.take("a"):
            raise LookupError
