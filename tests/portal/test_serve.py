"""The server's processes: what they load, and how they end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from portal.serve import forget_signals

HEAVY = (
    "alembic",
    "highspy",
    "openpyxl",
    "ortools",
    "pandas",
    "PIL",
    "pyogrio",
    "scipy",
    "segno",
    "vl_convert",
    "webauthn",
)
"""What takes seconds or tens of megabytes to load, and answers no page."""


def test_a_process_that_starts_can_be_ended() -> None:
    """A process forked with handlers that only note signals ends at the first one, and is not waited for in vain."""
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    ready, told = os.pipe()
    child = os.fork()
    if not child:
        forget_signals()
        os.write(told, b".")
        time.sleep(60)
        os._exit(0)
    signal.signal(signal.SIGTERM, before)
    os.read(ready, 1)
    os.kill(child, signal.SIGTERM)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGTERM


def test_a_web_process_loads_little(tmp_path: Path) -> None:
    """A server starts without what only publications, audits and some exports need."""
    made = f"portal.create_app({{'instance': {str(tmp_path)!r}}})"
    code = f"import portal.serve, portal.cli, sys; {made}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "duckdb" in loaded
    assert not set(HEAVY) & set(loaded)
