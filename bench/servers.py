"""The servers that are measured: how each is started, and where its processes are."""

import os
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
PORTS = {"portal": 8741, "roapi": 8742, "datasette": 8743, "pygeoapi": 8744, "empty": 8745, "static": 8746}

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
    providers: [{{type: feature, name: SQLiteGPKG, data: "{folder}/tours.gpkg", id_field: fid, table: tours}}]
"""


def commands(folder: Path) -> dict[str, tuple[str, dict[str, str]]]:
    """Return the command and the environment of each server over the files of `folder`."""
    pygeoapi = {"PYGEOAPI_CONFIG": f"{folder}/pygeoapi.yml", "PYGEOAPI_OPENAPI": f"{folder}/openapi.yml"}
    portal = {"PORTAL_INSTANCE": str(folder / "instance"), "PORTAL_API_LIMIT": "1000000000 per day"}
    roapi = f"{PEERS}/roapi --addr-http 127.0.0.1:{PORTS['roapi']} --addr-postgres 127.0.0.1:8752"
    datasette = f"{PEERS}/datasette serve {folder}/tours.db -h 127.0.0.1 -p {PORTS['datasette']}"
    limits = "--setting max_csv_mb 0 --setting sql_time_limit_ms 60000 --setting facet_time_limit_ms 60000"
    granian = f"{sys.executable} -m granian --interface wsgi --workers 2 --blocking-threads 48 --log-level error"
    return {
        "portal": (f"{sys.executable} -m portal serve --port {PORTS['portal']}", portal),
        "roapi": (f"{roapi} --table tours={folder}/tours.csv", {}),
        "datasette": (f"{datasette} {limits}", {}),
        "pygeoapi": (f"{PEERS}/pygeoapi serve --flask", pygeoapi),
        "empty": (f"{granian} --port {PORTS['empty']} --working-dir {folder} empty:application", {}),
        "static": (f"{sys.executable} {folder}/static.py {PORTS['static']}", {}),
    }


@contextmanager
def started(name: str, folder: Path) -> Iterator[int]:
    """Start a server and wait until it answers; give the number of its process, and end it afterwards."""
    (folder / "empty.py").write_text(EMPTY)
    (folder / "static.py").write_text(STATIC)
    (folder / "pygeoapi.yml").write_text(PYGEOAPI.format(port=PORTS["pygeoapi"], folder=folder))
    command, environment = commands(folder)[name]
    environment = {**os.environ, **environment}
    if name == "pygeoapi":
        generate = f"{PEERS}/pygeoapi openapi generate {folder}/pygeoapi.yml --output-file {folder}/openapi.yml"
        subprocess.run(generate.split(), env=environment, check=True, stdout=subprocess.DEVNULL)
    with (folder / f"{name}.log").open("w") as log:
        process = subprocess.Popen(command.split(), stdout=log, stderr=log, env=environment, cwd=folder)
    try:
        wait(PORTS[name])
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


def wait(port: int) -> None:
    """Wait until something answers on a port."""
    for _ in range(3000):
        try:
            with urlopen(f"http://127.0.0.1:{port}/dev/null", timeout=60):
                return
        except HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(port)


def memory(pid: int) -> float:
    """Return the most MiB that each process of a tree ever held, added up."""
    return sum(list_peaks(pid))


def most_of_one(pid: int) -> float:
    """Return the most MiB that one process of a tree ever held."""
    return max(list_peaks(pid))


def list_peaks(pid: int) -> list[float]:
    """Return the most MiB that a process ever held, then those of its children."""
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split()
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    own = next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0) / 1024
    return [own, *(peak for child in children for peak in list_peaks(int(child)))]
