"""One use of the portal becomes one anonymous event, or a counted reason why not.

    noticed → answered → not a preload → no objection → robot? → origin → pseudonym → written

Each step takes the signal and returns it, or raises Dropped with the reason that is counted. Nothing of this waits
for a database: `Buffer` writes in the background, and loses events, counted, rather than slow an answer.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from portal.audience.buffer import Buffer
from portal.audience.classes import classify_browser, classify_referrer, is_robot
from portal.audience.pseudonym import DailyKey
from portal.privacy.calendar import paris_day


class Dropped(Exception):
    """A signal that leaves no event; the reason is counted."""


class Signal(NamedTuple):
    """What is known of one answer while its request lasts; only the last line outlives it."""

    instant: datetime
    dataset: str
    kind: str
    format: str
    status: int
    method: str
    address: str
    agent: str
    came_from: str
    objection: bool
    preload: bool
    bot: bool = False
    referrer: str = ""
    visitor: str | None = None


class Recorder:
    """Records the uses of one site."""

    def __init__(self, site: str, key: DailyKey, buffer: Buffer) -> None:
        self.site = site
        self.key = key
        self.buffer = buffer

    def record(self, signal: Signal) -> None:
        """Take `signal` through the steps. Never waits, never fails: what is dropped is counted."""
        try:
            for step in STEPS:
                signal = step(self, signal)
            self.buffer.add(make_event(signal))
        except Dropped as reason:
            self.buffer.count(paris_day(signal.instant), str(reason))


def drop_failed(_recorder: Recorder, signal: Signal) -> Signal:
    """Drop what was not given: errors, redirections, questions about a thing that is not sent."""
    if signal.method != "GET" or (signal.status >= 300 and signal.status != 304):
        raise Dropped("unanswered")
    return signal


def drop_preloads(_recorder: Recorder, signal: Signal) -> Signal:
    """Drop pages that a browser fetched before anybody asked for them."""
    if signal.preload:
        raise Dropped("preload")
    return signal


def respect_objection(_recorder: Recorder, signal: Signal) -> Signal:
    """Drop what comes from a person who objects (DNT, Sec-GPC): it is only counted, with all the others."""
    if signal.objection:
        raise Dropped("objection")
    return signal


def set_robots_apart(_recorder: Recorder, signal: Signal) -> Signal:
    """Mark robots: they are counted apart, and nobody is behind them."""
    return signal._replace(bot=is_robot(signal.agent, signal.kind))


def widen_origin(recorder: Recorder, signal: Signal) -> Signal:
    """Keep the class of the page that led here, not the page."""
    return signal._replace(referrer=classify_referrer(signal.came_from, recorder.site), came_from="")


def replace_person(recorder: Recorder, signal: Signal) -> Signal:
    """Put the day's pseudonym in the place of the address and the browser; robots get none."""
    browser = classify_browser(signal.agent)
    day = paris_day(signal.instant)
    visitor = None if signal.bot else recorder.key.pseudonym(day, recorder.site, signal.address, browser)
    return signal._replace(visitor=visitor, address="", agent="")


STEPS: tuple[Callable[[Recorder, Signal], Signal], ...] = (
    drop_failed,
    drop_preloads,
    respect_objection,
    set_robots_apart,
    widen_origin,
    replace_person,
)


def make_event(signal: Signal) -> dict[str, Any]:
    """Return the columns of the event that a signal leaves: no address, no browser, to the minute."""
    return {
        "instant": signal.instant.replace(second=0, microsecond=0),
        "day": paris_day(signal.instant),
        "dataset": signal.dataset[:200],
        "kind": signal.kind[:16],
        "format": signal.format[:32],
        "referrer": signal.referrer,
        "bot": signal.bot,
        "visitor": signal.visitor,
    }
