"""Microdata: records that may be told because each looks like many others.

    from datasets.disclosure import microdata

`measure` tells how well records hide each other, `generalise` tells values more coarsely until they do, at the least
loss, and `suppress_cells` makes single cells null.
"""

from datasets.disclosure.microdata.criteria import CRITERIA, Criteria
from datasets.disclosure.microdata.generalisation import Generalisation, generalise
from datasets.disclosure.microdata.hierarchies import (
    Hierarchy,
    dates,
    explicit,
    intervals,
    prefixes,
    territory,
    whole,
)
from datasets.disclosure.microdata.losses import LOSSES
from datasets.disclosure.microdata.measures import Measures, count_alike, measure
from datasets.disclosure.microdata.suppression import Suppression, suppress_cells

__all__ = [
    "CRITERIA",
    "LOSSES",
    "Criteria",
    "Generalisation",
    "Hierarchy",
    "Measures",
    "Suppression",
    "count_alike",
    "dates",
    "explicit",
    "generalise",
    "intervals",
    "measure",
    "prefixes",
    "suppress_cells",
    "territory",
    "whole",
]
