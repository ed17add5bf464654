"""The page about microdata tells the truth."""

import re
from pathlib import Path

from datasets.disclosure import microdata
from datasets.errors import Phrase

PAGE = Path(__file__).parents[3] / "docs" / "microdata.md"


def test_the_example_of_the_documentation_runs(capsys):
    """The example of docs/microdata.md works as printed, and what it tells hides three by three."""
    program = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert program
    exec(compile(program[1], str(PAGE), "exec"), {})
    told = capsys.readouterr().out
    assert told.startswith("{'commune': 1, 'naissance': 4} 2 ")
    assert int(re.search(r" k=(\d+)", told)[1]) >= 3


def test_every_loss_criterion_measure_and_hierarchy_is_documented():
    """Each name of the tables is on the page, and says what it is in French too."""
    page = PAGE.read_text(encoding="utf-8")
    names = [*microdata.LOSSES, *(criterion.name for criterion in microdata.CRITERIA), "k", "presence"]
    for name in [*names, "territory", "dates", "intervals", "prefixes", "explicit", "whole"]:
        assert re.search(rf"`{name}\b", page), name
    for one in [*microdata.LOSSES.values(), *microdata.CRITERIA]:
        assert isinstance(one.label, Phrase)
        assert one.label.fr != one.label
