"""The parts that pages are made of: filters, classes, contours, prose, pages of a list."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from exports import EXPORTERS
from portal.i18n import compact, number, period, read_translations, share, size
from portal.pages.examples import Addresses, write_examples
from portal.pages.filters import Filters, paginate, read_filters
from portal.pages.formats import FORMS
from portal.pages.maps.classes import classify
from portal.pages.maps.projection import FRAMES, METROPOLE, draw_path, find_frame
from portal.pages.prose import ALLOWED, clean_html, plain_text

WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)


@given(st.lists(st.tuples(st.sampled_from(["periode", "niveau_geo"]), WORDS.filter(bool)), max_size=5), WORDS)
def test_an_address_gives_its_filters_back(refined: list[tuple[str, str]], text: str) -> None:
    """What is written in an address is what is read from it."""
    filters = Filters(text=" ".join(text.split()), refined=tuple(dict.fromkeys(sorted(refined))), sort="-x", page=3)
    assert read_filters(MultiDict(filters.pairs())) == filters


def test_a_change_goes_back_to_the_first_page() -> None:
    """Changing a filter forgets the page; changing the page keeps the filters."""
    filters = Filters(text="a", page=4)
    assert filters.address("/explore/", sort="title") == "/explore/?q=a&sort=title"
    assert filters.address("/explore/", page=5) == "/explore/?q=a&page=5"
    assert filters.toggled("theme", "Culture").toggled("theme", "Culture").refined == ()


@pytest.mark.parametrize(
    ("number", "count", "shown"),
    [(1, 1, [1]), (1, 3, [1, 2, 3]), (5, 9, [1, None, 4, 5, 6, None, 9]), (3, 9, [1, 2, 3, 4, None, 9])],
)
def test_pages_worth_a_link(number: int, count: int, shown: list[int | None]) -> None:
    """The first, the last and the near pages have links; a gap of one page is filled."""
    assert paginate(Filters(page=number), count * 10, 10, "/").numbers == shown


@given(st.lists(st.floats(-1e9, 1e12), min_size=1, max_size=200))
def test_each_value_falls_in_a_class_that_holds_it(values: list[float]) -> None:
    """The bounds of the class of a value surround it, and there are at most six classes."""
    classes = classify(values)
    bounds = {rank: (low, high) for rank, low, high in classes.bounds}
    assert len(bounds) <= 6
    for value in values:
        low, high = bounds[classes.rank(value)]
        assert low <= value <= high


def test_equal_values_make_one_class() -> None:
    """A map where every territory has the same value has one class, not five."""
    assert len(classify([7.0] * 30).bounds) == 1
    assert classify([]).bounds == [(1, 0.0, 0.0)]


def test_each_part_of_france_has_its_frame() -> None:
    """The middle of each frame falls in the middle of its rectangle, inside the drawing."""
    for frame in FRAMES:
        x, y = frame.project((frame.west + frame.east) / 2, (frame.south + frame.north) / 2)
        assert (x, y) == (frame.left + frame.width / 2, frame.top + frame.height / 2)
    square = {"type": "Polygon", "coordinates": [[[0.2, 43.5], [0.8, 43.5], [0.8, 43.9], [0.2, 43.5]]]}
    assert find_frame(0.5, 43.7) is METROPOLE
    assert draw_path(square, METROPOLE).startswith("M")
    assert find_frame(100, 0) is None
    assert draw_path({"type": "Point", "coordinates": [0, 44]}, METROPOLE) == ""


@given(st.text("<>/abp scriptonx=\"'&;:!-", max_size=80))
def test_cleaned_prose_holds_only_allowed_elements(text: str) -> None:
    """Whatever is written, what comes out has only allowed elements, closed in order."""
    once = clean_html(text if "<" in text else f"<p>{text}")
    depth: list[str] = []
    for piece in str(once).split("<")[1:]:
        name = piece.split(">")[0].split(" ")[0]
        if name.startswith("/"):
            assert depth.pop() == name[1:]
        else:
            assert name in ALLOWED
            depth += [] if name == "br" else [name]
    assert depth == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Deux\n\nparagraphes & un", "<p>Deux</p><p>paragraphes &amp; un</p>"),
        ('<a href="https://x.fr/?a=1&b=2">x</a>', '<a href="https://x.fr/?a=1&amp;b=2" rel="nofollow noopener">x</a>'),
        ('<a href="//evil.example">x</a>', "<a>x</a>"),
        ('<a href=" JavaScript:alert(1)">x</a>', "<a>x</a>"),
        ("<p>ouvert", "<p>ouvert</p>"),
        ("<ul><li>a</ul>b", "<ul><li>a</li></ul>b"),
        ("<style>p{}</style><p class=x>a</p>", "<p>a</p>"),
    ],
)
def test_prose_is_cleaned(text: str, expected: str) -> None:
    """Text becomes paragraphs, safe links stay, the rest goes."""
    assert clean_html(text) == expected


def test_a_summary_is_cut_at_a_word() -> None:
    """A summary has no markup and ends at a word."""
    assert plain_text("<p>Un texte <strong>assez</strong> long.</p>", 15) == "Un texte assez…"
    assert plain_text("<p>Court.</p>", 15) == "Court."


def test_each_format_says_what_it_is_for() -> None:
    """Every exporter has its sentence on the download page."""
    assert set(EXPORTERS) == set(FORMS)


def test_examples_keep_codes_as_text() -> None:
    """Programs are told which columns are codes, and quotes in filters cannot end a string."""
    addresses = Addresses("https://x.example", "d", (("refine", 'nom:"L\'Isle"'),))
    programs = {example.use.name: example.text for example in write_examples(addresses, ["code_geo"])}
    assert '"code_geo": "string"' in programs["Python"]
    assert "L'Isle" not in programs["curl"]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("fr", ["12 345,68", "1,2 Mo", "3e trimestre 2026", "2026", "12 %", "1,2 M"]),
        ("en", ["12,345.68", "1.2 MB", "3rd quarter 2026", "2026", "12%", "1.2M"]),
    ],
)
def test_numbers_in_the_readers_way(app: Flask, lang: str, said: list[str]) -> None:
    """Numbers, sizes and periods are written as the reader's language does."""
    with app.test_request_context(f"/?lang={lang}"):
        found = [number(12345.678, 2), size(1_234_567), period("2026-T3"), period("2026"), share(0.12), compact(1.2e6)]
    assert [" ".join(text.split()) for text in found] == said


def test_english_is_what_the_code_says() -> None:
    """English needs no file; French has plural forms of its own (0 is singular)."""
    assert read_translations("en").gettext("Search") == "Search"
    french = read_translations("fr")
    assert french.ngettext("%(count)s record", "%(count)s records", 0) == "%(count)s enregistrement"
