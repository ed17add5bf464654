"""The plain file that is to be read: what was received, or what was taken out of it when it was compressed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from datasets.errors import BrokenArchive, EmptyFile, UnknownOption
from datasets.ingest.options import Reading
from datasets.ingest.report import Problem, Report
from datasets.ingest.sniff import find_mark
from datasets.ingest.unpacking import EMPTY_ZIP, GZIP, ZIP, extract, gunzip, members

JSON = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*[\[{\"\d\]-])")
HEAD = 1 << 16
LEVELS = 3
"""How many archives may lie one in another."""
DOCUMENTS = ("[Content_Types].xml", "mimetype", "META-INF/manifest.xml")
"""Files that make of a zip archive one document of an office suite."""
SHAPES = ".shp"
BESIDE = (
    ".pdf",
    ".txt",
    ".md",
    ".html",
    ".htm",
    ".docx",
    ".doc",
    ".odt",
    ".png",
    ".jpg",
    ".jpeg",
    ".xml",
    ".qml",
    ".sld",
)
"""Files that usually go with a table and are none."""


@dataclass(frozen=True)
class Source:
    """A plain file: where it lies, its `name` for people, the `inner` name that tells its extension.

    `folder` is where what is taken out of it may be put; `members` are the files of a zip archive that it still is.
    """

    path: Path
    name: str
    inner: str
    folder: Path
    members: Sequence[str] = ()
    used: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    offers: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def extension(self) -> str:
        """What follows the last point of the inner name, in lower case."""
        return PurePosixPath(self.inner).suffix.lower().lstrip(".")

    @cached_property
    def head(self) -> bytes:
        """The first bytes of the file."""
        with self.path.open("rb") as stream:
            return stream.read(HEAD)

    @cached_property
    def text(self) -> str:
        """The first bytes as text, whatever the encoding: enough to tell formats, never to read values."""
        with self.path.open("rb") as stream:
            skip, encoding = find_mark(stream)
        return self.head[skip:].decode(encoding or "utf-8", errors="replace")

    @cached_property
    def tail(self) -> str:
        """The last bytes as text."""
        with self.path.open("rb") as stream:
            stream.seek(max(0, self.path.stat().st_size - HEAD))
            return stream.read(HEAD).decode("utf-8", errors="replace")

    @property
    def is_json(self) -> bool:
        """Whether the file begins as a JSON document does."""
        return JSON.match(self.text) is not None


def open_source(path: Path, name: str, reading: Reading, report: Report, folder: Path) -> Source:
    """Return the plain file that `path` is or holds; archives are opened in `folder`, their other files told.

    Raises BrokenArchive, EncryptedArchive, TooManyBytes, EmptyFile, and UnknownOption for a member that is not there.
    """
    source = Source(path, name, name, folder)
    for level in range(LEVELS):
        target = folder / f"plain-{level}"
        if source.head.startswith(GZIP):
            gunzip(source.path, target, name)
            source = Source(target, name, source.inner.removesuffix(".gz"), folder, (), source.used, source.offers)
        elif source.head.startswith((ZIP, EMPTY_ZIP)):
            names = members(source.path, name)
            if is_document(names):
                return Source(source.path, name, source.inner, folder, names, source.used, source.offers)
            source = _take_out(source, names, target, reading, report)
        else:
            return source
    raise BrokenArchive(name=name)


def is_document(names: Sequence[str]) -> bool:
    """Return whether the files of an archive make one document: of an office suite, or the layers of a Shapefile."""
    return any(one in DOCUMENTS for one in names) or any(one.lower().endswith(SHAPES) for one in names)


def _take_out(source: Source, names: list[str], target: Path, reading: Reading, report: Report) -> Source:
    """Return the file that was asked for, else the first one that may be a table; tell the others."""
    tables = [one for one in names if not one.lower().endswith(BESIDE)] or names
    if not tables:
        raise EmptyFile(name=source.name)
    if reading.member and not source.used and reading.member not in names:
        raise UnknownOption(name="member", value=reading.member)
    member = reading.member if reading.member and not source.used else tables[0]
    if others := [one for one in names if one != member]:
        report.add(Problem(0, "", ", ".join(others), "other_members"))
    extract(source.path, member, target, source.name)
    used = source.used or {"member": member}
    offers = source.offers or {"member": tuple(names)}
    return Source(target, source.name, member, source.folder, (), used, offers)
