"""Searching the catalogue: an index of its words, made with each state of the catalogue, that forgives.

    words → index (made at publication, one file beside the catalogue's rows) → asking → spelling → ranking

The index speaks of datasets by their rank among all identifiers, in order. Both languages are in one index: a reader
finds a dataset by the words of either.
"""

from datasets.catalogue.search.index import INDEX_FILE, Index, build_index, read_index, write_index
from datasets.catalogue.search.ranking import Found, mark_words, search

__all__ = ["INDEX_FILE", "Found", "Index", "build_index", "mark_words", "read_index", "search", "write_index"]
