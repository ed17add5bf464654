"""Invented words: nobody and nothing bears these names but by accident; addresses cannot be reached."""

import numpy as np

FIRST_NAMES = (
    *("Agathe", "Béatrice", "Camille", "Denis", "Éloïse", "Fabien", "Gaëlle", "Hervé", "Inès", "Joël", "Karine"),
    *("Loïc", "Maëlle", "Noémie", "Océane", "Pascal", "Quentin", "Raphaël", "Solène", "Théo", "Ugo", "Valérie"),
    *("Wassila", "Xavier", "Yaël", "Zoé", "Amina", "Benoît", "Clémence", "Désirée"),
)
SYLLABLES = (
    ("Bal", "Cor", "Der", "Fon", "Gar", "Lam", "Mar", "Nou", "Per", "Quer", "Rol", "Sal", "Tour", "Vil", "Zam"),
    ("ba", "ce", "di", "fré", "go", "la", "mi", "né", "pu", "ri", "so", "ta", "vé"),
    ("bert", "cour", "dier", "gnac", "lain", "mont", "nel", "quet", "rand", "son", "tier", "vert"),
)
VENUE_WORDS = (
    *("Étoile", "Halle", "Source", "Grange", "Passerelle", "Rotonde", "Fabrique", "Lanterne", "Cigale", "Écluse"),
    *("Traverse", "Comète", "Verrière", "Hêtraie", "Tuilerie", "Béguine"),
)
COMPANY_WORDS = (
    *("Vagabonde", "Contretemps", "Sablier", "Équinoxe", "Mirabelle", "Chevauchée", "Tapage", "Hirondelle", "Marée"),
    *("Paréidolie", "Funambule", "Boussole", "Écho", "Braise", "Nébuleuse", "Ricochet"),
)
TITLE_WORDS = (
    *("La nuit", "Le jardin", "Un été", "Les voix", "L’ombre", "Le fleuve", "Une île", "Les heures", "La chambre"),
    *("Le vertige", "Les pas", "La mémoire"),
)
TITLE_ENDS = (
    *("des pierres", "de verre", "sans fin", "du dehors", "à deux voix", "des absents", "immobile", "de sel"),
    *("retrouvée", "en marche", "d’à côté", "des oiseaux"),
)
COMMENTS = (
    *("Création disponible au printemps.", "Montage en une journée, pré-montage la veille.", "Jauge limitée."),
    *("Possible en décentralisation.", "Coproduction recherchée.", "Accompagné d’ateliers pour les scolaires."),
)
PROFESSIONS = ("direction", "programmation", "administration", "relations publiques", "production", "médiation")
STREETS = ("rue des Écoles", "place de la Mairie", "avenue du Théâtre", "chemin du Moulin", "boulevard des Arts")
AGENTS = (
    *("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"),
    *("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5)", "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5)"),
)
NETWORKS = ("192.0.2", "198.51.100", "203.0.113")
"""The three networks kept for documentation (RFC 5737)."""


def choose(chance: np.random.Generator, words: tuple[str, ...], count: int) -> np.ndarray:
    """Return `count` of the words."""
    return np.array(words, dtype=object)[chance.integers(len(words), size=count)]


def surnames(chance: np.random.Generator, count: int) -> np.ndarray:
    """Return `count` invented family names."""
    first, middle, last = (choose(chance, syllables, count) for syllables in SYLLABLES)
    return first + middle + last


def telephones(chance: np.random.Generator, count: int) -> np.ndarray:
    """Return `count` mobile numbers of the range that the French regulator keeps for fiction."""
    ends = chance.integers(10_000, size=count)
    return np.array([f"06 39 98 {end // 100:02d} {end % 100:02d}" for end in ends.tolist()], dtype=object)


def addresses(chance: np.random.Generator, count: int) -> np.ndarray:
    """Return `count` street addresses."""
    numbers = chance.integers(1, 200, size=count).astype(str).astype(object)
    return numbers + " " + choose(chance, STREETS, count)


def ip_addresses(chance: np.random.Generator, count: int) -> np.ndarray:
    """Return `count` addresses of networks kept for documentation."""
    return choose(chance, NETWORKS, count) + "." + chance.integers(1, 255, size=count).astype(str).astype(object)


def sirets(numbers: np.ndarray) -> np.ndarray:
    """Return SIRET numbers with right check digits, whose SIREN starts by 000: none was ever given to anyone."""
    return np.array([_checked(_checked(f"000{number:05d}") + "0001") for number in numbers.tolist()], dtype=object)


def misread(text: str) -> str:
    """Return a text written in UTF-8 and read as ISO-8859-1, as happens in real files."""
    return text.encode("utf-8").decode("iso-8859-1")


def _checked(digits: str) -> str:
    doubled = (int(d) * (2 - rank % 2) for rank, d in enumerate(reversed(digits)))
    return digits + str(-sum(n - 9 if n > 9 else n for n in doubled) % 10)
