"""Connections that leave the portal: to public addresses only, checked at the instant of connecting.

A name is resolved once; every address that it gives is checked, and the connection is made to one of those that were
checked, never to the name again: a name that changes its answer gains nothing. Proxies of the environment are ignored.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable, Collection
from threading import Timer
from typing import Any
from urllib.parse import SplitResult, urlsplit

from datasets.errors import FetchRefused, Phrase

Resolver = Callable[..., list[tuple[Any, ...]]]
"""Resolves a name as `socket.getaddrinfo` does."""

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
SCHEMES = {"http": 80, "https": 443}
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses that stand for IPv4 ones (NAT64)."""

LONGEST = 2_000
SILENCE = 20.0
"""Seconds without a byte after which a connection is given up."""

NO_ADDRESS = Phrase(
    "an address that begins with http:// or https:// is expected, without a password.",
    "une adresse qui commence par http:// ou https://, sans mot de passe, est attendue.",
)
NO_PORT = Phrase("this port is not one of the web.", "ce port n’est pas un port du web.")
NO_HOST = Phrase("this name leads nowhere.", "ce nom ne mène nulle part.")
PRIVATE = Phrase(
    "it leads into a private network, which sources may not read.",
    "elle mène dans un réseau privé, que les sources ne peuvent pas lire.",
)


def read_address(text: str) -> SplitResult:
    """Return the parts of a web address. Raises FetchRefused for anything else."""
    if len(text) > LONGEST or any(letter <= " " or letter == "\x7f" or letter == "\\" for letter in text):
        raise FetchRefused(address=text[:LONGEST], reason=NO_ADDRESS)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise FetchRefused(address=text, reason=NO_ADDRESS) from None
    if parts.scheme not in SCHEMES or not parts.hostname or parts.username is not None or parts.password is not None:
        raise FetchRefused(address=text, reason=NO_ADDRESS)
    if port is not None and port not in SCHEMES.values() and port < 1024:
        raise FetchRefused(address=text, reason=NO_PORT)
    return parts


def is_public(address: IPAddress) -> bool:
    """Return whether an address is one of the public internet, whatever it hides behind."""
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    return all(map(is_public, _hidden(address)))


def _hidden(address: IPAddress) -> list[IPAddress]:
    """Return the addresses that another one stands for: mapped, tunnelled or translated."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found: list[IPAddress | None] = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in TRANSLATED:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [one for one in found if one is not None]


def find_endpoints(host: str, port: int, allowed: Collection[str], resolve: Resolver) -> list[tuple[Any, ...]]:
    """Return where a host may be reached, as `getaddrinfo` tells it.

    Raises FetchRefused when it leads nowhere or, unless the host is `allowed`, when any address is not public.
    """
    try:
        found = resolve(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise FetchRefused(address=host, reason=NO_HOST) from None
    for *_, endpoint in found:
        address = ipaddress.ip_address(str(endpoint[0]).partition("%")[0])
        if host.lower() not in allowed and not is_public(address):
            raise FetchRefused(address=host, reason=PRIVATE)
    if not found:
        raise FetchRefused(address=host, reason=NO_HOST)
    return found


class Connection(http.client.HTTPConnection):
    """One connection to an address that was checked, closed after `seconds` in all, whatever the server does."""

    def __init__(self, parts: SplitResult, seconds: float, allowed: Collection[str], resolve: Resolver) -> None:
        self._parts, self._allowed, self._resolve = parts, allowed, resolve
        host = parts.hostname or ""
        super().__init__(host, parts.port or SCHEMES[parts.scheme], timeout=min(SILENCE, seconds))
        self.default_port = SCHEMES[parts.scheme]
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True
        self._wire: socket.socket | None = None
        self.late = False

    def connect(self) -> None:
        """Connect to the first address that answers, under TLS when the scheme says so."""
        self._timer.start()
        error: OSError | None = None
        for family, kind, protocol, _, endpoint in find_endpoints(self.host, self.port, self._allowed, self._resolve):
            self.sock = self._wire = socket.socket(family, kind, protocol)
            self.sock.settimeout(self.timeout)
            try:
                self.sock.connect(endpoint)
            except OSError as failure:
                error = failure
                self.sock.close()
                continue
            if self._parts.scheme == "https":
                self._wire = self.sock
                self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
            self._wire = self.sock
            return
        raise error or OSError("no address")

    def end(self) -> None:
        """Close the connection, and count its time no more: its answer may be read after `close`."""
        self._timer.cancel()
        self.close()

    def _cut(self) -> None:
        """End whatever is waited for: the time is over."""
        self.late = True
        try:
            if self._wire is not None:
                self._wire.shutdown(socket.SHUT_RDWR)
        except OSError:  # it is closed already
            return
