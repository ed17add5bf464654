"""Small programming records, written as a producer would send them."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from datasets.programming.territories import Territories, read_territories

Rows = list[dict[str, str]]


def _rows(header: str, *lines: str) -> Rows:
    names = header.split()
    return [dict(zip(names, line.split(), strict=True)) for line in lines]


def small_tables() -> dict[str, Rows]:
    """Return ten correct tables: one company of Paris plays in three venues of the Gers, in one tour."""
    return {
        "lieux": _rows(
            "lieu_id nom siret code_insee lat lon type_lieu",
            "L1 Halle 00012345600011 32013 43.6465 0.5855 festival",
            "L2 Grange 00012345600029 32107 43.958 0.372 médiathèque",
            "L3 Source 00099999900019 32233 43.524 0.161 SMAC",
        ),
        "programmateurs": _rows(
            "programmateur_id lieu_id nom prenom email consentement_open_data",
            "P1 L1 Dupont Anne anne@example.org true",
            "P2 L2 Durand Luc luc@example.org false",
            "P3 L3 Petit Zoé zoe@example.org true",
        ),
        "equipes": _rows("equipe_id nom base_code_insee base_pays lat lon", "C1 Sablier 75056 FR 48.8566 2.3522"),
        "projets": _rows(
            "projet_id equipe_id discipline nb_personnes volume_m3 transparence cree_par commentaire",
            "J1 C1 Danse 3 2.5 ouvert P1 rien",
        ),
        "tournees": _rows("tournee_id equipe_id domicile_insee domicile_pays ordre_connu", "T1 C1 75056 FR true"),
        "dates": _rows(
            "date_id projet_id lieu_id tournee_id engagement_id debut fin statut coprogrammee cachet_eur",
            "D1 J1 L1 T1 G1 2026-03-02 2026-03-02 realise true 900",
            "D2 J1 L2 T1 G2 2026-03-03 2026-03-03 realise true 900",
            "D3 J1 L3 T1 G3 2026-03-04 2026-03-04 realise true 900",
        ),
        "etapes": _rows(
            "etape_id tournee_id rang a_lieu_id code_insee type mode",
            "E1 T1 1 L1 32013 representation vul_fourgon",
            "E2 T1 2 L2 32107 representation vul_fourgon",
            "E3 T1 3 L3 32233 representation vul_fourgon",
        ),
        "transports": _rows(
            "transport_id tournee_id mode quantite vehicule_id part_volume", "R1 T1 vul_fourgon 1 V1 1"
        ),
        "mises_en_relation": _rows(
            "id programmateur_a programmateur_b projet_id horodatage canal", "M1 P1 P2 J1 2026-01-15T10:00:00Z message"
        ),
        "connexions": _rows(
            "id programmateur_id horodatage ip evenement",
            "X1 P1 2026-01-15T10:00:00Z 192.0.2.1 connexion",
            "X2 P1 2026-03-31T22:30:00Z 192.0.2.1 connexion",
            "X3 P2 2026-01-15T10:00:00Z 192.0.2.2 connexion",
        ),
    }


@pytest.fixture(scope="session")
def territories() -> Territories:
    """The territories of the reference packages."""
    return read_territories(Path(__file__).parents[3] / "node_modules")


@pytest.fixture
def write_tables(tmp_path: Path) -> Callable[..., Path]:
    """Write the small tables, after `change` has edited them in place; return their folder."""

    def write(change: Callable[[dict[str, Rows]], object] = lambda tables: None) -> Path:
        tables = small_tables()
        change(tables)
        for name, rows in tables.items():
            with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
        return tmp_path

    return write
