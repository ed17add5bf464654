"""How the datasets of cultural programming describe themselves, in French and in English."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

THEMES = {"ges": ["Environnement", "Culture"], "usage": ["Culture"], "reference": ["Territoire"]}

MASKED_FR = (
    "<p>Une case est masquée quand elle permettrait de deviner ce qui revient à un lieu, une compagnie ou une "
    "personne : moins de trois contributeurs, ou un seul qui fait l’essentiel. D’autres cases le sont pour qu’aucune "
    "soustraction ne révèle les premières. Une case masquée est vide, jamais nulle.</p>"
)
MASKED_EN = (
    "<p>A cell is hidden when it would let a reader guess what belongs to one venue, one company or one person: "
    "fewer than three contributors, or one that makes most of it. Others are hidden so that no subtraction reveals "
    "the first ones. A hidden cell is empty, never zero.</p>"
)

DESCRIPTIONS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "economies-ges": {
            "title": {
                "fr": "Économies de gaz à effet de serre des tournées mutualisées",
                "en": "Greenhouse gas saved by shared touring",
            },
            "description": {
                "fr": "<p>Combien d’émissions évitent les lieux qui accueillent un artiste au cours d’une même tournée, "
                "plutôt que de le faire venir chacun de son côté. Par trimestre et par an, pour la France, les régions, "
                "les départements et les intercommunalités.</p><p>Deux économies sont publiées. L’économie attribuable, "
                "chiffre principal, compare à ce qui aurait eu lieu sans la coprogrammation ; l’économie brute compare "
                "à des venues toutes séparées et sert de borne haute.</p>" + MASKED_FR,
                "en": "<p>How much is not emitted when venues receive an artist within one tour instead of each on its "
                "own. By quarter and year, for France, régions, départements and intermunicipal groups (EPCI).</p>"
                "<p>Two savings are published. The attributable one, the headline figure, compares with what would have "
                "happened without co-programming; the gross one compares with visits all made separately and is an "
                "upper bound.</p>" + MASKED_EN,
            },
            "theme": THEMES["ges"],
            "keyword": ["gaz à effet de serre", "tournée", "spectacle vivant", "coprogrammation", "transport"],
            "update_frequency": "trimestrielle",
            "method": {
                "fr": "<p>Différence entre deux situations calculées avec les mêmes facteurs d’émission (Base Carbone® – "
                "ADEME), sur la distance à vol d’oiseau multipliée par un coefficient de détour. Périmètre : usage "
                "(amont et combustion). Le public, l’hébergement et la restauration sont hors périmètre. Ces émissions "
                "évitées ne se déduisent d’aucun bilan et ne s’additionnent pas d’un tableau à l’autre.</p>",
                "en": "<p>The difference between two situations computed with the same emission factors (Base Carbone® – "
                "ADEME) on great-circle distances times a detour factor. Perimeter: use (upstream and combustion). "
                "Audiences, accommodation and catering are left out. These avoided emissions are deducted from no "
                "inventory and are not to be added across tables.</p>",
            },
        },
        "statistiques-usage-geographiques": {
            "title": {
                "fr": "Usage de la plateforme de coopération par territoire",
                "en": "Use of the cooperation platform by territory",
            },
            "description": {
                "fr": "<p>Lieux et programmateurs actifs, projets, dates, connexions et mises en relation, par trimestre "
                "et par an, pour la France, les régions, les départements et les intercommunalités.</p>" + MASKED_FR,
                "en": "<p>Active venues and programmers, projects, dates, sign-ins and introductions, by quarter and "
                "year, for France, régions, départements and intermunicipal groups (EPCI).</p>" + MASKED_EN,
            },
            "theme": THEMES["usage"],
            "keyword": ["plateforme", "coopération", "programmation", "lieu culturel"],
            "update_frequency": "trimestrielle",
        },
        "facteurs-emission": {
            "title": {"fr": "Facteurs d’émission utilisés", "en": "Emission factors in use"},
            "description": {
                "fr": "<p>Les émissions par kilomètre de chaque mode de transport, avec leur source, leur millésime et "
                "leur incertitude : ce qu’il faut pour refaire le calcul.</p>",
                "en": "<p>Emissions per kilometre of each mode of transport, with source, vintage and uncertainty: what "
                "it takes to do the computation again.</p>",
            },
            "theme": ["Environnement"],
            "keyword": ["facteur d’émission", "transport", "Base Carbone"],
            "update_frequency": "à chaque révision",
            "attributions": ["Base Carbone® – ADEME"],
        },
        "referentiel-territoires": {
            "title": {"fr": "Référentiel des territoires", "en": "Reference of the territories"},
            "description": {
                "fr": "<p>Régions, départements et intercommunalités : codes, noms, rattachements, population, centre et "
                "contour, tels qu’ils servent aux autres jeux de données.</p>",
                "en": "<p>Régions, départements and intermunicipal groups (EPCI): codes, names, parents, population, "
                "centre and contour, as the other datasets use them.</p>",
            },
            "theme": THEMES["reference"],
            "keyword": ["région", "département", "intercommunalité", "contour"],
            "update_frequency": "annuelle",
            "attributions": ["INSEE", "DGCL", "Etalab", "Natural Earth"],
        },
        "qualite-couverture": {
            "title": {"fr": "Qualité et couverture des données", "en": "Quality and coverage of the data"},
            "description": {
                "fr": "<p>Ce que les chiffres couvrent, trimestre par trimestre : tournées que l’on n’a pas pu calculer, "
                "part des transports déclarés, lignes réparées ou refusées, cases masquées.</p>",
                "en": "<p>What the figures cover, quarter by quarter: tours that could not be computed, share of "
                "declared transport, rows repaired or refused, cells hidden.</p>",
            },
            "theme": ["Culture"],
            "keyword": ["qualité", "secret statistique"],
            "update_frequency": "trimestrielle",
        },
    }
)
"""The description of each dataset; the licence and the publisher are the installation's."""


def describe(dataset_id: str, *, licence: str, publisher: str) -> dict[str, Any]:
    """Return the metadata of one of the datasets of cultural programming."""
    return {
        "licence": licence,
        "publisher": publisher,
        "language": "fr",
        "territory": ["France"],
        **DESCRIPTIONS[dataset_id],
    }
