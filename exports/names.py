"""Names for formats that are narrow about them."""

import re
import unicodedata
from collections.abc import Iterable


def plain_names(names: Iterable[str], most: int = 255) -> list[str]:
    """Return `names` in ASCII letters, digits and underscores, beginning by a letter, all different.

    Accents are dropped, anything else is an underscore; capitals do not make a difference, and what is longer than
    `most` is cut. A name that is taken already gets a number in place of its end.
    """
    taken: set[str] = set()
    plain = []
    for name in names:
        letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        cleaned = re.sub(r"\W+", "_", letters, flags=re.ASCII).strip("_")
        stem = (cleaned if cleaned[:1].isalpha() else f"f_{cleaned}".rstrip("_"))[:most]
        unique, number = stem, 1
        while unique.lower() in taken:
            number += 1
            unique = f"{stem[: most - len(str(number)) - 1]}_{number}"
        taken.add(unique.lower())
        plain.append(unique)
    return plain
