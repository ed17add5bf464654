"""A bounded memory: what is asked again is not made again, and what weighs too much is forgotten."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from time import sleep

import pytest

from portal.memory import Memory


def test_what_is_kept_is_not_made_again():
    """A thing is made once while it is kept, whatever it is, none included."""
    memory, made = Memory(2), []
    for _ in range(3):
        assert memory.get("a", lambda: made.append(1)) is None
    assert made == [1]


def test_the_least_recently_asked_is_forgotten_first():
    """Asking for a thing keeps it longer than those that nobody asks for."""
    memory = Memory(2)
    for key in ("a", "b", "a", "c"):
        memory.get(key, lambda key=key: key)
    assert memory.get("a", lambda: "again") == "a"
    assert memory.get("b", lambda: "again") == "again"


def test_the_weight_of_all_never_exceeds_the_most():
    """Whatever comes, in whatever order, the weight stays within its bound and is that of what is kept."""
    memory = Memory(100, weigh=len)
    for number in range(200):
        size = number * 37 % 140
        assert len(memory.get(number % 31, lambda size=size: b"x" * size)) <= 140
        assert memory.weight == sum(map(len, memory._kept.values())) <= 100


def test_a_thing_too_heavy_is_given_and_not_kept():
    """A thing over the bound leaves the others where they are; a bound of 0 keeps nothing."""
    memory = Memory(10, weigh=len)
    memory.get("small", lambda: "s")
    assert memory.get("heavy", lambda: "x" * 11) == "x" * 11
    assert memory.get("small", lambda: "again") == "s"
    assert Memory(0).get("a", lambda: 1) == 1


def test_what_fails_is_not_kept():
    """An error goes to who asked, and the thing is made again the next time."""
    memory = Memory()
    with pytest.raises(ZeroDivisionError):
        memory.get("a", lambda: 1 // 0)
    assert memory.get("a", lambda: 2) == 2


def test_what_many_ask_at_once_is_made_once():
    """A crowd that asks for the same new thing waits for one of them to make it."""
    memory, made, crowd = Memory(), [], Barrier(8)

    def make():
        made.append(1)
        sleep(0.1)
        return "a"

    def ask(_number):
        crowd.wait(10)
        return memory.get("key", make)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == ["a"] * 8
    assert made == [1]


def test_who_waited_for_a_failure_tries_too():
    """The error of who made it is not that of who waited, and nobody waits for ever."""
    memory, turn, key = Memory(), Event(), "key"

    def fail():
        turn.set()
        sleep(0.1)
        raise ValueError(key)

    with ThreadPoolExecutor(2) as pool:
        failed = pool.submit(memory.get, "key", fail)
        assert turn.wait(10)
        assert memory.get("key", lambda: "made") == "made"
        with pytest.raises(ValueError, match="key"):
            failed.result()
    assert memory.find("key") == "made"
