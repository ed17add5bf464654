"""The texts of a file, had again from the published values: how each typed column is written, and what is not so."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from datasets.ingest.forms import HEAD, NOT_WRITTEN, Form, forms_of
from datasets.ingest.infer import ColumnGuess
from datasets.ingest.raw import RawTable

OTHERS = pa.schema([("row", pa.int64()), ("text", pa.string())])


@dataclass(frozen=True)
class Writing:
    """How a published column is written in its file: a `form`, and the rows whose text is another.

    `others` has a row of the file and its text for each: those that were refused or corrected, marks of absence, and
    ways of writing that are not the usual one of the column.
    """

    column: str
    form: Form
    others: pa.Table


def find_writing(column: str, texts: pa.ChunkedArray, values: pa.ChunkedArray, public: str, rows: pa.Array) -> Writing:
    """Return how the `values` of a column of that public type are written, its texts and their `rows` being known.

    A form that gives every text again wins, else the one that gives most of the first ones.
    """
    encoded = pa.concat_arrays(texts.chunks or [pa.array([], pa.string())]).dictionary_encode()
    first = pc.index_in(pa.array(range(len(encoded.dictionary)), pa.int32()), value_set=encoded.indices)
    distinct = pa.concat_arrays(values.chunks).take(first) if len(first) else pa.array([], values.type)
    form = choose_form(encoded.dictionary, distinct, public)
    unlike = pc.not_equal(pc.fill_null(form.write(distinct), ""), encoded.dictionary)
    others = pc.indices_nonzero(unlike.take(encoded.indices))
    return Writing(column, form, pa.table([rows.take(others), texts.take(others).combine_chunks()], schema=OTHERS))


def choose_form(texts: pa.StringArray, values: pa.Array, public: str) -> Form:
    """Return the form of texts that gives most of them again, judged on the first ones."""
    head, start = values[:HEAD], texts[:HEAD]

    def given_again(form: Form) -> int:
        return pc.sum(pc.equal(form.write(head), start)).as_py() or 0

    return max(forms_of(public, texts), key=given_again, default=NOT_WRITTEN)


def written_forms(raw: RawTable, columns: Sequence[ColumnGuess], table: pa.Table) -> dict[str, str]:
    """Return the name of the form of each published column whose values are not texts, judged on its first rows."""
    found = {}
    for place, guess in enumerate(columns):
        if guess.published and not guess.computed and guess.field.type != "text":
            values = pa.concat_arrays(table[guess.name].slice(0, HEAD).chunks)
            texts = pa.concat_arrays(raw.table.column(place).slice(0, HEAD).chunks)
            present = pc.is_valid(values)
            form = choose_form(texts.filter(present), values.filter(present), guess.field.type)
            found[guess.name] = form.name
    return found


def find_writings(raw: RawTable, columns: Sequence[ColumnGuess], table: pa.Table) -> list[Writing]:
    """Return how each published column of a file is written; those that are computed have no text."""
    rows = rows_of(raw)
    return [
        find_writing(guess.name, raw.table.column(place), table[guess.name], guess.field.type, rows)
        for place, guess in enumerate(columns)
        if guess.published and not guess.computed
    ]


def restore(values: pa.ChunkedArray, writing: Writing, rows: pa.Array) -> pa.StringArray:
    """Return the texts of a column of the file from its published values, the rows of the file being known."""
    texts = pc.fill_null(writing.form.write(pa.concat_arrays(values.chunks)), "")
    place = pc.index_in(rows, value_set=writing.others["row"].combine_chunks())
    return pc.coalesce(writing.others["text"].combine_chunks().take(place), texts)


def lost_texts(raw: RawTable, columns: Sequence[ColumnGuess], table: pa.Table) -> list[str]:
    """Return the published columns whose texts cannot be had again character for character: there is none."""
    rows = rows_of(raw)
    places = {guess.name: place for place, guess in enumerate(columns)}
    return [
        writing.column
        for writing in find_writings(raw, columns, table)
        if not restore(table[writing.column], writing, rows).equals(
            pa.concat_arrays(raw.table.column(places[writing.column]).chunks)
        )
    ]


def rows_of(raw: RawTable) -> pa.Int64Array:
    """Return the row of the file of each record."""
    if raw.numbers is not None:
        return pa.array(raw.numbers, pa.int64())
    return pa.array(range(raw.first_row, raw.first_row + raw.table.num_rows), pa.int64())
