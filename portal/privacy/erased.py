"""Who was erased, told to nobody: keyed hashes by which an older copy that is put back forgets again."""

import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from datasets.errors import StoreError

FILE = "erased.jsonl"


@dataclass(frozen=True)
class Erased:
    """The file of erasures of an instance; without the instance's secret its lines are nobody's."""

    path: Path
    secret: str

    def add(self, account_id: str, at: datetime) -> None:
        """Write that a person was erased, before they are. Raises StoreError."""
        line = json.dumps({"person": self.name(account_id), "at": at.astimezone(UTC).isoformat()})
        try:
            with open(os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as file:
                file.write(line + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StoreError(what=self.path.name, reason=error.strerror or str(error)) from error

    def read(self) -> dict[str, datetime]:
        """Return when each person was erased, by keyed hash. Raises StoreError for a line that is none."""
        if not self.path.exists():
            return {}
        lines = self.path.read_text(encoding="ascii").splitlines()
        try:
            return {(row := json.loads(line))["person"]: datetime.fromisoformat(row["at"]) for line in lines}
        except (ValueError, KeyError) as error:
            raise StoreError(what=self.path.name, reason="a line cannot be read") from error

    def purge(self, before: datetime) -> int:
        """Forget the erasures older than `before`: no copy that old may be put back any more. Return how many."""
        known = self.read()
        kept = {person: at for person, at in known.items() if at >= before}
        if len(kept) < len(known):
            aside = self.path.with_suffix(".new")
            aside.write_text("".join(json.dumps({"person": p, "at": t.isoformat()}) + "\n" for p, t in kept.items()))
            aside.chmod(0o600)
            aside.rename(self.path)
        return len(known) - len(kept)

    def name(self, account_id: str) -> str:
        """Return the name under which a person's erasure is kept."""
        return hmac.new(self.secret.encode(), b"erased|" + account_id.encode(), hashlib.sha256).hexdigest()
