"""Transformations at the desk: declared, shown before and after, published with the dataset, replayed."""

from flask import Flask
from flask.testing import FlaskClient

from portal.sources.recipes import read_kept
from tests.portal.producers.desk import choose, columns_of, describe, publish, send, walk

ROWS = b"nom;ville;tarif\nA;Auch;1\nB;Condom;2\nC;Auch;3\n"
PUBLIC = "/api/explore/v2.1/catalog/datasets/mes-tarifs/records"
PEOPLE = "Nom;Prénom;Age;Commune\n" + "".join(f"Dupont{i};Jean;{20 + i % 40};Auch\n" for i in range(80))


def add(browser: FlaskClient, draft: str, step: str, **options: str) -> int:
    """Add a transformation to a draft by its page; return the status."""
    sent = {"step": step, **{f"option-{name}": text for name, text in options.items()}}
    return browser.post(f"{draft}transformations/", data=sent).status_code


def test_a_transformation_is_shown_published_and_replayed(
    producer: FlaskClient, client: FlaskClient, app: Flask
) -> None:
    """Rows are filtered in the preview and in the publication; nothing is kept before; the next file has it too."""
    draft = send(producer, ROWS, "tarifs.csv")
    choose(producer, draft)
    assert "Filter rows" in producer.get(f"{draft}transformations/?lang=en&step=filter").text
    assert add(producer, draft, "filter", where='ville = "Auch"') == 303
    page = producer.get(f"{draft}transformations/?lang=en").text
    assert "Condom" in page.partition('id="before-title"')[2].partition('id="after-title"')[0]
    assert "Condom" not in page.partition('id="after-title"')[2]
    describe(producer, draft, "mes-tarifs")
    assert read_kept(app.extensions["portal"], "mes-tarifs") == ([], {})
    assert "2 records" in producer.get(f"{draft}publish/?lang=en").text
    publish(producer, draft)
    assert client.get(PUBLIC).json["total_count"] == 2
    assert read_kept(app.extensions["portal"], "mes-tarifs")[0] == [{"step": "filter", "where": 'ville = "Auch"'}]
    again = send(producer, ROWS + b"D;Auch;4\n", "tarifs.csv", dataset="mes-tarifs")
    choose(producer, again)
    describe(producer, again, "mes-tarifs")
    publish(producer, again)
    assert client.get(PUBLIC).json["total_count"] == 3


def test_a_wrong_transformation_is_refused_in_words(producer: FlaskClient) -> None:
    """What lacks an option or names an unknown field is told, and the draft goes on without it."""
    draft = send(producer, ROWS, "tarifs.csv")
    choose(producer, draft)
    assert add(producer, draft, "filter") == 400
    assert add(producer, draft, "nothing") == 400
    assert add(producer, draft, "anonymise", k="many", keys="ville=whole") == 400
    assert add(producer, draft, "keep", fields="inconnu") == 303
    page = producer.get(f"{draft}transformations/?lang=en").text
    assert 'role="alert"' in page
    producer.post(f"{draft}transformations/", data={"remove": "0"})
    assert "There are none." in producer.get(f"{draft}transformations/?lang=en").text


def test_records_at_risk_are_told_more_coarsely_in_one_press(producer: FlaskClient, client: FlaskClient) -> None:
    """Ages become intervals until each record looks like four others: nobody waits for an officer any more."""
    draft = send(producer, PEOPLE.encode(), "adherents.csv")
    choose(producer, draft)
    describe(producer, draft, "mes-tarifs")
    assert 'id="risk"' in producer.get(f"{draft}publish/").text
    assert producer.post(f"{draft}publish/", data={"action": "coarser"}).status_code == 303
    page = producer.get(f"{draft}publish/").text
    assert 'id="risk"' not in page
    assert publish(producer, draft).status_code == 303
    ages = {record["age"] for record in client.get(f"{PUBLIC}?limit=100").json["results"]}
    assert 1 < len(ages) < 10


def test_rows_are_added_or_corrected_by_their_key(producer: FlaskClient, client: FlaskClient) -> None:
    """The desk offers how rows come: added to those there, or correcting those of the same key."""
    walk(producer, ROWS, "mes-tarifs")
    draft = send(producer, b"nom;ville;tarif\nA;Auch;9\nZ;Eauze;5\n", "plus.csv", dataset="mes-tarifs")
    choose(producer, draft, key__nom="on")
    describe(producer, draft, "mes-tarifs")
    assert "Correct and append" in producer.get(f"{draft}publish/?lang=en").text
    assert producer.post(f"{draft}publish/", data={"mode": "merge"}).status_code == 303
    found = client.get(f"{PUBLIC}?order_by=nom").json
    assert [(row["nom"], row["tarif"]) for row in found["results"]] == [("A", 9), ("B", 2), ("C", 3), ("Z", 5)]


def test_what_a_new_file_breaks_is_told_before_it_is_published(producer: FlaskClient) -> None:
    """A field that goes, or changes its type, is named with the queries that will be refused."""
    walk(producer, ROWS, "mes-tarifs")
    draft = send(producer, b"nom;tarif\nA;gratuit\nB;2\n", "autres.csv", dataset="mes-tarifs")
    choose(producer, draft)
    describe(producer, draft, "mes-tarifs")
    page = producer.get(f"{draft}publish/?lang=en").text
    section = page.partition('id="changes"')[2].partition("</section>")[0]
    assert "ville" in section
    assert "tarif" in section
    assert "Queries that will be refused" in section
    assert columns_of(producer, draft)["type-tarif"] == "text"
