"""Which type a column has, judged on all its distinct values: the narrowest that holds for every one wins."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from datasets.ingest.absence import is_missing
from datasets.types import TYPES
from datasets.types.column import ColumnType
from datasets.types.public import PUBLIC_TYPES

HEAD = 2048
TOLERATED = {True: 0.25, False: 0.05}
"""Share of other values that a type that stays text may have: more when the label names it."""
WORTH_TELLING = 0.5
"""Share of the values below which a second type is not told."""
COUNTING = (
    r"(?:^|_)(?:nb|nbre|nombre|totaux|total|taux|part|montants?|effectifs?|population|pop|somme|moyenne|mediane|pct|"
    r"pourcentage|surface|superficie|prix|couts?|budget|subventions?|recettes?|depenses?|entrees|visites|visiteurs|"
    r"frequentation|indice|densite|longueur|largeur|hauteur|distance|quantite|volume)(?:_|$)"
)
"""Titles that announce a quantity: "Population de la commune (INSEE)" holds no code."""


@dataclass(frozen=True)
class Values:
    """The distinct values of a column, how often each occurs, and how many cells say that there is none."""

    texts: pa.StringArray
    counts: pa.Int64Array
    total: int
    blanks: int = 0
    _heads: dict[str, int] = field(default_factory=dict)

    def share(self, kind: ColumnType, allowed: float = 1.0, *, with_zero: bool = False) -> float | None:
        """Return the share of values that are of `kind`; None as soon as more than `allowed` are certainly not.

        With `with_zero`, codes that lost their first zero are of the type too.
        """
        misses, start, end = 0, 0, HEAD
        while start < len(self.texts):
            misses += self._misses(kind, slice(start, end), with_zero)
            if misses > allowed * self.total:
                return None
            start, end = end, end * 8
        return 1 - misses / self.total

    def count(self, found: pa.BooleanArray) -> int:
        """Return how many cells hold the distinct values that were `found`."""
        return pc.sum(self.counts.filter(found)).as_py() or 0

    def head_share(self, kind: ColumnType) -> float:
        """Return the share of the first values that are of `kind`: enough to look further, never to choose."""
        head = slice(0, HEAD)
        return 1 - self._misses(kind, head, False) / (pc.sum(self.counts[head]).as_py() or 1)

    def same_values(self, one: ColumnType, other: ColumnType) -> bool:
        """Return whether two types give the first values the same meaning."""
        if one.public != other.public:
            return PUBLIC_TYPES[one.public].family == PUBLIC_TYPES[other.public].family
        head = self.texts[:HEAD]
        return one.stays_text or one.parse(head).equals(other.parse(head))

    def _misses(self, kind: ColumnType, part: slice, with_zero: bool) -> int:
        if part.start == 0 and not with_zero and kind.name in self._heads:
            return self._heads[kind.name]
        texts = self.texts[part]
        found = pc.fill_null(kind.matches(texts), False)
        found = pc.or_(found, kind.lost_zero(texts)) if with_zero else found
        missed = pc.sum(pc.if_else(found, 0, self.counts[part])).as_py() or 0
        if part.start == 0 and not with_zero:
            self._heads[kind.name] = missed
        return missed


def count_values(column: pa.ChunkedArray) -> Values:
    """Return the distinct values of a column of texts and their counts, marks of absence left out."""
    found = column.value_counts()
    texts, counts = pc.struct_field(found, "values"), pc.struct_field(found, "counts")
    present = pc.invert(is_missing(texts))
    counts = counts.filter(present)
    total = pc.sum(counts).as_py() or 0
    return Values(texts.filter(present), counts, total, len(column) - total)


@dataclass(frozen=True)
class Judgement:
    """The type of a column, the share of its values that are of it, why (a key of the reasons), and the next type.

    `runner_up` is the type that comes second, with its own share: an empty name when none is worth telling.
    """

    kind: ColumnType
    score: float
    reason: str
    runner_up: str = ""
    runner_up_score: float = 0.0


def judge(values: Values, label: str, barred: Collection[str] = ()) -> Judgement:
    """Return the type of a column.

    A type with values of its own (number, date…) must hold for every value: one code among the numbers, and all
    stay text. A type that stays text harms nothing, so a few other values are tolerated, and so are codes that lost
    their first zero where the label announces them.
    """
    text = TYPES["text"]
    if values.total == 0:
        return Judgement(text, 1.0, "empty")
    for kind in plausible(values, label, barred):
        hinted = is_hinted(kind, label)
        zero = hinted and kind.zero_first
        allowed = TOLERATED[hinted] if kind.stays_text else 0.0
        share = values.share(kind, allowed, with_zero=zero)
        if share is not None and kind.fits(values.texts):
            score = (values.share(kind) or 0.0) if zero else share
            if hinted:
                return Judgement(kind, score, "hinted")
            return Judgement(kind, score, "holds", *runner_up(values, kind, label, barred))
    second, near = runner_up(values, text, label, barred)
    return Judgement(text, 1.0, "nearly" if second else "text", second, near)


def judge_given(values: Values, kind: ColumnType, reason: str) -> Judgement:
    """Return the judgement of a type that the producer or the format states."""
    return Judgement(kind, (values.share(kind) or 0.0) if values.total else 1.0, reason)


def is_hinted(kind: ColumnType, label: str) -> bool:
    """Return whether the slug of a label announces a type."""
    return bool(kind.hints and re.search(kind.hints, label))


def plausible(values: Values, label: str, barred: Collection[str]) -> Iterator[ColumnType]:
    """Yield the types that the label, the format and the number of values allow, the narrowest first; never text."""
    counting = re.search(COUNTING, label)
    for kind in TYPES.values():
        hinted = is_hinted(kind, label)
        if kind.name == "text" or kind.name in barred or (kind.needs_hint and (counting or not hinted)):
            continue
        if kind.needs_blank and not values.blanks:
            continue
        if hinted or len(values.texts) >= kind.evidence:
            yield kind


def runner_up(values: Values, chosen: ColumnType, label: str, barred: Collection[str]) -> tuple[str, float]:
    """Return the type that most values have after the chosen one, if it says something else of them, and its share."""
    others = [
        (values.head_share(kind), kind)
        for kind in plausible(values, label, barred)
        if kind is not chosen and not (kind.stays_text and chosen.name != "text")
    ]
    for head, kind in sorted(others, key=lambda pair: -pair[0]):
        if head < WORTH_TELLING:
            break
        if chosen.name == "text" or not values.same_values(chosen, kind):
            share = values.share(kind, 1 - WORTH_TELLING)
            if share is not None and kind.fits(values.texts):
                return kind.name, share
    return "", 0.0
