"""Communes, EPCI, départements and régions: their hierarchy, their contours, and where a code belongs.

`hierarchy` holds the Territories and reads them from the reference packages; `placing` repairs and places codes;
`topology` is plain geometry; `contours` reads an operator's files; `storage` keeps all of it between runs;
`reference` is the published dataset.
"""

from datasets.programming.territories.contours import load_contours
from datasets.programming.territories.hierarchy import COUNTRY, LEVELS, Territories, read_territories
from datasets.programming.territories.placing import REASONS
from datasets.programming.territories.reference import reference_frame
from datasets.programming.territories.storage import open_territories, write_territories

__all__ = [
    "COUNTRY",
    "LEVELS",
    "REASONS",
    "Territories",
    "load_contours",
    "open_territories",
    "read_territories",
    "reference_frame",
    "write_territories",
]
