"""The categories by which tables are divided: disciplines, kinds of venue, classes of tours.

In each list of what producers write, the last name stands for anything else: no word of a producer is published.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

OTHER = "autre"

DISCIPLINES = (
    *("théâtre", "danse", "cirque", "marionnette", "musique", "jeune public", "arts de la rue", "conte"),
    OTHER,
)
"""The disciplines of projects."""

VENUE_TYPES = (
    *("théâtre municipal", "centre culturel", "festival", "scène conventionnée", "SMAC", "médiathèque"),
    *("scène nationale", "CDN, CCN ou CDCN", "opéra", OTHER),
)
"""The kinds of venues."""

OPEN = "ouvert"
TRANSPARENCIES = (OPEN, "limité")
"""To whom the owner of a project shows it; only what is open may be told outside of the platform."""

STOPS = ((1, "1"), (2, "2 ou 3"), (4, "4 à 6"), (7, "7 et plus"))
"""The classes of numbers of stops of a tour: lowest number, name."""

DISTANCES = (
    *((0, "moins de 250 km"), (250, "250 à 1 000 km"), (1_000, "1 000 à 3 000 km"), (3_000, "3 000 km et plus")),
)
"""The classes of distances travelled by a tour: lowest number of kilometres, name."""

FRANCE, ABROAD = "France", "hors France"
"""Where tours start."""


def classify(values: npt.NDArray[np.float64], classes: Sequence[tuple[int, str]]) -> pd.Categorical:
    """Return the class of each value (from the lowest one's lower bound)."""
    bounds, names = zip(*classes, strict=True)
    codes = np.searchsorted(bounds, values, side="right") - 1
    return pd.Categorical.from_codes(codes, pd.Index(names, dtype="str"), ordered=True)
