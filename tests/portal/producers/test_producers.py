"""A producer sends a file, sees what was understood, decides, publishes; then it is in the API."""

import csv
import io
import json
import os
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts import service as accounts
from portal.accounts.tables import AccountRow
from portal.producers.service import get_draft
from tests.portal.producers.desk import DESCRIBED, choose, columns_of, describe, publish, send, walk

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


WITHOUT = ("adresse_e_mail",)
DATASET = "/api/explore/v2.1/catalog/datasets/mes-festivals"


def test_the_room_is_for_producers(client: FlaskClient, sign_in) -> None:
    """A visitor is sent to the sign-in page and back; a beneficiary is refused."""
    assert "/login/?next=%2Fproducer%2F" in client.get("/producer/").location
    assert sign_in("b@example.org", "beneficiary").get("/producer/").status_code == 403


def test_a_csv_file_becomes_a_dataset_of_the_api(producer: FlaskClient, client: FlaskClient) -> None:
    """Upload, understand, describe, publish, read in the API: codes keep their zeros and the e-mails are not there."""
    draft = send(producer, FESTIVALS)
    assert producer.get(draft).location == f"{draft}reading/"
    assert choose(producer, draft).location == f"{draft}description/"
    page = producer.get(f"{draft}columns/").text
    assert "Adresse e-mail" in page
    assert "<script>alert" not in page
    assert "contact1@" not in page
    assert describe(producer, draft).location == f"{draft}publish/"
    assert client.get(DATASET).status_code == 404
    assert publish(producer, draft).status_code == 303
    page = producer.get(producer.get(draft).location).text
    assert "/explore/dataset/mes-festivals/" in page
    found = client.get(f"{DATASET}/records?order_by=tarif").json
    assert found["total_count"] == 3
    first = next(record for record in found["results"] if record["code_insee_commune"] == "01269")
    assert first["date"] == "2024-04-03"
    assert first["tarif"] == 8.0
    assert first["geocodage_xy"] == {"lon": 5.608744, "lat": 46.152378}
    assert "adresse_e_mail" not in first
    assert "example.invalid" not in client.get(f"{DATASET}/exports/csv").text


def test_a_geojson_layer_becomes_a_dataset(producer: FlaskClient, client: FlaskClient) -> None:
    """A layer of shapes is published with its shapes and their centres."""
    walk(producer, LAYER, "carte", "carte.geojson")
    found = client.get("/api/explore/v2.1/catalog/datasets/carte/exports/geojson").json
    assert found["features"][0]["geometry"]["type"] == "Polygon"


def test_a_step_is_not_opened_before_those_that_lead_to_it(producer: FlaskClient) -> None:
    """Going on leads one step further, going back is always possible, and what was said is still there."""
    draft = send(producer, FESTIVALS)
    for step in ("columns", "description", "publish"):
        assert producer.get(f"{draft}{step}/").location == draft
    choose(producer, draft)
    describe(producer, draft, keyword="festival, fête")
    assert producer.get(draft).location == f"{draft}publish/"
    for step in ("reading", "columns", "description", "publish"):
        page = producer.get(f"{draft}{step}/?lang=en").text
        assert page.count('aria-current="step"') == 1
    assert 'value="festival, fête"' in producer.get(f"{draft}description/").text


def test_the_producer_decides_of_columns(producer: FlaskClient, client: FlaskClient) -> None:
    """A column is left out, named otherwise, told in English, made text; a changed type is shown before going on."""
    draft = send(producer, FESTIVALS)
    changed = {"type__tarif": "text", "label__date": "Jour", "label_en__date": "Day", "unit__tarif": "€"}
    answer = choose(producer, draft, without=("geocodage_xy",), **changed)
    assert answer.location == draft
    assert producer.get(draft).location == f"{draft}columns/"
    sent = columns_of(producer, draft) | {"label-date": "Jour", "label_en-date": "Day", "unit-tarif": "€"}
    producer.post(f"{draft}columns/", data={**sent, "action": "next"})
    describe(producer, draft)
    publish(producer, draft)
    found = client.get(DATASET).json
    assert {field["name"]: (field["type"], field["label"]) for field in found["fields"]} == {
        "nom_du_festival": ("text", "Nom du festival"),
        "code_insee_commune": ("text", "Code Insee commune"),
        "date": ("date", "Jour"),
        "tarif": ("text", "Tarif"),
    }
    english = client.get(f"{DATASET}?lang=en").json
    assert next(field["label"] for field in english["fields"] if field["name"] == "date") == "Day"
    assert next(field["annotations"]["unit"] for field in found["fields"] if field["name"] == "tarif") == "€"


def test_a_value_is_put_right_in_place(producer: FlaskClient, client: FlaskClient) -> None:
    """A cell is corrected on the page, shown corrected, and published so; the file is not changed."""
    draft = send(producer, b"n;t\n1;a\ndeux;b\n3;c\n")
    choose(producer, draft, type__n="integer")
    page = producer.get(f"{draft}columns/?lang=en").text
    assert "Row 3, instead of “deux”:" in page
    sent = columns_of(producer, draft) | {"fix-3-n": "2", "action": "save"}
    producer.post(f"{draft}columns/", data=sent)
    assert "fix-3-n" not in producer.get(f"{draft}columns/").text
    choose(producer, draft)
    describe(producer, draft)
    publish(producer, draft)
    found = client.get(f"{DATASET}/records?order_by=n").json["results"]
    assert [record["n"] for record in found] == [1, 2, 3]


def test_what_was_changed_is_told_and_downloaded(producer: FlaskClient) -> None:
    """Each changed value is on the page and in the CSV report, with its row; formulas are disarmed there."""
    draft = send(producer, b"n;t\n1;a\n=1+1;b\nn.d.;c\n")
    choose(producer, draft, type__n="integer")
    assert "=1+1" in producer.get(f"{draft}columns/").text
    lines = list(csv.reader(io.StringIO(producer.get(f"{draft}report.csv?lang=en").text), delimiter=";"))
    assert lines[0][:3] == ["row", "column", "value"]
    assert sorted(line[:3] for line in lines[1:]) == [["3", "n", "'=1+1"], ["4", "n", "n.d."]]
    with producer.get(f"{draft}errors.csv") as answer:
        told = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert [line[:2] for line in told] == [["n", "t"], ["1", "a"], ["=1+1", "b"], ["n.d.", "c"]]
    assert told[0][2:] == ["erreurs"]
    assert told[2][2].startswith("n : ")


def test_a_file_is_read_otherwise_when_asked(producer: FlaskClient) -> None:
    """The second step shows what was detected; another delimiter is used when the producer says so, and remembered."""
    draft = send(producer, b"a;b,c\n1;2,3\n4;5,6\n")
    assert "point-virgule" in producer.get(f"{draft}reading/?lang=fr").text
    producer.post(f"{draft}reading/", data={"action": "again", "delimiter": ","})
    page = producer.get(f"{draft}reading/?lang=en").text
    assert '<option value="," selected>' in page
    wrong = producer.post(f"{draft}reading/", data={"action": "again", "header": "minus one"})
    assert wrong.status_code == 400


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04\x00\x00", b'{"type": "FeatureCollection"', b'a;b\n1;"2\n'])
def test_a_file_that_cannot_be_read_is_refused_in_words(producer: FlaskClient, content: bytes) -> None:
    """The page says what is wrong and what to do, in the reader's language."""
    draft = send(producer, content, "étrange.csv")
    assert "étrange.csv" in producer.get(f"{draft}?lang=fr").text
    assert "Ce fichier ne peut pas être lu" in producer.get(f"{draft}?lang=fr").text
    assert "This file cannot be read" in producer.get(f"{draft}?lang=en").text


def test_a_file_over_the_limit_is_refused_in_words(app: Flask, producer: FlaskClient) -> None:
    """Beyond the limit of the settings the form comes back with the limit; nothing is kept."""
    app.extensions["portal"].settings.__dict__["upload_limit"] = 1000
    content = {"file": (io.BytesIO(b"a;b\n" * 1000), "grand.csv")}
    answer = producer.post("/producer/new/?lang=en", data=content, content_type="multipart/form-data")
    assert answer.status_code == 413
    assert "over the limit of this portal" in answer.text
    assert list((app.extensions["portal"].settings.instance / "incoming").iterdir()) == []


def test_a_hostile_file_name_is_only_a_text(producer: FlaskClient, app: Flask) -> None:
    """A name with a path or markup is shown as text and never used as a path."""
    draft = send(producer, FESTIVALS, "../../<b>x</b>.csv")
    assert "<b>x" not in producer.get(f"{draft}reading/").text
    incoming = app.extensions["portal"].settings.instance / "incoming"
    assert all(path.parent == incoming and ".." not in path.name for path in incoming.iterdir())


def test_wrong_answers_are_marked_and_nothing_is_published(producer: FlaskClient, client: FlaskClient) -> None:
    """Without a title, with a wrong identifier or without any column, the step comes back with its errors."""
    draft = send(producer, FESTIVALS)
    everything = ("nom_du_festival", "code_insee_commune", "date", "tarif", "geocodage_xy")
    assert choose(producer, draft, without=everything).status_code == 400
    choose(producer, draft)
    for wrong in ({"title": ""}, {"dataset_id": "../etc"}, {"dataset_id": "catalogue"}, {"dataset_id": "A B"}):
        answer = producer.post(f"{draft}description/", data={**DESCRIBED, "dataset_id": "x-y", **wrong})
        assert answer.status_code == 400
        assert 'aria-invalid="true"' in answer.text
    assert client.get(DATASET).status_code == 404


def test_a_producer_sees_and_replaces_only_their_own(producer: FlaskClient, sign_in, client: FlaskClient) -> None:
    """Another producer neither sees the draft nor takes the identifier; the same one publishes a new version."""
    draft = walk(producer, FESTIVALS)
    other = sign_in("autre@example.org", "producer")
    assert other.get(draft).status_code == 404
    assert other.post(f"{draft}delete/").status_code == 404
    assert other.get("/producer/datasets/mes-festivals/").status_code == 404
    assert other.get("/producer/new/?dataset=mes-festivals").status_code == 404
    assert other.post("/producer/datasets/mes-festivals/withdraw/", data={"reason": "x"}).status_code == 404
    theirs = send(other, FESTIVALS)
    choose(other, theirs)
    assert describe(other, theirs).status_code == 400
    again = send(producer, FESTIVALS.replace(b";8;", b";9;"), dataset="mes-festivals")
    choose(producer, again)
    describe(producer, again)
    assert publish(producer, again).status_code == 303
    assert client.get(f"{DATASET}/records?where=tarif=9").json["total_count"] == 1


def test_a_draft_and_its_file_can_be_deleted(producer: FlaskClient, app: Flask) -> None:
    """Deleting a draft removes its file and report; another draft of the same file keeps it."""
    incoming = app.extensions["portal"].settings.instance / "incoming"
    first, second = send(producer, FESTIVALS), send(producer, FESTIVALS)
    producer.post(f"{first}delete/")
    assert len(list(incoming.iterdir())) == 3
    assert producer.get(f"{second}reading/").status_code == 200
    producer.post(f"{second}delete/")
    assert list(incoming.iterdir()) == []


def test_progress_is_told_and_a_lost_job_can_be_started_again(producer: FlaskClient, app: Flask, clock) -> None:
    """While a job is at work the page says at which step and refreshes itself; after a while it offers to restart."""
    from portal.producers.service import change_draft

    parts = app.extensions["portal"]
    draft = send(producer, FESTIVALS)
    change_draft(parts, draft.split("/")[-2], state="reading", step="understand")
    page = producer.get(f"{draft}?lang=en").text
    assert '<noscript><meta http-equiv="refresh"' in page
    assert 'aria-current="step"' in page
    change_draft(parts, draft.split("/")[-2], step="read", done=1_500_000, total=3_000_000)
    told = producer.get(f"{draft}progress.json?lang=en").json
    assert (told["value"], told["max"]) == (1.5, 4)
    assert told["said"] == "1,500,000 rows read, of about 3,000,000"
    assert told["said"] in producer.get(f"{draft}?lang=en").text
    clock.instant += timedelta(minutes=3)
    assert "Start again" in producer.get(f"{draft}?lang=en").text
    assert producer.get(f"{draft}progress.json").json["lost"]
    producer.post(f"{draft}restart/")
    assert "What was understood" in producer.get(f"{draft}reading/?lang=en").text


def test_no_account_is_named_in_the_catalogue(producer: FlaskClient, app: Flask) -> None:
    """A draft's owner is a hash: neither the account's id nor its address is in the catalogue database."""
    send(producer, FESTIVALS)
    parts = app.extensions["portal"]
    with parts.databases.session("accounts") as session:
        account = accounts.describe(row := session.query(AccountRow).one(), accounts.get_key(parts.vault, row.id))
    stored = b"".join(path.read_bytes() for path in parts.settings.instance.glob("catalogue.sqlite*"))
    assert account.id.encode() not in stored
    assert account.email.encode() not in stored


def test_no_value_of_the_file_stays_with_a_published_draft(producer: FlaskClient, app: Flask) -> None:
    """Once published, what is kept of the reading holds no cell: raw rows go with the file."""
    draft_id = walk(producer, FESTIVALS).split("/")[-2]
    kept = get_draft(app.extensions["portal"], draft_id).understood
    assert kept["columns"]
    assert not any(value in json.dumps(kept, ensure_ascii=False) for value in ("contact1", "32013", "Jazz", "n.d."))


def test_a_failed_publication_is_told_and_changes_nothing(producer: FlaskClient, app: Flask, client) -> None:
    """When the store cannot be written, the draft says so, nothing is public, and it can be published later."""
    draft = send(producer, FESTIVALS)
    choose(producer, draft)
    describe(producer, draft)
    versions = app.extensions["portal"].settings.instance / "versions"
    versions.rmdir()
    versions.write_text("not a folder")
    publish(producer, draft)
    versions.unlink()
    assert 'role="alert"' in producer.get(f"{draft}publish/").text
    assert client.get(DATASET).status_code == 404
    publish(producer, draft)
    assert client.get(DATASET).status_code == 200


def test_forgotten_drafts_are_purged_with_their_files(producer: FlaskClient, app: Flask, clock) -> None:
    """Raw rows do not stay for ever: old files go, published or not; of the drafts, the published one stays."""
    from portal.producers.service import purge_drafts

    parts = app.extensions["portal"]
    incoming = parts.settings.instance / "incoming"
    send(producer, b"a;b\n1;2\n")
    walk(producer, FESTIVALS)
    (incoming / "0123.part").write_bytes(b"cut")
    assert purge_drafts(parts.databases, incoming, clock.now() - timedelta(days=30)) == 0
    assert len(list(incoming.iterdir())) == 6
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
    assert sorted(path.suffix for path in incoming.iterdir()) == ["", ".errors", ".report"]
    assert (incoming / f"{kept.split('/')[-2]}.report").exists()
