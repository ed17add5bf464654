"""The six towns, and an engine that may read them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from datasets.query import Source
from datasets.store.engine import Engine
from tests.datasets.towns import towns_in


@pytest.fixture(scope="session")
def towns_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the towns' store."""
    return tmp_path_factory.mktemp("towns")


@pytest.fixture(scope="session")
def towns(towns_folder: Path) -> Source:
    """The towns as a source of queries."""
    return towns_in(towns_folder)


@pytest.fixture(scope="session")
def indexed_towns(towns_folder: Path) -> Source:
    """The same towns, queried in their indexed copy."""
    return towns_in(towns_folder, name="indexed_towns", indexed=True)


@pytest.fixture(scope="session")
def engine(towns_folder: Path) -> Iterator[Engine]:
    """An engine over the towns' store alone."""
    engine = Engine(folders=[str(towns_folder)], memory="500MB", threads=1)
    yield engine
    engine.close()
