"""The command line: one line per failure, exit status 2, and the instance as it was.

What a process of its own changes (its exit status, its signals, its ports) is tried as a person runs it; what only
depends on the words of the command, within this process.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal.cli import run
from portal.instance import hold_instance

PORTAL = Path(sys.executable).with_name("portal")
TABLES = ("lieux", "programmateurs", "equipes", "projets", "dates", "tournees", "etapes", "transports")


@dataclass(frozen=True)
class Done:
    """What a command answered and wrote."""

    returncode: int
    stdout: str
    stderr: str


def portal(instance: Path, *arguments: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run `portal` on an instance, as a person does."""
    return subprocess.run(
        [PORTAL, *arguments],
        env=os.environ | {"PORTAL_INSTANCE": str(instance), "PORTAL_LIMITS_URL": "memory://"} | environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture
def run_portal(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Run `portal` on an instance, within this process."""

    def done(instance: Path, *arguments: str | Path, **environ: str) -> Done:
        for name, value in {"PORTAL_INSTANCE": str(instance), "PORTAL_LIMITS_URL": "memory://", **environ}.items():
            monkeypatch.setenv(name, value)
        status = run([str(argument) for argument in arguments])
        return Done(status, *capfd.readouterr())

    return done


def one_line(done: Done | subprocess.CompletedProcess[str]) -> str:
    """Return the only line of a failure."""
    assert done.returncode == 2, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if not line.startswith("  ")]
    assert line.startswith("portal: ")
    return line


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample of records of size S."""
    folder = tmp_path_factory.mktemp("sample")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PORTAL_INSTANCE", str(folder / "instance"))
        assert run(["programming", "sample", "--size", "S", str(folder / "records")]) == 0
    return folder / "records"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Path:
    """An instance where the sample is published, to copy."""
    instance = tmp_path_factory.mktemp("published") / "instance"
    done = portal(instance, "programming", "publish", sample)
    assert done.returncode == 0, done.stderr
    return instance


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return what a folder holds, byte for byte (locks and logs of transactions left out)."""
    left_out = (".lock", "-wal", "-shm")
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(left_out)
    }


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["dance"], "dance"),
        (["programming", "dance"], "dance"),
        (["serve", "--port", "eighty"], "eighty"),
        (["retention", "run", "--at", "tomorrow"], "tomorrow"),
        (["ingest", "no-such-file.csv", "--id", "towns"], "no-such-file.csv"),
        (["ingest"], "FILE"),
        (["programming", "publish", "no-such-folder"], "no-such-folder"),
        (["territories", "load", "no-such-file.geojson"], "no-such-file.geojson"),
    ],
)
def test_a_wrong_command_is_one_line_that_names_what_was_found(
    tmp_path: Path, run_portal: Callable[..., Done], arguments: list[str], found: str
) -> None:
    """Unknown command, wrong value, missing file: the operator reads one line and the status is 2."""
    assert found in one_line(run_portal(tmp_path / "instance", *arguments))


def test_a_failure_is_the_status_of_the_process(tmp_path: Path) -> None:
    """What a shell sees of a wrong setting: status 2, one line, no traceback."""
    assert "PORTAL_PORT" in one_line(portal(tmp_path / "instance", "settings", PORTAL_PORT="eighty"))


def test_an_instance_in_an_impossible_place_is_one_line(tmp_path: Path, run_portal: Callable[..., Done]) -> None:
    """A file where the folder should be is named."""
    (tmp_path / "instance").write_text("not a folder")
    assert "instance" in one_line(run_portal(tmp_path / "instance", "demo", "--size", "S"))


def test_a_port_in_use_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    """The server does not start beside another one; the line names the port and `--port`."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = one_line(portal(tmp_path / "instance", "serve", "--port", str(port)))
    assert str(port) in line
    assert "--port" in line


def test_a_missing_table_column_or_row_changes_nothing(
    tmp_path: Path, sample: Path, published: Path, run_portal: Callable[..., Done]
) -> None:
    """Records that cannot be read are refused in one line that says where, and what is published stays."""
    instance = shutil.copytree(published, tmp_path / "instance")
    before = snapshot(instance / "versions")
    for name, content in zip(TABLES[:3], (None, "", "a,b\n1,2\n"), strict=True):
        broken = tmp_path / f"without-{name}"
        shutil.copytree(sample, broken)
        path = broken / f"{name}.csv"
        path.unlink()
        if content is not None:
            path.write_text(content)
        assert name in one_line(run_portal(instance, "programming", "publish", broken))
    assert snapshot(instance / "versions") == before


def test_a_second_publication_is_told_who_holds_the_instance(
    tmp_path: Path, sample: Path, run_portal: Callable[..., Done]
) -> None:
    """Two publications never mix: the second is told which process is at work."""
    instance = tmp_path / "instance"
    instance.mkdir()
    with hold_instance(instance, "publishing"):
        assert str(os.getpid()) in one_line(run_portal(instance, "programming", "publish", sample))
    assert list((instance / "versions").iterdir()) == []


def test_publishing_goes_on_without_the_stores_of_persons(
    tmp_path: Path, sample: Path, published: Path, run_portal: Callable[..., Done]
) -> None:
    """With accounts, keys and audience away a file and the programming records are published, and nothing is made anew.

    The calendar of open dates stays as it is: nobody can say whose dates may be told.
    """
    instance = shutil.copytree(published, tmp_path / "instance")
    for name in ("accounts", "keys", "audience"):
        for path in instance.glob(f"{name}.sqlite*"):
            path.unlink()
    table = tmp_path / "musees.csv"
    table.write_text("nom;ville\nA;Auch\n")
    before = snapshot(instance / "versions" / "calendrier-disponibilites")
    assert run_portal(instance, "ingest", table, "--id", "musees", "--publish").returncode == 0
    done = run_portal(instance, "programming", "publish", sample)
    assert (done.returncode, "calendrier-disponibilites: left as it is" in done.stdout) == (0, True), done.stderr
    assert "facteurs-emission: " in done.stdout
    assert snapshot(instance / "versions" / "calendrier-disponibilites") == before
    assert {path.stem for path in instance.glob("*.sqlite")} & {"accounts", "keys", "audience"} == set()


def test_ctrl_c_leaves_the_instance_as_it_was(tmp_path: Path, sample: Path, published: Path) -> None:
    """A publication that is interrupted says so in one line; what was published before is served as before."""
    instance = shutil.copytree(published, tmp_path / "instance")
    before = snapshot(instance / "versions")
    environ = os.environ | {"PORTAL_INSTANCE": str(instance)}
    command = [PORTAL, "programming", "publish", sample]
    with subprocess.Popen(
        command,
        env=environ,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # A shell that runs the tests in the background ignores Ctrl-C, and its children would too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as first:
        deadline = time.monotonic() + 120
        while not (instance / "publishing.pid").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        first.send_signal(signal.SIGINT)
        _, errors = first.communicate(timeout=120)
    assert first.returncode == 2
    assert "portal: Stopped." in errors
    assert "Traceback" not in errors
    assert snapshot(instance / "versions") == before


def test_settings_are_listed_without_secrets(tmp_path: Path, run_portal: Callable[..., Done]) -> None:
    """`portal settings` shows every choice and no address that may hold a password."""
    done = run_portal(tmp_path / "instance", "settings", PORTAL_ACCOUNTS_URL="postgresql://portal:canary@db/accounts")
    assert done.returncode == 0
    assert "PORTAL_PORT" in done.stdout
    assert "canary" not in done.stdout


def test_an_account_is_made_before_anything_else_is(tmp_path: Path, run_portal: Callable[..., Done]) -> None:
    """On an instance where nothing was served nor published yet, the first account is created all the same."""
    done = run_portal(tmp_path / "instance", "accounts", "create", "ada@example.org", "--role", "officer")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("ada@example.org (officer): ")
