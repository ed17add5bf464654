"""The instance folder is private, and held by one process at a time."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from datasets.errors import Locked, StoreError
from portal.instance import hold_instance, prepare_instance

HOLD = """
import sys
from pathlib import Path
from portal.instance import hold_instance
with hold_instance(Path(sys.argv[1]), "serving"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_secret_is_made_once_and_is_private(tmp_path: Path) -> None:
    """A second start keeps the secret; nobody else can read it."""
    prepare_instance(tmp_path / "instance")
    secret = tmp_path / "instance" / "secret.key"
    text = secret.read_text(encoding="ascii")
    prepare_instance(tmp_path / "instance")
    assert secret.read_text(encoding="ascii") == text
    assert len(text) >= 43
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_a_second_process_is_told_who_holds_the_instance(tmp_path: Path) -> None:
    """Two servers never share one instance; the second one is told which process is the first."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(Locked, match=str(first.pid)), hold_instance(tmp_path, "serving"):
            pass
        first.communicate("")
    with hold_instance(tmp_path, "serving"):
        pass


def test_an_instance_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    """A file where the folder should be, say, is an error that names the place."""
    (tmp_path / "instance").write_text("not a folder")
    with pytest.raises(StoreError, match="instance"):
        prepare_instance(tmp_path / "instance")
