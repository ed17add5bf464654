"""What becomes of the rows between two versions: by a key, or as whole rows counted as often as they occur."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from datasets.errors import KeyRepeated, NotFound
from datasets.model import Schema
from datasets.odsql.sql import identifier
from datasets.query import Source
from datasets.store.engine import Rows

OUTCOMES = ("added", "removed", "changed", "kept")
"""What may become of a row; without a key a row that changes is one removed and one added."""

SHOWN_KEYS = 5
BEFORE, AFTER = "read_parquet($1)", "read_parquet($2)"
HERE = '"#here"'
"""A column that no field is called like: set wherever there is a row."""


class Asks(Protocol):
    """What runs a SELECT over files: the engine, or a workshop, which has more time."""

    def run(self, sql: str, params: Sequence[object]) -> Rows:
        """Run one SELECT; the first parameter is a file."""


@dataclass(frozen=True)
class Difference:
    """One row that differs: its outcome, and its values before and after; None where it was not there."""

    outcome: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @property
    def changed_fields(self) -> tuple[str, ...]:
        """The fields whose value changed."""
        if self.before is None or self.after is None:
            return ()
        return tuple(name for name, value in self.before.items() if value != self.after[name])


class Comparison:
    """Two states of a dataset, compared over the fields that both have, by `key` or by whole rows.

    Fields whose type changed are compared as texts. Raises NotFound for a key that is not a field of both, and
    KeyRepeated when one of the states holds a key twice.
    """

    def __init__(self, engine: Asks, before: Source, after: Source, key: Sequence[str] = ()) -> None:
        self.key = tuple(key)
        self.fields = tuple(name for name in before.schema.names if after.schema.find_field(name))
        for name in self.key:
            if name not in self.fields:
                raise NotFound(kind="field", name=name)
        self._engine, self._files = engine, (before.path, after.path)
        retyped = {
            name for name in self.fields if before.schema.get_field(name).type != after.schema.get_field(name).type
        }
        self._columns = ", ".join(
            f"CAST({identifier(name)} AS VARCHAR) AS {identifier(name)}" if name in retyped else identifier(name)
            for name in self.fields
        )
        for path in self._files if self.key else ():
            check_unique(engine, path, self.key)

    def count(self) -> dict[str, int]:
        """Return how many rows had each of OUTCOMES."""
        if self.key:
            counted = self._run(f"SELECT {self._outcome()}, count(*) FROM {self._joined()} GROUP BY 1")
            found = {row["0"]: row["1"] for row in counted}
            return {outcome: found.get(outcome, 0) for outcome in OUTCOMES}
        (row,) = self._run(
            f"SELECT (SELECT count(*) FROM ({self._except(AFTER, BEFORE)})), "
            f"(SELECT count(*) FROM ({self._except(BEFORE, AFTER)})), (SELECT count(*) FROM {BEFORE})"
        )
        return {"added": row["0"], "removed": row["1"], "changed": 0, "kept": row["2"] - row["1"]}

    def rows(self, limit: int | None = None) -> Iterator[Difference]:
        """Yield the rows that differ: removed, changed and added, in the order of their key; `limit` at most."""
        page = "" if limit is None else f" LIMIT {limit:d}"
        if self.key:
            sql = f"SELECT {self._outcome()}, o, n FROM {self._joined()} WHERE {self._outcome()} <> 'kept'"
            sql += f" ORDER BY {', '.join(self._either(name) for name in self.key)}{page}"
        else:
            sql = (
                f"SELECT outcome, if(outcome = 'removed', r, NULL), if(outcome = 'added', r, NULL) FROM ("
                f"SELECT 'removed' AS outcome, r FROM ({self._except(BEFORE, AFTER)}) AS r UNION ALL "
                f"SELECT 'added', r FROM ({self._except(AFTER, BEFORE)}) AS r){page}"
            )
        for row in self._run(sql):
            yield Difference(row["0"], self._plain(row["1"]), self._plain(row["2"]))

    def _outcome(self) -> str:
        values = [identifier(name) for name in self.fields if name not in self.key]
        differs = " OR ".join(f"o.{name} IS DISTINCT FROM n.{name}" for name in values) or "false"
        return (
            f"CASE WHEN o.{HERE} IS NULL THEN 'added' WHEN n.{HERE} IS NULL THEN 'removed' "
            f"WHEN {differs} THEN 'changed' ELSE 'kept' END"
        )

    def _joined(self) -> str:
        both = " AND ".join(f"o.{identifier(name)} IS NOT DISTINCT FROM n.{identifier(name)}" for name in self.key)
        sides = (f"(SELECT 1 AS {HERE}, {self._columns} FROM {side})" for side in (BEFORE, AFTER))
        return "{} AS o FULL JOIN {} AS n ON {}".format(*sides, both)

    def _either(self, name: str) -> str:
        return f"coalesce(o.{identifier(name)}, n.{identifier(name)})"

    def _except(self, side: str, other: str) -> str:
        return f"SELECT {self._columns} FROM {side} EXCEPT ALL SELECT {self._columns} FROM {other}"

    def _plain(self, row: dict[str, Any] | None) -> dict[str, Any] | None:
        """Return a row without what tells that it is there; None when it is not."""
        if row is None or (self.key and row.get("#here") is None):
            return None
        return {name: row[name] for name in self.fields}

    def _run(self, sql: str) -> Iterator[dict[str, Any]]:
        with self._engine.run(sql, self._files) as rows:
            for batch in numbered(rows):
                yield from batch.to_pylist()


def numbered(rows: Rows) -> Iterator[pa.RecordBatch]:
    """Yield the batches of an answer with its columns named by their rank: "0", "1"…"""
    for batch in rows:
        yield batch.rename_columns([str(place) for place in range(batch.num_columns)])


def check_unique(engine: Asks, path: str, key: Sequence[str]) -> None:
    """Raise KeyRepeated, with the first ones, when several rows of a file have the same key."""
    names = ", ".join(identifier(name) for name in key)
    sql = f"SELECT {names} FROM {BEFORE} GROUP BY {names} HAVING count(*) > 1 ORDER BY {names} LIMIT {SHOWN_KEYS}"
    with engine.run(sql, [path]) as rows:
        repeated = [row for batch in rows for row in batch.to_pylist()]
    if repeated:
        raise KeyRepeated(key=", ".join(key), found=show_keys(repeated))


def show_keys(rows: Sequence[dict[str, Any]]) -> str:
    """Return keys as a message shows them."""
    return "; ".join(" / ".join("∅" if value is None else str(value) for value in row.values()) for row in rows)


def find_key(schema: Schema) -> tuple[str, ...]:
    """Return the fields that a schema declares as the identifier of a record; none when it declares none."""
    return tuple(field.name for field in schema if field.annotations.get("id"))
