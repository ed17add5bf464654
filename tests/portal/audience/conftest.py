"""Signals and events to record and to freeze."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from portal.audience.record import Signal
from portal.privacy.calendar import paris_day

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def make_signal() -> Callable[..., Signal]:
    """Builds the signal of a person reading a page, with what differs."""

    def build(**differences: Any) -> Signal:
        values: dict[str, Any] = {
            "instant": datetime(2026, 11, 22, 10, 0, 42, tzinfo=UTC),
            "dataset": "economies-ges",
            "kind": "page",
            "format": "",
            "status": 200,
            "method": "GET",
            "address": "192.0.2.77",
            "agent": FIREFOX,
            "came_from": "",
            "objection": False,
            "preload": False,
        }
        return Signal(**{**values, **differences})

    return build


def make_event(instant: datetime, visitor: str | None = "v", **differences: Any) -> dict[str, Any]:
    """Build an event as it is written."""
    day: date = paris_day(instant)
    values = {"dataset": "d", "kind": "page", "format": "", "referrer": "none", "bot": visitor is None}
    return {"instant": instant, "day": day, "visitor": visitor, **values, **differences}
