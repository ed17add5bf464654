"""Full text in an indexed copy: what is asked is compared with each distinct word once, and words tell their records.

What is written finds the records that `searching` finds by reading the words of each.
"""

from itertools import pairwise
from typing import TYPE_CHECKING

from datasets.odsql.wording import cuts, patterns, plain_words, tolerance, words

if TYPE_CHECKING:
    from datasets.odsql.sql import Writer

FILE_ORDER = "file_row_number"
"""The place of a record: what the engine calls so in a file is a column of an indexed copy."""

PLACES = "unnest(rows)"
"""The records of a word: a row of the vocabulary is a word and where it stands."""


def find_bare(writer: "Writer", asked: str) -> str:
    """Write that every word asked is in the record; * stands for any letters, ? for one."""
    tests = [find_word(writer, f"regexp_full_match(word, {writer.bind(pattern)})") for pattern in patterns(asked)]
    return every([*find_words(writer, plain_words(asked)), *tests])


def find_suggested(writer: "Writer", asked: str) -> str:
    """Write that the words before the last are there, and that some word begins with the last."""
    *whole, last = words(asked) or [""]
    tests = [find_word(writer, f"starts_with(word, {writer.bind(last)})")] if last else []
    return every([*find_words(writer, whole), *tests])


def find_near(writer: "Writer", asked: str) -> str:
    """Write that each word is there but for some letters; the last one may also be a beginning."""
    *whole, last = words(asked) or [""]
    tests = [find_word(writer, write_near(writer, word)) for word in whole]
    if last:
        tests.append(find_word(writer, f"{write_near(writer, last)} OR starts_with(word, {writer.bind(last)})"))
    return every(tests)


def find_word(writer: "Writer", test: str) -> str:
    """Write that the record has a word that passes a test."""
    return f"{FILE_ORDER} IN (SELECT {PLACES} FROM {writer.vocabulary} WHERE {test})"


def find_words(writer: "Writer", asked: list[str]) -> list[str]:
    """Write that the record has all of some words, however many: one look at the vocabulary, or none."""
    distinct = list(dict.fromkeys(asked))
    if len(distinct) < 2:
        return [find_word(writer, f"word = {writer.bind(word)}") for word in distinct]
    among = ", ".join(map(writer.bind, distinct))
    places = f"SELECT {PLACES} AS place FROM {writer.vocabulary} WHERE word IN ({among})"
    return [f"{FILE_ORDER} IN (SELECT place FROM ({places}) GROUP BY place HAVING count(*) = {len(distinct)})"]


def write_near(writer: "Writer", asked: str) -> str:
    """Write that a word is the one asked but for some letters: it has a piece of it, and about its length."""
    near, bound = tolerance(asked), writer.bind(asked)
    if not near:
        return f"word = {bound}"
    pieces = " OR ".join(f"contains(word, {writer.bind(asked[start:end])})" for start, end in pairwise(cuts(asked)))
    return f"(({pieces}) AND abs(length(word) - length({bound})) <= {near} AND levenshtein(word, {bound}) <= {near})"


def every(tests: list[str]) -> str:
    """Write that all tests hold; nothing asked is found everywhere."""
    return "(" + (" AND ".join(tests) or "TRUE") + ")"


def narrow(found: str, test: str) -> str:
    """Write a test that costs, of those records alone that are found so."""
    return f"(CASE WHEN {found} THEN {test} ELSE FALSE END)"
