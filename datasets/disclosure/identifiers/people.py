"""Who somebody is: dates of birth and names, with a short list of frequent names as evidence."""

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datasets.disclosure.identifiers.matching import Detector, Hits, Mask, Title, among, matching, nothing, within
from datasets.types import date

ADULTS = (1920, 2012)
"""Years in which the persons of a table are likely to be born."""
DAY = r"(?:\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2,4}|\d{4}-\d{2}-\d{2}|\d{1,2}(?:er)? [a-zA-Zéûè]{3,9}\.? \d{4})"
BORN = rf"(?i)(?:\bn[ée](?:e|\(e\)|·e)? le|date de naissance|\bddn|\bborn (?:on )?|naissance)\s*:?\s*(?:le )?{DAY}"
DAY_FORM = r"^\s*\d{1,4}[-/. ]"

U, L = "A-ZÀ-ÖØ-ÞŒĀ-ſ", "A-Za-zÀ-ÖØ-öø-ÿœŒĀ-ſ"
"""Capitals and letters of the Latin script: far faster in a pattern than the classes of Unicode."""
TITLE = r"(?:M\.|Mr\.?|MM\.|Mme\.?|Mlle\.?|M(?:onsieur|adame|ademoiselle)|Dr\.?|Docteur|Ma[iî]tre|Me|Pr\.?)"
PARTICLE = r"(?:de la |de l['’]|du |des |de |d['’]|la |le |van der |van |von |ben |el |da |dos |di |mac )?"
WORD = rf"[{U}][{L}'’]*(?:-[{L}][{L}'’]*)*"
PERSON = rf"^\s*(?:{TITLE} )?{WORD},?(?: (?i:{PARTICLE}){WORD}){{1,3}}\s*$"
TITLED = rf"^\s*{TITLE} (?:{WORD} ?){{1,4}}$"
SHORT = rf"^\s*(?:[{L}]['’])?[{L}][{L}'’]+(?:[ \-][{L}][{L}'’]*){{0,3}}\s*$"
"""One to four words of letters alone: what a first name or a family name looks like."""
_ORGANISATIONS = (
    r"compagnie|cie|c\.ie|s\.?a\.?r\.?l\.?|s\.?a\.?s\.?|association|asso|th[eé][aâ]tre|sarl|sasu?|s\.a\.|eurl|scop|scic|sci|gaec|earl|collectif|"
    r"ensemble|orchestre|quatuor|trio|festival|mairie|[eé]coles?|coll[eè]ge|lyc[eé]e|salle|espace|centre|maison|"
    r"mus[eé]e|m[eé]diath[eè]que|biblioth[eè]que|cin[eé]ma|foyer|fils|fr[eè]res|soeurs|cabinet|garage|boulangerie|"
    r"pharmacie|restaurant|caf[eé]|h[oô]tel|club|union|f[eé]d[eé]ration|comit[eé]|syndicat|office|service|"
    r"soci[eé]t[eé]|ets|[eé]tablissements?|entreprise|groupe|studio|ateliers?|galerie|librairie|fondation|institut|"
    r"agence|chambre|communaut[eé]|[eé]glise|chapelle|ch[aâ]teau|productions?|[eé]ditions?|music|band|company|ltd|inc|"
    r"gmbh|stade|gymnase|auditorium|conservatoire|halle|sc[eè]ne|transports?|menuiserie|plomberie|ma[cç]onnerie|"
    r"[eé]lectricit[eé]|taxis?|caves?|pompes"
)
_PLACES = (
    r"commune|prix|square|place|rue|avenue|ave?|boulevard|bl?v?d|pont|quai|all[eé]e|impasse|chemin|route|cours|parc|jardin|"
    r"r[eé]sidence|d[eé]partement|r[eé]gion|domaine|saint|sainte|ste|st|notre|duo|stage|pi[eè]ce|film|livre|statue|"
    r"cit[eé]|quartier|lotissement|faubourg|promenade|esplanade|troph[eé]e|coupe|op[eé]ra|r[oô]le|personnage|agglom[eé]ration|m[eé]tropole|pays|vall?[eé]?e?|monts?|"
    r"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|janvier|f[eé]vrier|mars|avril|mai|juin|juillet|ao[uû]t|"
    r"septembre|octobre|novembre|d[eé]cembre|toussaint|no[eë]l|p[aâ]ques|ascension|pentec[oô]te"
)
ORGANISATION = rf"(?i)(?:^|[^{L}])(?:{_ORGANISATIONS})(?:$|[^{L}])"
"""Words that make of a name the name of an organisation."""
BODY = rf"(?i)(?:^|[^{L}])(?:{_ORGANISATIONS}|{_PLACES})(?:$|[^{L}])"
"""Words that make of a name the name of an organisation, of a place or of a work."""
_BODY_WORD = re.compile(rf"(?i){_ORGANISATIONS}|{_PLACES}")
_CALLS = re.compile(r"(?i)\b(?:avec|par|chez|contacter|appeler|joindre|prévenir|demander|selon|remercier)\s$")
_CLAUSE = re.compile(r"(?:[!?;:]|(?<=\w{4})\.)(?= )|[’'(]")
_FIRM_AFTER = re.compile(
    r"(?i)^\s*(?:et|&) (?:fils|fille|fr[eè]res|cie|associ[eé]s)\b|^\s*(?:(?-i:SA)\b|sarl|sas|s\.a\.|eurl|scop)"
)
_CAP = rf"[{U}][{L}'’]+(?:-[{L}][{L}'’]+)*"
_NAMED = re.compile(rf"\b(?P<first>{_CAP}) (?:(?i:{PARTICLE}))(?P<last>{_CAP})")
_TITLED = re.compile(rf"(?<!\w){TITLE} (?i:{PARTICLE})(?P<last>{_CAP})")
_TITLE_AFTER = ("la", "le", "les", "maire", "conseil", "directeur", "directrice", "président", "préfet", "ministre")


@cache
def gazetteer(name: str) -> pa.StringArray:
    """Return the words of a list kept beside this file ("first_names", "family_names"): lower case, no accent."""
    text = Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return pa.array(sorted({word for line in lines for word in line.split()}), pa.string())


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(gazetteer(name).to_pylist())


def listed(texts: pa.StringArray, name: str) -> Mask:
    """Return which texts are in a list of names, whole or by their first part ("Jean Paul", "Martin-Dupuy")."""
    plain = date.unaccented(texts)
    joined = pc.replace_substring_regex(plain, r"[ '’]+", "-")
    first = pc.replace_substring_regex(joined if name == "first_names" else plain, r"-.*$", "")
    words = gazetteer(name)
    found = pc.or_(pc.is_in(joined, value_set=words), pc.is_in(first, value_set=words))
    return found.to_numpy(zero_copy_only=False)


def _listed_within(texts: pa.StringArray, candidates: Mask, name: str) -> Mask:
    """Return which of the `candidates` are in a list of names; the others are not looked at."""
    found = np.zeros(len(texts), dtype=bool)
    if candidates.any():
        found[candidates] = listed(texts.filter(pa.array(candidates)), name)
    return found


def full_names(texts: pa.StringArray) -> Mask:
    """Return which texts are a first name and a family name in any order, or a title of courtesy and a name."""
    shaped = matching(texts, PERSON)
    titled = matching(texts, TITLED)
    found = np.zeros(len(texts), dtype=bool)
    if shaped.any():
        words = pc.replace_substring_regex(texts.filter(pa.array(shaped)), rf"^\s*{TITLE} ", "")
        ends = (pc.replace_substring_regex(words, r"[ ,].*$", ""), pc.replace_substring_regex(words, r"^.*[ ,]", ""))
        found[shaped] = listed(ends[0], "first_names") | listed(ends[1], "first_names")
    return (found | titled) & ~within(texts, found | titled, BODY)


def find_full_name(texts: pa.StringArray, title: Title) -> Hits:
    """Find full names; whether whole cells count is judged by column, a text by its words."""
    if title.against:
        return Hits(nothing(texts), nothing(texts))
    whole = full_names(texts)
    longer = matching(texts, rf"[{U}][{L}]+ .*[{U}][{L}]|{TITLE} [{U}{L}]") & matching(texts, r"[ ].*[ ]")
    return Hits(whole, among(texts, longer & ~whole, holds_name))


def holds_name(text: str) -> bool:
    """Return whether a text names somebody.

    A title of courtesy and a name; or two capitalised words, the first a frequent first name or the second a
    frequent family name, or after a word that calls for a person ("avec", "appeler").
    """
    if any(_is_person(match, text) for match in _TITLED.finditer(text)):
        return True
    return any(_is_likely(match, text) and _is_person(match, text) for match in _NAMED.finditer(text))


def _is_likely(match: re.Match[str], text: str) -> bool:
    first, last = _plain(match["first"]), _plain(match["last"])
    if first in _words("first_names") or first.split("-")[0] in _words("first_names"):
        return True
    if _is_body(first) or _is_body(last):
        return False
    return last in _words("family_names") or bool(_CALLS.search(text[: match.start()][-20:]))


def _is_person(match: re.Match[str], text: str) -> bool:
    """Return whether the words around a name leave it a person's."""
    before, after = text[: match.start()][-45:], text[match.end() :][:20]
    if match["last"].lower() in _TITLE_AFTER or _FIRM_AFTER.search(after):
        return False
    return not any(_is_body(word) for word in _CLAUSE.split(before)[-1].split()[-4:])


@lru_cache(maxsize=65_536)
def _is_body(word: str) -> bool:
    return bool(_BODY_WORD.fullmatch(word.strip('.,;"«»-')))


@lru_cache(maxsize=65_536)
def _plain(word: str) -> str:
    letters = unicodedata.normalize("NFD", word.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def find_first_name(texts: pa.StringArray, title: Title) -> Hits:
    """Find first names: the frequent ones; under their title, every short cell of letters."""
    shaped = matching(texts, SHORT)
    whole = shaped if title.hints else _listed_within(texts, shaped, "first_names")
    return Hits(whole, nothing(texts), shaped)


def find_family_name(texts: pa.StringArray, title: Title) -> Hits:
    """Find family names: the frequent ones; under their title, every short cell of letters."""
    shaped = matching(texts, SHORT)
    whole = shaped if title.hints else _listed_within(texts, shaped, "family_names")
    return Hits(whole, nothing(texts), shaped)


def find_birth_date(texts: pa.StringArray, title: Title) -> Hits:
    """Find dates of birth: under their title, or after the words that announce them in a text."""
    inside = matching(texts, BORN)
    if not title.hints or title.against:
        return Hits(nothing(texts), inside)
    short = matching(texts, rf"^\s*{DAY}\b.{{0,14}}$")
    return Hits(short, inside & ~short)


def birth_years(texts: pa.StringArray) -> np.ndarray:
    """Return the year of each text that is a day, 0 elsewhere."""
    likely = matching(texts, DAY_FORM)
    years = np.zeros(len(texts), dtype=np.int64)
    if likely.any():
        found = date.parse(texts.filter(pa.array(likely)))
        years[likely] = pc.fill_null(pc.year(found), 0).to_numpy(zero_copy_only=False)
    return years


def _initials(text: str) -> str:
    return " ".join(f"{word[0]}•••" for word in re.findall(r"\w[\w'’]*", text)[:3])


def _mask_day(text: str) -> str:
    year = re.search(r"(?:19|20)(?=\d\d)", text)
    return f"••/••/{year[0] if year else ''}••"


PEOPLE = (
    Detector("birth_date", find_birth_date, _mask_day, re.compile(r"\d{1,4}[-/. ].{0,12}\d{2,4}")),
    Detector("first_name", find_first_name, _initials),
    Detector("family_name", find_family_name, _initials),
    Detector(
        "full_name",
        find_full_name,
        _initials,
        re.compile(rf"{_TITLED.pattern.replace('?P<last>', '?:')}|{_CAP} (?i:{PARTICLE}){_CAP}"),
    ),
)
