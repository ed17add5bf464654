"""Says when the server answers, and shows one request with its true answer. Run as a program beside the server."""

import sys
import textwrap
from time import monotonic, sleep
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

EXAMPLE = "/api/explore/v2.1/catalog/datasets/economies-ges/records"
QUERY = {"where": "niveau_geo = 'pays'", "order_by": "periode desc", "limit": 1}
PATIENCE = 60.0


def welcome(site_name: str, address: str) -> None:
    """Wait until the server at `address` answers, then print what to open and one request with its answer."""
    example = f"{address}{EXAMPLE}?{urlencode(QUERY)}"
    answer = wait_for(example)
    print(f"\n  {site_name}: {address}/\n\n  curl '{example}'\n")
    print(textwrap.indent(answer, "    "))
    print("\n  Ctrl-C stops it.", flush=True)


def wait_for(address: str) -> str:
    """Return what `address` answers as soon as something answers there."""
    deadline = monotonic() + PATIENCE
    while True:
        try:
            with urlopen(address, timeout=PATIENCE) as answer:  # noqa: S310 (our own address)
                return str(answer.read().decode())
        except HTTPError as error:
            return error.read().decode()
        except OSError as error:
            if monotonic() > deadline:
                return f"No answer after {PATIENCE:.0f} s: {error}"
            sleep(0.1)


if __name__ == "__main__":
    welcome(*sys.argv[1:])
