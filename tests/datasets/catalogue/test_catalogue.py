"""The catalogue: what is published can be found, by any of its names; what is withdrawn cannot."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from datasets.catalogue.catalogue import (
    find_dataset,
    get_dataset,
    keep_alias,
    list_datasets,
    list_titles,
    list_versions,
    point_to,
)
from datasets.catalogue.snapshot import get_catalogue_source
from datasets.catalogue.tables import Base
from datasets.errors import NotFound, StoreError
from datasets.model import Schema
from datasets.publish import Release, publish, withdraw
from datasets.query import Query, run_query
from datasets.store.engine import Engine
from datasets.store.versions import VersionStore
from tests.builders import a_release

OpenSession = Callable[[], AbstractContextManager[Session]]
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.fixture
def open_session(tmp_path: Path) -> Iterator[OpenSession]:
    """Opens transactions on a new catalogue."""
    engine = create_engine(f"sqlite:///{tmp_path}/catalogue.sqlite")
    Base.metadata.create_all(engine)

    @contextmanager
    def opened() -> Iterator[Session]:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    yield opened
    engine.dispose()


def test_a_published_dataset_is_found_by_its_names(open_session: OpenSession, store: VersionStore) -> None:
    """Its slug, its stable identifier and its former slugs all lead to it."""
    publish(open_session, store, [a_release()], at=MONDAY)
    with open_session() as session:
        keep_alias(session, "villes", "communes-du-gers")
        dataset = get_dataset(session, "communes-du-gers")
        assert find_dataset(session, dataset.dataset_uid) == dataset
        assert find_dataset(session, "villes") == dataset
        assert find_dataset(session, "nothing") is None
        assert dataset.issued == dataset.modified == MONDAY
        assert dataset.version
        assert dataset.version.rows == 3


def test_a_new_version_replaces_the_old_one_and_both_are_kept(open_session: OpenSession, store: VersionStore) -> None:
    """The pointer moves, the first publication date stays, the history shows both, the old data can be read."""
    (first,) = publish(open_session, store, [a_release()], at=MONDAY)
    (second,) = publish(open_session, store, [a_release(rows=[])], at=TUESDAY)
    with open_session() as session:
        dataset = get_dataset(session, "communes-du-gers")
        assert dataset.version == second
        assert (dataset.issued, dataset.modified) == (MONDAY, TUESDAY)
        assert list_versions(session, "communes-du-gers") == [second, first]
        point_to(session, [first], at=TUESDAY)
        assert get_dataset(session, "communes-du-gers").version == first


def test_a_release_is_all_or_nothing(open_session: OpenSession, store: VersionStore) -> None:
    """When one of the datasets cannot be written, none is published and the catalogue is as it was."""
    publish(open_session, store, [a_release()], at=MONDAY)
    broken = Release("../broken", {}, Schema(()), a_release().rows)
    with pytest.raises(StoreError):
        publish(open_session, store, [a_release(rows=[]), broken], at=TUESDAY)
    with open_session() as session:
        (dataset,) = list_datasets(session)
        assert list_titles(session) == {dataset.dataset_id: dataset.metadata["title"]}
        assert dataset.version
        assert dataset.version.rows == 3


def test_a_withdrawn_dataset_is_gone_from_everywhere(open_session: OpenSession, store: VersionStore) -> None:
    """Neither the lists nor its address show it any more."""
    publish(open_session, store, [a_release()], at=MONDAY)
    withdraw(open_session, store, "communes-du-gers", reason="Une erreur de date.", at=TUESDAY)
    with open_session() as session:
        assert list_datasets(session) == []
        assert list_titles(session) == {}
        with pytest.raises(NotFound):
            get_dataset(session, "communes-du-gers")


def test_the_catalogue_is_a_dataset(open_session: OpenSession, store: VersionStore, engine: Engine) -> None:
    """One parser serves both: the descriptions can be asked by their dotted or short names."""
    publish(open_session, store, [a_release(), a_release("musees", title="Musées")], at=MONDAY)
    with open_session() as session:
        source = get_catalogue_source(session, store)
    for where in ("title = 'Musées'", "default.title = 'Musées'", "datasetid = 'musees'", "records_count = 3"):
        result = run_query(Query(select="dataset_id", where=(where,), order_by="-dataset_id"), source, engine)
        assert result.rows.read_all()["dataset_id"].to_pylist()[0] == "musees"


@pytest.fixture
def engine(store: VersionStore) -> Engine:
    """A query engine that reads the store."""
    return Engine(folders=[str(store.root)])


def test_publications_at_the_same_time_wait_for_each_other(open_session: OpenSession, store: VersionStore) -> None:
    """Two processes that publish at once both succeed, and the catalogue describes both datasets."""
    names = [f"communes-{number}" for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        done = pool.map(lambda name: publish(open_session, store, [a_release(name)], at=MONDAY), names)
        assert len(list(done)) == 8
    with open_session() as session:
        source = get_catalogue_source(session, store)
    engine = Engine(folders=[str(store.root)])
    rows = run_query(Query(select="dataset_id", limit=None), source, engine).rows.read_all()
    assert sorted(rows["dataset_id"].to_pylist()) == names
