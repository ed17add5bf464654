"""Contributions of the shape that the programming records have, made from a seed."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

REGIONS, DEPARTEMENTS, EPCI = 18, 101, 1255


def make_contributions(rows: int, venues: int, years: int, seed: int = 0) -> pd.DataFrame:
    """Return `rows` stops of `venues` venues: long tails, straddling EPCI, no EPCI, abroad, negative savings."""
    rng = np.random.default_rng(seed)
    dept = np.arange(EPCI) % DEPARTEMENTS
    size = rng.pareto(1.1, EPCI) + 0.3
    where = rng.choice(EPCI, venues, p=(size**0.75) / (size**0.75).sum())
    home = dept[where].copy()
    straddling = (where % 14 == 0) & (rng.random(venues) < 0.4)
    home[straddling] = (home[straddling] + 1) % DEPARTEMENTS
    epci = np.array([f"E{e:04d}" for e in range(EPCI)], dtype=object)[where]
    epci[rng.random(venues) < 0.02] = None
    abroad = rng.random(venues) < 0.03
    region = np.minimum(home // 6, REGIONS - 1)
    weight = rng.lognormal(0, 1.2, venues)
    venue = rng.choice(venues, rows, p=weight / weight.sum())
    company = (rng.pareto(1.2, rows) * venues / 2).astype(int) % (venues * 3)
    quarter = rng.choice(4, rows, p=[0.3, 0.25, 0.15, 0.3])
    year = 2026 - rng.integers(0, years, rows)
    km = rng.lognormal(5, 1, rows)
    saved = np.where(rng.random(rows) < 0.45, 0, km * rng.normal(0.3, 0.3, rows))

    def code(values: np.ndarray, text: str) -> np.ndarray:
        return np.array([None if a else text.format(v) for v, a in zip(values, abroad, strict=True)], dtype=object)

    return pd.DataFrame(
        {
            "code_epci": np.where(abroad, None, epci)[venue],
            "code_departement": code(home, "D{:03d}")[venue],
            "code_region": code(region, "R{:02d}")[venue],
            "annee": year.astype(str),
            "trimestre": [f"{y}-T{q + 1}" for y, q in zip(year, quarter, strict=True)],
            "lieu_id": venue,
            "equipe_id": company,
            "programmateur_id": venue * 2 + rng.integers(0, 2, rows),
            "holding": np.where(venue % 17 == 0, 0, venue),
            "nb_dates": np.ones(rows),
            "nb_dates_coprogrammees": (rng.random(rows) < 0.22).astype(float),
            "distance_contrefactuelle_km": km * 1.4,
            "distance_reelle_km": km * 1.4 - saved,
            "distance_evitee_km": saved,
            "emissions_contrefactuelles_kgco2e": km * 0.4,
            "emissions_reelles_kgco2e": km * 0.4 - saved * 0.25,
            "economie_brute_kgco2e": saved * 0.25,
            "economie_attribuable_kgco2e": saved * 0.2 - km * 0.01,
        }
    )


@pytest.fixture(scope="session")
def contributions() -> Callable[..., pd.DataFrame]:
    """The builder of contributions."""
    return make_contributions
