"""docs/api.md tells the API as it is: every address, every parameter with its default and who takes it."""

import re
from pathlib import Path

import pytest

from portal.explore.params import PARAMETERS, SILENT, TAKES
from portal.explore.routes import BASE

PAGE = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
ROWS = {
    cells[0].strip("` "): [cell.strip() for cell in cells[1:]]
    for line in PAGE.splitlines()
    if line.startswith("| `") and len(cells := re.split(r"(?<!\\)\|", line.strip("|"))) == 4
}


def test_every_address_is_documented(shared):
    """The page and the routes name the same addresses."""
    rules = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix(BASE)).rstrip("/")
        for rule in shared.url_map.iter_rules()
        if rule.endpoint.startswith("explore.")
    }
    table = PAGE[PAGE.index("## Addresses") : PAGE.index("All by GET")]
    named = {
        name for row in re.findall(r"^\|([^|]*)\|", table, re.MULTILINE) for name in re.findall(r"`(/[^`]*)`", row)
    }
    assert named - {BASE} == {rule for rule in rules if rule != "/console"}


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda parameter: parameter.name)
def test_every_parameter_is_documented(parameter):
    """A parameter has a row, with its default, its other names, and the operations that take it."""
    default, takers, meaning = ROWS[parameter.name]
    told = "" if parameter.default in ((), None) else str(parameter.default)
    assert told.lower() in default.lower()
    assert set(takers.split(", ")) == {
        name.replace("_", " ") for name, taken in TAKES.items() if parameter.name in taken
    }
    assert all(f"`{alias}`" in meaning for alias in parameter.aliases)


def test_nothing_is_documented_that_does_not_exist():
    """The page has no row for a parameter that is gone."""
    assert set(ROWS) <= {parameter.name for parameter in PARAMETERS} | set(SILENT)


def test_every_operation_that_takes_parameters_has_a_route(shared):
    """The table of who takes what names endpoints that exist."""
    endpoints = {rule.endpoint for rule in shared.url_map.iter_rules()}
    assert {f"explore.{name}" for name in TAKES} <= endpoints
