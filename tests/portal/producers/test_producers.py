"""A producer sends a file, sees what was understood, decides, publishes; then it is in the API."""

import csv
import io
import json
import os
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

FESTIVALS = (
    "Nom du festival;Code Insee commune;Adresse e-mail;Date;Tarif;Géocodage xy\r\n"
    "Nuits d’Auch;32013;contact1@example.invalid;01/02/2024;12,50;43.6465, 0.5863\r\n"
    "Jazz de l’Ain;01269;contact2@example.invalid;03/04/2024;8;46.152378, 5.608744\r\n"
    "<script>alert(1)</script>;2A004;contact3@example.invalid;05/06/2024;n.d.;\r\n"
).encode()
LAYER = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": "01"},
                "geometry": {"type": "Polygon", "coordinates": [[[0, 43], [1, 43], [1, 44], [0, 43]]]},
            }
        ],
    }
).encode()


def send(browser: FlaskClient, content: bytes, name: str = "mes_festivals.csv") -> str:
    """Send a file by the form and return the address of its draft."""
    answer = browser.post("/producer/", data={"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    return answer.location


ANSWERS = {"title": "Mes festivals", "description": "Un.\n\nDeux <b>.", "licence": "licence-ouverte-2.0"}
COLUMNS = ("nom_du_festival", "code_insee_commune", "date", "tarif", "geocodage_xy")


def answers(**more: str) -> dict[str, str]:
    """Return what the form sends when every column but the e-mails is kept, with `more`."""
    boxes = {f"published-{name}": "on" for name in COLUMNS}
    return {**ANSWERS, "dataset_id": "mes-festivals", "action": "publish", **boxes, **more}


def test_the_room_is_for_producers(client: FlaskClient, sign_in) -> None:
    """A visitor is sent to the sign-in page and back; a beneficiary is refused."""
    assert "/login/?next=%2Fproducer%2F" in client.get("/producer/").location
    assert sign_in("b@example.org", "beneficiary").get("/producer/").status_code == 403


def test_a_csv_file_becomes_a_dataset_of_the_api(producer: FlaskClient, client: FlaskClient) -> None:
    """Upload, understand, publish, read in the API: codes keep their zeros and the e-mails are not there."""
    draft = send(producer, FESTIVALS)
    page = producer.get(draft).text
    assert "Adresse e-mail" in page
    assert "<script>alert" not in page
    assert client.get("/api/explore/v2.1/catalog/datasets/mes-festivals").status_code == 404
    assert producer.post(draft, data=answers()).status_code == 303
    assert "/explore/dataset/mes-festivals/" in producer.get(draft).text
    found = client.get("/api/explore/v2.1/catalog/datasets/mes-festivals/records?order_by=tarif").json
    assert found["total_count"] == 3
    first = next(record for record in found["results"] if record["code_insee_commune"] == "01269")
    assert first["date"] == "2024-04-03"
    assert first["tarif"] == 8.0
    assert first["geocodage_xy"] == {"lon": 5.608744, "lat": 46.152378}
    assert "adresse_e_mail" not in first
    assert "example.invalid" not in client.get("/api/explore/v2.1/catalog/datasets/mes-festivals/exports/csv").text


def test_a_geojson_layer_becomes_a_dataset(producer: FlaskClient, client: FlaskClient) -> None:
    """A layer of shapes is published with its shapes and their centres."""
    draft = send(producer, LAYER, "carte.geojson")
    boxes = {f"published-{name}": "on" for name in ("code", "geo_shape", "geo_point_2d")}
    data = {**ANSWERS, "dataset_id": "carte", "action": "publish", **boxes}
    assert producer.post(draft, data=data).status_code == 303
    found = client.get("/api/explore/v2.1/catalog/datasets/carte/exports/geojson").json
    assert found["features"][0]["geometry"]["type"] == "Polygon"


def test_the_producer_decides_of_columns(producer: FlaskClient, client: FlaskClient) -> None:
    """A column can be left out, named otherwise, or made text; a changed type is checked before it is published."""
    draft = send(producer, FESTIVALS)
    data = answers(**{"type-tarif": "text", "label-date": "Jour"})
    del data["published-geocodage_xy"]
    producer.post(draft, data=data)
    assert client.get("/api/explore/v2.1/catalog/datasets/mes-festivals").status_code == 404
    producer.post(draft, data=data)
    found = client.get("/api/explore/v2.1/catalog/datasets/mes-festivals").json
    assert {field["name"]: (field["type"], field["label"]) for field in found["fields"]} == {
        "nom_du_festival": ("text", "Nom du festival"),
        "code_insee_commune": ("text", "Code Insee commune"),
        "date": ("date", "Jour"),
        "tarif": ("text", "Tarif"),
    }


def test_what_was_changed_is_told_and_downloaded(producer: FlaskClient) -> None:
    """Each changed value is on the page and in the CSV report, with its row; formulas are disarmed there."""
    content = b"n;t\n1;a\n=1+1;b\nn.d.;c\n"
    draft = send(producer, content)
    data = {**ANSWERS, "dataset_id": "n-t", "action": "check", "published-n": "on", "published-t": "on"}
    producer.post(draft, data={**data, "type-n": "integer"})
    assert "<q>=1+1</q>" in producer.get(draft).text
    lines = list(csv.reader(io.StringIO(producer.get(f"{draft}report.csv?lang=en").text), delimiter=";"))
    assert [line[:3] for line in lines] == [["row", "column", "value"], ["3", "n", "'=1+1"], ["4", "n", "n.d."]]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04\x00\x00", b'{"type": "FeatureCollection"', b'a;b\n1;"2\n'])
def test_a_file_that_cannot_be_read_is_refused_in_words(producer: FlaskClient, content: bytes) -> None:
    """The page says what is wrong and what to do, in the reader's language."""
    draft = send(producer, content, "étrange.csv")
    assert "étrange.csv" in producer.get(f"{draft}?lang=fr").text
    assert "Ce fichier ne peut pas être lu" in producer.get(f"{draft}?lang=fr").text
    assert "This file cannot be read" in producer.get(f"{draft}?lang=en").text


def test_a_file_over_the_limit_is_refused_in_words(app: Flask, producer: FlaskClient) -> None:
    """Beyond the limit of the settings the form comes back with the limit; nothing is kept."""
    app.config["MAX_CONTENT_LENGTH"] = 1000
    content = {"file": (io.BytesIO(b"a;b\n" * 1000), "grand.csv")}
    answer = producer.post("/producer/?lang=en", data=content, content_type="multipart/form-data")
    assert answer.status_code == 413
    assert "over the limit of this portal" in answer.text
    assert list((app.extensions["portal"].settings.instance / "incoming").iterdir()) == []


def test_a_hostile_file_name_is_only_a_text(producer: FlaskClient, app: Flask) -> None:
    """A name with a path or markup is shown as text and never used as a path."""
    draft = send(producer, FESTIVALS, "../../<b>x</b>.csv")
    assert "<b>x" not in producer.get(draft).text
    incoming = app.extensions["portal"].settings.instance / "incoming"
    assert all(path.parent == incoming and ".." not in path.name for path in incoming.iterdir())


def test_wrong_answers_are_marked_and_nothing_is_published(producer: FlaskClient, client: FlaskClient) -> None:
    """Without a title, with a wrong identifier or without any column, the form comes back with its errors."""
    draft = send(producer, FESTIVALS)
    for wrong in ({"title": ""}, {"dataset_id": "../etc"}, {"dataset_id": "catalogue"}, {"dataset_id": "A B"}):
        assert producer.post(draft, data=answers(**wrong)).status_code == 400
    empty = {name: value for name, value in answers().items() if not name.startswith("published-")}
    assert producer.post(draft, data=empty).status_code == 400
    assert client.get("/api/explore/v2.1/catalog/datasets/mes-festivals").status_code == 404


def test_a_producer_sees_and_replaces_only_their_own(producer: FlaskClient, sign_in, client: FlaskClient) -> None:
    """Another producer neither sees the draft nor takes the identifier; the same one publishes a new version."""
    draft = send(producer, FESTIVALS)
    producer.post(draft, data=answers())
    other = sign_in("autre@example.org", "producer")
    assert other.get(draft).status_code == 404
    assert other.post(f"{draft}delete/").status_code == 404
    theirs = send(other, FESTIVALS)
    assert other.post(theirs, data=answers()).status_code == 400
    again = send(producer, FESTIVALS.replace(b";8;", b";9;"))
    assert producer.post(again, data=answers()).status_code == 303
    records = client.get("/api/explore/v2.1/catalog/datasets/mes-festivals/records?where=tarif=9").json
    assert records["total_count"] == 1


def test_a_draft_and_its_file_can_be_deleted(producer: FlaskClient, app: Flask) -> None:
    """Deleting a draft removes its file and report; another draft of the same file keeps it."""
    incoming = app.extensions["portal"].settings.instance / "incoming"
    first, second = send(producer, FESTIVALS), send(producer, FESTIVALS)
    producer.post(f"{first}delete/")
    assert len(list(incoming.iterdir())) == 2
    assert producer.get(second).status_code == 200
    producer.post(f"{second}delete/")
    assert list(incoming.iterdir()) == []


def test_progress_is_told_and_a_lost_job_can_be_started_again(producer: FlaskClient, app: Flask, clock) -> None:
    """While a job is at work the page says at which step and refreshes itself; after a while it offers to restart."""
    from portal.producers.service import change_draft

    parts = app.extensions["portal"]
    draft = send(producer, FESTIVALS)
    change_draft(parts, draft.split("/")[-2], state="reading", step="understand")
    page = producer.get(f"{draft}?lang=en").text
    assert 'http-equiv="refresh"' in page
    assert 'aria-current="step"' in page
    clock.instant += timedelta(minutes=3)
    assert "Start again" in producer.get(f"{draft}?lang=en").text
    producer.post(f"{draft}restart/")
    assert "What was understood" in producer.get(f"{draft}?lang=en").text


def test_no_account_is_named_in_the_catalogue(producer: FlaskClient, app: Flask) -> None:
    """A draft's owner is a hash: neither the account's id nor its address is in the catalogue database."""
    send(producer, FESTIVALS)
    parts = app.extensions["portal"]
    with parts.databases.session("accounts") as session:
        from portal.accounts.tables import AccountRow

        account = session.query(AccountRow).one()
    stored = b"".join(path.read_bytes() for path in parts.settings.instance.glob("catalogue.sqlite*"))
    assert account.id.encode() not in stored
    assert account.email.encode() not in stored


def test_a_failed_publication_is_told_and_changes_nothing(producer: FlaskClient, app: Flask, client) -> None:
    """When the store cannot be written, the draft says so, nothing is public, and it can be published later."""
    draft = send(producer, FESTIVALS)
    versions = app.extensions["portal"].settings.instance / "versions"
    versions.rmdir()
    versions.write_text("not a folder")
    producer.post(draft, data=answers())
    versions.unlink()
    assert 'role="alert"' in producer.get(draft).text
    assert client.get("/api/explore/v2.1/catalog/datasets/mes-festivals").status_code == 404
    producer.post(draft, data=answers())
    assert client.get("/api/explore/v2.1/catalog/datasets/mes-festivals").status_code == 200


def test_forgotten_drafts_are_purged_with_their_files(producer: FlaskClient, app: Flask, clock) -> None:
    """Raw rows do not stay for ever: old files go, published or not; of the drafts, the published one stays."""
    from portal.producers.service import purge_drafts

    parts = app.extensions["portal"]
    incoming = parts.settings.instance / "incoming"
    send(producer, b"a;b\n1;2\n")
    producer.post(send(producer, FESTIVALS), data=answers())
    (incoming / "0123.part").write_bytes(b"cut")
    assert purge_drafts(parts.databases, incoming, clock.now() - timedelta(days=30)) == 0
    assert len(list(incoming.iterdir())) == 5
    for path in incoming.iterdir():
        os.utime(path, (0, 0))
    assert purge_drafts(parts.databases, incoming, clock.now() + timedelta(days=1)) == 1
    assert list(incoming.iterdir()) == []


def test_an_erased_account_leaves_no_draft(producer: FlaskClient, app: Flask, sign_in) -> None:
    """The drafts and files of an erased person go; those of others stay, even of the same file."""
    from portal.accounts.tables import AccountRow
    from portal.producers.service import erase_drafts, owner_of

    parts = app.extensions["portal"]
    incoming = parts.settings.instance / "incoming"
    with parts.databases.session("accounts") as session:
        owner = owner_of(parts.settings.secret_key, session.query(AccountRow).one().id)
    send(producer, FESTIVALS)
    send(producer, b"a;b\n1;2\n")
    kept = send(sign_in("autre@example.org", "producer"), FESTIVALS)
    erase_drafts(parts.databases, incoming, owner)
    assert sorted(path.suffix for path in incoming.iterdir()) == ["", ".report"]
    assert (incoming / f"{kept.split('/')[-2]}.report").exists()
