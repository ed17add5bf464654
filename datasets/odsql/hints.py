"""Names near the one that was not found."""

from collections.abc import Iterable
from difflib import get_close_matches

from datasets.odsql.reasons import reason


def near(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean X, Y?" with the known names most like `name`, or "" when none is."""
    found = get_close_matches(name, list(known), n=3, cutoff=0.6)
    return reason("near", names=", ".join(found)) if found else ""
