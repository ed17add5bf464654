"""What names persons waits for an officer, who accepts it or sends it back with a reason."""

from flask import Flask
from flask.testing import FlaskClient

from portal.producers.service import change_draft, get_draft
from tests.portal.producers.desk import choose, columns_of, describe, publish, send

PEOPLE = "Nom;Prénom;Age;Sexe;Commune\n" + "".join(f"Dupont{i};Jean;{20 + i};H;Auch\n" for i in range(30))
LEADERS = "Lieu;Responsable\nThéâtre A;M. Jean Martin\nThéâtre B;Mme Marie Durand\n"
PUBLIC = "/api/explore/v2.1/catalog/datasets/responsables"


def bring(browser: FlaskClient) -> str:
    """Take a table that names officials to the last step, its names kept; return its draft."""
    draft = send(browser, LEADERS.encode(), "responsables.csv")
    choose(browser, draft, published__responsable="on")
    choose(browser, draft)
    describe(browser, draft, "responsables")
    return draft


def test_officials_are_named_once_an_officer_has_accepted(
    producer: FlaskClient, sign_in, client: FlaskClient, app: Flask
) -> None:
    """The draft waits, is on the officer's list, is sent back with a reason, corrected, accepted, then public."""
    officer = sign_in("deleguee@example.org", "officer")
    draft = bring(producer)
    assert publish(producer, draft, full_name__responsable="officials").status_code == 303
    assert "En relecture" in producer.get("/producer/?lang=fr").text
    assert "In review" in producer.get(f"{draft}?lang=en").text
    assert producer.get(f"{draft}publish/").status_code == 303
    assert client.get(PUBLIC).status_code == 404
    look = f"/producer/reviews/{draft.split('/')[-2]}/"
    assert look in officer.get("/producer/reviews/").text
    page = officer.get(f"{look}?lang=en").text
    assert "responsable" in page
    assert "Théâtre A" in page
    assert officer.post(look, data={"decision": "sent_back"}).status_code == 400
    assert officer.post(look, data={"decision": "sent_back", "reason": "Quel arrêté ?"}).status_code == 303
    assert "Quel arrêté ?" in producer.get(f"{draft}publish/").text
    publish(producer, draft, full_name__responsable="officials")
    assert officer.post(look, data={"decision": "accepted"}).status_code == 303
    assert client.get(PUBLIC).status_code == 200
    assert officer.get(look).status_code == 404
    store = app.extensions["portal"].store
    (version_id,) = store.versions("responsables")
    provenance = store.read("responsables", version_id).provenance
    assert provenance["review"]["decision"] == "accepted"
    assert provenance["review"]["declared_by"] == "officer"
    assert "deleguee" not in str(provenance)


def test_only_an_officer_reviews_and_the_job_checks_again(
    producer: FlaskClient, client: FlaskClient, app: Flask
) -> None:
    """A producer cannot open the reviews, nor can a draft reach the public by its job alone."""
    draft = bring(producer)
    publish(producer, draft, full_name__responsable="agreed")
    draft_id = draft.split("/")[-2]
    assert producer.get("/producer/reviews/").status_code == 403
    assert producer.post(f"/producer/reviews/{draft_id}/", data={"decision": "accepted"}).status_code == 403
    parts = app.extensions["portal"]
    change_draft(parts, draft_id, state="publishing")
    parts.queue.enqueue("publish_draft", draft_id=draft_id)
    assert get_draft(parts, draft_id).state == "understood"
    assert "officer" in get_draft(parts, draft_id).error["en"]
    assert client.get(PUBLIC).status_code == 404


def test_a_draft_in_review_can_be_taken_back(producer: FlaskClient) -> None:
    """The producer takes it back, changes it, and what names nobody any more is published at once."""
    draft = bring(producer)
    publish(producer, draft, full_name__responsable="officials")
    producer.post(f"{draft}recall/")
    sent = columns_of(producer, draft)
    del sent["published-responsable"]
    producer.post(f"{draft}columns/", data={**sent, "action": "next"})
    assert publish(producer, draft).status_code == 303
    assert producer.get(draft).location == "/producer/datasets/responsables/"


def test_records_that_look_like_few_others_wait_too(producer: FlaskClient, sign_in, client: FlaskClient) -> None:
    """Without names, ages by commune still point at somebody: it is said in words, and the officer decides."""
    draft = send(producer, PEOPLE.encode(), "adherents.csv")
    choose(producer, draft)
    describe(producer, draft, "adherents")
    page = producer.get(f"{draft}publish/?lang=en").text
    assert "30 of 30 records look like fewer than five, and 30 like no other" in page
    assert "Without it: 0 would look like fewer than five, 0 like no other. Tell ranges of five or ten years" in page
    assert "Without it: 30 would look like fewer than five, 30 like no other" in page
    publish(producer, draft)
    assert "In review" in producer.get(f"{draft}?lang=en").text
    sent = columns_of(producer, draft)
    producer.post(f"{draft}recall/")
    sent = columns_of(producer, draft)
    del sent["published-age"]
    producer.post(f"{draft}columns/", data={**sent, "action": "next"})
    assert 'id="risk"' not in producer.get(f"{draft}publish/").text


def test_mute_titles_hide_no_trait(producer: FlaskClient, client: FlaskClient) -> None:
    """Traits are known by their values too, without any name in the file, and told with what to do."""
    lines = (f"{'HF'[i % 2]};{('Cadre', 'Ouvrier', 'Retraité')[i % 3]};{18 + i}" for i in range(60))
    draft = send(producer, ("c1;c2;c3\n" + "\n".join(lines)).encode(), "enquete.csv")
    choose(producer, draft)
    describe(producer, draft, "enquete")
    page = producer.get(f"{draft}publish/?lang=en").text
    assert "60 of 60 records look like fewer than five, and 60 like no other" in page
    assert "by its values: Age" in page
    publish(producer, draft)
    assert client.get("/api/explore/v2.1/catalog/datasets/enquete").status_code == 404


def test_no_officer_releases_their_own_draft_while_there_is_another(sign_in, client: FlaskClient) -> None:
    """Four eyes: the draft waits, its officer is told why and refused, and another officer may accept it."""
    own, other = sign_in("deleguee@example.org", "officer"), sign_in("adjoint@example.org", "officer")
    draft = bring(own)
    publish(own, draft, full_name__responsable="officials")
    look = f"/producer/reviews/{draft.split('/')[-2]}/"
    assert look in own.get(draft).text
    page = own.get(f"{look}?lang=en").text
    assert "another officer must read it" in page
    assert 'name="decision"' not in page
    refused = own.post(look, data={"decision": "accepted", "reason": "Je m’en porte garante."})
    assert refused.status_code == 422
    assert client.get(PUBLIC).status_code == 404
    assert other.post(look, data={"decision": "accepted"}).status_code == 303
    assert client.get(PUBLIC).status_code == 200


def test_the_only_officer_releases_their_own_draft_with_a_reason(sign_in, client: FlaskClient, app: Flask) -> None:
    """Where nobody else can read it, the exception needs a reason, which the provenance of the version tells."""
    officer = sign_in("deleguee@example.org", "officer")
    draft = bring(officer)
    publish(officer, draft, full_name__responsable="officials")
    look = f"/producer/reviews/{draft.split('/')[-2]}/"
    assert client.get(PUBLIC).status_code == 404
    assert officer.post(look, data={"decision": "accepted", "reason": " "}).status_code == 400
    assert client.get(PUBLIC).status_code == 404
    assert (
        officer.post(look, data={"decision": "accepted", "reason": "Noms déjà au journal officiel"}).status_code == 303
    )
    assert client.get(PUBLIC).status_code == 200
    store = app.extensions["portal"].store
    (version_id,) = store.versions("responsables")
    review = store.read("responsables", version_id).provenance["review"]
    assert (review["alone"], review["reason"]) == (True, "Noms déjà au journal officiel")
