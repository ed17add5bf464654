"""A server that answers over the network, as a client meets it."""

from collections.abc import Iterator
from threading import Thread

import pytest
from werkzeug.serving import make_server

from tests.portal.explore.communes import a_portal


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a portal with two datasets."""
    app = a_portal(tmp_path_factory.mktemp("conformance") / "instance")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
