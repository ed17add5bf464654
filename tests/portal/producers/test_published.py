"""A producer's datasets: found, renewed, brought back, withdrawn, described anew."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from portal.clock import FixedClock
from portal.producers.door import bare_name
from tests.portal.producers.desk import choose, describe, publish, send, walk

FIRST, SECOND = b"nom;tarif\nA;1\nB;2\n", b"nom;tarif\nA;1\nB;2\nC;3\n"
PUBLIC = "/api/explore/v2.1/catalog/datasets/mes-tarifs"
DESK = "/producer/datasets/mes-tarifs/"


def renew(browser: FlaskClient, content: bytes) -> str:
    """Send a new file of the dataset and publish it as it is."""
    draft = send(browser, content, "tarifs.csv", dataset="mes-tarifs")
    choose(browser, draft)
    describe(browser, draft, "mes-tarifs")
    publish(browser, draft)
    return draft


def count(client: FlaskClient) -> int:
    """Return how many records are public."""
    return int(client.get(f"{PUBLIC}/records").json["total_count"])


def test_a_dataset_is_renewed_and_brought_back(producer: FlaskClient, client: FlaskClient) -> None:
    """A new file begins with what was said of the one before; going back is one press, and back again too."""
    walk(producer, FIRST, "mes-tarifs")
    draft = send(producer, SECOND, "tarifs.csv", dataset="mes-tarifs")
    choose(producer, draft)
    page = producer.get(f"{draft}description/").text
    assert 'value="Mes festivals"' in page
    assert '<input type="hidden" name="dataset_id" value="mes-tarifs">' in page
    assert "mes-tarifs" in producer.get("/producer/").text
    describe(producer, draft, "mes-tarifs")
    assert count(client) == 2
    publish(producer, draft)
    assert count(client) == 3
    former = producer.get(DESK).text.partition('name="version" value="')[2].partition('"')[0]
    assert producer.post(f"{DESK}restore/", data={"version": former}).status_code == 303
    assert count(client) == 2
    assert producer.post(f"{DESK}restore/", data={"version": "../x"}).status_code == 404


def test_what_is_published_already_makes_no_version(
    producer: FlaskClient, client: FlaskClient, clock: FixedClock
) -> None:
    """The same file sent again leaves the version and says so; a new description of it is taken all the same."""
    walk(producer, FIRST, "mes-tarifs")
    before = client.get(f"{PUBLIC}/versions").json
    clock.instant += timedelta(minutes=1)
    renew(producer, FIRST)
    assert client.get(f"{PUBLIC}/versions").json == before
    assert "no new version was made" in producer.get(f"{DESK}?lang=en").text
    draft = producer.post(f"{DESK}edit/").location
    describe(producer, draft, "mes-tarifs", title="Tarifs de 2026")
    publish(producer, draft)
    assert client.get(f"{PUBLIC}/versions").json["total_count"] == 1
    assert client.get(PUBLIC).json["metas"]["default"]["title"] == "Tarifs de 2026"
    assert client.get("/api/explore/v2.1/catalog/datasets?where=title='Tarifs de 2026'").json["total_count"] == 1
    clock.instant += timedelta(minutes=1)
    renew(producer, SECOND)
    assert client.get(f"{PUBLIC}/versions").json["total_count"] == 2
    assert "no new version was made" not in producer.get(f"{DESK}?lang=en").text


def test_a_dataset_is_withdrawn_with_a_reason(producer: FlaskClient, client: FlaskClient) -> None:
    """Without a reason nothing happens; with one, the address says it and the desk offers to come back."""
    walk(producer, FIRST, "mes-tarifs")
    assert producer.post(f"{DESK}withdraw/", data={"reason": " "}).status_code == 400
    assert count(client) == 2
    producer.post(f"{DESK}withdraw/", data={"reason": "Tarifs <faux>."})
    answer = client.get(f"{PUBLIC}/records")
    assert answer.status_code == 410
    assert "Tarifs <faux>." in answer.json["message"]
    assert "Withdrawn" in producer.get("/producer/?lang=en").text
    page = producer.get(DESK).text
    assert "Tarifs &lt;faux&gt;." in page
    former = page.partition('name="version" value="')[2].partition('"')[0]
    producer.post(f"{DESK}restore/", data={"version": former})
    assert count(client) == 2


def test_the_description_is_changed_without_sending_the_file_again(producer: FlaskClient, client: FlaskClient) -> None:
    """The steps are open again on the same file; what is emptied is emptied."""
    draft = send(producer, FIRST, "tarifs.csv")
    choose(producer, draft)
    describe(producer, draft, "mes-tarifs", keyword="tarif, prix", contact_name="Service culture")
    publish(producer, draft)
    again = producer.post(f"{DESK}edit/").location
    assert producer.get(again).location == f"{again}publish/"
    describe(producer, again, "mes-tarifs", title="Tarifs", title_en="Prices", keyword="", contact_name="")
    publish(producer, again)
    metas = client.get(f"{PUBLIC}?lang=en").json["metas"]["default"]
    assert metas["title"] == "Prices"
    assert not metas["keyword"]
    assert count(client) == 2


def test_the_desk_is_searched_by_words_and_state(producer: FlaskClient) -> None:
    """Accents and capitals do not count; a state narrows; one line stands for a dataset published twice."""
    walk(producer, FIRST, "mes-tarifs")
    renew(producer, SECOND)
    send(producer, FIRST, "Été à Auch.csv")
    assert producer.get("/producer/").text.count('class="card"') == 2
    assert producer.get("/producer/?q=ete+AUCH").text.count('class="card"') == 1
    assert producer.get("/producer/?state=published").text.count('class="card"') == 1
    assert producer.get("/producer/?state=withdrawn&lang=en").text.count("Nothing matches.") == 1


def test_words_of_the_catalogue_are_suggested_and_the_score_explained(producer: FlaskClient) -> None:
    """What other datasets say is offered; each piece that is missing says what it would bring and by how much."""
    draft = send(producer, FIRST, "tarifs.csv")
    choose(producer, draft)
    describe(producer, draft, "mes-tarifs", keyword="festival, fête")
    publish(producer, draft)
    draft = send(producer, SECOND, "autres.csv")
    choose(producer, draft)
    page = producer.get(f"{draft}description/?lang=en").text
    assert 'name="add-keyword" value="fête"' in page
    assert "Completeness: 26%" in page
    assert "people know when to come back (+9%)" in page
    describe(producer, draft, "autres", **{"add-keyword": "fête"})
    assert 'value="fête"' in producer.get(f"{draft}description/").text


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\w.csv", "w.csv"),
        ("a\x00b\n\u202ev.csv", "abv.csv"),
        ("x" * 400, "x" * 255),
        ("  ", "fichier"),
        (None, "fichier"),
        ("=cmd|' /C calc'!A0.csv", " C calc'!A0.csv".strip()),
    ],
)
def test_whatever_the_file_is_called(sent: str | None, shown: str) -> None:
    """A name is a text: no path, no control character, no more than a name may hold, never empty."""
    assert bare_name(sent) == shown


def test_what_a_file_says_it_is_does_not_matter(producer: FlaskClient) -> None:
    """A picture called table.csv is refused in words; a table called picture.png is read for what it is."""
    refused = send(producer, b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "table.csv")
    assert "This file cannot be read" in producer.get(f"{refused}?lang=en").text
    read = send(producer, FIRST, "picture.png")
    assert producer.get(f"{read}reading/").status_code == 200
