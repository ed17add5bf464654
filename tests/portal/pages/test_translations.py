"""The French of the portal: complete, consistent, and safe to fill in."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from portal.i18n import SEPARATE, TRANSLATIONS, list_forms, read_catalogue

PORTAL = TRANSLATIONS.parent
METHODS = [("**.py", "python"), *((f"templates/**.{kind}", "jinja2.ext:babel_extract") for kind in ("html", "txt"))]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "lazy_ngettext": (1, 2)}
BLANKS = re.compile(r"%\((\w+)\)[sd]")


def said_texts() -> list[tuple[str, str]]:
    """Return (file, text) for every text that the code and the templates say."""
    found = extract_from_dir(PORTAL, method_map=METHODS, keywords=KEYWORDS)
    return [(file, text if isinstance(text, str) else text[0]) for file, _line, text, *_ in found]


def test_every_text_has_its_french() -> None:
    """Each text of the portal has a French entry in one of the rooms' files."""
    french = read_catalogue("fr")
    missing = [(file, text) for file, text in said_texts() if text and french.get(text) is None]
    assert missing == []


@pytest.mark.parametrize("path", sorted((TRANSLATIONS / "fr").glob("*.po")), ids=lambda path: path.name)
def test_blanks_are_kept(path: Path) -> None:
    """A French text has the blanks of the English one, no more and no fewer, so that filling it never fails."""
    with path.open("rb") as file:
        for message in read_po(file, locale="fr"):
            english = message.id if isinstance(message.id, tuple) else (message.id,)
            french = message.string if isinstance(message.string, tuple) else (message.string,)
            if message.id:
                assert all(french), message.id
                expected = set(BLANKS.findall(english[-1]))
                assert all(set(BLANKS.findall(text)) <= expected for text in french), message.id


def test_no_line_begins_with_a_high_sign() -> None:
    """The spaces of French before : ; ? ! and inside quotation marks are bound; those of code are not touched."""
    french = [text for message in read_catalogue("fr") if message.id for text in list_forms(message)]
    assert [text for text in french if re.search(r" [:;?!»](\s|$)|« ", text)] == []
    assert any(re.search(r"\u00a0:", text) for text in french)
    assert SEPARATE.sub("_", "Dit : « oui » ?") == "Dit_: «_oui_»_?"
    assert SEPARATE.sub("_", "a ?lang=fr : https://x !important") == "a ?lang=fr_: https://x !important"


def test_rooms_agree() -> None:
    """A text that two rooms say is the same in French in both files."""
    known: dict[object, tuple[str, object]] = {}
    for path in sorted((TRANSLATIONS / "fr").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="fr"):
                if message.id:
                    where, string = known.setdefault(message.id, (path.name, message.string))
                    assert string == message.string, (message.id, where, path.name)
