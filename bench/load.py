"""A client that only measures: the seconds of one answer, and how many answers a second several clients get."""

import re
import shutil
import socket
import statistics
import subprocess
import time
from collections.abc import Callable
from threading import Thread

SLOW = 20.0
"""Seconds after which a task is not measured again, though it was not five times."""


class Client:
    """One connection, kept open. An address may hold `{n}`: a number that no address had before."""

    count = 0

    def __init__(self, port: int, timeout: float = 600) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answered = 0.0  # when the beginning of the last answer came

    def get(self, address: str, body: bytes = b"", accept: str = "*/*") -> int:
        """Ask, read everything, and return the bytes of the body. Raises ValueError when the answer is no 200."""
        Client.count += 1
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        self.socket.sendall(
            f"{'POST' if body else 'GET'} {address.replace('{n}', str(Client.count))} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"User-Agent: Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0\r\nAccept: {accept}\r\n{length}\r\n".encode()
            + body
        )
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        self.answered = time.perf_counter()
        head, _, rest = received.partition(b"\r\n\r\n")
        headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        if b" 200 " not in head.split(b"\r\n")[0]:
            raise ValueError(head.decode() + rest[:300].decode(errors="replace"))
        if b"content-length" in headers:
            return self._read(int(headers[b"content-length"]), len(rest))
        return self._read_chunks(rest)

    def _more(self) -> bytes:
        data = self.socket.recv(1 << 20)
        if not data:
            raise ValueError("the server closed the connection")
        return data

    def _read(self, length: int, read: int) -> int:
        while read < length:
            read += len(self._more())
        return length

    def _read_chunks(self, rest: bytes) -> int:
        """Read until the chunk of no length; only the end of what came is looked at."""
        size, tail = len(rest), rest[-7:]
        while not tail.endswith(b"\r\n0\r\n\r\n") and tail != b"0\r\n\r\n":
            more = self._more()
            size, tail = size + len(more), (tail + more)[-7:]
        return size


def time_it(work: Callable[[], object], runs: int = 5) -> float:
    """Return the median seconds of `work`, done five times unless that is long."""
    taken: list[float] = []
    while len(taken) < runs:
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
        if sum(taken) > SLOW:
            break
    return statistics.median(taken)


def rate(port: int, address: str, clients: int = 8, seconds: float = 3.0) -> float:
    """Return how many answers a second `clients` get together, each asking again as soon as it has its answer.

    They are those of wrk where it is installed, else threads of this process: these get as much, but take more of the
    processors that the server has.
    """
    Client(port).get(address)
    if wrk := shutil.which("wrk"):
        command = [wrk, "-t1", f"-c{clients}", f"-d{seconds:g}s", f"http://127.0.0.1:{port}{address}"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        if "Non-2xx" in told:
            raise ValueError(told)
        return float(re.findall(r"Requests/sec:\s*([\d.]+)", told)[0])
    return rate_by_threads(port, address, clients, seconds)


def rate_by_threads(port: int, address: str, clients: int, seconds: float) -> float:
    """Return how many answers a second as many threads get together."""
    stop, counts = time.perf_counter() + seconds, [0] * clients

    def ask(place: int) -> None:
        client = Client(port)
        while time.perf_counter() < stop:
            client.get(address)
            counts[place] += 1

    threads = [Thread(target=ask, args=(place,)) for place in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds
