"""The words of texts and of searches: folded, with wildcards, and how far from one another they may be."""

import re
import unicodedata

WORD = re.compile(r"[^\W_]+")
WILD = re.compile(r"(?:[^\W_]|[*?])*[*?](?:[^\W_]|[*?])*")


def words(text: str) -> list[str]:
    """Return the folded words of a text, as the engine's macro of the same name does."""
    plain = unicodedata.normalize("NFD", text.lower())
    return WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter)))


def plain_words(asked: str) -> list[str]:
    """Return the words of a search that hold neither * nor ?."""
    return words(WILD.sub(" ", asked))


def patterns(asked: str) -> list[str]:
    """Return the words that hold * or ? as regular expressions, folded; nothing but letters and digits remains."""
    return [pattern for pattern in map(_pattern_of, WILD.findall(asked)) if pattern.strip(".*")]


def _pattern_of(part: str) -> str:
    """Return one word with wildcards as a regular expression."""
    pieces = re.split(r"([*?])", part)
    return "".join({"*": ".*", "?": "."}.get(piece) or "".join(words(piece)) for piece in pieces)


def tolerance(word: str) -> int:
    """Return how many letters of a word may differ: none up to 2 letters, 1 up to 5, else 2."""
    return (len(word) > 2) + (len(word) > 5)


def cuts(word: str) -> list[int]:
    """Return where to cut a word in one piece more than its letters may differ: what is near has one of them whole."""
    near = tolerance(word)
    return [len(word) * place // (near + 1) for place in range(near + 2)]
