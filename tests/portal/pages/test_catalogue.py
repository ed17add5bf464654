"""The page of the catalogue: searches, facets, orders, feeds, on a catalogue of many datasets."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from datasets.catalogue.search import INDEX_FILE
from datasets.facets import count_facets
from datasets.query import run_query
from datasets.store.versions import VersionStore
from exports.feed import ATOM
from portal import create_app
from portal.clock import FixedClock
from portal.pages import listing, marking
from portal.pages.filters import read_filters
from portal.pages.shelf import FACETS, Shelf, get_shelf, open_index
from tests.datasets.catalogue.judged import read_lines
from tests.portal.pages.many import fill_catalogue

FILTERED = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["refine.theme", "exclude.theme", "refine.default.theme"]),
            st.sampled_from(["Culture", "Environnement", "Énergie", "rien"]),
        ),
        st.tuples(st.sampled_from(["refine.keyword", "exclude.keyword"]), st.sampled_from(["tournée", "bus", "eau"])),
        st.tuples(st.just("refine.publisher"), st.sampled_from(["Service inventé", "Département inventé"])),
        st.tuples(st.just("refine.features"), st.sampled_from(["analyze", "geo"])),
        st.tuples(st.just("refine.modified"), st.sampled_from(["2026", "2026/11", "2025"])),
    ),
    max_size=4,
)
SMALL = settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def many(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A portal where the datasets of the judged catalogue are published."""
    instance = copytree(migrated, tmp_path_factory.mktemp("many") / "instance")
    settings_ = {"instance": instance, "queue_url": "immediate", "limits_url": "memory://"}
    app = create_app(settings_, clock=FixedClock(datetime(2026, 11, 22, 10, 0, tzinfo=UTC)))
    with app.app_context():
        fill_catalogue(app)
    yield app
    app.extensions["portal"].databases.close()


@pytest.fixture
def reader(many: Flask) -> FlaskClient:
    """A reader of that portal."""
    return many.test_client()


def shelf_of(app: Flask, lang: str = "fr") -> Shelf:
    with app.app_context():
        return get_shelf(lang)


def titles(page: str) -> list[str]:
    """Return the identifiers of the datasets that a page lists, in order."""
    return re.findall(r'<h3><a href="/explore/dataset/([^/]+)/', page)


@SMALL
@given(pairs=FILTERED)
def test_facets_count_as_the_api_does(many: Flask, pairs: list[tuple[str, str]]) -> None:
    """Whatever the filters, the datasets and the counts of the page are those of the engine, which shares no code."""
    filters = read_filters(MultiDict(pairs))
    shelf, engine = shelf_of(many), many.extensions["portal"].engine
    rows = run_query(filters.query(select="dataset_id", limit=None), shelf.source, engine).rows.read_all()
    filters = listing.shorten(filters, shelf)
    kept = shelf.entries(listing.find_matches(filters, shelf, engine, sort="title"))
    assert {entry.dataset_id for entry in kept} == set(rows["dataset_id"].to_pylist())
    facets = listing.list_facets(filters, shelf, engine, FACETS, path="/", lang="fr")
    told = {facet.name: {c.value: c.count for c in facet.choices if c.count} for facet in facets}
    wanted = tuple(f'facet(name="{name}", limit=1000)' for name in FACETS)
    for group in count_facets(filters.query(facet=wanted), shelf.source, engine):
        counted = {value.value: value.count for value in group.values if value.count}
        some = told.get(group.name, counted)
        assert some.items() <= counted.items()
        assert len(some) >= min(len(counted), listing.MOST_CHOICES)
        assert max((counted[value] for value in counted.keys() - some.keys()), default=0) <= min(
            some.values(), default=0
        )


def test_words_and_facets_go_together(reader: FlaskClient) -> None:
    """Facets count what the words find, several values of one facet are one or the other, and all is in the address."""
    page = reader.get("/explore/?q=tournées&refine.theme=Environnement&refine.theme=Énergie").text
    assert set(titles(page)) >= {"economies-ges", "economies-ges-par-mode"}
    assert "tournees-agregees" not in titles(page)
    assert "refine.theme=Environnement" in re.search(r'href="(/explore/\?[^"]*sort=title[^"]*)"', page)[1]


@pytest.mark.parametrize(
    ("sort", "first"), [("", "economies-ges-par-mode"), ("title", "economies-ges-par-discipline"), ("modified", "")]
)
def test_orders(reader: FlaskClient, sort: str, first: str) -> None:
    """With words the best match comes first unless another order is asked; equals go by title."""
    found = titles(reader.get("/explore/", query_string={"q": "gaz mode de transport", "sort": sort}).text)
    assert found
    assert not first or found[0] == first or sort == "title"
    everything = titles(reader.get("/explore/", query_string={"sort": sort}).text)
    assert len(everything) == listing.PER_PAGE


def test_pages_hold_every_dataset_once(reader: FlaskClient) -> None:
    """From page to page each dataset comes once."""
    listed = [name for page in (1, 2, 3) for name in titles(reader.get(f"/explore/?page={page}").text)]
    assert sorted(listed) == sorted(parts[0] for parts in read_lines("catalogue.txt"))


def test_the_words_found_are_marked(reader: FlaskClient) -> None:
    """Words are marked in titles and descriptions; markup typed or published is text."""
    assert "<mark>Arbres</mark> remarquables" in reader.get("/explore/?q=arbre").text
    page = reader.get("/explore/", query_string={"q": "<script>alert(1)</script> arbre"}).text
    assert "<script>alert" not in page
    assert marking.mark("<b>arbre</b>", None) == "&lt;b&gt;arbre&lt;/b&gt;"


def test_a_description_is_shown_where_the_words_are(many: Flask) -> None:
    """A word far into a description brings the part of it that has it."""
    text = f"<p>{'Rien ici. ' * 60}On y compte les loutres. {'Rien là. ' * 40}</p>"
    found = listing.search(shelf_of(many).index, "loutres")
    assert "loutres" not in marking.summarise(text, found)
    seen = type(found)(found.scores, frozenset({"loutres"}))
    assert marking.summarise(text, seen).startswith("… On y compte les <mark>loutres</mark>.")


def test_what_was_understood_is_told(reader: FlaskClient) -> None:
    """A correction is told, with a link to the search as it was read; so is a word too many."""
    page = reader.get("/explore/?q=subvensions").text
    assert "Aucun jeu de données ne contient « subvensions »" in page
    assert 'href="/explore/?q=subventions"' in page
    assert "Aucun jeu de données ne contient tous ces mots" in reader.get("/explore/?q=arbres+xyzzyq").text


def test_nothing_found_leads_on(reader: FlaskClient) -> None:
    """Where filters hide what words find it is said how many; and themes are offered."""
    page = reader.get("/explore/?q=arbres&refine.theme=Sport").text
    assert re.search(r"Chercher sans les filtres</a> \(\d jeux? de données\)", page)
    assert "Ou parcourez un thème" in reader.get("/explore/?q=zzzqqq").text


def test_the_reader_finds_by_either_language(reader: FlaskClient) -> None:
    """A page in English finds by English and by French words, and says titles in English."""
    for words in ("greenhouse gas", "gaz à effet de serre"):
        assert "Greenhouse" in reader.get("/explore/", query_string={"q": words, "lang": "en"}).text


def test_a_catalogue_without_index_is_searched(many: Flask) -> None:
    """A catalogue published before there were indexes is indexed when it is first searched."""
    shelf = shelf_of(many)
    kept = tuple(each for each in shelf.version.distributions if each.name != INDEX_FILE)
    assert len(kept) < len(shelf.version.distributions)
    old = type(shelf.version)(**{**vars(shelf.version), "distributions": kept})
    with many.app_context():
        assert open_index(old, shelf.source).words == shelf.index.words


def test_the_index_is_no_attachment(many: Flask) -> None:
    """The index is a file of the version that the catalogue does not offer."""
    version = shelf_of(many).version
    assert INDEX_FILE not in {each.name for each in version.attachments}
    assert isinstance(many.extensions["portal"].store, VersionStore)


@pytest.mark.parametrize("address", ["/explore/feed.rss", "/explore/feed.atom"])
def test_any_search_is_a_feed(reader: FlaskClient, address: str) -> None:
    """A feed gives what the page of the same parameters finds, the latest change first, as a document of its format."""
    asked = {"q": "tournées", "refine.theme": "Environnement"}
    answer = reader.get(address, query_string=asked)
    feed = ET.fromstring(answer.text)
    links = [link.text or link.get("href") for link in feed.iterfind(".//item/link")]
    links += [link.get("href") for link in feed.iterfind(f"{{{ATOM}}}entry/{{{ATOM}}}link")]
    named = [str(link).rstrip("/").rpartition("/")[2] for link in links]
    assert set(named) == set(titles(reader.get("/explore/", query_string=asked).text))
    assert answer.content_type.startswith(f"application/{address.rpartition('.')[2]}+xml")
    assert f"{address}?q=tourn" in reader.get("/explore/", query_string=asked).text


def test_an_atom_feed_is_valid(reader: FlaskClient) -> None:
    """A feed and its entries have each one identifier, title and change; times are of RFC 3339 (RFC 4287, 4.1)."""
    feed = ET.fromstring(reader.get("/explore/feed.atom?lang=en").text)
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    identifiers = []
    for part in (feed, *feed.iterfind(f"{{{ATOM}}}entry")):
        for tag in ("id", "title", "updated"):
            [element] = part.findall(f"{{{ATOM}}}{tag}")
            assert element.text
        identifiers.append(part.findtext(f"{{{ATOM}}}id"))
        assert datetime.fromisoformat(part.findtext(f"{{{ATOM}}}updated") or "").tzinfo
        assert [link for link in part.iterfind(f"{{{ATOM}}}link") if link.get("rel") == "alternate"]
    assert len(set(identifiers)) == len(identifiers)
    assert feed.find(f"{{{ATOM}}}author/{{{ATOM}}}name") is not None


def test_a_feed_that_has_not_changed_is_not_sent_again(reader: FlaskClient) -> None:
    """The validator of a feed holds for its own address and language only."""
    first = reader.get("/explore/feed.atom?q=bus")
    tag = {"If-None-Match": first.headers["ETag"]}
    assert reader.get("/explore/feed.atom?q=bus", headers=tag).status_code == 304
    assert reader.get("/explore/feed.atom?q=eau", headers=tag).status_code == 200
    assert reader.get("/explore/feed.atom?q=bus&lang=en", headers=tag).status_code == 200


def test_a_feed_of_nothing_is_a_feed(reader: FlaskClient, client: FlaskClient) -> None:
    """A search that finds nothing has an empty feed; a portal where nothing is published has none."""
    for name in ("rss", "atom"):
        assert b"<entry" not in reader.get(f"/explore/feed.{name}?q=zzzqqq").data
        assert ET.fromstring(reader.get(f"/explore/feed.{name}?q=zzzqqq").text).tag
        assert client.get(f"/explore/feed.{name}").status_code == 404
    assert reader.get("/explore/feed.nothing").status_code == 404


@SMALL
@given(words=st.text(max_size=40), sort=st.text(max_size=10))
def test_no_address_breaks_the_page(many: Flask, words: str, sort: str) -> None:
    """Anything may be typed, on the page and for its feeds."""
    for path in ("/explore/", "/explore/feed.rss"):
        assert many.test_client().get(path, query_string={"q": words, "sort": sort}).status_code == 200


def test_a_state_of_the_catalogue_is_read_once(many: Flask) -> None:
    """The shelf of one state of the catalogue, in one language, is one and the same."""
    assert shelf_of(many) is shelf_of(many)
    assert shelf_of(many).index is shelf_of(many, "en").index
