"""Files attached to the data: listed with their addresses, served whole, and nothing else of the store with them."""

from hashlib import sha256

import pytest

from datasets.publish import publish
from tests.portal.explore.communes import AT, FESTIVALS, NOTICE, a_release, describe

ROOT = "http://127.0.0.1:8000"
DATASET = "/api/explore/v2.1/catalog/datasets/festivals"
ADDRESS = f"{DATASET}/attachments/notice.pdf"


def test_attachments_are_listed_with_their_addresses(api):
    """The list and the object of the dataset give the title in the reader's language, the type, the address."""
    body = api.get(f"{DATASET}/attachments?lang=en").get_json()
    metas = {"mime-type": "application/pdf", "title": "Notes", "url": ROOT + ADDRESS, "id": "notice.pdf"}
    assert body["attachments"] == [{"href": ROOT + ADDRESS, "metas": metas}]
    [described] = api.get(f"{DATASET}?lang=fr").get_json()["attachments"]
    assert described == {"mimetype": "application/pdf", "url": ROOT + ADDRESS, "id": "notice.pdf", "title": "Notice"}


def test_an_attachment_is_served_whole(api):
    """Its bytes, its type, its length, its name; HEAD tells the same without the bytes."""
    for address in (ADDRESS, f"{ADDRESS}/"):
        response = api.get(address)
        assert (response.status_code, response.data) == (200, NOTICE)
        assert response.content_type == "application/pdf"
        assert response.headers["Content-Disposition"] == 'attachment; filename="notice.pdf"'
        assert "Expires" not in response.headers
        head = api.head(address)
        assert (head.status_code, head.data, head.content_length) == (200, b"", len(NOTICE))


def test_an_unchanged_attachment_is_not_sent_again(api):
    """The validator is of the file's content, and brings a 304 that costs no call."""
    first = api.get(ADDRESS)
    again = api.get(ADDRESS, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["X-RateLimit-Remaining"] == first.headers["X-RateLimit-Remaining"]
    assert api.get(ADDRESS, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    "name", ["data.parquet", "manifest.json", "private.txt", "..%2fdata.parquet", "notice.pdf%00", "NOTICE.PDF", "."]
)
def test_nothing_else_of_the_store_is_served(api, name):
    """The data file, the manifest, files without a title, paths: all 404."""
    response = api.get(f"{DATASET}/attachments/{name}")
    assert response.status_code == 404
    assert b"never served" not in response.data


def test_data_that_a_certificate_speaks_of_are_served_as_they_are_stored(published):
    """A reader computes the SHA-256 of the very bytes that were certified."""
    portal, name = published.extensions["portal"], "certificate.json"
    release = a_release(
        "jazz",
        FESTIVALS,
        [{"nom": "Jazz", "annee": 1978}],
        describe("Jazz", "Jazz", "Culture"),
        files={name: b"{}"},
        titles={name: {"fr": "Certificat", "en": "Certificate"}},
    )
    [version] = publish(lambda: portal.databases.session("catalogue"), portal.store, [release], at=AT)
    answer = published.test_client().get("/api/explore/v2.1/catalog/datasets/jazz/attachments/data.parquet")
    assert answer.status_code == 200
    assert sha256(answer.data).hexdigest() == version.find_file("data.parquet").sha256
