"""Where versions live: immutable folders, written aside and made visible by one rename.

    {root}/.incoming/{something}/            being written; abandoned when nobody holds its lock
    {root}/{dataset_id}/{version_id}/        data.parquet, other files, manifest.json

Which version is current is not told here: it is a pointer in the catalogue's database.
"""

import hashlib
import mimetypes
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias, cast

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
from fsspec.implementations.local import LocalFileSystem

from datasets.errors import NotFound, StoreError
from datasets.model import Distribution, Schema, Texts, Version
from datasets.store import manifest
from datasets.store.durable import lock_folder, sync_tree
from datasets.store.extents import Extent
from datasets.types.public import arrow_schema

DATA = "data.parquet"
MANIFEST = "manifest.json"
INCOMING = ".incoming"
ROW_GROUP = 122_880
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,199}")
MEDIA_TYPES = {".parquet": "application/vnd.apache.parquet", ".geojson": "application/geo+json"}

Batches: TypeAlias = pa.Table | Iterable[pa.RecordBatch]


class VersionStore:
    """A folder (or any fsspec address) of immutable versions; `local` says that it is a folder of this machine."""

    def __init__(self, root: str | Path) -> None:
        self._files, self.root = fsspec.url_to_fs(str(root))
        self.local = isinstance(self._files, LocalFileSystem)

    def write(
        self,
        dataset_id: str,
        schema: Schema,
        batches: Batches,
        *,
        created: datetime,
        provenance: Mapping[str, Any] | None = None,
        files: Mapping[str, bytes | Path] | None = None,
        titles: Mapping[str, Texts] | None = None,
    ) -> Version:
        """Write a version and make it visible at once; return it as its manifest tells it.

        `batches` are records in the schema's order or under its names; the `files` beside them that have `titles`
        are attachments. The version appears whole or not at all, whatever happens; the same content at the same
        instant gives the same version. Raises StoreError.
        """
        folder = self._path(dataset_id)
        _check_names(schema)
        extent = Extent(schema)
        try:
            with self.aside() as aside:
                rows = self._write_data(f"{aside}/{DATA}", schema, batches, extent)
                for name, content in (files or {}).items():
                    self._write_file(f"{aside}/{_checked(name)}", content)
                version = Version(
                    dataset_id=dataset_id,
                    version_id=f"{created.astimezone(UTC):%Y%m%dT%H%M%SZ}",
                    created=created.astimezone(UTC),
                    rows=rows,
                    schema=schema,
                    distributions=self._distributions(aside, titles or {}),
                    provenance=dict(provenance or {}),
                    box=extent.box,
                    geometry_types=extent.kinds,
                )
                version = manifest.identify(version)
                self._write_file(f"{aside}/{MANIFEST}", manifest.dump(version))
                self._commit(aside, folder, version.version_id)
        except (OSError, pa.ArrowException) as error:
            raise StoreError(what=dataset_id, reason=str(error)) from error
        return version

    def read(self, dataset_id: str, version_id: str) -> Version:
        """Return a version from its manifest; raise NotFound when it is not there, StoreError when unreadable."""
        path = f"{self._path(dataset_id, version_id)}/{MANIFEST}"
        try:
            return manifest.load(self._files.cat_file(path))
        except FileNotFoundError:
            raise NotFound(kind="version", name=f"{dataset_id}/{version_id}") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(what=path, reason=f"unreadable manifest: {error}") from error

    def locate(self, version: Version, name: str = DATA) -> str:
        """Return the address of a file of the version, for the engine."""
        path = f"{self._path(version.dataset_id, version.version_id)}/{_checked(name)}"
        return path if self.local else str(self._files.unstrip_protocol(path))

    def open(self, version: Version, name: str) -> BinaryIO:
        """Open a file of the version for reading; raise NotFound when it is not there."""
        path = f"{self._path(version.dataset_id, version.version_id)}/{_checked(name)}"
        try:
            return cast(BinaryIO, self._files.open(path, "rb"))
        except FileNotFoundError:
            raise NotFound(kind="file", name=name) from None

    def versions(self, dataset_id: str) -> list[str]:
        """Return the identifiers of a dataset's versions, oldest first."""
        folder = self._path(dataset_id)
        if not self._files.isdir(folder):
            return []
        names = (path.rstrip("/").rpartition("/")[2] for path in self._files.ls(folder, detail=False))
        return sorted(name for name in names if self._files.exists(f"{folder}/{name}/{MANIFEST}"))

    def verify(self, version: Version) -> None:
        """Compare every file of the version with its manifest; raise StoreError at the first difference."""
        for distribution in version.distributions:
            path = f"{self._path(version.dataset_id, version.version_id)}/{distribution.name}"
            try:
                size, sha256 = self._measure(path)
            except OSError as error:
                raise StoreError(what=path, reason=str(error)) from error
            if (size, sha256) != (distribution.size, distribution.sha256):
                raise StoreError(what=path, reason="the content differs from the manifest")

    def purge_abandoned(self) -> int:
        """Remove what interrupted writers left behind, sparing the writers still alive; return how many."""
        incoming = f"{self.root}/{INCOMING}"
        purged = 0
        for path in self._files.ls(incoming, detail=False) if self._files.isdir(incoming) else ():
            if not self.local:
                self._files.rm(path, recursive=True)
                purged += 1
                continue
            with lock_folder(path, wait=False) as ours:
                if ours:
                    self._files.rm(path, recursive=True)
                    purged += 1
        return purged

    def _path(self, *names: str) -> str:
        return "/".join([self.root, *map(_checked, names)])

    @contextmanager
    def aside(self) -> Iterator[str]:
        """Give a fresh folder in the incoming area, locked; whatever is still there at the end is removed."""
        aside = f"{self.root}/{INCOMING}/{secrets.token_hex(8)}"
        self._files.makedirs(aside)
        try:
            if self.local:
                with lock_folder(aside, wait=True):
                    yield aside
            else:
                yield aside
        finally:
            if self._files.exists(aside):
                self._files.rm(aside, recursive=True)

    def _write_data(self, path: str, schema: Schema, batches: Batches, extent: Extent) -> int:
        """Write the records, measuring their extent; return how many."""
        with self._files.open(path, "wb") as target:
            return write_parquet(cast(BinaryIO, target), schema, batches, extent.add)

    def _write_file(self, path: str, content: bytes | Path) -> None:
        with self._files.open(path, "wb") as target:
            if isinstance(content, bytes):
                target.write(content)
                return
            with content.open("rb") as source:
                while chunk := source.read(1 << 20):
                    target.write(chunk)

    def _distributions(self, folder: str, titles: Mapping[str, Texts]) -> tuple[Distribution, ...]:
        found = []
        for path in sorted(self._files.ls(folder, detail=False)):
            name = path.rpartition("/")[2]
            size, sha256 = self._measure(path)
            found.append(Distribution(name, _media_type(name), size, sha256, dict(titles.get(name, {}))))
        return tuple(found)

    def _measure(self, path: str) -> tuple[int, str]:
        digest, size = hashlib.sha256(), 0
        with self._files.open(path, "rb") as source:
            while chunk := source.read(1 << 20):
                digest.update(chunk)
                size += len(chunk)
        return size, digest.hexdigest()

    def _commit(self, aside: str, folder: str, version_id: str) -> None:
        """Make the version visible: on a local disk by one rename of synchronised files."""
        final = f"{folder}/{version_id}"
        if self._files.exists(f"{final}/{MANIFEST}"):
            return
        self._files.makedirs(folder, exist_ok=True)
        if not self.local:
            for path in sorted(self._files.ls(aside, detail=False), key=lambda path: path.endswith(MANIFEST)):
                self._files.mv(path, f"{final}/{path.rpartition('/')[2]}")
            return
        sync_tree(aside)
        try:
            os.rename(aside, final)
        except OSError:
            if not self._files.exists(f"{final}/{MANIFEST}"):  # else the same content came first, at the same instant
                raise
        sync_tree(folder, files=False)
        sync_tree(self.root, files=False)


def write_parquet(
    target: BinaryIO, schema: Schema, batches: Batches, see: Callable[[pa.Table], object] = lambda table: None
) -> int:
    """Write records as a version holds them, in row groups of ROW_GROUP, each told to `see`; return how many.

    The same records give the same bytes.
    """
    shape, rows = arrow_schema(schema), 0
    writer = pq.ParquetWriter(target, shape, compression="zstd")
    try:
        for table in _regroup(_fitted(batches, shape)):
            writer.write_table(table, row_group_size=ROW_GROUP)
            rows += table.num_rows
            see(table)
        writer.close()
    finally:
        writer.is_open = False  # after a failure it would write again when it is collected
    return rows


def _checked(name: str) -> str:
    """Return a file or folder name that stays where it is put; raise StoreError otherwise."""
    if not NAME.fullmatch(name):
        raise StoreError(what=name, reason="not a valid name (letters, digits, - _ . @)")
    return name


def _check_names(schema: Schema) -> None:
    """Refuse names that a query could not tell apart, since SQL ignores case."""
    seen: set[str] = set()
    for name in schema.names:
        if name.lower() in seen:
            raise StoreError(what=name, reason="two fields have this name")
        seen.add(name.lower())


def _media_type(name: str) -> str:
    known = MEDIA_TYPES.get(Path(name).suffix)
    return known or mimetypes.guess_type(name)[0] or "application/octet-stream"


def _fitted(batches: Batches, shape: pa.Schema) -> Iterator[pa.Table]:
    """Give the records as tables of the wanted columns, in their order and types."""
    for batch in [batches] if isinstance(batches, pa.Table) else batches:
        table = batch if isinstance(batch, pa.Table) else pa.Table.from_batches([batch])
        if missing := set(shape.names) - set(table.column_names):
            raise pa.ArrowKeyError(f"missing fields: {', '.join(sorted(missing))}")
        yield table.select(shape.names).cast(shape)


def _regroup(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Join small tables, so that row groups are full."""
    held: list[pa.Table] = []
    for table in tables:
        held.append(table)
        if sum(part.num_rows for part in held) >= ROW_GROUP:
            joined = pa.concat_tables(held)
            whole = joined.num_rows - joined.num_rows % ROW_GROUP
            yield joined.slice(0, whole)
            held = [joined.slice(whole)]
    if held:
        yield pa.concat_tables(held)
