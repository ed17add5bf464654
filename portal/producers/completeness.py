"""How complete a description is, and what each missing piece would bring to those who look for the data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datasets.catalogue.metadata import METADATA_BY_NAME, MetadataTerm
from datasets.errors import Phrase
from datasets.model import Texts
from portal.producers.describing import describe


@dataclass(frozen=True)
class Piece:
    """A piece of description that counts: its weight in the score, and what it brings."""

    name: str
    weight: int
    brings: Texts

    @property
    def term(self) -> MetadataTerm:
        """The row of METADATA."""
        return METADATA_BY_NAME[self.name]

    @property
    def share(self) -> float:
        """What this piece adds to the score, from 0 to 1."""
        return self.weight / sum(piece.weight for piece in PIECES)


def _piece(name: str, weight: int, brings: Phrase) -> Piece:
    return Piece(name, weight, {"fr": brings.fr, "en": str(brings)})


PIECES: tuple[Piece, ...] = tuple(
    _piece(name, weight, brings)
    for name, weight, brings in (
        ("title", 3, Phrase("people know what it is about", "on sait de quoi il s’agit")),
        ("description", 3, Phrase("people know whether it suits them", "on sait si les données conviennent")),
        ("licence", 3, Phrase("people know that they may reuse it", "on sait qu’on peut les réutiliser")),
        ("keyword", 2, Phrase("people who search with other words find it", "on les trouve avec d’autres mots")),
        ("theme", 2, Phrase("European portals file it rightly", "les portails européens les classent bien")),
        ("territory", 2, Phrase("people who look for their town find it", "on les trouve par son territoire")),
        ("update_frequency", 2, Phrase("people know when to come back", "on sait quand revenir")),
        ("temporal", 1, Phrase("people know which years it covers", "on sait quelles années elles couvrent")),
        ("contact_name", 1, Phrase("people know which service answers", "on sait quel service répond")),
        ("contact_email", 1, Phrase("people can report a mistake", "on peut signaler une erreur")),
        ("attributions", 1, Phrase("people know whom to cite", "on sait qui citer")),
        ("references", 1, Phrase("people can read more", "on peut en lire davantage")),
        ("method", 1, Phrase("people know how far to trust figures", "on sait jusqu’où se fier aux chiffres")),
    )
)
"""What counts, the most useful first."""


@dataclass(frozen=True)
class Completeness:
    """The score of a description, from 0 to 1, and the pieces that would raise it, the heaviest first."""

    score: float
    missing: tuple[Piece, ...]


def measure_completeness(description: Mapping[str, Any]) -> Completeness:
    """Return how complete a description is, as its producer wrote it (by field of the form)."""
    told = describe(description)
    missing = tuple(piece for piece in PIECES if piece.name not in told)
    return Completeness(1 - sum(piece.share for piece in missing), missing)
