"""What a sample holds: its tables, its three sizes, the rates of its planted defects, and its sources of chance."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

EPOCH = date(1970, 1, 1)

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "lieux": (
            *("lieu_id", "nom", "adresse", "siret", "code_insee", "lat", "lon", "type_lieu", "label", "jauge"),
            *("date_inscription", "derniere_connexion", "actif"),
        ),
        "programmateurs": (
            *("programmateur_id", "lieu_id", "nom", "prenom", "email", "telephone", "adresse", "photo_url"),
            *("profession", "ip_derniere", "transparence_defaut", "consentement_open_data", "date_creation"),
            "derniere_connexion",
        ),
        "equipes": (
            *("equipe_id", "nom", "siret", "base_code_insee", "base_pays", "base_ville", "lat", "lon"),
            *("discipline", "effectif"),
        ),
        "projets": (
            *("projet_id", "equipe_id", "titre", "discipline", "nb_personnes", "volume_m3", "poids_kg"),
            *("transparence", "statut", "periode_debut", "periode_fin", "cree_par", "cree_le", "commentaire"),
        ),
        "dates": (
            *("date_id", "projet_id", "lieu_id", "tournee_id", "engagement_id", "debut", "fin"),
            *("nb_representations", "statut", "coprogrammee", "cachet_eur"),
        ),
        "tournees": (
            *("tournee_id", "equipe_id", "domicile_insee", "domicile_pays", "debut", "fin", "ordre_connu"),
            "statut",
        ),
        "etapes": (
            *("etape_id", "tournee_id", "rang", "de_lieu_id", "a_lieu_id", "code_insee", "type"),
            *("distance_km_declaree", "mode"),
        ),
        "transports": (
            *("transport_id", "tournee_id", "mode", "quantite", "vehicule_id", "part_volume", "motorisation"),
        ),
        "mises_en_relation": (*("id", "programmateur_a", "programmateur_b", "projet_id", "horodatage", "canal"),),
        "connexions": ("id", "programmateur_id", "horodatage", "ip", "agent_utilisateur", "evenement"),
    }
)
"""The ten tables and their columns, in the order in which they are written."""

TABLES = tuple(COLUMNS)
ACTORS, BLOCK_TABLES, LOGS = TABLES[:3], TABLES[3:8], TABLES[8:]
"""Tables made at once; made together by block of companies; made by chunk of rows."""

LOG_CHUNK = 500_000
"""Rows of a chunk of LOGS."""


@dataclass(frozen=True)
class Size:
    """A size of sample: first and last day, number of blocks of companies, rows of each table."""

    name: str
    first: date
    last: date
    blocks: int
    rows: Mapping[str, int]

    @property
    def span(self) -> tuple[int, int]:
        """The first and last day, as days since 1970-01-01."""
        return (self.first - EPOCH).days, (self.last - EPOCH).days

    def chunks(self, table: str) -> int:
        """Return the number of chunks of a table."""
        if table in LOGS:
            return -(-self.rows[table] // LOG_CHUNK)
        return self.blocks if table in BLOCK_TABLES else 1

    def block_rows(self, table: str) -> Ints:
        """Return the rows of a table that belong to each block of companies."""
        return share_out(self.rows[table], self.blocks)

    def chunk_rows(self, table: str) -> Ints:
        """Return the rows of each chunk of a table; their sum is exact."""
        return share_out(self.rows[table], self.chunks(table))


def _size(name: str, first: date, last: date, blocks: int, *rows: int) -> Size:
    return Size(name, first, last, blocks, MappingProxyType(dict(zip(TABLES, rows, strict=True))))


SIZES: Mapping[str, Size] = MappingProxyType(
    {
        size.name: size
        for size in (
            _size("S", date(2024, 9, 1), date(2025, 8, 31), 1, 60, 110, 80, 150, 420, 110, 380, 160, 130, 400),
            _size(
                *("M", date(2024, 1, 1), date(2025, 12, 31), 4),
                *(1_500, 3_200, 4_000, 12_000, 42_000, 9_000, 37_000, 14_000, 12_300, 65_000),
            ),
            _size(
                *("L", date(2016, 1, 1), date(2025, 12, 31), 30, 9_000, 21_000, 30_000, 600_000, 4_200_000),
                *(900_000, 3_700_000, 1_400_000, 1_140_000, 8_000_000),
            ),
        )
    }
)


@dataclass(frozen=True)
class Defect:
    """A kind of planted defect: its table and columns, its rate, and what a correct reader does with it."""

    name: str
    table: str
    columns: tuple[str, ...]
    rate: float
    effect: str


DEFECTS: Mapping[str, Defect] = MappingProxyType(
    {
        defect.name: defect
        for defect in (
            Defect("code_sans_zero", "lieux", ("code_insee",), 0.005, "repare"),
            Defect("code_sans_zero_equipe", "equipes", ("base_code_insee",), 0.005, "repare"),
            Defect("code_de_2018", "lieux", ("code_insee",), 0.005, "repare"),
            Defect("code_inconnu", "lieux", ("code_insee",), 0.002, "refuse"),
            Defect("coordonnees_inversees", "lieux", ("lat", "lon"), 0.002, "repare"),
            Defect("coordonnees_a_virgule", "lieux", ("lat", "lon"), 0.005, "repare"),
            Defect("nom_mal_decode", "lieux", ("nom",), 0.001, "sans_effet"),
            Defect("nom_mal_decode_personne", "programmateurs", ("prenom",), 0.001, "sans_effet"),
            Defect("domicile_absent", "equipes", ("base_code_insee", "lat", "lon"), 0.02, "sans_calcul"),
            Defect("domicile_absent_tournee", "tournees", ("domicile_insee",), 0.02, "sans_calcul"),
            Defect("tournee_en_double", "tournees", ("tournee_id",), 0.01, "dedoublonne"),
            Defect("date_jjmmaaaa", "dates", ("debut", "fin"), 0.01, "repare"),
            Defect("fin_avant_debut", "dates", ("debut", "fin"), 0.002, "refuse"),
            Defect("cachet_a_virgule", "dates", ("cachet_eur",), 0.005, "repare"),
            Defect("volume_a_virgule", "projets", ("volume_m3",), 0.005, "repare"),
            Defect("courriel_dans_le_commentaire", "projets", ("commentaire",), 0.005, "sans_effet"),
            Defect("quantite_negative_ou_nulle", "transports", ("quantite",), 0.001, "refuse"),
        )
    }
)
"""The defects planted row by row; the rates are those of section 4.3 of the reference note on the generator."""


def planted_count(rows: int, defect: str) -> int:
    """Return how many of `rows` rows carry a defect: its rate, and at least one."""
    return min(rows, max(1, round(DEFECTS[defect].rate * rows)))


def share_out(total: int, parts: int) -> Ints:
    """Return `total` cut into `parts` nearly equal whole numbers."""
    return np.diff(np.arange(parts + 1, dtype=np.int64) * total // parts)


def seeded(seed: int, table: str, chunk: int = 0) -> np.random.Generator:
    """Return the source of chance of one chunk of one table: it depends on nothing else."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, TABLES.index(table), chunk])))


def pick(chance: np.random.Generator, among: Ints, count: int) -> Ints:
    """Return `count` distinct elements of `among` (all of them when there are fewer), sorted."""
    return np.sort(chance.choice(among, min(count, len(among)), replace=False))
