"""What each column is, judged on the whole of it: the narrowest type that holds for every value wins."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from datasets.ingest.absence import is_missing
from datasets.ingest.load import RawTable
from datasets.ingest.naming import slug
from datasets.model import Field, Texts
from datasets.types import TYPES
from datasets.types.column import ColumnType

HEAD = 2048
SHOWN = 5
WIDTH = 120
TOLERATED = {True: 0.25, False: 0.05}
"""Share of other values that a type that stays text may have: more when the label names it."""


@dataclass(frozen=True)
class ColumnGuess:
    """What was understood of a column.

    `score` is the share of its values that are of `type`; `reason` says why in words; `against` holds the first
    values that are not, with their row; `identifying` is the code of what it tells of a person, empty otherwise;
    `published` is whether it goes to the public, which the producer may change; a `computed` column is made of
    others.
    """

    name: str
    label: str
    type: str
    score: float
    reason: Texts
    against: tuple[tuple[int, str], ...] = ()
    examples: tuple[str, ...] = ()
    values: int = 0
    distinct: int = 0
    identifying: str = ""
    published: bool = True
    annotations: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    computed: bool = False

    @property
    def field(self) -> Field:
        """The field that the column becomes."""
        return Field(self.name, TYPES[self.type].public, {"fr": self.label or self.name}, {}, self.annotations)


@dataclass(frozen=True)
class Values:
    """The distinct values of a column, without those that say that there is none, and how often each occurs."""

    texts: pa.StringArray
    counts: pa.Int64Array
    total: int

    def share(self, kind: ColumnType, allowed: float) -> float | None:
        """Return the share of values that are of `kind`; None as soon as more than `allowed` are certainly not."""
        misses, start, end = 0, 0, HEAD
        while start < len(self.texts):
            misses += self._misses(kind, slice(start, end))
            if misses > allowed * self.total:
                return None
            start, end = end, end * 8
        return 1 - misses / self.total

    def resembles(self, kind: ColumnType) -> bool:
        """Return whether most of the first values are of `kind`: enough to choose words, never to choose a type."""
        head = slice(0, HEAD)
        return self._misses(kind, head) * 2 < pc.sum(self.counts[head]).as_py()

    def _misses(self, kind: ColumnType, part: slice) -> int:
        missed = pc.invert(kind.matches(self.texts[part]))
        return pc.sum(pc.if_else(missed, self.counts[part], 0)).as_py() or 0


def count_values(column: pa.ChunkedArray) -> Values:
    """Return the distinct values of a column of texts and their counts, marks of absence left out."""
    found = column.value_counts()
    texts, counts = pc.struct_field(found, "values"), pc.struct_field(found, "counts")
    present = pc.invert(is_missing(texts))
    counts = counts.filter(present)
    return Values(texts.filter(present), counts, pc.sum(counts).as_py() or 0)


def infer_column(raw: RawTable, position: int, name: str, *, declared: str = "") -> ColumnGuess:
    """Return what the column at `position` is.

    The `declared` type wins, else the one that the format of the file states, else the narrowest that holds.
    A column with neither title nor value (a delimiter at the end of each line) is not published.
    """
    values = count_values(raw.table.column(position))
    label = raw.labels[position].strip()
    given = declared or raw.types.get(position)
    if given:
        kind = TYPES[given]
        score, reason = values.share(kind, 1.0) if values.total else 1.0, _REASONS["declared" if declared else "stated"]
    else:
        kind, score, reason = choose_type(values, slug(label), raw.barred.get(position, ()))
    return ColumnGuess(
        name=name,
        label=label,
        type=kind.name,
        score=score or 0.0,
        reason=_fill(reason, kind, score or 0.0),
        against=() if score == 1 else counter_examples(raw, position, kind),
        examples=tuple(text[:WIDTH] for text in values.texts[:SHOWN].to_pylist()),
        values=values.total,
        distinct=len(values.texts),
        published=bool(label or values.total),
        annotations=annotate(kind, values),
    )


def choose_type(values: Values, label: str, barred: Collection[str] = ()) -> tuple[ColumnType, float, Texts]:
    """Return the type of a column, the share of its values that are of it, and the reason in words.

    A type with values of its own (number, date…) must hold for every value: one code among the numbers, and all
    stay text. A type that stays text harms nothing, so a few other values are tolerated.
    """
    if values.total == 0:
        return TYPES["text"], 1.0, _REASONS["empty"]
    for kind in TYPES.values():
        hinted = bool(kind.hints and re.search(kind.hints, label))
        if kind.name in barred or (not hinted and (kind.needs_hint or len(values.texts) < kind.evidence)):
            continue
        score = values.share(kind, TOLERATED[hinted] if kind.stays_text else 0.0)
        if score is not None and kind.name != "text":
            return kind, score, _REASONS["hinted" if hinted else "holds"]
    return TYPES["text"], 1.0, near_miss(values, label, barred)


def near_miss(values: Values, label: str, barred: Collection[str]) -> Texts:
    """Return why a column stays text: the type that nearly all its values have, if there is one."""
    for kind in TYPES.values():
        if kind.stays_text or kind.name in barred or (kind.needs_hint and not re.search(kind.hints, label)):
            continue
        if values.resembles(kind) and (score := values.share(kind, 0.2)) is not None:
            return _fill(_REASONS["nearly"], kind, score)
    return _REASONS["text"]


def counter_examples(raw: RawTable, position: int, kind: ColumnType) -> tuple[tuple[int, str], ...]:
    """Return the first values of a column that are not of `kind`, each with its row."""
    texts = raw.table.column(position).combine_chunks()
    texts = pa.concat_arrays(texts.chunks) if isinstance(texts, pa.ChunkedArray) else texts
    wrong = pc.invert(pc.or_(pc.fill_null(kind.matches(texts), False), is_missing(texts)))
    records = pc.indices_nonzero(wrong)[:SHOWN].to_pylist()
    return tuple((raw.number(record), texts[record].as_py()[:WIDTH]) for record in records)


def annotate(kind: ColumnType, values: Values) -> MappingProxyType[str, Any]:
    """Return the annotations of a column: its type's own, and whether it is worth offering as a facet."""
    few = 1 < len(values.texts) <= 200 and len(values.texts) <= values.total / 5
    facet = {"facet": True} if few and kind.name in ("text", "code", "departement", "boolean", "year") else {}
    return MappingProxyType({**kind.annotations, **facet})


def derived_point(name: str, sources: Sequence[ColumnGuess], points: pa.StructArray) -> ColumnGuess:
    """Return the description of a point column that was computed from others."""
    labels = ", ".join(source.label or source.name for source in sources)
    reason = {lang: text.format(labels=labels) for lang, text in _REASONS["computed"].items()}
    shown = tuple(f"{point['lat']}, {point['lon']}" for point in points.drop_null()[:SHOWN].to_pylist())
    return ColumnGuess(
        name=name,
        label="",
        type="geo_point",
        score=1.0,
        reason=reason,
        examples=shown,
        values=len(points) - points.null_count,
        distinct=0,
        computed=True,
    )


_REASONS: dict[str, Texts] = {
    "computed": {"fr": "Calculé à partir de : {labels}.", "en": "Computed from: {labels}."},
    "declared": {
        "fr": "Type choisi par le producteur ; {share} des valeurs le respectent.",
        "en": "Type chosen by the producer; {share} of the values respect it.",
    },
    "stated": {
        "fr": "Le format du fichier le dit ; {share} des valeurs le respectent.",
        "en": "The format of the file says so; {share} of the values respect it.",
    },
    "holds": {"fr": "{share} des valeurs sont de ce type.", "en": "{share} of the values are of this type."},
    "hinted": {
        "fr": "Le titre de la colonne l’annonce et {share} des valeurs sont de ce type.",
        "en": "The title of the column says so and {share} of the values are of this type.",
    },
    "nearly": {
        "fr": "{share} des valeurs sont du type « {label} », les autres non : tout reste en texte, rien n’est perdu.",
        "en": "{share} of the values are of type “{label}”, the others are not: all stays text, nothing is lost.",
    },
    "text": {
        "fr": "Aucun type plus précis ne convient à toutes les valeurs.",
        "en": "No narrower type fits all values.",
    },
    "empty": {"fr": "La colonne est vide.", "en": "The column is empty."},
}


def _fill(reason: Texts, kind: ColumnType, score: float) -> Texts:
    if score == 1:
        share = {"fr": "100 %", "en": "100%"}
    else:
        percent = min(score * 100, 99.99)
        share = {"fr": f"{percent:.4g} %".replace(".", ","), "en": f"{percent:.4g}%"}
    return {lang: text.format(share=share[lang], label=kind.label[lang]) for lang, text in reason.items()}
