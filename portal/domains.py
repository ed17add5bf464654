"""Several domains on one installation: each is an instance apart, with its controller, served by processes of its own.

    FOLDER/data.one.example/settings.env      PORTAL_PORT=8001, PORTAL_CONTROLLER=…: one choice on each line
    FOLDER/data.one.example/…                 all that this domain keeps: databases, keys, versions, journal, archive

They share the programs and nothing else: one address on two domains is two persons whom nothing links, and what one
domain keeps opens nothing of another.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import sleep

from datasets.errors import NotFound, SettingError
from portal.settings import BY_NAME, PREFIX, load_settings

FILE = "settings.env"
APART = (
    *("catalogue_url", "accounts_url", "keys_url", "audience_url", "store_url", "queue_url", "limits_url"),
    *("master_key", "archive_key", "base_url"),
)
"""The settings that no two domains may have alike: whoever shares one can join what the others keep."""

LOOK = 0.2
"""Seconds between two looks at the servers."""

Environment = Mapping[str, str]


def read_domains(folder: Path, environ: Environment) -> dict[str, Environment]:
    """Return the environment of each domain of a folder, by host: what it chooses, and nothing of another portal.

    Raises SettingError for a line that is no choice or for two domains that share what must be apart, NotFound when
    there is no domain.
    """
    others = {name: text for name, text in environ.items() if not name.startswith(PREFIX)}
    shared = {name: environ[name] for name in (f"{PREFIX}PACKAGES",) if name in environ}
    domains: dict[str, Environment] = {}
    for path in sorted(folder.glob(f"*/{FILE}")):
        host = path.parent.name
        mine = {f"{PREFIX}INSTANCE": str(path.parent.resolve()), f"{PREFIX}BASE_URL": f"https://{host}"}
        domains[host] = {**others, **shared, **mine, **read_choices(path)}
    if not domains:
        raise NotFound(kind="file", name=f"{folder}/*/{FILE}")
    check_apart(domains)
    return domains


def read_choices(path: Path) -> dict[str, str]:
    """Return the settings that a file chooses; empty lines and those that begin with # say nothing."""
    chosen = {}
    for line in path.read_text("utf-8").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            name, equals, text = line.partition("=")
            if not equals or not name.strip().startswith(PREFIX):
                raise SettingError(name=str(path), found=repr(line[:80]), expected=f"{PREFIX}NAME=VALUE")
            chosen[name.strip()] = text.strip()
    return chosen


def check_apart(domains: Mapping[str, Environment]) -> None:
    """Raise SettingError when two domains share a database, a key, a store or an address, or listen on one port."""
    taken: dict[tuple[str, str], str] = {}
    for host, environ in domains.items():
        settings = load_settings(environ)
        found = [(name, str(getattr(settings, name))) for name in APART]
        found += [("port", f"{settings.host}:{settings.port}"), ("instance", str(settings.instance))]
        for name, value in found:
            other = taken.setdefault((name, value), host)
            if other != host and value != "memory://":
                where = f"of {host}, shared with {other}"
                raise SettingError(name=f"{BY_NAME[name].variable} {where}", found=value, expected="its own")


def run_on(folder: Path, host: str, command: Sequence[str], environ: Environment) -> int:
    """Run a command of `portal` on one domain, and return its exit status. Raises NotFound and SettingError."""
    domains = read_domains(folder, environ)
    if host not in domains:
        raise NotFound(kind="file", name=f"{folder}/{host}/{FILE}")
    return subprocess.run([sys.executable, "-m", "portal", *command], env=dict(domains[host]), check=False).returncode  # noqa: S603 (our own program)


def serve_domains(folder: Path, environ: Environment) -> int:
    """Serve every domain of a folder until a signal, or until one of them stops; return the first bad exit status."""
    with ExitStack() as stack:
        servers = [stack.enter_context(_serving(each)) for each in read_domains(folder, environ).values()]
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        while all(server.poll() is None for server in servers):
            sleep(LOOK)
        return next((server.returncode for server in servers if server.returncode), 0)


@contextmanager
def _serving(environ: Environment) -> Iterator[subprocess.Popen[bytes]]:
    """Serve one domain in a process of its own, and stop it at the end."""
    server = subprocess.Popen([sys.executable, "-m", "portal", "serve"], env=dict(environ), start_new_session=True)
    try:
        yield server
    finally:
        server.terminate()
        server.wait(timeout=30)
