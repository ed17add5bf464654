"""Titles of columns become field names: lower-case ASCII words joined by underscores, each once."""

import re
import unicodedata
from collections.abc import Sequence

LENGTH = 60
LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "°": "o", "ø": "o", "€": " euros "})


def slug(label: str) -> str:
    """Return `label` in lower-case ASCII letters, digits and single underscores; empty when nothing is left."""
    plain = unicodedata.normalize("NFKD", label.translate(LIGATURES))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "_", bare.lower()).strip("_")


def name_fields(labels: Sequence[str]) -> list[str]:
    """Return one field name per label: unique, never empty, at most 64 characters, starting with a letter."""
    names: list[str] = []
    for position, label in enumerate(labels, start=1):
        name = slug(label)[:LENGTH].rstrip("_") or f"colonne_{position}"
        name = name if name[0].isalpha() else f"n_{name}"
        candidate, count = name, 1
        while candidate in names:
            count += 1
            candidate = f"{name}_{count}"
        names.append(candidate)
    return names
