"""docs/api-older.md tells every address of the older versions, and every function of their language."""

import re
from pathlib import Path

from portal.explore.v1.analysis import FUNCTIONS as SERIES
from portal.explore.v1.conditions import FUNCTIONS
from portal.explore.v1.params import FAMILIES
from portal.explore.v1.places import GEOFILTERS
from portal.explore.v2.addresses import PREFIXES

PAGE = (Path(__file__).parents[4] / "docs" / "api-older.md").read_text(encoding="utf-8")
OLDER = ("explore_v1.", "explore_v2.", "explore_v2_1.")


def told(rule):
    """Return an address as the page writes it: without its base, converters and final slash."""
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule).rstrip("/")
    return next((path.removeprefix(base) for base in PREFIXES if path.startswith(base)), path)


def test_each_address_has_its_line(shared):
    """Each rule of the blueprints of versions 1 and 2.0 stands in a table of the page, whole."""
    addresses = {told(rule) for rule in shared.url_map.iter_rules() if rule.endpoint.startswith(OLDER)}
    assert len(addresses) > 30
    assert not [address for address in addresses if f"`{address}`" not in PAGE]


def test_each_function_and_parameter_is_told():
    """The tables of the code are in the page."""
    assert all(f"#{name}(" in PAGE for name in FUNCTIONS)
    assert all(f"`{name}`" in PAGE for name in (*SERIES, *GEOFILTERS))
    assert all(f"`{family}" in PAGE for family in FAMILIES if family != "ods-")


def test_no_address_of_the_page_is_gone(shared):
    """An address that the page tells for version 1 is served."""
    known = {told(rule) for rule in shared.url_map.iter_rules()}
    cells = [cell for line in PAGE.splitlines() if line.startswith("| `/") for cell in line.split("|")[1].split(",")]
    assert {cell.strip(" `") for cell in cells} <= known
