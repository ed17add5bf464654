"""The servers that are measured: how each is started, and where its processes are."""

import getpass
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

HERE = Path(__file__).parent
PEERS = HERE / ".venv" / "bin"
PORTS = {
    **{"portal": 8741, "roapi": 8742, "datasette": 8743, "pygeoapi": 8744, "empty": 8745, "static": 8746},
    **{"nginx": 8747, "behind nginx": 8747},
}
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
KEPT = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
"""What nginx may keep on disk, each in a folder that must be there."""

CONFIGURATION = HERE.parent / "docs" / "nginx.conf"

EMPTY = """
from flask import Flask
application = Flask("empty")
@application.route("/<path:rest>")
def answer(rest): return "ok"
"""

STATIC = """
import os, socket, sys
door = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    client, _ = door.accept()
    if os.fork():
        client.close(); continue
    while (request := client.recv(65536)):
        with open(request.split(b" ")[1], "rb") as file:
            size = os.fstat(file.fileno()).st_size
            client.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % size)
            sent = 0
            while sent < size: sent += os.sendfile(client.fileno(), file.fileno(), sent, size - sent)
    os._exit(0)
"""

PYGEOAPI = """
server: {{bind: {{host: 127.0.0.1, port: {port}}}, url: "http://127.0.0.1:{port}", mimetype: application/json,
  encoding: utf-8, languages: [en-US], pretty_print: false, limits: {{default_items: 100, max_items: 10000}},
  map: {{url: "", attribution: ""}}}}
logging: {{level: ERROR}}
metadata:
  identification: {{title: b, description: b, keywords: [b], keywords_type: theme, terms_of_service: b, url: b}}
  license: {{name: b, url: b}}
  provider: {{name: b, url: b}}
  contact: {{name: b, position: b, address: b, city: b, stateorprovince: b, postalcode: b, country: b, phone: b, fax: b,
    email: b, url: b, hours: b, instructions: b, role: b}}
resources:
  tours:
    type: collection
    title: tours
    description: tours
    keywords: [tours]
    links: []
    extents: {{spatial: {{bbox: [-180, -90, 180, 90], crs: "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}}}}
    providers: [{{type: feature, name: Parquet, data: {{source: "{folder}/tours.parquet"}}, id_field: code,
      x_field: lon, y_field: lat}}]
"""


def commands(folder: Path) -> dict[str, tuple[str, dict[str, str]]]:
    """Return the command and the environment of each server over the files of `folder`."""
    pygeoapi = {"PYGEOAPI_CONFIG": f"{folder}/pygeoapi.yml", "PYGEOAPI_OPENAPI": f"{folder}/openapi.yml"}
    portal = {"PORTAL_INSTANCE": str(folder / "instance"), "PORTAL_API_LIMIT": "1000000000 per day"}
    behind = {"PORTAL_SENDFILE_PREFIX": "/stored", "PORTAL_PROXIES": "1"}
    roapi = f"{PEERS}/roapi --addr-http 127.0.0.1:{PORTS['roapi']} --addr-postgres 127.0.0.1:8752"
    datasette = f"{PEERS}/datasette serve {folder}/tours.db -h 127.0.0.1 -p {PORTS['datasette']}"
    limits = "--setting max_csv_mb 0 --setting sql_time_limit_ms 60000 --setting facet_time_limit_ms 60000"
    granian = f"{sys.executable} -m granian --interface wsgi --workers 2 --blocking-threads 48 --log-level error"
    return {
        "portal": (f"{sys.executable} -m portal serve --port {PORTS['portal']}", portal),
        "behind": (f"{sys.executable} -m portal serve --port {PORTS['portal']}", portal | behind),
        "nginx": (f"{NGINX} -p {folder} -c {folder}/nginx.conf -e {folder}/nginx.log", {}),
        "roapi": (f"{roapi} --table tours={folder}/tours.csv", {}),
        "datasette": (f"{datasette} {limits}", {}),
        "pygeoapi": (
            f"{PEERS}/gunicorn --workers 2 --threads 8 --bind 127.0.0.1:{PORTS['pygeoapi']} pygeoapi.flask_app:APP",
            pygeoapi,
        ),
        "empty": (f"{granian} --port {PORTS['empty']} --working-dir {folder} empty:application", {}),
        "static": (f"{sys.executable} {folder}/static.py {PORTS['static']}", {}),
    }


def present(name: str) -> bool:
    """Return whether a server can be started here."""
    if name in ("roapi", "datasette", "pygeoapi"):
        return (PEERS / name).exists()
    return name != "duckdb" and (NGINX is not None or "nginx" not in name)


@contextmanager
def started(name: str, folder: Path) -> Iterator[int]:
    """Start a server and wait until it answers; give the number of its process, and end it afterwards."""
    write_files(folder)
    if name == "behind nginx":
        with run("behind", PORTS["portal"], folder) as pid, run("nginx", PORTS[name], folder):
            yield pid
        return
    if name == "pygeoapi":
        generate = f"{PEERS}/pygeoapi openapi generate {folder}/pygeoapi.yml --output-file {folder}/openapi.yml"
        environment = {**os.environ, **commands(folder)[name][1]}
        subprocess.run(generate.split(), env=environment, check=True, stdout=subprocess.DEVNULL)
    with run(name, PORTS[name], folder) as pid:
        yield pid


@contextmanager
def run(name: str, port: int, folder: Path) -> Iterator[int]:
    """Run a command until the end of the block, once it answers; give the number of its process."""
    command, environment = commands(folder)[name]
    with (folder / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            command.split(), stdout=log, stderr=log, env={**os.environ, **environment}, cwd=folder
        )
    try:
        wait(port, process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


def write_files(folder: Path) -> None:
    """Write what servers read: their programs and their configurations, that of nginx as the docs have it."""
    (folder / "empty.py").write_text(EMPTY)
    (folder / "static.py").write_text(STATIC)
    (folder / "pygeoapi.yml").write_text(PYGEOAPI.format(port=PORTS["pygeoapi"], folder=folder))
    (folder / "nginx").mkdir(exist_ok=True)
    text = CONFIGURATION.read_text(encoding="utf-8")
    for former, ours in (
        ("user portal;", f"user {getpass.getuser()}; daemon off;"),
        ("sendfile on;", "sendfile on;" + "".join(f" {kind}_temp_path {folder}/nginx/{kind};" for kind in KEPT)),
        ("127.0.0.1:8000", f"127.0.0.1:{PORTS['portal']}"),
        ("127.0.0.1:8080", f"127.0.0.1:{PORTS['nginx']}"),
        ("/srv/portal/instance/", f"{folder}/instance/"),
        ("location / {", f"location /made/ {{ alias {folder}/instance/versions/tours/; }}\n        location / {{"),
    ):
        text = text.replace(former, ours)
    (folder / "nginx.conf").write_text(text)


def wait(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until something answers on a port. Raises OSError when the process ends before."""
    while process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/dev/null", timeout=60):
                return
        except HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise OSError(f"{process.args!r} has ended")


def memory(pid: int) -> float:
    """Return the most MiB that each process of a tree ever held, added up."""
    return sum(list_peaks(pid))


def most_of_one(pid: int) -> float:
    """Return the most MiB that one process of a tree ever held."""
    return max(list_peaks(pid))


def forget_peaks(pid: int) -> None:
    """Have the peaks of a tree of processes counted from now on."""
    for each in list_tree(pid):
        Path(f"/proc/{each}/clear_refs").write_text("5")


def list_peaks(pid: int) -> list[float]:
    """Return the most MiB that each process of a tree ever held."""
    lines = [line for each in list_tree(pid) for line in Path(f"/proc/{each}/status").read_text().splitlines()]
    return [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")]


def list_tree(pid: int) -> list[int]:
    """Return a process, then its children and theirs."""
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split()
    return [pid, *(each for child in children for each in list_tree(int(child)))]
