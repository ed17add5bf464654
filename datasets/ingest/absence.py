"""Texts that say that there is no value: an empty cell, and the marks that French tables use."""

import pyarrow as pa
import pyarrow.compute as pc

from datasets.types.column import trimmed

MARKS = (
    *("", "-", "--", "—", "–", ".", "..", "...", "…", "?", "/", "//", "///", ":", "*", "\\n"),
    *("n.d.", "n.d", "nd", "n/d", "n.c.", "n.c", "nc", "n/c", "n.r.", "nr", "n.s.", "ns", "s.o.", "s.o", "so", "s"),
    *("na", "n/a", "n.a.", "null", "none", "nan", "nul", "néant", "neant", "secret", "sans objet", "inconnu", "vide"),
    *("non renseigné", "non renseignée", "non communiqué", "non disponible", "indisponible", "(vide)", "(null)"),
    *(
        "#n/a",
        "#n/d",
        "#na",
        "#div/0!",
        "#ref!",
        "#valeur!",
        "#value!",
        "#nom?",
        "#name?",
        "#nombre!",
        "#num!",
        "#nul!",
    ),
)
"""In lower case: dashes and dots, "not available", statistical secrecy, and the errors of spreadsheets."""

_MARKS = pa.array(MARKS)


def is_missing(texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Return where a text says that there is no value: empty, or one of the usual marks (n.d., NC, -)."""
    return pc.is_in(pc.utf8_lower(trimmed(texts)), value_set=_MARKS)
