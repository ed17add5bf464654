"""What a column holds that is refused, changed or strange, each with its row and what it was probably meant to be."""

import pyarrow as pa
import pyarrow.compute as pc

from datasets.ingest.absence import is_missing
from datasets.ingest.encodings import repair_letters
from datasets.ingest.infer import ColumnGuess, others_than
from datasets.ingest.judging import count_values
from datasets.ingest.raw import RawTable
from datasets.ingest.report import KEPT_EACH, Report
from datasets.ingest.suggesting import CATEGORIES, nearly_alike, suggest
from datasets.types import TYPES
from datasets.types.column import ColumnType, trimmed

DAMAGED = r"Ã[\x{80}-\x{BF}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€[\x{80}-\x{BF}š›œžŸ“”•–—˜™¢¦]|Â[\x{A0}-\x{BF}]|\x{FFFD}"
SCIENTIFIC = r"^\d[.,]\d+E\+\d{1,2}$"
NEARLY = 0.8
"""Share of the values from which those that keep a column from a type are told one by one."""


def notice_texts(raw: RawTable, position: int, guess: ColumnGuess, report: Report) -> None:
    """Tell what is strange in a column that stays text: damaged letters, values unlike the column or each other."""
    texts = raw.table.column(position)
    if guess.damaged:
        found = pc.indices_nonzero(pc.match_substring_regex(texts, DAMAGED))
        cells = texts.take(found).combine_chunks()
        meant = pa.array([repaired_or_none(text) for text in cells[:KEPT_EACH].to_pylist()], pa.string())
        report.tell("damaged_letters", guess.name, raw.number, found, cells, meant)
    if guess.type != "text":
        if guess.score < 1:
            notice_unlike(raw, position, guess, report)
        return
    if guess.runner_up and guess.runner_up_score >= NEARLY and not TYPES[guess.runner_up].stays_text:
        kind = TYPES[guess.runner_up]
        tell(raw, position, guess.name, "against_type", others_than(texts, kind), report, kind)
    notice_nearly_alike(raw, position, guess, report)


def repaired_or_none(text: str) -> str | None:
    """Return a text with its damaged letters repaired; None when they cannot be."""
    repaired = repair_letters(text)
    return repaired if repaired != text else None


def notice_unlike(raw: RawTable, position: int, guess: ColumnGuess, report: Report) -> None:
    """Tell the codes that have not the form of their column: lost zeros, digits lost in a power of ten, others."""
    kind, texts = TYPES[guess.type], raw.table.column(position)
    records = others_than(texts, kind)
    cells = texts.take(records).combine_chunks()
    zero = kind.lost_zero(cells)
    power = pc.match_substring_regex(trimmed(cells), SCIENTIFIC)
    rest = pc.invert(pc.or_(zero, power))
    for reason, chosen in (("lost_zero", zero), ("lost_digits", power), ("unlike_others", rest)):
        tell(raw, position, guess.name, reason, records.filter(chosen), report, kind)


def notice_nearly_alike(raw: RawTable, position: int, guess: ColumnGuess, report: Report) -> None:
    """Tell the categories that are written almost as a more frequent one."""
    if not 1 < guess.distinct <= CATEGORIES or guess.distinct * 2 > guess.values:
        return
    texts = raw.table.column(position)
    alike = nearly_alike(count_values(texts))
    if alike:
        rare, usual = pa.array(list(alike), pa.string()), pa.array(list(alike.values()), pa.string())
        found = pc.index_in(texts, value_set=rare)
        records = pc.indices_nonzero(pc.is_valid(found))
        suggestions = usual.take(found.take(records).combine_chunks())
        report.tell("near_value", guess.name, raw.number, records, texts.take(records), suggestions)


def notice_refused(raw: RawTable, position: int, guess: ColumnGuess, values: pa.ChunkedArray, report: Report) -> None:
    """Tell each text that has no value in its typed column: a mark of absence, or something else."""
    if values.null_count == 0:
        return
    kind, texts = TYPES[guess.type], raw.table.column(position)
    lost = pc.indices_nonzero(pc.and_(pc.is_null(values), pc.invert(pc.equal(trimmed(texts), ""))))
    marks = is_missing(texts.take(lost)).combine_chunks()
    tell(raw, position, guess.name, "missing_mark", lost.filter(marks), report)
    shape = kind.name == "geo_shape"
    reason = "broken_geometry" if shape else "not_of_type"
    tell(raw, position, guess.name, reason, lost.filter(pc.invert(marks)), report, None if shape else kind)


def tell(
    raw: RawTable,
    position: int,
    name: str,
    reason: str,
    records: pa.Array,
    report: Report,
    kind: ColumnType | None = None,
) -> None:
    """Add cells of a column to the report; with a `kind`, each with the value of that type it was meant to be."""
    if not len(records):
        return
    texts = raw.table.column(position).take(records).combine_chunks()
    distinct = texts.dictionary_encode()
    meant = suggest(distinct.dictionary, kind) if kind else pa.array([None] * len(distinct.dictionary), pa.string())
    report.tell(reason, name, raw.number, records, texts, meant.take(distinct.indices))
