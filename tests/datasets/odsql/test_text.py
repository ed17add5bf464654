"""Trees printed back as text."""

import pytest

from datasets.odsql.parser import parse_items, parse_where
from datasets.odsql.text import print_items, print_where
from tests.datasets.odsql.golden import sections


@pytest.mark.parametrize(("clause", "text"), sections("identity.txt"))
def test_a_canonical_clause_is_printed_as_it_was(clause: str, text: str) -> None:
    """Each line of identity.txt, parsed then printed, gives the same text."""
    if clause == "where":
        assert print_where(parse_where(text)) == text
    else:
        assert print_items(parse_items(text, clause)) == text
