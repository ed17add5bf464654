"""What each column is, in words and figures: its type, why, what comes second, and the rows that stand against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from datasets.ingest.absence import is_missing
from datasets.ingest.explaining import REASONS, explain
from datasets.ingest.judging import Judgement, Values, judge, judge_given
from datasets.ingest.naming import slug
from datasets.ingest.raw import RawTable
from datasets.model import Field, Texts
from datasets.types import TYPES
from datasets.types.column import ColumnType

SIGNS = ("Ã", "â€", "Â", "\N{REPLACEMENT CHARACTER}")
"""What letters damaged by a wrong encoding hold."""
SHOWN = 5
WIDTH = 120


@dataclass(frozen=True)
class ColumnGuess:
    """What was understood of a column.

    `score` is the share of its values that are of `type`; `reason` says why in words, with figures; `runner_up` is
    the type that comes second, and its score. `against` holds the first values that are not of `type` (of the
    runner-up, for a column that stays text because of them), with their row, and `against_count` how many they are.
    `identifying` is the code of what it tells of a person, empty otherwise; `addressed` tells that some cells hold
    an e-mail address, `damaged` that some letters may be;
    `published` is whether it goes to the public, which the producer may change; a `computed` column is made of
    others.
    """

    name: str
    label: str
    type: str
    score: float
    reason: Texts
    against: tuple[tuple[int, str], ...] = ()
    against_count: int = 0
    runner_up: str = ""
    runner_up_score: float = 0.0
    examples: tuple[str, ...] = ()
    values: int = 0
    distinct: int = 0
    identifying: str = ""
    addressed: bool = False
    damaged: bool = False
    published: bool = True
    annotations: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    computed: bool = False

    @property
    def field(self) -> Field:
        """The field that the column becomes."""
        return Field(self.name, TYPES[self.type].public, {"fr": self.label or self.name}, {}, self.annotations)


def infer_column(raw: RawTable, position: int, name: str, values: Values, *, declared: str = "") -> ColumnGuess:
    """Return what the column at `position`, which holds those `values`, is.

    The `declared` type wins, else the one that the format of the file states, else the narrowest that holds.
    A column with neither title nor value (a delimiter at the end of each line) is not published.
    """
    label = raw.labels[position].strip()
    given = declared or raw.types.get(position)
    if given:
        found = judge_given(values, TYPES[given], "declared" if declared else "stated")
    else:
        found = judge(values, slug(label), raw.barred.get(position, ()))
    count, against = counter_examples(raw, position, found)
    return ColumnGuess(
        name=name,
        label=label,
        type=found.kind.name,
        score=found.score,
        reason=explain(found, values),
        against=against,
        against_count=count,
        runner_up=found.runner_up,
        runner_up_score=found.runner_up_score,
        examples=tuple(text[:WIDTH] for text in values.texts[:SHOWN].to_pylist()),
        values=values.total,
        distinct=len(values.texts),
        damaged=any(pc.any(pc.match_substring(values.texts, sign)).as_py() for sign in SIGNS),
        published=bool(label or values.total),
        annotations=annotate(found.kind, values),
    )


def counter_examples(raw: RawTable, position: int, found: Judgement) -> tuple[int, tuple[tuple[int, str], ...]]:
    """Return how many values stand against the type of a column, and the first ones, each with its row."""
    kind = TYPES[found.runner_up] if found.reason == "nearly" else found.kind
    if kind is found.kind and found.score == 1:
        return 0, ()
    texts = raw.table.column(position)
    records = others_than(texts, kind)
    shown = ((raw.number(record), texts[record].as_py()[:WIDTH]) for record in records[:SHOWN].to_pylist())
    return len(records), tuple(shown)


def others_than(texts: pa.ChunkedArray, kind: ColumnType) -> pa.UInt64Array:
    """Return the indices of the values of a column that are not of `kind`, marks of absence apart."""
    wrong = [pc.invert(pc.or_(pc.fill_null(kind.matches(chunk), False), is_missing(chunk))) for chunk in texts.chunks]
    return pc.indices_nonzero(pa.chunked_array(wrong, pa.bool_()))


def annotate(kind: ColumnType, values: Values) -> MappingProxyType[str, Any]:
    """Return the annotations of a column: its type's own, and whether it is worth offering as a facet."""
    few = 1 < len(values.texts) <= 200 and len(values.texts) <= values.total / 5
    facet = {"facet": True} if few and kind.name in ("text", "code", "departement", "boolean", "year") else {}
    return MappingProxyType({**kind.annotations, **facet})


def derived_point(name: str, sources: Sequence[ColumnGuess], points: pa.StructArray) -> ColumnGuess:
    """Return the description of a point column that was computed from others."""
    labels = ", ".join(source.label or source.name for source in sources)
    reason = {lang: text.format(labels=labels) for lang, text in REASONS["computed"].items()}
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
