"""Words of the European authority lists, and the words of producers that mean the same.

The lists are those of the Publications Office of the European Union (EU Vocabularies), which DCAT-AP asks for.
"""

from collections.abc import Mapping
from types import MappingProxyType

AUTHORITY = "http://publications.europa.eu/resource/authority/"
IANA = "https://www.iana.org/assignments/media-types/"

LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        "fr": "FRA",
        "en": "ENG",
        "nl": "NLD",
        "pt": "POR",
        "it": "ITA",
        "ar": "ARA",
        "de": "DEU",
        "es": "SPA",
        "ca": "CAT",
        "eu": "EUS",
        "oc": "OCI",
        "sv": "SWE",
    }
)
"""Authority `language`, by ISO 639-1 code."""

FREQUENCIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        word: (code, period)
        for code, period, words in (
            ("CONT", "R/PT1S", ("continu", "en continu", "continuous", "temps réel", "real time")),
            ("HOURLY", "R/PT1H", ("horaire", "toutes les heures", "hourly")),
            ("DAILY", "R/P1D", ("quotidien", "quotidienne", "journalière", "daily")),
            ("WEEKLY", "R/P1W", ("hebdomadaire", "weekly")),
            ("BIWEEKLY", "R/P2W", ("bimensuelle", "biweekly", "fortnightly")),
            ("MONTHLY", "R/P1M", ("mensuel", "mensuelle", "monthly")),
            ("BIMONTHLY", "R/P2M", ("bimestrielle", "bimonthly")),
            ("QUARTERLY", "R/P3M", ("trimestriel", "trimestrielle", "quarterly")),
            ("ANNUAL_2", "R/P6M", ("semestriel", "semestrielle", "semiannual", "half-yearly")),
            ("ANNUAL", "R/P1Y", ("annuel", "annuelle", "annual", "yearly")),
            ("BIENNIAL", "R/P2Y", ("biennale", "tous les deux ans", "biennial")),
            ("TRIENNIAL", "R/P3Y", ("triennale", "tous les trois ans", "triennial")),
            ("IRREG", "irregular", ("irrégulier", "irrégulière", "irregular")),
            ("AS_NEEDED", "irregular", ("ponctuelle", "à la demande", "as needed")),
            ("NEVER", "irregular", ("jamais", "aucune", "never")),
        )
        for word in (code.lower(), *words)
    }
)
"""Authority `frequency` and the ISO 8601 interval, by the words that producers write, in small letters."""

THEMES: Mapping[str, str] = MappingProxyType(
    {
        word: code
        for code, words in (
            ("AGRI", ("agriculture", "alimentation", "pêche", "forêt", "food")),
            ("ECON", ("économie", "emploi", "finances", "tourisme", "economy", "finance", "tourism")),
            ("EDUC", ("culture", "éducation", "sport", "sports", "patrimoine", "education", "heritage")),
            ("ENER", ("énergie", "energy")),
            ("ENVI", ("environnement", "climat", "environment", "climate")),
            ("GOVE", ("administration", "citoyenneté", "élections", "secteur public", "government")),
            ("HEAL", ("santé", "health")),
            ("INTR", ("international",)),
            ("JUST", ("justice", "sécurité", "security")),
            ("REGI", ("territoire", "territoires", "urbanisme", "logement", "territory", "regions", "housing")),
            ("SOCI", ("population", "société", "social", "society")),
            ("TECH", ("sciences", "recherche", "numérique", "science", "research", "technology")),
            ("TRAN", ("transport", "transports", "mobilité", "mobility")),
        )
        for word in (code.lower(), *words)
    }
)
"""Authority `data-theme`, by the words that producers write, in small letters."""

LICENCES: Mapping[str, str] = MappingProxyType(
    {
        "https://creativecommons.org/licenses/by/4.0/": "CC_BY_4_0",
        "https://creativecommons.org/publicdomain/zero/1.0/": "CC0",
        "https://opendatacommons.org/licenses/odbl/1-0/": "ODC_BL",
    }
)
"""Authority `licence`, by the address of the text."""

FILE_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "csv": "CSV",
        "geojson": "GEOJSON",
        "gpx": "GPX",
        "ical": "ICS",
        "json": "JSON",
        "jsonld": "JSON_LD",
        "kml": "KML",
        "n3": "N3",
        "ods": "ODS",
        "parquet": "PARQUET",
        "pdf": "PDF",
        "rdfxml": "RDF_XML",
        "shp": "SHP",
        "tsv": "TSV",
        "turtle": "RDF_TURTLE",
        "xlsx": "XLSX",
        "zip": "ZIP",
    }
)
"""Authority `file-type`, by the name of a format."""

UNREGISTERED = frozenset(("application/gpx+xml", "application/jsonl", "application/octet-stream", "text/n3"))
"""Media types in use that have no page at IANA, or say nothing."""
