"""The vault: a key for each person, found, made, wrapped anew and destroyed."""

import hashlib
import hmac
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from datasets.errors import StoreError
from portal.vault.cipher import blind, derive, new_key, seal, unseal
from portal.vault.keyring import Keyring
from portal.vault.tables import DataKeyRow

OpenSession = Callable[[], AbstractContextManager[Session]]
"""Opens one transaction on the `keys` database."""

BATCH = 1000
"""Keys wrapped anew in one transaction, so that a rotation keeps nobody waiting."""


@dataclass(frozen=True)
class DataKey:
    """A person's key, open: seals and unseals what a column of a table holds of them."""

    person: str
    key: bytes = field(repr=False)

    def seal(self, place: str, text: str) -> bytes:
        """Return `text` sealed for `place`, which is "table|column"."""
        return self.seal_bytes(place, text.encode())

    def seal_bytes(self, place: str, content: bytes) -> bytes:
        """Return `content` sealed for `place`."""
        return seal(self.key, content, f"{place}|{self.person}")

    def unseal(self, place: str, sealed: bytes) -> str:
        """Return the text that was sealed for `place`. Raises StoreError when it was changed or moved."""
        return self.unseal_bytes(place, sealed).decode()

    def unseal_bytes(self, place: str, sealed: bytes) -> bytes:
        """Return what was sealed for `place`. Raises StoreError when it was changed or moved."""
        return unseal(self.key, sealed, f"{place}|{self.person}")


@dataclass(frozen=True)
class Vault:
    """The keys of persons; `secret` hides whose each is, the master keys that `read_ring` gives wrap them."""

    open_session: OpenSession
    read_ring: Callable[[], Keyring]
    secret: str = field(repr=False)

    @property
    def ring(self) -> Keyring:
        """The master keys as they are now."""
        return self.read_ring()

    def make_key(self, person: str, at: datetime) -> DataKey:
        """Make the key of a new person; the one of a person who has one already is returned as it is."""
        with self.open_session() as session:
            row = session.get(DataKeyRow, self.name(person))
            if row is None:
                row = DataKeyRow(subject=self.name(person), created=at)
                self.wrap(row, new_key())
                session.add(row)
            return DataKey(person, self.unwrap(row))

    def find_key(self, person: str) -> DataKey | None:
        """Return the key of a person, None when it was destroyed or never made."""
        with self.open_session() as session:
            row = session.get(DataKeyRow, self.name(person))
            return DataKey(person, self.unwrap(row)) if row else None

    def destroy_key(self, person: str) -> bool:
        """Destroy the key of a person: all that was sealed for them is lost. Tells whether there was one."""
        with self.open_session() as session:
            gone = delete(DataKeyRow).where(DataKeyRow.subject == self.name(person)).returning(DataKeyRow.subject)
            return session.scalar(gone) is not None

    def wrap_anew(self) -> int:
        """Wrap by the newest master key every key that an older one wraps, a batch at a time; return how many.

        The portal may serve meanwhile, and the work may stop and be taken up again.
        """
        done = 0
        while wrapped := self._wrap_batch():
            done += wrapped
        return done

    def _wrap_batch(self) -> int:
        with self.open_session() as session:
            old = select(DataKeyRow).where(DataKeyRow.version != self.ring.newest).limit(BATCH).with_for_update()
            rows = list(session.scalars(old))
            for row in rows:
                self.wrap(row, self.unwrap(row))
            return len(rows)

    def list_versions(self) -> dict[int, int]:
        """Return how many keys each master key wraps, by version."""
        with self.open_session() as session:
            counted = select(DataKeyRow.version, func.count()).group_by(DataKeyRow.version)
            return {row.version: row[1] for row in session.execute(counted)}

    def name(self, person: str) -> str:
        """Return the name under which a person's key is kept: a hash keyed by the secret of the instance."""
        return hmac.new(self.secret.encode(), b"data key|" + person.encode(), hashlib.sha256).hexdigest()

    def index(self, text: str) -> str:
        """Return the blind index under which `text` is written now."""
        return blind(self._index_key(self.ring.newest), text)

    def indexes(self, text: str) -> list[str]:
        """Return every blind index under which `text` may be found: one for each master key in the ring."""
        return [blind(self._index_key(version), text) for version in sorted(self.ring.keys, reverse=True)]

    def wrap(self, row: DataKeyRow, key: bytes) -> None:
        """Put `key` in its row, wrapped by the newest master key."""
        ring = self.ring
        row.version = ring.newest
        row.wrapped = seal(ring.keys[ring.newest], key, f"data_key|{row.subject}")

    def unwrap(self, row: DataKeyRow) -> bytes:
        """Return the open key of a row. Raises StoreError when its master key is not in the ring."""
        ring = self.ring
        if row.version not in ring.keys:
            raise StoreError(what="data_key", reason=f"the master key of version {row.version} is not in the ring")
        return unseal(ring.keys[row.version], row.wrapped, f"data_key|{row.subject}")

    def _index_key(self, version: int) -> bytes:
        return derive(self.ring.keys[version], "blind index")
