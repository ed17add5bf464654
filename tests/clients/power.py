"""Series of the Belgian grid as elia-py expects them: their identifiers, a `datetime` field; invented values."""

import datetime as dt
from typing import Any

from datasets.model import Field, Schema
from datasets.publish import Release
from tests.portal.explore.communes import a_release, describe

START = dt.datetime(2024, 10, 31, 22, 0, tzinfo=dt.UTC)
QUARTER = dt.timedelta(minutes=15)
QUARTERS = 4 * 24 * 8
REGIONS = ("Flanders", "Wallonia", "Brussels")

LOAD = Schema(
    (
        Field("datetime", "datetime", {"fr": "Instant", "en": "Datetime"}),
        Field("measured", "double", {"fr": "Mesuré", "en": "Measured"}),
        Field("resolutioncode", "text", {"fr": "Pas", "en": "Resolution"}),
    )
)
SOLAR = Schema((*LOAD.fields[:2], Field("region", "text", {"fr": "Région"}, annotations={"facet": True})))
IMBALANCE = Schema((Field("datetime", "datetime", {"fr": "Instant"}), Field("systemimbalance", "double")))
FORECAST = Schema((Field("predictiontimeutc", "datetime", {"fr": "Instant"}), Field("sipredictionavg", "double")))


def power_releases() -> list[Release]:
    """Return the series, ready to publish: eight days of quarter-hours, or one hour of minutes."""
    instants = [START + QUARTER * i for i in range(QUARTERS)]
    minutes = [START + dt.timedelta(minutes=i) for i in range(60)]
    rows: dict[str, tuple[Schema, list[dict[str, Any]]]] = {
        "ods003": (
            LOAD,
            [{"datetime": at, "measured": 9000.0 + i, "resolutioncode": "PT15M"} for i, at in enumerate(instants)],
        ),
        "ods032": (
            SOLAR,
            [{"datetime": at, "measured": float(at.hour), "region": region} for at in instants for region in REGIONS],
        ),
        "ods136": (FORECAST, [{"predictiontimeutc": at, "sipredictionavg": 1.5} for at in instants]),
        "ods169": (IMBALANCE, [{"datetime": at, "systemimbalance": float(at.minute)} for at in minutes]),
    }
    return [
        a_release(name, schema, records, describe(f"Réseau {name}", f"Grid {name}", "Énergie"))
        for name, (schema, records) in rows.items()
    ]
