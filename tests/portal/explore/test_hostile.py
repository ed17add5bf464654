"""Hostile queries on a running server: each ends by a limit, and the others are answered meanwhile."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pyarrow as pa
import pytest

from datasets.model import Field, Schema
from datasets.publish import Release, publish
from datasets.types.public import arrow_schema
from tests.portal.explore.communes import AT, a_portal, describe

ROWS = 40_000
SECONDS = "1"
CROWD = Schema((Field("nom", "text"), Field("n", "int"), Field("d", "date"), Field("point", "geo_point_2d")))
WORDS = ("pont", "vieux", "moulin", "église", "chemin", "grand", "source")
POINTS = ",".join(f"{n % 100 / 100} {43 + n % 77 / 77:.4f}" for n in range(50_000))


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the records of a crowd, on a server that gives each query one second."""
    folder = tmp_path_factory.mktemp("hostile")
    portal = a_portal(folder / "instance").extensions["portal"]
    columns = {
        "nom": [f"{' '.join(WORDS)} {n}" for n in range(ROWS)],
        "n": range(ROWS),
        "d": [AT.date()] * ROWS,
        "point": [{"lon": n % 997 / 997, "lat": 43 + n % 499 / 499} for n in range(ROWS)],
    }
    table = pa.table({name: list(values) for name, values in columns.items()}, schema=arrow_schema(CROWD))
    release = Release("crowd", describe("Foule", "Crowd", "Culture"), CROWD, table)
    publish(lambda: portal.databases.session("catalogue"), portal.store, [release], at=AT)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"INSTANCE": folder / "instance", "API_LIMIT": "1000000 per day", "WORKERS": 1, "QUERY_SECONDS": SECONDS}
    environ = os.environ | {f"PORTAL_{name}": str(value) for name, value in settings.items()}
    command = [Path(sys.executable).with_name("portal"), "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL) as process:
        address = f"http://127.0.0.1:{port}/api/explore/v2.1/catalog/datasets/crowd/records"
        wait_for(address, process)
        yield address
        process.terminate()


def wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    """Wait until a server answers."""
    for _ in range(1_800):
        try:
            with urlopen(f"{address}?limit=0"):
                return
        except URLError:
            assert process.poll() is None, "the server did not start"
            time.sleep(0.1)
    pytest.fail("the server does not answer")


def ask(address: str, query: dict[str, str]) -> tuple[int, str]:
    """Ask by POST; return the status, and the code of the error or ""."""
    try:
        with urlopen(Request(address, urlencode(query).encode())) as answer:
            return answer.status, json.load(answer).get("error_code", "")
    except HTTPError as refused:
        return refused.code, json.load(refused)["error_code"]


FOREVER = (200, 503)
"""Heavy but honest work: done in time, or stopped by the time or the memory of a query."""

QUERIES: dict[str, tuple[dict[str, str], tuple[int, ...]]] = {
    "alternatives without end": ({"where": " or ".join(["n=1"] * 7000)}, FOREVER),
    "conditions without end": ({"where": " and ".join(["nom like 'pont'"] * 2500)}, (400,)),
    "searches in every word": ({"where": " and ".join(['search("moulim")'] * 90)}, FOREVER),
    "computed lists": ({"where": f"n in ({','.join(['n+1'] * 8000)})"}, FOREVER),
    "too long": ({"where": f"nom = '{'a' * 50_000}'"}, (400,)),
    "too long in parts": ({"where": f"nom = '{'a' * 30_000}'", "select": f"'{'a' * 30_000}' as a"}, (400,)),
    "parentheses": ({"where": "(" * 20_000 + "1=1" + ")" * 20_000}, (400,)),
    "negations": ({"where": "not " * 10_000 + "n=1"}, (400,)),
    "words to search": ({"where": f'search("{" ".join(f"moulin{n}" for n in range(4000))}")'}, (400,)),
    "a word to search": ({"where": f'search("{"a" * 40_000}")'}, (400,)),
    "wildcards in a word": ({"where": f'nom like "{"*a" * 20_000}"'}, (400,)),
    "words with wildcards": ({"where": f'nom like "{"a* " * 15_000}"'}, (400,)),
    "fuzzy words": ({"where": f'search("{"moulon " * 100}") or search(nom, "x")'}, (400,)),
    "points of a geometry": ({"where": f"intersects(point, geom'LINESTRING({POINTS})')"}, (400,)),
    "a heavy geometry": ({"where": f"within(point, geom'LINESTRING({POINTS[:49_000].rpartition(',')[0]})')"}, FOREVER),
    "a million million million years": ({"where": f"d > now(years={10**18})"}, (400,)),
    "widths next to nothing": ({"group_by": "range(n, 1e-300)"}, (400,)),
    "letters of a date": ({"select": f"date_format(d, '{'d ' * 5000}') as f"}, (400,)),
    "aggregates": ({"select": ",".join(f"median(n+{i}) as a{i}" for i in range(1000))}, (400,)),
    "heavy aggregates": ({"select": ",".join(f"count(distinct n+{i}) as a{i}" for i in range(100))}, FOREVER),
    "keys": ({"order_by": ",".join(["lower(nom)"] * 2000)}, (400,)),
    "clusters": ({"group_by": "geo_cluster(point, 25)", "limit": "20000"}, FOREVER),
    "groups of everything": ({"group_by": "nom, n, d, n+1, n+2, n+3, n+4, n+5", "limit": "20000"}, FOREVER),
    "nothing but NUL": ({"where": "\0" * 1000}, (400,)),
    "NUL in a text": ({"where": "nom = '\0'"}, (200,)),
    "half of a pair": ({"where": "nom = '\\ud800'"}, (200,)),
    "right to left": ({"where": "\u202eשלום = 1"}, (400,)),
    "another language": ({"where": "nom = 'x'; DROP TABLE users; --"}, (400,)),
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_hostile_query_ends_by_a_limit(name: str, records: str) -> None:
    """Each query is answered, refused (400) or stopped (503) with a code of ours, and the server lives on."""
    query, statuses = QUERIES[name]
    status, code = ask(records, query)
    assert status in statuses
    assert bool(code) is (status != 200)
    assert ask(records, {"limit": "1"}) == (200, "")


def test_simple_requests_are_answered_meanwhile(records: str) -> None:
    """While hostile queries use all their time, again and again, people still get their answers."""
    heavy = ("searches in every word", "heavy aggregates", "a heavy geometry")
    answered = threading.Event()

    def attack(name: str) -> set[int]:
        found = {ask(records, QUERIES[name][0])[0]}
        while not answered.is_set():
            found.add(ask(records, QUERIES[name][0])[0])
        return found

    with ThreadPoolExecutor(len(heavy)) as attackers:
        attacks = [attackers.submit(attack, name) for name in heavy]
        try:
            answers = [ask(records, {"where": f"n = {n}"}) for n in range(3)]
        finally:
            answered.set()
    assert answers == [(200, "")] * 3
    assert set().union(*(attack.result() for attack in attacks)) <= {200, 503}
