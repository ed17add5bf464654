"""What a producer fills in: how often a source is read, and the Table Schema that new files must respect."""

import json
from typing import Any

from datasets.errors import BrokenDescriptor, InvalidParameter, Phrase
from datasets.table_schema import read_descriptor

HOURS = ("1", "6", "24", "168", "720")
"""The periods that the form offers, in hours."""


def read_hours(text: str) -> int:
    """Return a number of hours. Raises InvalidParameter for another text."""
    if text not in HOURS:
        raise InvalidParameter(name="hours", found=repr(text[:20]), expected=" or ".join(HOURS))
    return int(text)


def read_table_schema(text: str) -> Any:
    """Return the Table Schema that was pasted; nothing when there is none. Raises BrokenDescriptor."""
    if not text.strip():
        return {}
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as error:
        expected = Phrase("a JSON document", "un document JSON")
        raise BrokenDescriptor(where="JSON", found=str(error)[:80], expected=expected) from None
    read_descriptor(plain)
    return plain
