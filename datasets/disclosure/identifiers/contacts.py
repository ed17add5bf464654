"""What reaches a person: e-mail addresses, telephone numbers, social-network accounts, account identifiers."""

import re

import pyarrow as pa

from datasets.disclosure.identifiers.matching import (
    Detector,
    Hits,
    Mask,
    Title,
    among,
    holding,
    matching,
    nothing,
    within,
)

ADDRESS = r"(?i)[a-z0-9._%+\-]+ ?@ ?[a-z0-9\-]+(?:\.[a-z0-9\-]+)*\.[a-z]{2,}"
WRITTEN_OUT = (
    r"(?i)[a-z0-9._%+\-]+ ?[(\[] ?(?:at|arobase|a|@) ?[)\]] ?[a-z0-9\-]+ ?"
    r"(?:\.|[(\[] ?(?:dot|point) ?[)\]]) ?[a-z]{2,}"
)
PICTURE = r"(?i)@\S*\.(?:png|jpe?g|gif|svg|webp)\b"
ROLE = (
    r"(?i)^\s*(?:contact|info|infos|accueil|mairie|secretariat|administration|billetterie|communication|reservation|"
    r"direction|bonjour|hello|office|commune|tourisme|noreply|no-reply|support|presse|culture)[.\-]?[a-z0-9.\-]*@"
)
"""Mailboxes of a service, not of a person."""

P = r"[ .\-/\x{00A0}\x{202F}]?"
FRENCH = rf"(?:(?:\+|00) ?33{P}(?:\(0\){P})?|0)[1-9](?:{P}\d){{8}}"
COUNTRY = (
    r"(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|21[1-3689]|2[2-6]\d|29[0179]|3[578]\d|42[013]|"
    r"5[09]\d|6[789]\d|85[02356]|88[06]|9[67]\d|99[2-8])"
)
"""The country codes of telephone numbers (ITU-T E.164)."""
FOREIGN = rf"(?:\+ ?{COUNTRY}|00 ?{COUNTRY}[ .\-/])(?:{P}\(?\d\)?){{6,12}}"
LABELLED = r"(?i)^\s*(?:t[eé]l(?:[eé]phone)?|mob(?:ile)?|port(?:able)?|gsm|fax)?\.?\s*:?\s*"
_BEFORE = r"(?<![\w+.,])(?<!\d[ \-/\u00a0])"
_SPACES = (r"\x{00A0}\x{202F}", "\u00a0\u202f")
_FRENCH_TEXT = re.compile(rf"{_BEFORE}{FRENCH}(?!\w)(?![ .\-/\u00a0][1-9]|,\d)".replace(*_SPACES))
_FOREIGN_TEXT = re.compile(rf"{_BEFORE}{FOREIGN}(?!\w)".replace(*_SPACES))
BEGINNING = r"(?:^|[^0-9A-Za-z_+.,])[+0]"
"""Where a telephone number may begin inside a text: not in the middle of a reference such as D00000012."""
DAY = r"\d\d[/.\-]\d\d[/.\-](?:19|20)\d\d"
"""A day followed by an hour has as many digits as a telephone number."""
NOT_A_PHONE = re.compile(
    r"(?i)(?:commande|r[eé]f(?:[eé]rence)?|facture|dossier|bordereau|ticket|lot|isbn|ean|colis|suivi|siret|siren|iban|"
    r"compte|contrat|code)s?\W*(?:n[°o]\W*|num[eé]ro\W*)?$"
)
HANDLE = r"(?:^|[\s(,;:\"«])@[A-Za-z_][A-Za-z0-9_.]{1,29}"
PROFILE = (
    r"(?i)(?:facebook|instagram|twitter|tiktok|linkedin|snapchat|threads|youtube|bsky|github)\.(?:com|net|app)/"
    r"(?:in/|@|user/|c/|add/|profile/)?[a-z0-9][\w.\-]{1,60}|(?:^|[/\s])x\.com/[a-z0-9_]{2,20}"
)
NOT_A_HANDLE = r"@(?:media|import|font|charset|param|return|author|override|todo)\b"


def find_email(texts: pa.StringArray, title: Title) -> Hits:
    """Find e-mail addresses, those written out too ("jean [at] exemple.fr"); names of pictures are not."""
    written = matching(texts, r"(?i)[(\[] ?(?:at|arobase|a|@) ?[)\]]")
    likely = holding(texts, "@")
    whole = within(texts, likely, rf"^\s*<?(?:mailto:)?{ADDRESS[4:]}>?\s*$".replace("^", "(?i)^", 1))
    inside = within(texts, likely & ~whole, ADDRESS)
    spelt = within(texts, written, WRITTEN_OUT)
    full = within(texts, spelt, rf"(?i)^\s*{WRITTEN_OUT[4:]}\S*\s*$")
    pictures = within(texts, likely, PICTURE)
    return Hits((whole | full) & ~pictures, (inside | (spelt & ~full)) & ~pictures)


def find_phone(texts: pa.StringArray, title: Title) -> Hits:
    """Find French telephone numbers in all usual spellings, and foreign ones with their country code."""
    likely = matching(texts, r"(?:\+|0).?\d(?:[^0-9]{0,3}\d){6}")
    whole = within(texts, likely, rf"{LABELLED}(?:{FRENCH}|{FOREIGN})\s*$")
    whole &= ~within(texts, whole, DAY)
    inside = among(texts, within(texts, likely & ~whole, BEGINNING), holds_phone)
    if title.hints:  # a spreadsheet took the leading zero away
        whole |= matching(texts, r"^\s*[1-9]\d{8}\s*$")
    return Hits(whole, inside)


def holds_phone(text: str) -> bool:
    """Return whether a text holds a telephone number that the words before it do not call something else."""
    for pattern in (_FRENCH_TEXT, _FOREIGN_TEXT):
        for match in pattern.finditer(text):
            if not (NOT_A_PHONE.search(text[: match.start()][-30:]) or re.match(DAY, match[0])):
                return True
    return False


def find_handle(texts: pa.StringArray, title: Title) -> Hits:
    """Find accounts of social networks: @name, or the address of a profile."""
    ats = within(texts, holding(texts, "@"), HANDLE)
    ats &= ~within(texts, ats, NOT_A_HANDLE)
    profiles = within(texts, holding(texts, "/"), PROFILE)
    whole = within(texts, ats, r"^\s*@[A-Za-z_][\w.]{1,29}(?:@[\w.\-]+)?\s*$") | within(texts, profiles, r"^\s*\S+\s*$")
    if title.hints:
        whole |= matching(texts, r"^\s*[A-Za-z_][\w.\-]{2,29}\s*$")
    return Hits(whole, (ats | profiles) & ~whole)


def find_user_id(texts: pa.StringArray, title: Title) -> Hits:
    """Find account identifiers: every short cell of a column whose title announces them, none otherwise."""
    if not title.hints or title.against:
        return Hits(nothing(texts), nothing(texts))
    return Hits(matching(texts, r"^\s*\S(?:.{0,62}\S)?\s*$"), nothing(texts))


def is_mobile(texts: pa.StringArray, whole: Mask) -> Mask:
    """Return which telephone numbers are mobile ones, thus rather a person's."""
    return within(texts, whole, rf"^\D*(?:(?:\+|00) ?33{P}(?:\(0\){P})?|0)[67]")


def is_service(texts: pa.StringArray, whole: Mask) -> Mask:
    """Return which e-mail addresses are those of a service, not of a person."""
    return within(texts, whole, ROLE)


def _mask_email(text: str) -> str:
    return f"{text.lstrip('<')[:1]}•••@•••.{re.split(r'[. ]', text.rstrip('> '))[-1][:6]}"


def _mask_phone(text: str) -> str:
    found = re.search(r"[+\d].*", text)
    return f"{(found[0] if found else '')[:2]} •••"


_PHONE_TEXT = re.compile(f"{_FRENCH_TEXT.pattern}|{_FOREIGN_TEXT.pattern}")
CONTACTS = (
    Detector("email", find_email, _mask_email, re.compile(f"{ADDRESS}|{WRITTEN_OUT[4:]}"), is_service),
    Detector("phone", find_phone, _mask_phone, _PHONE_TEXT, is_mobile),
    Detector("handle", find_handle, lambda text: f"{text.strip()[:2]}•••", re.compile(r"@[A-Za-z_][\w.]+")),
    Detector("user_id", find_user_id, lambda text: f"{text[:1]}•••"),
)
