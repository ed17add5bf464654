"""Full text: a bare string, search, suggest and startswith, over the words of text fields."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from datasets.model import Field, Schema
from datasets.odsql import nodes
from datasets.odsql.kinds import CONDITION, multivalued
from datasets.odsql.nodes import Node
from datasets.odsql.reasons import over
from datasets.odsql.vocabulary import every, find_bare, find_near, find_suggested, narrow
from datasets.odsql.wording import WILD, cuts, patterns, plain_words, tolerance, words

if TYPE_CHECKING:
    from datasets.odsql.checks import Checker
    from datasets.odsql.functions import Function
    from datasets.odsql.sql import Writer

    Find = Callable[[Writer, str], str]
    """Writes what is asked of the vocabulary of an indexed copy."""

    Read = Callable[[Writer, str, str], str]
    """Writes what is asked of a text."""

PLAIN = ("int", "date")
"""Types whose texts have neither capitals nor accents."""

SEARCHED = ("text", "int", "date", "json_blob")
MOST_WORDS, MOST_LETTERS, MOST_WILDCARDS = 100, 100, 10

MARKS = r"[ ,;.:!?'’()/-]"
"""Some of what stands between words."""

PER_CENT = re.compile(r"(?<=[^\W_])%(?![^\W_])")


def check_search(checker: "Checker", function: "Function", call: nodes.Call) -> Node:
    """Check search("…"), search(*, "…") or search(field, …, "…"): fields first, the text last."""
    *given, asked = call.arguments or (nodes.Star(),)
    if not isinstance(asked, nodes.Literal) or not isinstance(asked.value, str):
        checker.wrong("search text", function=function.name)
    if all(isinstance(each, nodes.Star) for each in given):
        fields: tuple[Node, ...] = columns_of(searched_fields(checker.scope.schema))
    else:
        fields = tuple(checker.value(each) for each in given)
    for each in fields:
        if each.type not in SEARCHED:
            checker.wrong("search field", function=function.name)
    count_words(checker, asked.value, fuzzy=bool(function.name))
    arguments = (*fields, nodes.Literal(asked.value, type="text"))
    return nodes.Apply(function, arguments, position=call.position, type=CONDITION)


def count_words(checker: "Checker", asked: str, *, fuzzy: bool = False) -> None:
    """Raise LimitExceeded beyond the limits of words that cost: fuzzy, with * or ?, and one in any search.

    The engine cannot be stopped while it plans a search, nor while it compares one batch of records with its words.
    """
    costly = words(asked) if fuzzy else WILD.findall(asked)
    if any(word.count("*") + word.count("?") > MOST_WILDCARDS for word in costly):
        raise over("wildcards", MOST_WILDCARDS)
    if any(len(word) > MOST_LETTERS for word in costly):
        raise over("word", MOST_LETTERS)
    checker.searched += max(1, len(costly))
    if checker.searched > MOST_WORDS:
        raise over("words", MOST_WORDS)


def refuse(checker: "Checker", function: "Function", call: nodes.Call) -> Node:
    """Refuse a search by meaning, which is not served."""
    checker.refuse("not served", function=function.name)


def searched_fields(schema: Schema) -> tuple[Field, ...]:
    """Return the fields that a search without names looks into."""
    return tuple(field for field in schema if field.annotations.get("filterable", True) and field.type in SEARCHED)


def columns_of(fields: Sequence[Field]) -> tuple[nodes.Column, ...]:
    """Return fields as a query names them."""
    return tuple(nodes.Column(field, type=field.type) for field in fields)


def write_bare(writer: "Writer", node: nodes.Apply) -> str:
    """Write a bare string: every word is somewhere in the record."""
    return write_asked(writer, node, find_bare, partial(write_words, folded=True))


def write_suggest(writer: "Writer", node: nodes.Apply) -> str:
    """Write suggest: the words before the last are there, and some word begins with the last."""
    return write_asked(writer, node, find_suggested, write_suggested)


def write_search(writer: "Writer", node: nodes.Apply) -> str:
    """Write search: each word is there but for some letters; the last one may also be a beginning."""
    return write_asked(writer, node, find_near, write_nearly)


def write_asked(writer: "Writer", node: nodes.Apply, find: "Find", read: "Read") -> str:
    """Write a search: by the vocabulary of an indexed copy, by reading texts, or by reading those that it leaves.

    It leaves those of all fields where some are asked: what they have, the record has.
    """
    *fields, _ = node.arguments
    asked, names = asked_text(node), {field.field.name for field in fields if isinstance(field, nodes.Column)}
    if not writer.gathers(fields):
        return read(writer, write_document(writer, fields), asked)
    found = find(writer, asked)
    if names == set(writer.gathered or ()):
        return found
    return narrow(found, read(writer, write_document(writer, fields), asked))


def write_like(writer: "Writer", node: Node, test: str, asked: str) -> str:
    """Write what narrows LIKE, of a field, to the records that have the words asked somewhere."""
    return narrow(find_bare(writer, wildcards(asked)), test) if writer.gathers((node,)) else test


def write_alike(writer: "Writer", text: str, asked: str) -> str:
    """Write LIKE of one text: the words asked are there."""
    return write_words(writer, text, wildcards(asked))


def wildcards(asked: str) -> str:
    """Return what LIKE asks as a search: a per cent sign that ends a word is read as *, as SQL writes it."""
    return PER_CENT.sub("*", asked)


def write_words(writer: "Writer", text: str, asked: str, *, folded: bool = False) -> str:
    """Write that every word asked is among those of a text, `folded` or not; * stands for any letters, ? for one."""
    tests = [
        f"len(list_filter(words({text}), lambda w: regexp_full_match(w, {writer.bind(pattern)}))) > 0"
        for pattern in patterns(asked)
    ]
    plain = plain_words(asked)
    if plain or not tests:
        # Looking for the letters first spares the cutting of most texts into words.
        plainly = text if folded else f"folded({text})"
        held = [f"contains({plainly}, {writer.bind(word)})" for word in plain]
        tests = [*held, f"list_has_all(words({text}), {writer.bind(plain)})", *tests]
    return "(" + " AND ".join(tests) + ")"


def write_suggested(writer: "Writer", text: str, asked: str) -> str:
    """Write that a text has the words before the last, and some word that begins with the last."""
    *whole, last = words(asked) or [""]
    tests = [f"contains({text}, {writer.bind(word)})" for word in (*whole, last)]
    tests += [f"list_contains(words({text}), {writer.bind(word)})" for word in whole]
    tests.append(write_near(writer, text, last, f"starts_with(w, {writer.bind(last)})", beginning=True))
    return every(tests)


def write_nearly(writer: "Writer", text: str, asked: str) -> str:
    """Write that a text has each word but for some letters; the last one may also be a beginning."""
    *whole, last = words(asked) or [""]
    ends = [(word, False) for word in whole] + [(last, True)] * bool(last)
    tests = [write_pieces(writer, text, word, beginning=beginning) for word, beginning in ends]
    for word, beginning in ends:
        bound = writer.bind(word)
        test = f"w = {bound}"
        if near := tolerance(word):
            # Words of another length are further anyway.
            test = f"(abs(length(w) - length({bound})) <= {near} AND levenshtein(w, {bound}) <= {near})"
        if beginning:
            test = f"{test} OR starts_with(w, {bound})"
        tests.append(write_near(writer, text, word, test, beginning=beginning))
    return every(tests)


def write_near(writer: "Writer", text: str, word: str, test: str, *, beginning: bool) -> str:
    """Write that some word of a text meets `test`, as does the word itself, or what begins so.

    Where it stands between plain marks, it is seen without cutting the text into words.
    """
    plain = writer.bind(f"(?:^|{MARKS}){word}" + ("" if beginning else f"(?:{MARKS}|$)"))
    return f"(regexp_matches({text}, {plain}) OR len(list_filter(words({text}), lambda w: {test})) > 0)"


def write_pieces(writer: "Writer", text: str, word: str, *, beginning: bool) -> str:
    """Write what holds of every text where a word is nearly there, and of few others: it spares cutting those.

    Cut in one piece more than its letters may differ, the word has a piece that is there whole, with about as many
    letters before and after.
    """
    near = tolerance(word)
    pieces = [
        f"{letters(start, near)}{word[start:end]}{letters(len(word) - end, near)}(?:[^a-z0-9]|$)"
        for start, end in pairwise(cuts(word))
    ]
    whole = [word] if beginning else []
    return f"regexp_matches({text}, {writer.bind('(?:^|[^a-z0-9])(?:' + '|'.join([*whole, *pieces]) + ')')})"


def letters(count: int, near: int) -> str:
    """Return the expression of about so many letters: anything but spaces, for all alphabets."""
    return f"[^ ]{{{max(0, count - near)},{count + near}}}" if count + near else ""


def write_startswith(writer: "Writer", node: nodes.Apply) -> str:
    """Write startswith: a whole value begins with the text, capitals counting."""
    *fields, asked = node.arguments
    bound = writer.write(asked)
    tests = [
        writer.on_elements(field, False, lambda value: f"starts_with(CAST({value} AS VARCHAR), {bound})")
        for field in fields
    ]
    return "(" + (" OR ".join(tests) or "FALSE") + ")"


def asked_text(node: nodes.Apply) -> str:
    """Return the text that is looked for."""
    asked = node.arguments[-1]
    return str(asked.value) if isinstance(asked, nodes.Literal) else ""


def write_document(writer: "Writer", fields: Sequence[Node]) -> str:
    """Write the values of fields, one after the other, folded.

    Each is folded by itself: the engine does it once for a value that many records have, and spares plain letters.
    """
    parts = []
    for field in fields:
        written = writer.write(field)
        written = f"array_to_string({written}, ' ')" if multivalued(field) else written
        parts.append(written if field.type in PLAIN else f"folded({written})")
    return f"concat_ws(' ', {', '.join(parts)})" if parts else "''"
