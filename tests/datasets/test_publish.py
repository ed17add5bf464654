"""A publication is all or nothing, even when its process is killed."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from datasets.catalogue.catalogue import CATALOGUE_ID, get_dataset, list_datasets
from datasets.catalogue.tables import Base
from datasets.store.versions import VersionStore

PUBLISHER = """
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from datasets.publish import publish
from datasets.store.versions import VersionStore
from tests.builders import a_release

folder, start = Path(sys.argv[1]), int(sys.argv[2])
engine = create_engine(f"sqlite:///{folder}/catalogue.sqlite")

@contextmanager
def opened():
    with Session(engine) as session, session.begin():
        yield session

store = VersionStore(folder / "versions")
for number in range(start, start + 1000):
    row = {"code_insee": "32013", "nom": "Auch", "canton": None, "population": number}
    pair = [a_release(name, [row] * 500, title=f"Release {number}") for name in ("north", "south")]
    publish(opened, store, pair, at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number))
    print(number, flush=True)
"""


def check_whole(folder: Path, at_least: int) -> int:
    """Check that what is served is one release, whole; return its number."""
    engine = create_engine(f"sqlite:///{folder}/catalogue.sqlite")
    store = VersionStore(folder / "versions")
    with Session(engine) as session:
        datasets = list_datasets(session)
        catalogue = get_dataset(session, CATALOGUE_ID).version
    engine.dispose()
    assert [dataset.dataset_id for dataset in datasets] == ["north", "south"]
    numbers = set()
    for dataset in datasets:
        assert dataset.version
        store.verify(dataset.version)
        rows = pq.read_table(store.locate(dataset.version))
        assert rows.num_rows == 500
        numbers |= set(rows["population"].to_pylist())
    assert len(numbers) == 1
    (number,) = numbers
    assert catalogue
    titles = set(pq.read_table(store.locate(catalogue))["default.title"].to_pylist())
    assert titles == {f"Release {number}"}
    assert number >= at_least
    return number


def kill_publishers(folder: Path, kills: int) -> None:
    """Publish again and again, kill at random instants, and check each time."""
    chance, number = random.Random(32), 0
    engine = create_engine(f"sqlite:///{folder}/catalogue.sqlite")
    Base.metadata.create_all(engine)
    engine.dispose()
    for _ in range(kills):
        command = [sys.executable, "-c", PUBLISHER, str(folder), str(number + 1)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as publisher:
            assert publisher.stdout is not None
            told = int(publisher.stdout.readline())
            time.sleep(chance.uniform(0, 0.3))
            publisher.send_signal(signal.SIGKILL)
            told = max([told, *(int(line) for line in publisher.stdout.read().split())])
        number = check_whole(folder, at_least=told)
    assert VersionStore(folder / "versions").purge_abandoned() <= kills
    check_whole(folder, at_least=number)


def test_a_killed_publication_leaves_the_old_or_the_new_release(tmp_path: Path) -> None:
    """Killed at any instant, either the old or the new release is served, whole, with its catalogue."""
    kill_publishers(tmp_path, 4)


@pytest.mark.verify
def test_a_hundred_killed_publications_leave_whole_releases(tmp_path: Path) -> None:
    """The same, a hundred times."""
    kill_publishers(tmp_path, 100)
