"""What is strange in columns that stay text: published as it is, and told."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from datasets.ingest.absence import is_missing
from datasets.ingest.infer import ColumnGuess
from datasets.ingest.load import RawTable
from datasets.ingest.report import Problem
from datasets.types import TYPES
from datasets.types.column import trimmed

SIGNS = ("Ã", "\N{REPLACEMENT CHARACTER}")
DAMAGED = r"Ã[\x{80}-\x{BF}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|\x{FFFD}"
ZERO_FIRST = ("postcode", "insee_commune", "departement", "phone")


def notice_texts(raw: RawTable, position: int, guess: ColumnGuess) -> Iterator[Problem]:
    """Yield what is strange in a text column: letters damaged at the source, values unlike the column's type."""
    texts = raw.table.column(position)
    if any(pc.any(pc.match_substring(texts, sign)).as_py() for sign in SIGNS):
        for record in pc.indices_nonzero(pc.match_substring_regex(texts, DAMAGED)).to_pylist():
            yield Problem(raw.number(record), guess.name, texts[record].as_py(), "damaged_letters")
    if guess.score < 1:
        yield from _unlike(raw, texts, guess)


def _unlike(raw: RawTable, texts: pa.ChunkedArray, guess: ColumnGuess) -> Iterator[Problem]:
    kind = TYPES[guess.type]
    wrong = pa.chunked_array(
        [pc.invert(pc.or_(pc.fill_null(kind.matches(chunk), False), is_missing(chunk))) for chunk in texts.chunks]
    )
    records = pc.indices_nonzero(wrong)
    cells = texts.take(records).combine_chunks()
    longer = pc.binary_join_element_wise("0", trimmed(cells), "")
    zeros = kind.matches(longer) if guess.type in ZERO_FIRST else pa.array([False] * len(cells), pa.bool_())
    rows = (records.to_pylist(), cells.to_pylist(), longer.to_pylist(), zeros.to_pylist())
    for record, text, candidate, zero in zip(*rows, strict=True):
        reason, suggestion = ("lost_zero", candidate) if zero else ("unlike_others", "")
        yield Problem(raw.number(record), guess.name, text, reason, suggestion)
