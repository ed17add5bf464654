"""Who objects to being written to: keyed hashes of addresses, asked before a sending or an import only.

The list outlives accounts, erasures and copies put back: an objection lasts three years at least (policy B15). Its
key is the secret of the instance, which no rotation of the master keys changes.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from datasets.errors import PermissionDenied, StoreError

FILE = "opposed.jsonl"
USES = ("sending", "import", "objection")
"""What the list may be asked for (policy B15): anything else is refused."""


@dataclass(frozen=True)
class Opposition:
    """The list of an instance, a line for each change; without the secret its lines are nobody's."""

    path: Path
    secret: str = field(repr=False)

    def add(self, email: str, at: datetime) -> None:
        """Write that whoever has this address objects. Raises StoreError."""
        self._write(email, at, opposed=True)

    def remove(self, email: str, at: datetime) -> None:
        """Write that whoever has this address asks to be written to again: only they may. Raises StoreError."""
        self._write(email, at, opposed=False)

    def is_opposed(self, email: str, *, use: str) -> bool:
        """Tell whether whoever has this address objects. Raises PermissionDenied for any other use than USES."""
        if use not in USES:
            raise PermissionDenied()
        return self.name(email) in self.read()

    def read(self) -> dict[str, datetime]:
        """Return since when each objects, by keyed hash. Raises StoreError for a line that cannot be read."""
        opposed: dict[str, datetime] = {}
        try:
            lines = self.path.read_text(encoding="ascii").splitlines() if self.path.exists() else []
            for line in lines:
                row = json.loads(line)
                opposed.pop(row["address"], None)
                if row["opposed"]:
                    opposed[row["address"]] = datetime.fromisoformat(row["at"])
        except (OSError, ValueError, KeyError) as error:
            raise StoreError(what=self.path.name, reason="a line cannot be read") from error
        return opposed

    def merge(self, newer: Path) -> None:
        """Take over the list of an installation that was lost: a copy put back forgets no objection."""
        other = Opposition(newer, self.secret).read()
        known = self.read()
        self._rewrite({**known, **{name: max(at, known.get(name, at)) for name, at in other.items()}})

    def purge(self, is_over: Callable[[datetime], bool]) -> int:
        """Forget the objections that are over, told by the instant at which each was made; return how many."""
        known = self.read()
        kept = {name: at for name, at in known.items() if not is_over(at)}
        if len(kept) < len(known):
            self._rewrite(kept)
        return len(known) - len(kept)

    def name(self, email: str) -> str:
        """Return the name of an address in the list: spellings that reach one mailbox have one name."""
        address = email.strip().casefold()
        return hmac.new(self.secret.encode(), b"opposition|" + address.encode(), hashlib.sha256).hexdigest()

    def _write(self, email: str, at: datetime, *, opposed: bool) -> None:
        row = {"address": self.name(email), "at": at.astimezone(UTC).isoformat(), "opposed": opposed}
        with FileLock(self.path.with_suffix(".lock"), timeout=10):
            try:
                with open(os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as file:
                    file.write(json.dumps(row) + "\n")
                    file.flush()
                    os.fsync(file.fileno())
            except OSError as error:
                raise StoreError(what=self.path.name, reason=error.strerror or str(error)) from error

    def _rewrite(self, kept: dict[str, datetime]) -> None:
        rows = ({"address": name, "at": at.isoformat(), "opposed": True} for name, at in kept.items())
        aside = self.path.with_suffix(".new")
        with FileLock(self.path.with_suffix(".lock"), timeout=10):
            aside.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="ascii")
            aside.chmod(0o600)
            aside.rename(self.path)
