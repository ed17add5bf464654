"""A JSON document of any size, value by value: only one element of a list is in memory at a time."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, NoReturn

from datasets.errors import BrokenJson
from datasets.ingest.sniff import find_mark

BLOCK = 1 << 20
LARGEST = 1 << 25
"""Characters of one value at most."""
DEPTH = 4
"""How many objects may lie around a list of records."""
SPACES = " \t\r\n"
Keys = tuple[str, ...]


class Found(NamedTuple):
    """A value met in a document: the keys that lead to it, and whether it is an element of the list there."""

    path: Keys
    value: Any
    listed: bool


class Scanner:
    """A reader of the values of a JSON text, one after the other. Raises BrokenJson where the text breaks."""

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        with path.open("rb") as stream:
            skip, encoding = find_mark(stream)
        self._file = path.open("rb")
        self._file.seek(skip)
        self._text = io.TextIOWrapper(self._file, encoding=encoding or "utf-8", errors="replace")
        self._buffer, self._at, self._line, self._column = "", 0, 1, 1
        self._decoder = json.JSONDecoder()

    def __enter__(self) -> "Scanner":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._text.close()

    def peek(self) -> str:
        """Return the next character that is no space, without passing it; empty at the end."""
        while True:
            while self._at < len(self._buffer) and self._buffer[self._at] in SPACES:
                self._at += 1
            if self._at < len(self._buffer) or not self._fill():
                return self._buffer[self._at : self._at + 1]

    def take(self, expected: str) -> str:
        """Pass the next character that is no space, one of `expected`, and return it."""
        found = self.peek()
        if not found or found not in expected:
            self._refuse(f"{found!r}, expected one of {expected}" if found else "the end of the file", self._at)
        self._at += 1
        return found

    def value(self) -> Any:
        """Pass the next value and return it."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
                if end < len(self._buffer) or not self._fill():
                    self._at = end
                    return value
            except json.JSONDecodeError as error:
                open_end = error.msg.startswith("Unterminated") or error.pos >= len(self._buffer) - 8
                if not (open_end and self._fill()):
                    self._refuse(error.msg, error.pos)
            except RecursionError:
                self._refuse("too many nested brackets", self._at)

    def end(self) -> None:
        """Refuse what follows the document."""
        if found := self.peek():
            self._refuse(f"{found!r} after the end of the document", self._at)

    def _fill(self) -> bool:
        """Read more text, as much again as there is; return whether there was any."""
        kept = self._buffer[self._at :]
        if len(kept) > LARGEST:
            self._refuse(f"a value of more than {LARGEST} characters", self._at)
        more = self._text.read(max(BLOCK, len(kept)))
        if not more:
            return False
        passed = self._buffer[: self._at]
        if lines := passed.count("\n"):
            self._line, self._column = self._line + lines, len(passed) - passed.rfind("\n")
        else:
            self._column += len(passed)
        self._buffer, self._at = kept + more, 0
        return True

    def _refuse(self, found: str, position: int) -> NoReturn:
        before = self._buffer[:position]
        lines = before.count("\n")
        column = len(before) - before.rfind("\n") if lines else self._column + len(before)
        raise BrokenJson(name=self.name, line=self._line + lines, column=column, found=found)


def walk(scanner: Scanner, path: Keys = ()) -> Iterator[Found]:
    """Yield the values of a document: each element of its lists, and what stands alone in its objects."""
    following = scanner.peek()
    if following == "[":
        yield from (Found(path, element, True) for element in elements(scanner))
    elif following == "{" and len(path) < DEPTH:
        for key in keys(scanner):
            yield from walk(scanner, (*path, key))
    else:
        yield Found(path, scanner.value(), False)


def elements(scanner: Scanner) -> Iterator[Any]:
    """Yield the elements of the list that comes next."""
    scanner.take("[")
    if scanner.peek() == "]":
        scanner.take("]")
        return
    while True:
        yield scanner.value()
        if scanner.take(",]") == "]":
            return


def keys(scanner: Scanner) -> Iterator[str]:
    """Yield the keys of the object that comes next; who calls passes the value of each before asking the next one."""
    scanner.take("{")
    if scanner.peek() == "}":
        scanner.take("}")
        return
    while True:
        key = scanner.value() if scanner.peek() == '"' else scanner.take('"')
        scanner.take(":")
        yield key
        if scanner.take(",}") == "}":
            return
