"""A few rows of `economies-ges`, of which the documentation speaks: its true schema, invented values."""

import datetime as dt

from datasets.programming.schemas import SCHEMAS
from datasets.publish import Release
from tests.portal.explore.communes import a_release, describe

DATASET_ID = "economies-ges"
PLACES = (("pays", "FR", "France"), ("region", "76", "Occitanie"), ("departement", "32", "Gers"))


def a_savings_release() -> Release:
    """Return the dataset ready to publish: two years and two quarters in three places."""
    rows = [
        {
            "periode": period,
            "granularite": "annee" if len(period) == 4 else "trimestre",
            "niveau_geo": level,
            "code_geo": code,
            "nom_geo": name,
            "nb_dates": 12 + number,
            "economie_attribuable_kgco2e": 100.5 * number,
            "masque": level == "departement" and len(period) > 4,
            "centre": {"lon": 0.58, "lat": 43.64},
            "date_production": dt.date(2026, 11, 20),
        }
        for number, period in enumerate(("2024", "2025", "2025-T1", "2025-T2"))
        for level, code, name in PLACES
    ]
    return a_release(DATASET_ID, SCHEMAS[DATASET_ID], rows, describe("Économies", "Savings", "Climat"))
