"""A file that names persons is not published until its producer has answered, and the answer is kept."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from datasets.errors import DisclosureError, InvalidParameter
from portal.producers.service import change_draft, get_draft, publish_file
from tests.portal.producers.desk import choose, describe, publish, send

MEMBERS = (
    "Structure;SIRET;Référent du lieu;Observations\n"
    "Théâtre A;55208131766522;Jean Dupont;RAS\n"
    "Compagnie B;73282932000074;Marie Martin;appeler le 06 39 98 11 22\n"
).encode()


PUBLIC = "/api/explore/v2.1/catalog/datasets/annuaire"
ANSWERS = {"siret__siret": "organisations", "phone__observations": "organisations"}


def bring(browser: FlaskClient, content: bytes = MEMBERS, without: tuple[str, ...] = (), **boxes: str) -> str:
    """Take a file to the last step and return the address of its draft; `boxes` are those of the third step."""
    draft = send(browser, content, "annuaire.csv")
    choose(browser, draft, without=without, **boxes)
    if boxes or without:
        choose(browser, draft)
    describe(browser, draft, "annuaire")
    return draft


def test_what_was_found_is_told_masked_in_both_languages(producer: FlaskClient) -> None:
    """The page says kind, column, share, reasons, masked examples and rows; a label is tied to each answer."""
    draft = bring(producer)
    french, english = (producer.get(f"{draft}publish/?lang={lang}").text for lang in ("fr", "en"))
    assert "Identifiants de personnes" in french
    assert "Numéro SIRET – <code>siret</code>" in french
    assert "First rows: 3." in english
    assert "<q>06 •••</q>" in english
    assert '<label for="finding-1-answer">' in english
    assert 'name="answer-siret-siret"' in english
    section = english[english.index('id="persons"') :]
    assert "98 11 22" not in section
    assert "Dupont" not in section


def test_without_an_answer_nothing_is_published(producer: FlaskClient, client: FlaskClient) -> None:
    """The form comes back with 400, says so, marks the questions, and keeps the answers already given."""
    draft = bring(producer)
    answer = producer.post(f"{draft}publish/?lang=en", data={"answer-siret-siret": "organisations"})
    assert answer.status_code == 400
    assert "say whose these are, or leave them out" in answer.text
    assert 'name="answer-phone-observations" aria-describedby="finding-3-why" aria-invalid="true"' in answer.text
    assert '<option value="organisations" selected>' in answer.text
    assert client.get(PUBLIC).status_code == 404


def test_an_answer_is_kept_in_the_provenance_without_any_value(
    producer: FlaskClient, client: FlaskClient, app: Flask, clock
) -> None:
    """Kind, column, answer, role and instant are recorded; no cell is."""
    assert publish(producer, bring(producer, without=("referent_du_lieu",)), **ANSWERS).status_code == 303
    store = app.extensions["portal"].store
    (version_id,) = store.versions("annuaire")
    provenance = store.read("annuaire", version_id).provenance
    at = clock.now().isoformat()
    assert provenance["decisions"] == [
        {"kind": kind, "column": column, "declared_by": "producer", "reason": "organisations", "at": at}
        for kind, column in (("siret", "siret"), ("phone", "observations"))
    ]
    assert not any(value in str(provenance) for value in ("55208131766522", "98 11 22", "producteur@example.org"))


def test_removing_the_column_by_its_answer(producer: FlaskClient, client: FlaskClient) -> None:
    """The answer "remove the column" publishes the rest without it."""
    draft = bring(producer)
    answers = dict.fromkeys(("siret__siret", "phone__observations", "full_name__referent_du_lieu"), "removed")
    assert publish(producer, draft, **answers).status_code == 303
    assert [field["name"] for field in client.get(PUBLIC).json["fields"]] == ["structure"]


def test_an_answer_that_does_not_suit_is_no_answer(producer: FlaskClient, client: FlaskClient) -> None:
    """A social-security number is never that of an organisation, whatever the form sends."""
    draft = bring(producer, b"code;n\nA;185057800608491\nB;295109912611193\n", published__n="on")
    for answer in ("organisations", "agreed", "../x", ""):
        assert publish(producer, draft, nir__n=answer).status_code == 400
    assert client.get(PUBLIC).status_code == 404


def test_the_job_refuses_too(producer: FlaskClient, client: FlaskClient, app: Flask) -> None:
    """A draft that reaches the job without its answers is refused there, in both languages, and can be answered."""
    parts = app.extensions["portal"]
    draft = bring(producer)
    draft_id = draft.split("/")[-2]
    change_draft(parts, draft_id, state="publishing", dataset_id="annuaire")
    parts.queue.enqueue("publish_draft", draft_id=draft_id)
    found = get_draft(parts, draft_id)
    assert found.state == "understood"
    assert "siret (SIRET number)" in found.error["en"]
    assert "siret (Numéro SIRET)" in found.error["fr"]
    assert client.get(PUBLIC).status_code == 404
    assert 'role="alert"' in producer.get(f"{draft}publish/").text


def test_a_file_that_names_nobody_asks_nothing(producer: FlaskClient) -> None:
    """Without identifiers the page has no such section."""
    draft = bring(producer, b"a;b\n1;2\n")
    assert 'id="persons"' not in producer.get(f"{draft}publish/").text


def test_the_command_line_needs_answers_too(app: Flask, client: FlaskClient, tmp_path) -> None:
    """`portal ingest --publish` refuses until `--declare` answers; "removed" leaves the column out."""
    parts, path = app.extensions["portal"], tmp_path / "annuaire.csv"
    path.write_bytes(MEMBERS)
    with pytest.raises(DisclosureError, match=r"siret \(SIRET number\)"):
        list(publish_file(parts, path, "annuaire", published=True))
    with pytest.raises(InvalidParameter):
        list(publish_file(parts, path, "annuaire", published=True, answers={"structure": "organisations"}))
    answers = {"siret": "organisations", "observations": "removed", "referent_du_lieu": "officials"}
    assert "2 records" in list(publish_file(parts, path, "annuaire", published=True, answers=answers))[-1]
    names = [field["name"] for field in client.get(PUBLIC).json["fields"]]
    assert names == ["structure", "siret", "referent_du_lieu"]
