"""The categories by which tables are divided: disciplines, kinds of venue, classes of tours.

In each list of what producers write, the last name stands for anything else: no word of a producer is published.
"""

OTHER = "autre"

DISCIPLINES = (
    *("théâtre", "danse", "cirque", "marionnette", "musique", "jeune public", "arts de la rue", "conte"),
    OTHER,
)
"""The disciplines of projects."""

VENUE_TYPES = (
    *("théâtre municipal", "centre culturel", "festival", "scène conventionnée", "SMAC", "médiathèque"),
    *("scène nationale", "CDN, CCN ou CDCN", "opéra", OTHER),
)
"""The kinds of venues."""

OPEN = "ouvert"
TRANSPARENCIES = (OPEN, "limité")
"""To whom the owner of a project shows it; only what is open may be told outside of the platform."""
