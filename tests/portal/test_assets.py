"""Styles, scripts and libraries: addresses that name their content, compressed once, kept for ever."""

import re
import zlib

import pytest

from portal import assets

ADDRESS = re.compile(rb'/assets/([0-9a-f]{16})/portal\.css"')


@pytest.fixture
def address(client):
    """The address of the style sheet, as the home page gives it."""
    return client.get("/").data.split(b"portal.css")[0].rpartition(b'"')[2].decode() + "portal.css"


def test_an_address_names_the_content_and_may_be_kept(client, address):
    """The address of a file holds a digest of it, so that browsers never ask for it again."""
    answer = client.get(address)
    assert ADDRESS.search(client.get("/").data)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.content_type == "text/css; charset=utf-8"
    assert client.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_former_address_gives_the_present_file_for_now(client, address):
    """A page kept from before an update still finds its style, which is not kept under the former name."""
    former = re.sub("[0-9a-f]{16}", "0" * 16, address)
    assert client.get(former).data == client.get(address).data
    assert client.get(former).headers["Cache-Control"] == "no-cache"


def test_files_are_compressed_for_who_asks(client, address):
    """A reader that accepts a coding receives it, and a shared cache is told that the answer depends on it."""
    whole = client.get(address)
    squeezed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert zlib.decompress(squeezed.data, 31) == whole.data
    assert len(squeezed.data) < len(whole.data) / 3
    assert whole.headers["Vary"] == squeezed.headers["Vary"] == "Accept-Encoding"
    assert whole.headers["ETag"] != squeezed.headers["ETag"]


@pytest.mark.parametrize("name", sorted(assets.LIBRARIES))
def test_libraries_come_with_the_portal(client, name):
    """Each browser library is served by the portal itself, from its installed package."""
    answer = client.get(f"/assets/0/{name}")
    assert answer.status_code == 200
    assert len(answer.data) > 5_000


@pytest.mark.parametrize(
    "name", ["", "nothing.css", "../assets.py", "%2e%2e/settings.py", "/etc/passwd", "....//cli.py"]
)
def test_nothing_else_is_served(client, name):
    """An address outside the folder of assets is not found."""
    assert client.get(f"/assets/0/{name}", follow_redirects=True).status_code == 404
