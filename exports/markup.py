"""Whole columns of text inside XML 1.0."""

import re
from xml.sax.saxutils import quoteattr

import pyarrow as pa
import pyarrow.compute as pc

FORBIDDEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
"""What XML 1.0 cannot hold, not even escaped: each becomes REPLACEMENT."""

REPLACEMENT = "\ufffd"
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}
HEADER = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def xml_texts(column: pa.Array) -> pa.Array:
    """Return the texts of `column` as they are written between tags or inside double quotes; nulls stay."""
    if pc.any(pc.match_substring_regex(column, FORBIDDEN)).as_py():
        column = pc.replace_substring_regex(column, FORBIDDEN, REPLACEMENT)
    if pc.any(pc.match_substring_regex(column, '[&<>"\r]')).as_py():
        for raw, entity in ENTITIES.items():
            column = pc.replace_substring(column, raw, entity)
    return column


def xml_text(text: str) -> str:
    """Return one text as it is written between tags or inside double quotes."""
    return str(xml_texts(pa.array([text], pa.string()))[0])


def xml_attribute(text: str) -> str:
    """Return one text as the value of an attribute, quotes included, line breaks kept."""
    return quoteattr(re.sub(FORBIDDEN, REPLACEMENT, text))
