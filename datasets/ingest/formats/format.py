"""What a format of files is: how it is recognised by its content, and how it is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from datasets.ingest.options import Reading
from datasets.ingest.raw import RawTable
from datasets.ingest.report import Report
from datasets.ingest.source import Source
from datasets.model import Texts


@dataclass(frozen=True)
class Outcome:
    """What a reading gave: the texts, the options that were `used`, and what could be chosen instead (`offers`)."""

    raw: RawTable
    used: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    offers: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Format:
    """A format: its names for people, its usual extensions, whether a file `is_it`, and how it is read.

    `read` answers texts; it tells what it changed or set aside in the report, and raises IngestError.
    """

    name: str
    label: Texts
    extensions: tuple[str, ...]
    is_it: Callable[[Source], bool]
    read: Callable[[Source, Reading, Report], Outcome]
