"""Names near the one that was not found."""

from collections.abc import Iterable
from difflib import get_close_matches

from datasets.odsql.reasons import reason

MAX_NAME = 100
"""Letters of a wrong name that are compared."""


def near(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean X, Y?" with the known names most like `name`, or "" when none is."""
    spelt = {each.lower(): each for each in known}
    found = get_close_matches(name.lower()[:MAX_NAME], list(spelt), n=3, cutoff=0.6)
    return reason("near", names=", ".join(spelt[each] for each in found)) if found else ""
