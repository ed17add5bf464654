"""Going back, withdrawing and renaming move what the catalogue says, and nothing of what was written."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from datasets.catalogue.catalogue import (
    find_version,
    get_dataset,
    list_datasets,
    list_history,
)
from datasets.catalogue.tables import Base
from datasets.errors import Conflict, NotFound, Withdrawn
from datasets.model import Version
from datasets.publish import Release, publish, rename, restore, withdraw, withdraw_one
from datasets.store.versions import VersionStore
from tests.builders import TOWN_ROWS, a_release

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
Opened = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Opens one transaction on an empty catalogue."""
    engine: Engine = create_engine(f"sqlite:///{tmp_path}/catalogue.sqlite")
    Base.metadata.create_all(engine)

    @contextmanager
    def open_one() -> Iterator[Session]:
        with Session(engine) as session, session.begin():
            yield session

    yield open_one
    engine.dispose()


@pytest.fixture
def pair(opened: Opened, store: VersionStore) -> tuple[Version, Version]:
    """Two versions of the towns, published a day apart."""
    (first,) = publish(opened, store, [a_release()], at=AT)
    (second,) = publish(opened, store, [a_release(rows=TOWN_ROWS[:1])], at=AT + timedelta(days=1))
    return first, second


def test_going_back_moves_one_pointer(opened: Opened, store: VersionStore, pair: tuple[Version, Version]) -> None:
    """The older version is served again, the newer one stays in the history, and the catalogue says so."""
    first, second = pair
    restore(opened, store, "communes-du-gers", first.version_id, at=AT + timedelta(days=2))
    with opened() as session:
        (dataset,) = list_datasets(session)
        history = list_history(session, "communes-du-gers")
    assert dataset.version == first
    assert dataset.modified == AT + timedelta(days=2)
    assert [(entry.version.version_id, entry.current) for entry in history] == [
        (second.version_id, False),
        (first.version_id, True),
    ]
    with pytest.raises(NotFound):
        restore(opened, store, "communes-du-gers", "20200101T000000Z-00000000", at=AT)
    with pytest.raises(NotFound):
        restore(opened, store, "catalogue", first.version_id, at=AT)


def test_a_withdrawn_dataset_comes_back_by_restoring(
    opened: Opened, store: VersionStore, pair: tuple[Version, Version]
) -> None:
    """A dataset withdrawn by mistake is served again, under the same addresses."""
    withdraw(opened, store, "communes-du-gers", reason="Erreur", at=AT)
    with opened() as session, pytest.raises(Withdrawn):
        get_dataset(session, "communes-du-gers")
    restore(opened, store, "communes-du-gers", pair[1].version_id, at=AT)
    with opened() as session:
        assert get_dataset(session, "communes-du-gers").version == pair[1]


def test_a_withdrawn_version_is_served_by_no_address(
    opened: Opened, store: VersionStore, pair: tuple[Version, Version]
) -> None:
    """A version with a leak says why it went, and cannot be restored; the current one cannot be withdrawn alone."""
    first, second = pair
    withdraw_one(opened, "communes-du-gers", first.version_id, reason="Adresses personnelles")
    with opened() as session, pytest.raises(Withdrawn, match="Adresses personnelles"):
        find_version(session, "communes-du-gers", first.version_id)
    with pytest.raises(Withdrawn):
        restore(opened, store, "communes-du-gers", first.version_id, at=AT)
    with pytest.raises(Conflict):
        withdraw_one(opened, "communes-du-gers", second.version_id, reason="x")


def test_former_identifiers_lead_to_a_renamed_dataset(
    opened: Opened, store: VersionStore, pair: tuple[Version, Version]
) -> None:
    """After two renamings every identifier it had finds it, with its uid, its history and its rows."""
    with opened() as session:
        uid = get_dataset(session, "communes-du-gers").dataset_uid
    rename(opened, store, "communes-du-gers", "villes", at=AT)
    rename(opened, store, "villes", "communes", at=AT)
    with opened() as session:
        for name in ("communes-du-gers", "villes", "communes", uid):
            assert get_dataset(session, name).dataset_id == "communes"
        assert [dataset.dataset_id for dataset in list_datasets(session)] == ["communes"]
        assert get_dataset(session, "communes").dataset_uid == uid
        versions = [entry.version for entry in list_history(session, "communes")]
    assert versions == [pair[1], pair[0]]
    for version in versions:
        store.verify(version)
    restore(opened, store, "communes", pair[0].version_id, at=AT)
    (third,) = publish(opened, store, [a_release("communes")], at=AT + timedelta(days=3))
    with opened() as session:
        assert get_dataset(session, "villes").version == third
    rename(opened, store, "communes", "villes", at=AT)
    with opened() as session:
        assert get_dataset(session, "communes").dataset_id == "villes"


def test_an_identifier_in_use_is_not_taken(opened: Opened, store: VersionStore, pair: tuple[Version, Version]) -> None:
    """Neither a dataset nor the former name of another one is overwritten."""
    publish(opened, store, [a_release("festivals")], at=AT)
    rename(opened, store, "festivals", "fetes", at=AT)
    for taken in ("fetes", "festivals", "catalogue"):
        with pytest.raises(Conflict):
            rename(opened, store, "communes-du-gers", taken, at=AT)
    with pytest.raises(NotFound):
        rename(opened, store, "nothing", "something", at=AT)


def test_rows_made_from_a_version_are_refused_when_another_came_first(
    opened: Opened, store: VersionStore, pair: tuple[Version, Version]
) -> None:
    """Two updates of one version cannot both be published: the second is told to start again."""
    first, second = pair
    release = a_release()
    late = Release(release.dataset_id, release.metadata, release.schema, release.rows, based_on=first.version_id)
    with pytest.raises(Conflict):
        publish(opened, store, [late], at=AT + timedelta(days=2))
    with opened() as session:
        assert get_dataset(session, "communes-du-gers").version == second
    fresh = Release(release.dataset_id, release.metadata, release.schema, release.rows, based_on=second.version_id)
    publish(opened, store, [fresh], at=AT + timedelta(days=2))
    unborn = Release("new", release.metadata, release.schema, release.rows, based_on="")
    publish(opened, store, [unborn], at=AT + timedelta(days=2))
