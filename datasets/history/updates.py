"""Rows that come to a dataset that has some: they replace them all, are added, correct those of the same key, or both.

The types of the current version are kept. Everything fits or nothing changes: a row that cannot be added or has
nothing to correct stops the update, and is named.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from datasets.errors import InvalidParameter, KeyConflict, SchemaMismatch
from datasets.history.differences import SHOWN_KEYS, check_unique, show_keys
from datasets.model import Field, Schema, Texts
from datasets.odsql.sql import identifier
from datasets.query import Source
from datasets.store.manifest import describe_field
from datasets.store.workshop import Workshop
from datasets.types.public import arrow_schema, arrow_type

CURRENT, COMING = "read_parquet($1)", "read_parquet($2)"
PLACE = "file_row_number"


@dataclass(frozen=True)
class Update:
    """A way for rows to come: whether it needs a key, and what becomes of rows whose key is there, or is not."""

    label: Texts
    help: Texts
    needs_key: bool = False
    takes_known: bool = False
    takes_new: bool = True


UPDATES: Mapping[str, Update] = {
    "replace": Update(
        {"fr": "Remplacer", "en": "Replace"},
        {"fr": "Le fichier prend la place de toutes les lignes.", "en": "The file takes the place of every row."},
    ),
    "append": Update(
        {"fr": "Ajouter", "en": "Append"},
        {
            "fr": "Les lignes du fichier s’ajoutent ; avec une clé, une clé déjà présente arrête tout.",
            "en": "The rows of the file are added; with a key, one that is there already stops everything.",
        },
    ),
    "correct": Update(
        {"fr": "Corriger", "en": "Correct"},
        {
            "fr": "Chaque ligne corrige celle qui a la même clé ; les colonnes absentes du fichier restent.",
            "en": "Each row corrects the one of the same key; columns that the file lacks stay as they are.",
        },
        needs_key=True,
        takes_known=True,
        takes_new=False,
    ),
    "merge": Update(
        {"fr": "Corriger et ajouter", "en": "Correct and append"},
        {
            "fr": "Corrige les lignes dont la clé est présente, ajoute les autres.",
            "en": "Corrects the rows whose key is there, adds the others.",
        },
        needs_key=True,
        takes_known=True,
    ),
}
"""Every way for rows to come, by its name."""


@dataclass(frozen=True)
class Updated:
    """What an update gives: the schema, the rows to write, and how many rows were corrected and added.

    `same` tells that they are those that were there, with the same fields.
    """

    schema: Schema
    rows: pa.Table | Iterator[pa.RecordBatch]
    corrected: int
    added: int
    same: bool = False


def get_update(name: str) -> Update:
    """Return the update called `name`; raise InvalidParameter otherwise."""
    if name not in UPDATES:
        raise InvalidParameter(name="update", found=repr(name), expected=" or ".join(UPDATES))
    return UPDATES[name]


def update_rows(
    name: str, workshop: Workshop, current: Source | None, schema: Schema, table: pa.Table, key: Sequence[str] = ()
) -> Updated:
    """Return the rows of a dataset once `table`, of that schema, has come to those of `current`.

    With no current version, whatever comes is everything. Raises InvalidParameter (unknown update, missing key),
    SchemaMismatch (fields that the dataset does not have, other types), KeyRepeated and KeyConflict.
    """
    update = get_update(name)
    if current is None or name == "replace":
        if key:
            check_unique(workshop, workshop.keep(table, arrow_schema(schema)), _checked_key(schema, key))
        same = current is not None and _holds(workshop, current, schema, table)
        return Updated(schema, table, 0, table.num_rows, same)
    if update.needs_key and not key:
        raise InvalidParameter(name="key", found="no key", expected="the fields that tell one row from another")
    _check_fields(current.schema, schema, _checked_key(current.schema, key))
    coming = workshop.keep(table, pa.schema([pa.field(one.name, arrow_type(one)) for one in schema]))
    known = _match_keys(workshop, (current.path, coming), update, key) if key else 0
    same = known == table.num_rows and not _read(workshop, _differing(schema), (current.path, coming))
    rows = _write(workshop, current.schema, schema, key, (current.path, coming))
    return Updated(current.schema, rows, known, table.num_rows - known, same)


def _checked_key(schema: Schema, key: Sequence[str]) -> Sequence[str]:
    for name in key:
        schema.get_field(name)
    return key


def _check_fields(current: Schema, coming: Schema, key: Sequence[str]) -> None:
    """Refuse fields that the dataset does not have, those of another type, and the absence of one of the key."""
    unknown = [field.name for field in coming if current.find_field(field.name) is None]
    missing = [name for name in key if coming.find_field(name) is None]
    others = [field.name for field in coming if (known := current.find_field(field.name)) and _differ(known, field)]
    if unknown or missing or others:
        raise SchemaMismatch(found=", ".join([*unknown, *others, *missing]), expected=", ".join(current.names))


def _holds(workshop: Workshop, current: Source, schema: Schema, table: pa.Table) -> bool:
    """Return whether the rows of a file are those of `table`, in the same order, with the same fields."""
    if [describe_field(field) for field in current.schema] != [describe_field(field) for field in schema]:
        return False
    shape, place = arrow_schema(schema), 0
    for batch in workshop.read(current.path):
        coming = table.slice(place, batch.num_rows).select(shape.names).cast(shape)
        if not coming.equals(pa.Table.from_batches([batch])):
            return False
        place += batch.num_rows
    return place == table.num_rows


def _differing(coming: Schema) -> str:
    """Return the SQL that finds a coming row which is not there as it is."""
    alike = _same([field.name for field in coming])
    return f"SELECT 1 AS one FROM {COMING} AS n ANTI JOIN {CURRENT} AS o ON {alike} LIMIT 1"


def _differ(known: Field, coming: Field) -> bool:
    return (known.type, known.multivalued) != (coming.type, coming.multivalued)


def _match_keys(workshop: Workshop, files: tuple[str, str], update: Update, key: Sequence[str]) -> int:
    """Return how many of the coming keys are there already; refuse those that the update does not take."""
    for path in files if update.takes_known else files[1:]:
        check_unique(workshop, path, key)
    names = ", ".join(identifier(name) for name in key)
    known = f"SELECT {names} FROM {COMING} AS n SEMI JOIN {CURRENT} AS o ON {_same(key)}"
    new = f"SELECT {names} FROM {COMING} AS n ANTI JOIN {CURRENT} AS o ON {_same(key)}"
    for refused, taken, there in ((known, update.takes_known, True), (new, update.takes_new, False)):
        if not taken and (found := _read(workshop, f"{refused} LIMIT {SHOWN_KEYS}", files)):
            raise KeyConflict(key=", ".join(key), found=show_keys(found), there=there)
    return int(workshop.run(f"SELECT count(*) FROM ({known})", files).read_all().column(0)[0].as_py())


def _write(
    workshop: Workshop, current: Schema, coming: Schema, key: Sequence[str], files: tuple[str, str]
) -> Iterator[pa.RecordBatch]:
    """Yield the rows that were there, corrected, in their order, then those that are new, in theirs."""
    shape = arrow_schema(current)
    names = [identifier(name) for name in current.names]
    told = {identifier(field.name) for field in coming}
    new = ", ".join(f"n.{name}" if name in told else f"NULL AS {name}" for name in names)
    if not key:
        parts = [f"SELECT {', '.join(names)} FROM {CURRENT} WHERE $2 IS NOT NULL ORDER BY {PLACE}"]
        parts.append(f"SELECT {new} FROM {COMING} AS n WHERE $1 IS NOT NULL ORDER BY n.{PLACE}")
    else:
        there = f"n.{identifier(key[0])} IS NOT DISTINCT FROM o.{identifier(key[0])} AND n.{PLACE} IS NOT NULL"
        kept = ", ".join(f"if({there}, n.{name}, o.{name})" if name in told else f"o.{name}" for name in names)
        sides = f"{CURRENT} AS o LEFT JOIN {COMING} AS n ON {_same(key)}"
        parts = [f"SELECT {kept} FROM {sides} ORDER BY o.{PLACE}"]
        parts.append(f"SELECT {new} FROM {COMING} AS n ANTI JOIN {CURRENT} AS o ON {_same(key)} ORDER BY n.{PLACE}")
    for sql in parts:
        for batch in workshop.run(sql, files):
            yield pa.RecordBatch.from_arrays(batch.columns, names=shape.names).cast(shape)


def _same(key: Sequence[str]) -> str:
    return " AND ".join(f"n.{identifier(name)} IS NOT DISTINCT FROM o.{identifier(name)}" for name in key)


def _read(workshop: Workshop, sql: str, files: tuple[str, str]) -> list[dict[str, Any]]:
    return [row for batch in workshop.run(sql, files) for row in batch.to_pylist()]
