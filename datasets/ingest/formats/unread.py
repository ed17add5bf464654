"""Files that are often sent as tables and are none: told by their content, and refused by their name."""

import re

from datasets.errors import Phrase, UnknownFormat
from datasets.ingest.source import Source

SIGNATURES: tuple[tuple[re.Pattern[str], Phrase], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), name)
    for pattern, name in (
        (r"%PDF-", Phrase("a PDF document", "un document PDF")),
        (r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!DOCTYPE html|html)", Phrase("a web page", "une page web")),
        (r"\s*<\?xml|\s*<\w+[^<>]*xmlns", Phrase("an XML document", "un document XML")),
        (r"\{\\rtf", Phrase("a text document (RTF)", "un document de texte (RTF)")),
        (r".PNG\r\n|GIF8[79]a|.{6}JFIF|.{6}Exif|II\*\0|MM\0\*", Phrase("a picture", "une image")),
        (r"7z..\x27|Rar!\x1a", Phrase("an archive of another kind than zip", "une archive autre que zip")),
        (r"MZ.{60,}This program|\x7fELF", Phrase("a program", "un programme")),
        (r"PK\x03\x04", Phrase("a document of an office suite", "un document de bureautique")),
    )
)
"""The beginnings of such files, read as Latin-1, and what they are."""


def refuse_unread(source: Source) -> None:
    """Raise UnknownFormat when a file is of a kind that is often sent as a table and is none."""
    head = source.head[:4096].decode("latin-1").removeprefix("\xef\xbb\xbf")
    for pattern, name in SIGNATURES:
        if pattern.match(head):
            raise UnknownFormat(name=source.name, found=name)
