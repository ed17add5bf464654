"""What others made of a dataset: written by its producer, shown to readers, told to programs."""

from flask.testing import FlaskClient
from rdflib import DCTERMS, Graph, Literal, URIRef

from tests.portal.producers.desk import choose, describe, publish, send

FILE = b"tarif;prix\nplein;12\nr\xc3\xa9duit;8\n"
PAGE = "/explore/dataset/mes-tarifs/information/"
API = "/api/explore/v2.1/catalog"
MAP = {"title": "Carte des <tarifs>", "url": "https://cartes.example.org/tarifs?a=1", "author": "Association Jour"}
SAID = {"description": "Où sortir pour moins de dix euros.", "description_en": "Where to go out for ten euros."}
NO_PAGES = (
    *("http://example.org/", "javascript:alert(1)", "//example.org/", "example.org", "https://", "https://localhost/"),
    *("https://ada:secret@example.org/", "https://exam ple.org/", "https://example.org/\u202eprofit", "https://[::1/"),
)


def write(*reuses: dict[str, str]) -> dict[str, str]:
    """Return the fields of the form for these reuses."""
    return {f"reuses-{rank}-{name}": text for rank, reuse in enumerate(reuses) for name, text in reuse.items()}


def draft_of(producer: FlaskClient) -> str:
    """Send a file up to its description; return the address of its draft."""
    draft = send(producer, FILE, "tarifs.csv")
    choose(producer, draft)
    return draft


def test_a_reuse_is_written_shown_and_told(producer: FlaskClient, client: FlaskClient) -> None:
    """What is in the form is a card of the page in its language, a meta of the API, a node of DCAT; then it goes."""
    draft = draft_of(producer)
    describe(producer, draft, "mes-tarifs", **write(MAP | SAID, {"title": "  "}))
    publish(producer, draft)
    page = client.get(f"{PAGE}?lang=en").text
    assert f'<a href="{MAP["url"]}" rel="external noopener">Carte des &lt;tarifs&gt;</a>' in page
    assert "Where to go out for ten euros." in page
    assert "Où sortir" not in page
    assert "No reuse is listed yet." not in page
    told = {**MAP, "description": SAID["description"]}
    assert client.get(f"{API}/datasets/mes-tarifs").json["metas"]["custom"]["reuses"] == [told]
    row = client.get(f"{API}/datasets?where=dataset_id='mes-tarifs'&select=custom.reuses").json["results"][0]
    assert MAP["url"] in str(row["custom.reuses"])
    assert MAP["url"] in client.get(f"{API}/exports/csv").text
    graph = Graph().parse(data=client.get(f"{API}/exports/ttl").text, format="turtle")
    assert URIRef(MAP["url"]) in set(graph.objects(None, DCTERMS.isReferencedBy))
    assert graph.value(URIRef(MAP["url"]), DCTERMS.title) == Literal(MAP["title"])
    again = producer.post("/producer/datasets/mes-tarifs/edit/").location
    assert f'value="{MAP["url"]}"' in producer.get(f"{again}description/").text
    describe(producer, again, "mes-tarifs", **write(MAP | {"gone": "y"}))
    publish(producer, again)
    assert "No reuse is listed yet." in client.get(f"{PAGE}?lang=en").text
    assert client.get(f"{API}/datasets/mes-tarifs").json["metas"]["custom"]["reuses"] == []


def test_the_form_offers_one_more_block(producer: FlaskClient) -> None:
    """An empty block waits below those that are written; saving it makes another one."""
    draft = draft_of(producer)
    assert producer.get(f"{draft}description/?lang=en").text.count("<summary>Add a reuse</summary>") == 1
    describe(producer, draft, "mes-tarifs", **write(MAP), action="save")
    page = producer.get(f"{draft}description/?lang=en").text
    assert page.count("<summary>Add a reuse</summary>") == 1
    assert "<summary>Carte des &lt;tarifs&gt;</summary>" in page
    assert 'name="reuses-1-url"' in page
    assert 'name="reuses-2-url"' not in page
    assert 'name="reuses-0-gone"' in page
    assert 'name="reuses-1-gone"' not in page


def test_a_link_that_is_no_page_is_refused(producer: FlaskClient) -> None:
    """Only whole https addresses without a password are taken; the form says so beside the field."""
    draft = draft_of(producer)
    for address in NO_PAGES:
        answer = describe(producer, draft, "mes-tarifs", **write(MAP | {"url": address}))
        assert answer.status_code == 400, address
        assert 'aria-describedby="reuses-0-url-help reuses-0-url-errors"' in answer.text
    assert producer.get(f"{draft}publish/").status_code == 303


def test_a_block_half_written_is_refused(producer: FlaskClient) -> None:
    """A title without an address, or the reverse, is told; a block that goes away is not judged."""
    draft = draft_of(producer)
    page = describe(producer, draft, "mes-tarifs", lang="en", **write({"title": "Carte"}, {"url": MAP["url"]})).text
    assert 'id="reuses-0-url-errors"' in page
    assert 'id="reuses-1-title-errors"' in page
    assert describe(producer, draft, "mes-tarifs", **write({"url": "x", "gone": "y"})).status_code == 303
