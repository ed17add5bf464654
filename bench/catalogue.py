"""How the catalogue grows: what a search, the pages and the API cost with 10, 100, 1,000 and 10,000 datasets.

    python -m bench.catalogue [MOST]

Prints a table in Markdown: medians of the processor's time for one answer, in milliseconds: on a machine that does
nothing else, it is what the answer takes. Every address is new, so that no answer was kept; what a process reads once
for each state of the catalogue was read before. Each size has processes of its own.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.catalogues import fill_catalogue
from datasets.catalogue.search import search
from portal import create_app
from portal.instance import prepare_instance
from portal.pages.shelf import get_shelf

SIZES = (10, 100, 1_000, 10_000)
TIMES = 15
API = "/api/explore/v2.1/catalog"
PAGES = {
    "catalogue": "/explore/?page={n}",
    "search": "/explore/?q=musees+culturels&page={n}",
    "search, misspelt": "/explore/?q=bibliotéques+pulbiques+{n}",
    "search, first letters": "/explore/?q=bi&page={n}",
    "search, a phrase": "/explore/?q=%22musées+publics%22&page={n}",
    "two facets": "/explore/?refine.theme=Culture&refine.keyword=musées&page={n}",
    "feed": "/explore/feed.atom?q=musees&page={n}",
    "home": "/?n={n}",
    "dataset": "/explore/dataset/jeu-00001/information/?n={n}",
    "table": "/explore/dataset/jeu-00001/table/?n={n}",
    "download": "/explore/dataset/jeu-00001/export/?n={n}",
    "API: catalogue": f"{API}/datasets?limit=20&offset={{n}}",
    "API: facets": f"{API}/facets?n={{n}}",
}


def measure(count: int, folder: Path) -> dict[str, float]:
    """Publish `count` datasets in a new instance, and return what each thing costs (ms)."""
    prepare_instance(folder)
    app = create_app({"instance": folder, "queue_url": "immediate", "limits_url": "memory://"})
    portal = app.extensions["portal"]
    portal.databases.migrate()
    with app.app_context():
        fill_catalogue(app, count)
    [index] = folder.glob("versions/catalogue/*/search.parquet")
    client = app.test_client()
    first = spent(lambda: client.get("/explore/?q=first"))
    found = {name: median(lambda n, path=path: client.get(path.format(n=n))) for name, path in PAGES.items()}
    with app.app_context():
        shelf = get_shelf("fr")
    found["index alone"] = median(lambda n: search(shelf.index, f"bibliotéques pulbiques {n}"))
    return found | {"first search": first, "index, MiB": index.stat().st_size / 2**20}


def median(ask: Callable[[int], object]) -> float:
    """Return the median time of a call, in milliseconds; each time with another number."""
    ask(TIMES)
    return statistics.median(spent(lambda n=n: ask(n)) for n in range(TIMES))


def spent(work: Callable[[], object]) -> float:
    """Return the milliseconds of processor that something takes, in all threads."""
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1000


def main() -> None:
    """Measure each size in a process of its own, and print the table."""
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(int(sys.argv[2]), Path(sys.argv[3]))))
        return
    most = int(sys.argv[1]) if sys.argv[1:] else SIZES[-1]
    sizes = [size for size in SIZES if size <= most]
    columns = []
    for size in sizes:
        with TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "bench.catalogue", "--one", str(size), f"{folder}/instance"]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            columns.append(json.loads(done.stdout))
    print("|", " | ".join(["ms", *(f"{size:,}" for size in sizes)]), "|")
    print("|", " | ".join(["---", *("--:" for _ in sizes)]), "|")
    for name in columns[0]:
        print("|", " | ".join([name, *(f"{column[name]:,.1f}" for column in columns)]), "|")


if __name__ == "__main__":
    main()
