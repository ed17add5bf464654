"""The index of the catalogue: what searches find, in which order, whatever is typed."""

import io
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from time import process_time

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from datasets.catalogue.search import build_index, mark_words, read_index, search, write_index
from datasets.catalogue.search.asking import MOST_WORDS, read_search, read_synonyms
from datasets.catalogue.search.index import PLACES
from datasets.catalogue.search.spelling import FAR, Letters, find_near, tolerance
from datasets.catalogue.search.words import EMPTY_WORDS, fold, stems
from tests.datasets.catalogue.judged import describe, described, find, index, read_lines

JUDGED = [(typed, () if wanted == "-" else tuple(wanted.split())) for typed, wanted in read_lines("queries.txt")]


@pytest.mark.parametrize(("typed", "wanted"), JUDGED)
def test_what_people_type_finds_what_they_look_for(typed: str, wanted: tuple[str, ...]) -> None:
    """Each judged search gives first the datasets that it is about, or nothing where nothing is."""
    found = find(typed)
    assert set(found[: len(wanted)]) == set(wanted)
    assert wanted or not found


def test_the_judged_searches_are_many_and_speak_of_what_is_there() -> None:
    """There are sixty judged searches or more, and the datasets that they name are in the catalogue."""
    assert len(JUDGED) >= 60
    assert {name for _, wanted in JUDGED for name in wanted} <= set(described())


@settings(max_examples=60)
@given(st.text(max_size=60))
@example('"')
@example("«»")
@example("* ? % ' ` \\ [")
@example("l’ d' qu’")
@example("\ud7ff\u0301\u202e\x00")
def test_anything_may_be_typed(typed: str) -> None:
    """No text breaks a search, and a score is never less than nothing nor not a number."""
    scores = search(index(), typed).scores
    assert scores.shape == (len(described()),)
    assert (scores >= 0).all()


def test_a_long_search_has_a_bounded_cost() -> None:
    """Of a text without end only the first words are looked for."""
    assert len(read_search("mot " * 10_000).wanted) == MOST_WORDS
    assert len(read_search("a" * 10_000).wanted[0].words[0]) < 100
    begun = process_time()
    for text in ("«" * 100_000, '"a ' * 100_000, "« " * 100_000, "'" * 100_000):
        read_search(text)
    assert process_time() - begun < 1


@settings(max_examples=40)
@given(st.sampled_from(sorted(described())), st.randoms(use_true_random=False))
def test_a_title_finds_its_dataset(name: str, chance: random.Random) -> None:
    """The words of a title, in any order, in capitals, without accents, find their dataset among the first."""
    words = described()[name]["fr"]["metas"]["default"]["title"].split()
    chance.shuffle(words)
    assert name in find(" ".join(fold(word) for word in words).upper())[:3]


def test_a_file_gives_the_index_back() -> None:
    """An index read from its file finds the same, word for word, as the one that was built."""
    table = build_index(described().values())
    read = read_index(io.BytesIO(write_index(table)))
    built = read_index(table)
    assert read.words == built.words
    assert read.shown == built.shown
    assert np.array_equal(read.postings, built.postings)
    assert np.array_equal(search(read, "gaz tournés").scores, search(built, "gaz tournés").scores)


def test_an_empty_catalogue_is_searched() -> None:
    """An index of nothing finds nothing."""
    empty = read_index(io.BytesIO(write_index(build_index([]))))
    assert search(empty, '"gaz" tournées').scores.size == 0


def test_a_text_without_end_stays_in_its_place() -> None:
    """A very long description spills neither into other kinds of text nor into the next dataset."""
    long = describe("b", "Court", "Short", "t", "k", "interminable " * PLACES + "final", "champ", "Éditeur")
    last = describe("c", "Autre", "Other", "t", "k", "rien", "champ", "Éditeur")
    scores = search(read_index(build_index([long, last])), "interminable").scores
    assert scores[0] > 0
    assert scores[1] == 0


@pytest.mark.parametrize("text", ["<" * 200_000, "a" * 200_000, "&" * 200_000, "<a " * 50_000])
def test_a_hostile_description_is_indexed(text: str) -> None:
    """What a producer writes, however it is made, costs no more than its length."""
    begun = process_time()
    build_index([describe("a", "Titre", "Title", "t", "k", text, "champ", "Éditeur")])
    assert process_time() - begun < 2


def test_a_correction_is_told() -> None:
    """A word that no dataset has is read as the nearest, in its own spelling, and that is told."""
    found = search(index(), "subvensions associations")
    assert found.corrected == (("subvensions", "subventions"),)
    assert not found.partial


def test_a_word_too_many_is_told() -> None:
    """When no dataset has all the words, those that have the most are given, and that is told."""
    found = search(index(), "tournées xyzzyq distance")
    assert found.partial
    assert find("tournées xyzzyq distance")[0] == "tournees-agregees"


def test_what_was_found_is_marked() -> None:
    """The words of a text that answer the search are marked as they are written, and nothing is lost."""
    text = "Économies d’émissions : les TOURNÉES, au tournant."
    pieces = list(mark_words(search(index(), "tournee"), text))
    assert "".join(piece for piece, _ in pieces) == text
    assert [piece for piece, is_found in pieces if is_found] == ["TOURNÉES"]


@settings(max_examples=60)
@given(st.text("abcdeé", min_size=3, max_size=9), st.lists(st.text("abcdeé", min_size=1, max_size=9), max_size=12))
def test_nearness_is_the_distance_of_edits(word: str, words: list[str]) -> None:
    """The nearest words are those of the least edits, as the usual definition counts them, within the tolerance."""
    typed, known = fold(word), sorted({fold(each) for each in words})
    true = {rank: _edits(typed, each) for rank, each in enumerate(known)}
    least = min(true.values(), default=FAR)
    expected = {rank: count for rank, count in true.items() if count == least <= tolerance(typed)}
    assert find_near(Letters.of(known), typed, unfinished=False) == expected


def _edits(one: str, other: str) -> int:
    """Return the edits from one word to another: letters added, dropped, changed, neighbours swapped."""
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, against in enumerate(other, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def test_years_and_codes_are_not_corrected() -> None:
    """A word with figures is looked for as it is: 2024 is not 2025."""
    assert tolerance("2024") == tolerance("32013") == 0


@pytest.mark.parametrize(
    ("written", "folded"),
    [("Œuvre", "oeuvre"), ("CO₂", "co2"), ("ÉTÉ", "ete"), ("ﬁbre", "fibre"), ("straße", "strasse")],
)
def test_letters_are_folded(written: str, folded: str) -> None:
    """Ligatures, small figures and marks are compared as plain letters."""
    assert fold(written) == folded


def test_both_languages_are_stemmed() -> None:
    """Plurals and endings of French and of English are one word."""
    assert stems("regions")[0] == stems("region")[0]
    assert stems("savings")[1] == stems("saved")[1]


def test_the_tables_say_what_can_be_found() -> None:
    """No synonym is made of empty words alone, and each name is among the ways to say its things."""
    names, longest = read_synonyms()
    assert longest <= 4
    for name, others in names.items():
        assert name
        assert len(others) > 1
        assert not {word for way, _ in others for word in way} & EMPTY_WORDS


def test_words_are_stemmed_alike_by_many_threads_at_once() -> None:
    """What one thread stems is not cut by another: a server answers several searches at once."""
    chance = random.Random(7)
    words = ["".join(chance.choices("aeinorstl", k=chance.randint(5, 14))) + "ements" for _ in range(400)]
    alone = [stems(word) for word in words]
    stems.cache_clear()
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            together = list(
                threads.map(lambda place: [stems(word) for word in words[place:] + words[:place]], range(8))
            )
    finally:
        sys.setswitchinterval(before)
    assert all(found == alone[place:] + alone[:place] for place, found in enumerate(together))
