"""Progress as a person at a terminal likes to see it: one line per step, its count, its time."""

import sys
from collections.abc import Iterable
from time import monotonic
from typing import TextIO

import click


class TerminalProgress:
    """Called with (step, done, total): prints a line that is rewritten while the step goes on.

    `total` may be 0 when it is not known. Without a terminal, one line is printed when a step begins.
    """

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self.stream = stream
        self.step = ""
        self.began = monotonic()
        self.shown = 0.0

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        """Tell that `done` of `total` is done in `step`."""
        now = monotonic()
        if step != self.step:
            self.finish()
            self.step, self.began, self.shown = step, now, 0.0
            if not self.stream.isatty():
                print(f"  {step}", file=self.stream, flush=True)
        if self.stream.isatty() and (now - self.shown > 0.1 or done == total):
            share = f" {done * 100 // total} %" if total else ""
            print(f"\r\033[K  {step}{share}", end="", file=self.stream, flush=True)
            self.shown = now

    def finish(self) -> None:
        """End the step under way."""
        if self.step and self.stream.isatty():
            print(f"\r\033[K  {self.step} ({monotonic() - self.began:.1f} s)", file=self.stream, flush=True)
        self.step = ""


def show(lines: Iterable[str]) -> None:
    """Print lines as they come."""
    for line in lines:
        click.echo(line)
