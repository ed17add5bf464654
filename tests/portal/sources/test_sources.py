"""An address is read in its time, published with the decisions of the desk, and what cannot be waits there."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from datasets.errors import FetchRefused, InvalidParameter, NotFound
from portal.accounts.tables import AccountRow
from portal.privacy.erasure import erase_person, find_stores
from portal.privacy.locking.service import REQUEST, lock_account, unlock_account
from portal.producers.service import get_draft, list_drafts
from portal.sources import service
from portal.sources.recipes import keep_recipe
from tests.portal.producers.conftest import SignIn
from tests.portal.sources.conftest import CSV, Site, owner_of_the_producer

MORE = CSV + b"32256;Mirande;3500\n"


def add(app: Flask, address: str, **more: Any) -> str:
    return service.create_source(
        app.extensions["portal"], owner_of_the_producer(app), "villes", "address", address=address, **more
    )[0]


def run_due(app: Flask) -> int:
    with app.app_context():
        return service.run_due(app.extensions["portal"])


def count(client: FlaskClient) -> int:
    return client.get("/api/explore/v2.1/catalog/datasets/villes/records").json["total_count"]


def test_an_address_is_read_when_its_hour_comes(app: Flask, client: FlaskClient, site: Site) -> None:
    """A new file is a new version; an unchanged one is none; the hour moves on."""
    parts = app.extensions["portal"]
    site.put("/villes.csv", MORE, ETag='"1"')
    source_id = add(app, site.address("/villes.csv"), hours=6)
    assert run_due(app) == 1
    source = service.get_source(parts, source_id)
    assert (source.state, count(client)) == ("published", 3), source.told
    assert source.due == parts.clock.now() + timedelta(hours=6)
    assert run_due(app) == 0
    parts.clock.instant += timedelta(hours=7)
    assert run_due(app) == 1
    assert service.get_source(parts, source_id).state == "unchanged"
    assert len(site.asked) == 2
    version = client.get("/api/explore/v2.1/catalog/datasets/villes/versions").json
    assert version["total_count"] == 2


def test_rows_are_added_when_the_source_says_so(app: Flask, client: FlaskClient, site: Site) -> None:
    """A source that appends keeps what is there."""
    site.put("/plus.csv", b"code;nom;habitants\n32256;Mirande;3500\n")
    add(app, site.address("/plus.csv"), update="append", key=["code"])
    run_due(app)
    assert count(client) == 3


def test_the_recipe_is_replayed_on_each_file(app: Flask, client: FlaskClient, site: Site) -> None:
    """The transformations of the dataset are done on what is fetched."""
    parts = app.extensions["portal"]
    keep_recipe(parts, "villes", [{"step": "filter", "where": "habitants > 5000"}])
    site.put("/villes.csv", MORE)
    add(app, site.address("/villes.csv"))
    run_due(app)
    assert count(client) == 2


UNPUBLISHABLE = [
    b"",
    b"\x00\x01\x02",
    b"code;nom;habitants\n" + b"32013;jean@exemple.fr;1\n" * 30,
    b"code;nom\n32013;Auch\n",
    b"code;nom;habitants\n32013;Auch;beaucoup\n",
]


def test_what_cannot_be_published_waits_at_the_desk(app: Flask, client: FlaskClient, site: Site) -> None:
    """A file that is empty or unreadable, tells of persons or would break the API says why, and becomes a draft."""
    parts, owner = app.extensions["portal"], owner_of_the_producer(app)
    for place, content in enumerate(UNPUBLISHABLE, start=1):
        site.put("/villes.csv", content)
        source_id = add(app, site.address("/villes.csv"))
        with app.app_context():
            service.run_source(parts, source_id)
        source = service.get_source(parts, source_id)
        assert (source.state, count(client)) == ("refused", 2)
        assert source.told["fr"]
        assert get_draft(parts, source.told["draft"], owner).dataset_id == "villes"
        assert len(list_drafts(parts.databases, owner)) == 1 + place


def test_an_address_that_fails_says_why_and_is_tried_again(app: Flask, client: FlaskClient, site: Site) -> None:
    """A missing file leaves the dataset as it is, and no draft."""
    parts = app.extensions["portal"]
    source_id = add(app, site.address("/nothing.csv"), hours=1)
    run_due(app)
    source = service.get_source(parts, source_id)
    assert (source.state, "404" in source.told["en"], count(client)) == ("refused", True, 2)
    site.put("/nothing.csv", MORE)
    parts.clock.instant += timedelta(hours=2)
    run_due(app)
    assert (service.get_source(parts, source_id).state, count(client)) == ("published", 3)


def test_sources_are_made_by_those_who_publish(app: Flask, sign_in: SignIn) -> None:
    """Another producer can neither add a source to this dataset, nor see one; wrong choices are refused."""
    parts = app.extensions["portal"]
    source_id = add(app, "https://example.org/a.csv")
    with pytest.raises(NotFound):
        service.create_source(parts, "somebody else", "villes", "push")
    with pytest.raises(NotFound):
        service.get_source(parts, source_id, "somebody else")
    with pytest.raises(FetchRefused):
        add(app, "file:///etc/passwd")
    for wrong in ({"hours": 0}, {"update": "destroy"}, {"update": "correct"}):
        with pytest.raises(InvalidParameter):
            add(app, "https://example.org/a.csv", **wrong)
    stranger = sign_in("autre@example.org", "producer")
    assert stranger.get("/producer/datasets/villes/sources/").status_code == 404
    assert stranger.post(f"/producer/datasets/villes/sources/{source_id}/delete/").status_code == 404
    visitor = app.test_client()
    assert visitor.get("/producer/datasets/villes/sources/").status_code == 303


def test_the_pages_of_sources(app: Flask, producer: FlaskClient, client: FlaskClient, site: Site) -> None:
    """A producer adds an address, reads it now, makes a key that is shown once, and deletes."""
    page = "/producer/datasets/villes/sources/"
    site.put("/villes.csv", MORE)
    wrong = producer.post(page, data={"kind": "address", "address": "ftp://x/", "update": "replace"})
    assert (wrong.status_code, "ftp://x/" in wrong.text) == (400, True)
    sent = {"kind": "address", "address": site.address("/villes.csv"), "update": "replace", "hours": "24"}
    assert producer.post(page, data=sent).status_code == 303
    parts, owner = app.extensions["portal"], owner_of_the_producer(app)
    (source,) = service.list_sources(parts, owner)
    assert producer.post(f"{page}{source.source_id}/run/").status_code == 303
    assert count(client) == 3
    made = producer.post(page, data={"kind": "push", "update": "merge", "key": "code"})
    assert made.status_code == 200
    assert "Idempotency-Key" in made.text
    assert made.headers["Cache-Control"] == "no-store"
    shown = producer.get(f"{page}?lang=fr").text
    assert "Lignes envoyées par un programme" in shown
    assert "Bearer" not in shown
    assert producer.post(f"{page}{source.source_id}/delete/").status_code == 303
    assert len(service.list_sources(parts, owner)) == 1


def test_a_table_schema_is_kept_and_new_files_are_compared_with_it(
    app: Flask, producer: FlaskClient, site: Site
) -> None:
    """A descriptor is kept from the page, refused with its place when it is none, and forgotten when emptied."""
    page = "/producer/datasets/villes/schema/"
    assert "fields" in producer.post(page, data={"table_schema": "{}"}).text
    assert producer.post(page, data={"table_schema": "{"}).status_code == 400
    given = '{"fields": [{"name": "code", "constraints": {"pattern": "[0-9]{5}"}}]}'
    assert producer.post(page, data={"table_schema": given}).status_code == 303
    assert "[0-9]{5}" in producer.get(page).text
    assert producer.post(page, data={"table_schema": ""}).status_code == 303
    assert "[0-9]{5}" not in producer.get(page).text


def test_sources_go_with_their_owner(app: Flask, client: FlaskClient, site: Site) -> None:
    """When an account is erased its sources are too: nothing is read in its name any more."""
    parts, owner = app.extensions["portal"], owner_of_the_producer(app)
    add(app, site.address("/villes.csv"))
    with parts.databases.session("accounts") as session:
        (account_id,) = (row.id for row in session.query(AccountRow))
    erase_person(find_stores(parts), account_id, at=parts.clock.now())
    assert service.list_sources(parts, owner) == []
    assert count(client) == 2


def test_a_source_ends_with_the_role_of_who_made_it(app: Flask, client: FlaskClient, site: Site) -> None:
    """When the grant of a producer is over their addresses are read no more, and the source says why."""
    parts = app.extensions["portal"]
    site.put("/villes.csv", MORE)
    source_id = add(app, site.address("/villes.csv"))
    with parts.databases.session("accounts") as session:
        session.execute(update(AccountRow).values(role_until=parts.clock.now()))
    run_due(app)
    source = service.get_source(parts, source_id)
    assert (source.state, site.asked) == ("refused", [])
    assert "is over" in source.told["en"]


def test_the_source_of_a_locked_account_rests(app: Flask, client: FlaskClient, site: Site) -> None:
    """While an account is kept without being used nothing is fetched for it; once unlocked its turn comes again."""
    parts = app.extensions["portal"]
    site.put("/villes.csv", MORE)
    source_id = add(app, site.address("/villes.csv"))
    with parts.databases.session("accounts") as session:
        (account_id,) = (row.id for row in session.query(AccountRow))
        lock_account(session, parts.vault.find_key(account_id), "a doubt", at=parts.clock.now())
    run_due(app)
    assert (service.get_source(parts, source_id).state, site.asked) == ("refused", [])
    with parts.databases.session("accounts") as session:
        unlock_account(session, account_id, REQUEST)
    service.change_source(parts, source_id, due=parts.clock.now())
    run_due(app)
    assert [path for path, _headers in site.asked] == ["/villes.csv"]
