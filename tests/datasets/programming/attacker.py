"""An attacker who reads served rows and a public directory of venues, and bounds what each venue did (scipy).

He shares nothing with the portal's own: his unknowns are what each venue did in each quarter, by mode and by
discipline; each shown row is the sum of some of them; nothing is negative. He does not know who was active.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import linprog

LEVELS = {"pays": None, "region": "code_region", "departement": "code_departement", "epci": "code_epci"}
TOTAL = "economies-ges"
USAGE = "statistiques-usage-geographiques"
EXACT = 0.01
"""An interval narrower than this share of the value tells it."""

DIVIDED = {"economies-ges-par-mode": "mode", "economies-ges-par-discipline": "discipline"}


class Attacker:
    """What the served rows tell of one measure.

    `served`: rows by dataset; `directory`: one row per venue, with its territories; `factors`: other measures that
    are this one times a known number (kilometres and emissions of a single mode of transport).
    """

    def __init__(
        self,
        served: Mapping[str, pd.DataFrame],
        directory: pd.DataFrame,
        measure: str,
        quarters: Sequence[str],
        factors: Mapping[str, float] | None = None,
    ) -> None:
        self.directory, self.quarters, self.count = directory, list(quarters), len(directory)
        names = {name: sorted(served[name][column].unique()) for name, column in DIVIDED.items() if name in served}
        self.start = {("", quarter): i * self.count for i, quarter in enumerate(quarters)}
        for name, categories in names.items():
            for category in [*categories, None]:
                self.start[name, category] = len(self.start) * self.count
        self.width = len(self.start) * self.count
        self.rows: list[np.ndarray] = []
        self.values: list[float] = []
        self._divide(names)
        for told, factor in {measure: 1.0, **(factors or {})}.items():
            for name in (TOTAL, USAGE, *DIVIDED):
                if name in served and told in served[name]:
                    self._read(name, served[name], told, factor)
        self.scale = max(np.mean([value for value in self.values if value > 0] or [1.0]), 1e-9)
        columns = np.concatenate([np.abs(row) - 1 for row in self.rows])
        signs = np.concatenate([np.sign(row) for row in self.rows])
        where = np.repeat(np.arange(len(self.rows)), [len(row) for row in self.rows])
        self.known = sparse.csr_matrix((signs, (where, columns)), shape=(len(self.rows), self.width))

    def find_interval(self, venues: Sequence[int], quarter: str | None) -> tuple[float, float]:
        """Return the least and the most that some venues together may have done in a quarter, or in the year."""
        goal = np.zeros(self.width)
        for each in [quarter] if quarter else self.quarters:
            goal[self.start["", each] + np.asarray(venues)] = 1.0
        ends = []
        for sign in (1.0, -1.0):
            found = linprog(sign * goal, A_eq=self.known, b_eq=np.array(self.values) / self.scale, method="highs")
            assert found.status in (0, 3), found.message
            ends.append(sign * found.fun * self.scale if found.status == 0 else -sign * np.inf)
        return ends[0], ends[1]

    def _divide(self, names: Mapping[str, list[str]]) -> None:
        """What a venue did over all categories is what it did over all quarters."""
        for name, categories in names.items():
            for venue in range(self.count):
                parts = [self.start[name, category] + venue + 1 for category in [*categories, None]]
                whole = [-(self.start["", quarter] + venue + 1) for quarter in self.quarters]
                self.rows.append(np.array([*parts, *whole]))
                self.values.append(0.0)

    def _read(self, name: str, rows: pd.DataFrame, measure: str, factor: float) -> None:
        for row in rows[rows[measure].notna()].to_dict("records"):
            venues = np.flatnonzero(self._stand(row["niveau_geo"], row["code_geo"]))
            if name in DIVIDED:
                starts = [self.start[name, row[DIVIDED[name]]]]
            else:
                starts = [self.start["", each] for each in self.quarters if each.startswith(row["periode"])]
            self.rows.append(np.concatenate([venues + start + 1 for start in starts]))
            self.values.append(row[measure] / factor)

    def _stand(self, level: str, code: str) -> np.ndarray:
        column = LEVELS[level]
        return np.ones(self.count, dtype=bool) if column is None else (self.directory[column] == code).to_numpy()


def is_betrayed(interval: tuple[float, float], true: float, *, whole: bool, share: float = 0.10) -> bool:
    """Return whether an interval is narrower than ± `share` of the true value, or tells an exact number.

    With a share of 0, whether it is as good as exact.
    """
    low, high = interval
    if share == 0:
        return true > 0 and high - low < EXACT * true
    least = max(share * true, 1.0 if whole else 0.0)
    slack = 1e-6 * max(true, 1.0)
    return true > 0 and (low > max(true - least, 0.0) + slack or high < true + least - slack)
