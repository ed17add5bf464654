"""Does one job of a draft and dies (SIGKILL) where it is told; its arguments are FOLDER JOB ID POINT.

A point is a step of the job, "written" (the version is on the disk, no pointer has moved) or "pointed" (all is public,
the draft does not know it yet).
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from portal import create_app, releasing
from portal.producers import work


def dying(function: Callable[..., Any], when: Callable[[dict[str, Any]], bool]) -> Callable[..., Any]:
    """Return a function that does what `function` does, then dies when its keywords say so."""

    def done(*arguments: Any, **keywords: Any) -> Any:
        answer = function(*arguments, **keywords)
        if when(keywords):
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return done


def main(folder: str, job: str, draft_id: str, point: str) -> None:
    """Do a job and die at `point`."""
    settings = {"instance": Path(folder), "queue_url": "immediate", "limits_url": "memory://"}
    app = create_app(settings)
    parts = app.extensions["portal"]
    if point == "written":
        parts.store.write = dying(parts.store.write, lambda keywords: True)
    elif point == "pointed":
        releasing.publish = dying(releasing.publish, lambda keywords: True)
    else:
        work.change_draft = dying(work.change_draft, lambda keywords: keywords.get("step") == point)
    with app.app_context():
        getattr(work, job)(parts, draft_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
