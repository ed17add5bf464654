"""Work done later: a queue (huey) chosen by its address, and the table of jobs that rooms register."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from huey import Huey, MemoryHuey, RedisHuey, SqliteHuey, crontab

from datasets.errors import SettingError

Job = Callable[..., None]


def open_huey(url: str) -> Huey:
    """Return the queue at `url`: sqlite:///file, redis://host/number, or immediate (work done at once)."""
    if url == "immediate":
        return MemoryHuey("portal", immediate=True)
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        return SqliteHuey("portal", filename=url.removeprefix("sqlite:///"))
    if scheme in ("redis", "rediss"):
        return RedisHuey("portal", url=url)
    raise SettingError(name="PORTAL_QUEUE_URL", found=repr(url), expected="sqlite:///file, redis://host/0 or immediate")


class Queue:
    """Jobs by name. Rooms register what can be done; routes enqueue it; `portal work` does it."""

    def __init__(self, url: str) -> None:
        self.huey = open_huey(url)
        self.jobs: dict[str, Job] = {}
        self._run = self.huey.task(name="run_job")(self._run_job)

    def register(self, name: str, job: Job) -> None:
        """Make `job` known as `name`; its arguments must be plain values (they are written to the queue)."""
        self.jobs[name] = job

    def enqueue(self, name: str, **arguments: Any) -> None:
        """Ask for the job `name` to be done as soon as a worker is free."""
        if name not in self.jobs:
            raise KeyError(name)
        self._run(name, arguments)

    @property
    def waiting(self) -> bool:
        """Whether a job waits for the worker."""
        return self.huey.pending_count() > 0

    def schedule(self, name: str, job: Job, *, hour: int = 3) -> None:
        """Have `job` done once a night, at `hour` (UTC), by whoever works."""
        self.register(name, job)
        self.huey.periodic_task(crontab(minute="10", hour=str(hour)), name=f"nightly_{name}")(job)

    def repeat(self, name: str, job: Job, *, minutes: int) -> None:
        """Have `job` done every so many minutes, by whoever works."""
        self.register(name, job)
        self.huey.periodic_task(crontab(minute=f"*/{minutes:d}"), name=f"repeated_{name}")(job)

    def work(self) -> None:
        """Do the jobs as they come, until the process is told to stop."""
        self.huey.create_consumer(workers=1, periodic=True, check_worker_health=True, max_delay=1.0).run()

    def _run_job(self, name: str, arguments: dict[str, Any]) -> None:
        self.jobs[name](**arguments)
