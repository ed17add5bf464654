"""Bad queries: each has its code and its message, which says the clause, the place and what would fit."""

from string import Formatter

import pytest

from datasets.errors import Phrase, PortalError
from datasets.odsql.reasons import LIMITS, REASONS
from datasets.query import Query, Source, run_query
from datasets.store.engine import Engine
from tests.datasets.odsql.golden import blocks, parameters


@pytest.mark.parametrize("block", blocks("refused.txt"), ids=lambda block: block[0])
def test_a_bad_query_is_refused_with_its_reason(block: list[str], towns: Source, engine: Engine) -> None:
    """Each query of refused.txt raises the error written under it, in English, and has a French message."""
    query, code, *message = block
    with pytest.raises(PortalError) as refused:
        run_query(Query(**parameters(query)), towns, engine)
    assert [refused.value.code, *str(refused.value).splitlines()] == [code, *message]
    assert refused.value.message("fr").splitlines()[0] != message[0]
    said = (refused.value.data.get(name) for name in ("detail", "expected", "hint"))
    assert all(isinstance(text, Phrase) for text in said if text)


@pytest.mark.parametrize("why", REASONS)
def test_each_reason_is_told_in_both_languages(why: str) -> None:
    """A reason has the same data in English and in French."""
    en, fr = ({name for _, name, _, _ in Formatter().parse(text) if name} for text in REASONS[why])
    assert en == fr
    assert all(len(row) == 2 for row in LIMITS.values())
