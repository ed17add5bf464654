"""A server that answers over the network, as a client meets it."""

from collections.abc import Iterator

import pytest

from tests.portal.explore.communes import a_portal
from tests.serving import serve


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a portal with two datasets."""
    instance = tmp_path_factory.mktemp("conformance") / "instance"
    with serve(lambda _: a_portal(instance)) as (address, _):
        yield address
