"""The whole of a table, batch by batch: what each detector counts in each column. Nothing is sampled."""

import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import repeat

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datasets.disclosure.identifiers.contacts import CONTACTS
from datasets.disclosure.identifiers.kinds import KINDS, NAMES
from datasets.disclosure.identifiers.matching import Detector, Hits, Mask, Title, matching
from datasets.disclosure.identifiers.numbers import NUMBERS
from datasets.disclosure.identifiers.people import ORGANISATION, PEOPLE, birth_years
from datasets.disclosure.identifiers.places import DEGREES, LATITUDE, LONGITUDE, PLACES, between, is_fine
from datasets.model import Schema, text_in

DETECTORS: dict[str, Detector] = {one.kind: one for one in (*CONTACTS, *NUMBERS, *PLACES, *PEOPLE)}
"""Every detector by its kind."""
WHOLE_NUMBERS = ("nir", "siren", "siret", "phone", "user_id")
"""The kinds that a column of whole numbers may hold."""
SHOWN, ROWS, FEW = 3, 5, 64
REFERENCE = r"^[A-Za-z]{1,3}\d{1,12}$"
"""References such as D00000012: no identifier of a person is written so, unless the title says it."""
THREADS = 2
"""Columns examined at once: the patterns run outside the lock of the interpreter."""


@dataclass
class Tally:
    """How often a kind was met in a column, the first examples (masked) and the first ranks."""

    whole: int = 0
    inside: int = 0
    shaped: int = 0
    special: int = 0
    examples: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


@dataclass
class Numbers:
    """What a column of decimal numbers looks like: how many, with four decimals, and within the degrees of France."""

    count: int = 0
    fine: int = 0
    latitudes: int = 0
    longitudes: int = 0

    def add(self, values: np.ndarray, weights: np.ndarray) -> None:
        """Count some values, each with its weight."""
        self.count += int(weights.sum())
        self.fine += int(weights[is_fine(values)].sum())
        self.latitudes += int(weights[between(values, LATITUDE)].sum())
        self.longitudes += int(weights[between(values, LONGITUDE)].sum())


@dataclass
class Column:
    """A column under examination: its title, its tallies by kind, and what its cells look like."""

    name: str
    slug: str
    titles: dict[str, Title]
    cells: int = 0
    bodies: int = 0
    tallies: dict[str, Tally] = field(default_factory=dict)
    numbers: Numbers = field(default_factory=Numbers)
    years: dict[int, int] = field(default_factory=dict)
    distinct: set[str] = field(default_factory=set)

    def add(self, array: pa.Array, offset: int) -> None:
        """Examine one batch of the column, whose first record has the rank `offset`."""
        if pa.types.is_struct(array.type):
            self._add_points(array)
        elif pa.types.is_floating(array.type):
            values = array.drop_null().to_numpy(zero_copy_only=False)
            self.cells += len(values)
            self.numbers.add(values, np.ones(len(values), dtype=np.int64))
        elif (texts := as_texts(array)) is not None:
            self._add_texts(texts, kinds_of(array.type), offset)

    def _add_points(self, array: pa.StructArray) -> None:
        if {"lat", "lon"} <= {array.type.field(i).name for i in range(array.type.num_fields)}:
            points = array.drop_null()
            values = pc.struct_field(points, "lat").to_numpy(zero_copy_only=False)
            self.cells += len(points)
            self.numbers.add(values, np.ones(len(values), dtype=np.int64))

    def _add_texts(self, texts: pa.StringArray, kinds: Iterable[str], offset: int) -> None:
        words, indices, weights = count_words(texts)
        self.cells += int(weights.sum())
        if not len(words):
            return
        if len(self.distinct) < FEW:
            self.distinct.update(words[:FEW].to_pylist())
        if matching(words, REFERENCE).all():
            kinds = [kind for kind in kinds if self.titles[kind].hints]
            if not kinds:
                return
        for kind in kinds:
            hits = DETECTORS[kind].find(words, self.titles[kind])
            self._count(kind, words, hits, weights, indices, offset)
        self.bodies += int(weights[matching(words, ORGANISATION)].sum())
        self._add_years(words, weights)
        self._add_degrees(words, weights)

    def _count(
        self, kind: str, words: pa.StringArray, hits: Hits, weights: np.ndarray, indices: np.ndarray, offset: int
    ) -> None:
        tally, found = self.tallies.setdefault(kind, Tally()), hits.whole | hits.inside
        if hits.shaped is not None:
            tally.shaped += int(weights[hits.shaped].sum())
        if not found.any():
            return
        detector = DETECTORS[kind]
        tally.whole += int(weights[hits.whole].sum())
        tally.inside += int(weights[hits.inside & ~hits.whole].sum())
        if detector.special:
            tally.special += int(weights[detector.special(words, hits.whole)].sum())
        for place in np.flatnonzero(found)[: SHOWN - len(tally.examples)].tolist():
            tally.examples.append(detector.show(words[place].as_py(), inside=not hits.whole[place]))
        if len(tally.rows) < ROWS:
            ranks = np.flatnonzero(found[indices] & (indices >= 0))[: ROWS - len(tally.rows)]
            tally.rows.extend((ranks + offset).tolist())

    def _add_years(self, words: pa.StringArray, weights: np.ndarray) -> None:
        years = birth_years(words)
        for year in np.unique(years[years > 0]).tolist():
            self.years[year] = self.years.get(year, 0) + int(weights[years == year].sum())

    def _add_degrees(self, words: pa.StringArray, weights: np.ndarray) -> None:
        likely = matching(words, rf"^\s*{DEGREES}\s*$")
        if likely.any():
            plain = pc.replace_substring(pc.utf8_trim_whitespace(words.filter(pa.array(likely))), ",", ".")
            self.numbers.add(pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False), weights[likely])


def as_texts(array: pa.Array) -> pa.StringArray | None:
    """Return an array as texts: numbers and days in their usual form, lists joined; None for shapes and booleans."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        array, kind = array.dictionary_decode(), kind.value_type
    if pa.types.is_list(kind) and pa.types.is_string(kind.value_type):
        return pc.binary_join(array, " ; ")
    if pa.types.is_timestamp(kind):
        array = pc.cast(array, pa.date32(), safe=False)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind) or is_day(kind):
        return pc.cast(array, pa.string())
    return None


def is_day(kind: pa.DataType) -> bool:
    """Return whether a type holds days or instants."""
    return pa.types.is_date(kind) or pa.types.is_timestamp(kind)


def kinds_of(kind: pa.DataType) -> Iterable[str]:
    """Return the kinds that a column of that type may hold."""
    if is_day(kind):
        return ("birth_date",)
    return WHOLE_NUMBERS if pa.types.is_integer(kind) else DETECTORS


def count_words(texts: pa.StringArray) -> tuple[pa.StringArray, np.ndarray, np.ndarray]:
    """Return the distinct texts, the place of each record among them (-1 for none), and how often each occurs."""
    encoded = texts.dictionary_encode()
    words = encoded.dictionary
    indices = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    weights = np.bincount(indices[indices >= 0], minlength=len(words))
    weights[pc.equal(pc.utf8_trim_whitespace(words), "").to_numpy(zero_copy_only=False)] = 0
    return words, indices, weights


def titles_of(slug: str) -> dict[str, Title]:
    """Return what a title says for each kind; "directeur du théâtre" is first of all a person."""
    head = re.sub(r"^noms?_(?:du|de_la|de_l|des|de|d)_", "", slug)
    titles = {}
    for name, kind in KINDS.items():
        person = name in NAMES and bool(re.match(kind.hints, head))
        against = bool(kind.against and re.search(kind.against, slug)) and not person
        titles[name] = Title(slug, bool(re.search(kind.hints, slug)), against)
    return titles


def slug_of(label: str) -> str:
    """Return a title in lower-case words joined by underscores; "dateNaissance" is two words."""
    spaced = re.sub(r"([a-zà-ÿ])([A-ZÀ-Ý])", r"\1_\2", label)
    plain = "".join(c for c in unicodedata.normalize("NFD", spaced.lower()) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def scan(batches: Iterable[pa.RecordBatch], schema: Schema | None) -> list[Column]:
    """Return every column of the batches, examined; the labels of `schema` are titles, else the names are."""
    columns: dict[str, Column] = {}
    offset = 1
    with ThreadPoolExecutor(THREADS) as threads:
        for batch in batches:
            for name in batch.schema.names:
                if name not in columns:
                    known = schema.find_field(name) if schema else None
                    slug = slug_of((known and text_in(known.label, "fr")) or name)
                    columns[name] = Column(name, slug, titles_of(slug))
            there = [columns[name] for name in batch.schema.names]
            deque(threads.map(Column.add, there, batch.columns, repeat(offset)), maxlen=0)
            offset += batch.num_rows
    return list(columns.values())


def batches_of(rows: pa.Table | Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the batches of a table, or those given."""
    yield from rows.to_batches(max_chunksize=262_144) if isinstance(rows, pa.Table) else rows


def mark(array: pa.Array, kind: str, title: Title) -> Mask:
    """Return which cells of a column hold a kind, wherever it stands in them."""
    texts = as_texts(array)
    if texts is None:
        return np.asarray(array.is_valid())
    words, indices, _ = count_words(texts)
    hits = DETECTORS[kind].find(words, title)
    return np.append(hits.whole | hits.inside, False)[indices]
