"""An application behind a real server, as clients meet it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

from flask import Flask
from werkzeug.serving import make_server


@contextmanager
def serve(make: Callable[[str], Flask], host: str = "127.0.0.1") -> Iterator[tuple[str, Flask]]:
    """Serve, in a thread, on a port that nobody uses, the application that `make` makes for its address; give both."""
    server = make_server(host, 0, lambda *_: [], threaded=True)
    address = f"http://{host}:{server.port}"
    server.app = app = make(address)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield address, app
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
