"""An address is fetched within its limits, once, and never from a private network, whatever the trick."""

import ipaddress
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets.errors import FetchRefused, FileTooLarge
from portal.sources.fetching import Fetched, Limits, fetch, read_hosts
from portal.sources.network import is_public, read_address
from tests.portal.sources.conftest import CSV, Site

LOCAL = Limits(10**6, 10.0, frozenset({"127.0.0.1", "localhost"}))
STRICT = Limits(10**6, 5.0)


def whole(folder: Path, found: Fetched | None) -> bytes:
    assert found is not None
    return (folder / found.sha256).read_bytes()


def test_a_file_comes_under_its_checksum_with_its_name(site: Site, tmp_path: Path) -> None:
    """What is fetched is what was sent; nothing else stays in the folder."""
    site.put("/donn%C3%A9es.csv?an=2026", ETag='"1"')
    found = fetch(site.address("/donn%C3%A9es.csv?an=2026"), tmp_path, LOCAL, {})
    assert whole(tmp_path, found) == CSV
    assert found
    assert (found.name, found.size, found.seen["etag"]) == ("données.csv", len(CSV), '"1"')
    assert [path.name for path in tmp_path.iterdir()] == [found.sha256]


def test_what_was_seen_is_not_taken_again(site: Site, tmp_path: Path) -> None:
    """An ETag is shown again; a server that ignores it, or changes it for nothing, is caught by the bytes."""
    site.put("/a.csv", ETag='"1"', **{"Last-Modified": "Sun, 22 Nov 2026 10:00:00 GMT"})
    found = fetch(site.address("/a.csv"), tmp_path, LOCAL, {})
    assert found
    assert fetch(site.address("/a.csv"), tmp_path, LOCAL, found.seen) is None
    assert site.asked[-1][1]["If-None-Match"] == '"1"'
    assert site.asked[-1][1]["If-Modified-Since"] == "Sun, 22 Nov 2026 10:00:00 GMT"
    site.put("/a.csv", ETag='"2"')
    assert fetch(site.address("/a.csv"), tmp_path, LOCAL, found.seen) is None
    site.put("/a.csv", CSV + b"32256;Mirande;3500\n", ETag='"2"')
    assert fetch(site.address("/a.csv"), tmp_path, LOCAL, found.seen) is not None


def test_a_wrong_etag_that_answers_unchanged_for_ever_is_believed_once_seen_only(site: Site, tmp_path: Path) -> None:
    """A 304 to somebody who has seen nothing is no content, and an ETag that is no text is not kept."""
    site.put("/a.csv", b"", status=304)
    with pytest.raises(FetchRefused, match="304"):
        fetch(site.address("/a.csv"), tmp_path, LOCAL, {})
    site.put("/b.csv", ETag="x" * 1000)
    found = fetch(site.address("/b.csv"), tmp_path, LOCAL, {})
    assert found
    assert set(found.seen) == {"sha256"}


PRIVATE = [
    "http://127.0.0.1:{}/a.csv",
    "http://localhost:{}/a.csv",
    "http://LOCALHOST:{}/a.csv",
    "http://2130706433:{}/a.csv",
    "http://0x7f000001:{}/a.csv",
    "http://0177.0.0.1:{}/a.csv",
    "http://127.1:{}/a.csv",
    "http://0:{}/a.csv",
    "http://0.0.0.0:{}/a.csv",
    "http://[::1]:{}/a.csv",
    "http://[::]:{}/a.csv",
    "http://[::ffff:127.0.0.1]:{}/a.csv",
    "http://[::ffff:7f00:1]:{}/a.csv",
    "http://[64:ff9b::7f00:1]:{}/a.csv",
    "http://[2002:7f00:1::]:{}/a.csv",
    "http://169.254.169.254:{}/latest/meta-data/",
    "http://10.0.0.1:{}/",
    "http://192.168.1.1:{}/",
    "http://172.16.0.1:{}/",
    "http://100.64.0.1:{}/",
    "http://[fe80::1%25lo]:{}/",
    "http://[fd00:ec2::254]:{}/",
    "http://224.0.0.1:{}/",
    "http://255.255.255.255:{}/",
]


def test_private_addresses_are_refused_in_every_spelling(site: Site, tmp_path: Path) -> None:
    """However a private address is written, nothing is asked of it."""
    site.put("/a.csv")
    for address in PRIVATE:
        with pytest.raises(FetchRefused):
            fetch(address.format(site.port), tmp_path, STRICT, {})
    assert site.asked == []
    assert list(tmp_path.iterdir()) == []


def resolver_of(*answers: list[str]) -> Any:
    """Return a resolver that gives the next of these answers each time, then the last one."""
    left = list(answers)

    def resolve(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]

    return resolve


def test_a_name_that_leads_home_is_refused(site: Site, tmp_path: Path) -> None:
    """A public name with a private address, alone or among public ones, is refused."""
    for answer in (["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["169.254.169.254"]):
        with pytest.raises(FetchRefused, match="private"):
            fetch(f"http://rebind.example:{site.port}/a.csv", tmp_path, STRICT, {}, resolve=resolver_of(answer))
    assert site.asked == []


def test_a_name_is_asked_once_and_the_answer_that_was_checked_is_used(site: Site, tmp_path: Path) -> None:
    """A name that would answer otherwise the second time gains nothing: it is not asked again."""
    asked: list[str] = []
    first = resolver_of(["203.0.113.1"], ["127.0.0.1"])

    def resolve(host: str, port: int, **options: Any) -> Any:
        asked.append(host)
        return first(host, port, **options)

    with pytest.raises(FetchRefused, match="private"):  # a range of documentation: nobody's
        fetch(f"http://rebind.example:{site.port}/a.csv", tmp_path, STRICT, {}, resolve=resolve)
    assert asked == ["rebind.example"]
    assert site.asked == []


@pytest.mark.parametrize("to", ["http://127.0.0.1:{}/b.csv", "http://2130706433:{}/b.csv", "//127.1:{}/b.csv"])
def test_a_redirection_is_checked_as_the_first_address(site: Site, tmp_path: Path, to: str) -> None:
    """A site that is allowed cannot lead to one that is not."""
    site.lead("/a.csv", to.format(site.port))
    site.put("/b.csv")
    limits = Limits(10**6, 5.0, frozenset({"localhost"}))
    with pytest.raises(FetchRefused, match="private"):
        fetch(site.address("/a.csv", "localhost"), tmp_path, limits, {})
    assert [path for path, _ in site.asked] == ["/a.csv"]


def test_redirections_are_followed_a_few_times(site: Site, tmp_path: Path) -> None:
    """A moved file is found, by a relative address too; a loop ends."""
    site.lead("/a.csv", "/dossier/b.csv", 301)
    site.lead("/dossier/b.csv", "c.csv", 308)
    site.put("/dossier/c.csv")
    assert whole(tmp_path, fetch(site.address("/a.csv"), tmp_path, LOCAL, {})) == CSV
    site.lead("/loop", "/loop")
    with pytest.raises(FetchRefused, match="without end"):
        fetch(site.address("/loop"), tmp_path, LOCAL, {})
    site.lead("/out", "file:///etc/passwd")
    with pytest.raises(FetchRefused, match="http"):
        fetch(site.address("/out"), tmp_path, LOCAL, {})


def test_a_huge_body_stops_at_the_limit(site: Site, tmp_path: Path) -> None:
    """Beyond the limit nothing is kept."""
    site.put("/big.csv", b"x" * 200_000)
    with pytest.raises(FileTooLarge):
        fetch(site.address("/big.csv"), tmp_path, Limits(100_000, 10.0, LOCAL.hosts), {})
    assert list(tmp_path.iterdir()) == []


def test_a_slow_server_is_left_in_time(site: Site, tmp_path: Path) -> None:
    """A server that sends a byte now and then keeps nobody beyond the limit."""
    site.drip("/slow.csv", 0.05)
    start = time.monotonic()
    with pytest.raises(FetchRefused, match="in time"):
        fetch(site.address("/slow.csv"), tmp_path, Limits(10**6, 0.6, LOCAL.hosts), {})
    assert time.monotonic() - start < 30
    assert list(tmp_path.iterdir()) == []


def test_an_answer_cut_short_is_refused(site: Site, tmp_path: Path) -> None:
    """Half a file is never taken for a whole one."""
    site.stop_early("/half.csv")
    with pytest.raises(FetchRefused, match="before its end"):
        fetch(site.address("/half.csv"), tmp_path, LOCAL, {})
    assert list(tmp_path.iterdir()) == []


def test_other_answers_are_told(site: Site, tmp_path: Path) -> None:
    """A missing page, a silent port and something that is not the web are errors in words."""
    with pytest.raises(FetchRefused, match="404"):
        fetch(site.address("/nothing"), tmp_path, LOCAL, {})
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(FetchRefused, match="could not be read"):
            fetch(f"http://127.0.0.1:{closed.getsockname()[1]}/", tmp_path, LOCAL, {})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ftp://example.org/a.csv",
        "file:///etc/passwd",
        "gopher://example.org/",
        "//example.org/a.csv",
        "http://",
        "http:///a.csv",
        "http://user:word@example.org/",
        "http://example.org:25/",
        "http://example.org:99999/",
        "http://example.org:abc/",
        "http://exam ple.org/",
        "http://example.org/a\r\nHost: evil",
        "http://example.org\\@127.0.0.1/",
        "http://[::1/",
        "http://example.org/" + "a" * 3000,
    ],
)
def test_what_is_no_web_address_is_refused(text: str) -> None:
    """Only http and https, without a password, on ports of the web."""
    with pytest.raises(FetchRefused):
        read_address(text)


@given(st.ip_addresses())
def test_no_private_address_is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """Whatever the address, and however it is wrapped in another one, private stays private."""
    if not is_public(address):
        return
    kinds = (address.is_private, address.is_loopback, address.is_link_local, address.is_multicast)
    assert not any(kinds)


@given(st.sampled_from(["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "0.0.0.0"]))
def test_private_addresses_stay_private_when_wrapped(text: str) -> None:
    """Mapped, translated and tunnelled forms of a private address are refused."""
    number = int(ipaddress.IPv4Address(text))
    for base, shift in (("::ffff:0:0", 0), ("64:ff9b::", 0), ("2002::", 80), ("::", 0)):
        assert not is_public(ipaddress.IPv6Address(int(ipaddress.IPv6Address(base)) | number << shift))


def test_hosts_are_read_from_a_setting() -> None:
    """A list of names, in any case."""
    assert read_hosts(" Data.Example.org, 127.0.0.1 ,") == {"data.example.org", "127.0.0.1"}
    assert read_hosts("") == frozenset()
