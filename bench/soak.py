"""Whether the portal stays as it began: memory, errors and times, interval by interval, under a mixture of calls.

    python -m bench.soak [MINUTES] [FOLDER]

Eight clients ask pages of the site, of the API and exports of a hundred thousand rows, at addresses that nobody asked
before and at known ones, as chance says; some leave in the middle of an answer. Prints a table in Markdown.
"""

import random
import statistics
import sys
import threading
import time
from pathlib import Path

from bench.load import Client
from bench.rows import kept_folder, prepare
from bench.servers import PORTS, list_tree, started
from bench.tasks import TASKS

ROWS, CLIENTS, INTERVALS = 100_000, 8, 8
BOUNDED = "page at row 9,000"
"""The task that cannot be asked without end: a page beyond the row 10,000 is refused."""

LEAVING = 0.02
"""The share of the calls whose client leaves before the end."""

PAGES = (
    "/",
    "/explore/",
    "/explore/?q=tournees+{n}",
    "/explore/dataset/tours/information/",
    "/explore/dataset/tours/table/?q={n}",
    "/explore/dataset/tours/chart/?q={n}",
    "/explore/dataset/tours/map/",
    "/explore/dataset/tours/api/",
    "/styleguide/",
)


class Tally:
    """The seconds of the answers of an interval, and what failed."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.failed: list[str] = []


def main(minutes: float, folder: Path) -> None:
    """Measure for so many minutes, and print a line for each interval."""
    prepare(ROWS, folder)
    calls = [servers["portal"] for name, servers in TASKS.items() if name != BOUNDED]
    addresses = [*calls, *PAGES * 3]
    print("| minute | answers | failed | median | 99 % | memory of each process, MiB |\n|---|---|---|---|---|---|")
    with started("portal", folder) as pid:
        stop, tallies = threading.Event(), [Tally()]
        clients = [
            threading.Thread(target=ask, args=(random.Random(seed), addresses, tallies, stop))
            for seed in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        for interval in range(1, INTERVALS + 1):
            time.sleep(minutes * 60 / INTERVALS)
            tallies.append(Tally())
            tell(interval * minutes / INTERVALS, tallies[-2], pid)
        stop.set()
        for client in clients:
            client.join()


def ask(chance: random.Random, addresses: list[str], tallies: list[Tally], stop: threading.Event) -> None:
    """Ask what chance says until the end, a connection after another."""
    client = Client(PORTS["portal"])
    while not stop.is_set():
        address, start = chance.choice(addresses), time.perf_counter()
        try:
            if chance.random() < LEAVING:
                leave(address)
            else:
                client.get(address)
        except (OSError, ValueError) as error:
            tallies[-1].failed.append(f"{address}: {error}"[:200])
            client = Client(PORTS["portal"])
        tallies[-1].seconds.append(time.perf_counter() - start)


def leave(address: str) -> None:
    """Ask, take the first byte of the answer and go away."""
    with Client(PORTS["portal"]).socket as door:
        door.sendall(f"GET {address.replace('{n}', '7')} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        door.recv(1)


def tell(minute: float, tally: Tally, pid: int) -> None:
    """Print what an interval was, and the first thing that failed."""
    middle, *_, last = statistics.quantiles(tally.seconds, n=100)[49:99]
    held = ", ".join(f"{read_memory(each):,.0f}" for each in list_tree(pid))
    counts = f"{len(tally.seconds):,} | {len(tally.failed)}"
    times = f"{middle * 1000:,.0f} ms | {last * 1000:,.0f} ms"
    print(f"| {minute:.1f} | {counts} | {times} | {held} |", *tally.failed[:1], flush=True)


def read_memory(pid: int) -> float:
    """Return the MiB that a process holds now; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


if __name__ == "__main__":
    with kept_folder(sys.argv[2] if len(sys.argv) > 2 else "") as place:
        main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0, place)
