"""The five steps of a new dataset, and how far a job is."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _

from portal.i18n import number
from portal.producers.tables import DraftRow
from portal.producers.work import PUBLISHING_STEPS, READING_STEPS

STAGES = ("file", "reading", "columns", "description", "publish")
"""The steps, in order; each but the first is an endpoint of the room."""
STAGE_NAMES: dict[str, Any] = {
    "file": _("The file"),
    "reading": _("What was understood"),
    "columns": _("Columns and labels"),
    "description": _("Description"),
    "publish": _("Check and publish"),
}
STEP_NAMES: dict[str, Any] = {
    "sniff": _("Encoding and delimiter"),
    "read": _("Rows"),
    "understand": _("Types of the columns"),
    "load": _("Values"),
    "write": _("New version and catalogue"),
}
PATIENCE = timedelta(minutes=2)
"""After that time without a step, a job is taken for lost and its producer may start it again."""


@dataclass(frozen=True)
class Stage:
    """A step as the pages show it: its number, its name, whether it is the present one and whether it can be opened."""

    key: str
    number: int
    name: Any
    current: bool
    open: bool


@dataclass(frozen=True)
class Progress:
    """How far a job is: the name of its step, its number among `count`, and the steps before and after it.

    `value` is how far the bar is, out of `count`; `said` what is done of the step, in rows or columns.
    """

    name: Any
    number: int
    count: int
    steps: tuple[str, ...]
    value: float = 0.0
    said: str = ""


def stages_of(draft: DraftRow | None, current: str) -> list[Stage]:
    """Return the five steps of a draft (None: a file that is not sent yet) around the present one."""
    reached = STAGES.index(draft.stage) if draft else 0
    return [
        Stage(key, number, STAGE_NAMES[key], key == current, bool(draft) and 1 < number <= reached + 1)
        for number, key in enumerate(STAGES, start=1)
    ]


def reach(draft: DraftRow, stage: str) -> str:
    """Return the furthest of the step that a draft has reached and `stage`."""
    return max(draft.stage, stage, key=STAGES.index)


def progress_of(draft: DraftRow) -> Progress:
    """Return how far the job of a draft is."""
    steps = PUBLISHING_STEPS if draft.state == "publishing" else READING_STEPS
    place = steps.index(draft.step) + 1 if draft.step in steps else 0
    name = STEP_NAMES[draft.step] if place else _("Waiting for its turn")
    value = max(place - 1, 0) + (min(draft.done / draft.total, 1) if draft.total else 0)
    return Progress(name, place, len(steps), steps, round(value, 3), say_done(draft))


def say_done(draft: DraftRow) -> str:
    """Return what is done of the step of a draft: rows that were read, columns; empty when it is not counted."""
    done, total = number(draft.done), number(draft.total)
    if draft.step == "read" and draft.total:
        return str(_("%(done)s rows read, of about %(total)s", done=done, total=total))
    if draft.step == "read":
        return str(_("%(done)s rows read", done=done)) if draft.done else ""
    return str(_("%(done)s columns of %(total)s", done=done, total=total)) if draft.total else ""
