"""Quotes and backslashes of literals and names, both ways."""

import re

ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
SURROGATE = re.compile("[\ud800-\udfff]")
CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def unquote(text: str) -> str:
    """Return the content of a quoted text: a backslash escapes its follower, JSON's escapes are understood."""
    inner = text[1:-1]
    if "\\" not in inner:
        return inner
    return paired(ESCAPE.sub(_unescaped, inner))


def paired(text: str) -> str:
    """Return a text whose surrogates are joined in pairs, or replaced when alone: no file could hold them."""
    if not SURROGATE.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def quote(text: str, mark: str = '"') -> str:
    """Return the text between quotes (`mark`), so that `unquote` gives it back."""
    return mark + text.replace("\\", "\\\\").replace(mark, "\\" + mark) + mark


def _unescaped(match: re.Match[str]) -> str:
    escape = match.group(1)
    if len(escape) == 5:
        return chr(int(escape[1:], 16))
    return CONTROLS.get(escape, escape)
