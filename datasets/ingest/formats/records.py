"""Records of named values become columns of texts: objects in objects become columns a.b, lists stay JSON."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import pyarrow as pa

from datasets.errors import TooManyColumns
from datasets.ingest.raw import text_batch
from datasets.ingest.tabulation import BATCH, WIDEST

Keys = tuple[str, ...]
Record = dict[str, Any]
NUMBERS = ("integer", "decimal")


class Columns:
    """The columns that records make, learnt by going through all of them once; `worded` are those with texts.

    `objects` and `lists` count the elements of a list that are objects, and those that are lists.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.places: dict[Keys, int] = {}
        self.worded: set[int] = set()
        self.records = self.objects = self.lists = 0

    def learn(self, record: Record) -> None:
        """Take note of the columns of a record. Raises TooManyColumns."""
        self.records += 1
        for keys, value in flatten(record):
            place = self.places.setdefault(keys, len(self.places))
            if isinstance(value, str) and value:
                self.worded.add(place)
        if len(self.places) > WIDEST:
            raise TooManyColumns(name=self.name, found=len(self.places), limit=WIDEST)

    @property
    def labels(self) -> list[str]:
        """The titles of the columns: their keys joined by points."""
        return [".".join(keys) for keys in self.places]

    @property
    def barred(self) -> dict[int, tuple[str, ...]]:
        """The types that columns cannot have: what a document writes as text never becomes a number."""
        return dict.fromkeys(self.worded, NUMBERS)

    def batches(self, records: Iterable[Record]) -> Iterator[pa.RecordBatch]:
        """Yield the texts of records, in batches."""
        rest = iter(records)
        while part := list(islice(rest, BATCH)):
            yield text_batch([self._row(record) for record in part], len(self.places))

    def _row(self, record: Record) -> list[str]:
        row = [""] * len(self.places)
        for keys, value in flatten(record):
            row[self.places[keys]] = write_cell(value)
        return row


def flatten(record: Record, above: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """Yield the values of a record with the keys that lead to them; empty objects are values."""
    for key, value in record.items():
        if isinstance(value, dict) and value:
            yield from flatten(value, (*above, key))
        else:
            yield (*above, key), value


def write_cell(value: Any) -> str:
    """Return a JSON value as the text of a cell: empty for null, as it is for a text, else as JSON writes it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
