"""Numbers that have a key or a form of their own: NIR, SIREN, SIRET, IBAN, IP addresses, number plates."""

import re
from collections.abc import Callable
from ipaddress import AddressValueError, IPv6Address

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datasets.disclosure.identifiers.matching import (
    Detector,
    Hits,
    Mask,
    Title,
    among,
    digits_of,
    holding,
    matching,
    nothing,
    within,
)

S = r"[ \x{00A0}\x{202F}.\-]?"
NIR = rf"[123478]{S}\d{{2}}{S}(?:0[1-9]|1[0-2]|[2-4]\d|[5-9]\d){S}(?:\d{{2}}|2[ABab]){S}\d{{3}}{S}\d{{3}}"
NIR_KEY = rf"{NIR}{S}/?{S}\d{{2}}"
IBAN = r"[A-Z]{2}\d{2}(?:[ \x{00A0}\-]?[A-Z0-9]){11,30}"
IBAN_LENGTHS = {
    **{"FR": 27, "MC": 27, "BE": 16, "DE": 22, "ES": 24, "IT": 27, "PT": 25, "CH": 21, "LU": 20, "GB": 22, "NL": 18},
    **{"AT": 20, "IE": 22, "PL": 28, "DK": 18, "SE": 24, "NO": 15, "FI": 18, "CZ": 24, "SK": 24, "HU": 28, "RO": 24},
    **{"BG": 22, "GR": 27, "HR": 21, "SI": 19, "EE": 20, "LV": 21, "LT": 20, "MT": 31, "CY": 28, "IS": 26, "LI": 21},
    **{"AD": 24, "SM": 27, "VA": 22, "TR": 26, "TN": 24, "MU": 30, "IL": 23, "SA": 24, "AE": 23, "RS": 22, "BA": 20},
    **{"MK": 19, "ME": 22, "AL": 28, "MD": 24, "UA": 29, "GE": 22, "QA": 29, "LB": 28, "JO": 30, "KW": 30, "EG": 29},
}
"""The length of an account number by country (ISO 13616 registry)."""
LETTERS = str.maketrans({chr(ord("A") + i): str(10 + i) for i in range(26)})
OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
IPV4 = rf"{OCTET}\.{OCTET}\.{OCTET}\.{OCTET}"
IPV6 = r"(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}"
VERSION = re.compile(r"(?i)(?:\bv|version|release|build|firmware|article|art\.|§|chapitre|section|python|php|java)\s*$")
IP_WORD = re.compile(r"(?i)\b(?:ip|ipv4|h[oô]te|host|serveur|connexion|depuis|client|from)\b[^0-9]{0,20}$")
PLATE_LETTER = "[A-HJ-NP-TV-Z]"
PLATE_NEW = rf"{PLATE_LETTER}{{2}}[ \-]\d{{3}}[ \-]{PLATE_LETTER}{{2}}"
PLATE_BARE = rf"{PLATE_LETTER}{{2}}\d{{3}}{PLATE_LETTER}{{2}}"
PLATE_OLD = rf"\d{{1,4}}[ \-]?{PLATE_LETTER}{{2,3}}[ \-]?(?:0[1-9]|[1-8]\d|9[0-5]|2[AB]|97[1-6])"
PLATE_TITLED = r"(?i)^\s*(?:[A-Z]{2}[ \-]?\d{3}[ \-]?[A-Z]{2}|\d{1,4}[ \-]?[A-Z]{2,3}[ \-]?(?:\d\d|2[AB]|97[1-6]))\s*$"
"""Under their title, excluded letters pass too."""
PLATE_PARTED = PLATE_OLD.replace("?", "")
NOT_A_PLATE = (
    r"(?i)^\s*\d+[ \-](?:av|bd|ch|pl|rte|rue|all|imp|sq|fg|"
    r"jan|feb|fev|mar|apr|avr|may|mai|jun|jul|aug|sep|oct|nov|dec)[ \-]"
)
"""An abbreviated street ("8 AV 31"), a day ("8-May-45")."""
VEHICLE = r"(?i)(?:plaque|immatricul|v[eé]hicule|voiture|camion|fourgon|scooter|stationn|car )"


def _edges(pattern: str) -> str:
    return rf"(?:^|[^0-9A-Za-z.,/\-]){pattern}(?:$|[^0-9A-Za-z/\-]|[.\-](?:$|[^0-9]))"


def luhn(numbers: np.ndarray) -> Mask:
    """Return which whole numbers have a right Luhn key."""
    total, rest, double = np.zeros(len(numbers), dtype=np.int64), numbers.copy(), False
    while rest.any():
        digit = rest % 10
        digit = np.where(digit > 4, digit * 2 - 9, digit * 2) if double else digit
        total, rest, double = total + digit, rest // 10, not double
    return (total % 10 == 0) & (numbers > 0)


def find_nir(texts: pa.StringArray, title: Title) -> Hits:
    """Find social-security numbers: their key, or their form alone when the title announces them."""
    likely = within(texts, matching(texts, r"[123478].?\d{2}"), NIR)
    whole = within(texts, likely, rf"^\s*{NIR_KEY}\s*$")
    shaped = whole.copy()
    whole[shaped] = nir_keys(texts, shaped)
    if title.hints:
        whole |= within(texts, likely, rf"^\s*{NIR}\s*$")
    inside = within(texts, likely & ~shaped & ~whole, _edges(NIR_KEY))
    return Hits(whole, among(texts, inside, holds_nir), shaped)


def nir_keys(texts: pa.StringArray, candidates: Mask) -> Mask:
    """Return whether the key of each of the `candidates` is right (97 less the remainder; Corsica: 2A is 19, 2B 18)."""
    plain = pc.utf8_upper(texts.filter(pa.array(candidates)))
    plain = pc.replace_substring(pc.replace_substring(plain, "2A", "19"), "2B", "18")
    numbers = digits_of(plain, np.ones(len(plain), dtype=bool))
    return (97 - (numbers // 100) % 97) == numbers % 100


_NIR_TEXT = re.compile(NIR_KEY.replace(r"\x{00A0}\x{202F}", "\u00a0\u202f"))


def holds_nir(text: str) -> bool:
    """Return whether a text holds a social-security number whose key is right."""
    found = pa.array([match[0] for match in _NIR_TEXT.finditer(text)], pa.string())
    return bool(len(found)) and bool(nir_keys(found, np.ones(len(found), dtype=bool)).any())


def find_siren(texts: pa.StringArray, title: Title) -> Hits:
    """Find SIREN numbers; inside a text, only beside a word that announces them."""
    likely = matching(texts, r"\d{3}.?\d{3}.?\d{3}")
    shaped = within(texts, likely, r"^\s*\d{3}[ .\x{00A0}]?\d{3}[ .\x{00A0}]?\d{3}\s*$")
    whole = shaped.copy()
    whole[shaped] = luhn(digits_of(texts, shaped))
    inside = within(texts, likely & ~shaped, r"(?i)\b(?:siren|rcs)\b[^0-9]{0,25}\d{3} ?\d{3} ?\d{3}(?:$|[^0-9])")
    return Hits(whole, among(texts, inside, _holds_luhn(9)), shaped)


def find_siret(texts: pa.StringArray, title: Title) -> Hits:
    """Find SIRET numbers, those of La Poste included (the sum of their digits is a multiple of five)."""
    likely = matching(texts, r"\d{3}.?\d{3}.?\d{3}.?\d{5}")
    shaped = within(texts, likely, r"^\s*\d{3}[ .\x{00A0}]?\d{3}[ .\x{00A0}]?\d{3}[ .\x{00A0}]?\d{5}\s*$")
    whole = shaped.copy()
    numbers = digits_of(texts, shaped)
    whole[shaped] = luhn(numbers) | (numbers // 100_000 == 356_000_000)
    inside = within(texts, likely & ~shaped, r"(?:^|[^0-9])\d{3} ?\d{3} ?\d{3} ?\d{5}(?:$|[^0-9])")
    return Hits(whole, among(texts, inside, _holds_luhn(14)), shaped)


_ORDER = re.compile(r"(?i)(?:commande|r[eé]f[a-zé]*|facture|dossier|bordereau|ticket|lot|colis|code)\W*(?:n[°o]\W*)?$")


def _holds_luhn(size: int) -> Callable[[str], bool]:
    form = re.compile(r"(?<!\w)\d{3} ?\d{3} ?\d{3}" + (r" ?\d{5}" if size == 14 else "") + r"(?!\d)")

    def holds(text: str) -> bool:
        for match in form.finditer(text):
            number = np.array([int(match[0].replace(" ", ""))])
            if luhn(number)[0] and not _ORDER.search(text[: match.start()][-30:]):
                return True
        return False

    return holds


def is_public(texts: pa.StringArray, whole: Mask) -> Mask:
    """Return which SIREN and SIRET numbers are those of the State (1) or of local authorities (2), never a person's."""
    return within(texts, whole, r"^\s*[12]")


def is_iban(text: str) -> bool:
    """Return whether a text without spaces is an account number: length of its country, right key."""
    size = IBAN_LENGTHS.get(text[:2])
    return len(text) == size and int((text[4:] + text[:4]).translate(LETTERS)) % 97 == 1


def holds_iban(text: str) -> bool:
    """Return whether a text holds an account number."""
    for match in re.finditer(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}[ A-Z0-9\u00a0\-]{11,42}", text):
        bare = re.sub(r"[^A-Z0-9]", "", match[0])
        if is_iban(bare[: IBAN_LENGTHS.get(bare[:2], 0)]):
            return True
    return False


def find_iban(texts: pa.StringArray, title: Title) -> Hits:
    """Find bank account numbers, in groups or not, in capitals or (whole cells) in small letters."""
    likely = matching(texts, r"(?:^|[^A-Za-z0-9])[A-Za-z]{2}\d{2}[ \x{00A0}\-]?[A-Za-z0-9]")
    shaped = within(texts, likely, rf"(?i)^\s*{IBAN}\s*$")
    whole = among(texts, shaped, lambda text: is_iban(re.sub(r"[^A-Z0-9]", "", text.upper())))
    inside = within(texts, likely & ~whole, IBAN)
    return Hits(whole, among(texts, inside, holds_iban), shaped)


def find_ip(texts: pa.StringArray, title: Title) -> Hits:
    """Find IP addresses; four small numbers are a version unless the title or the text says otherwise."""
    dotted = within(texts, holding(texts, "."), rf"(?:^|[^0-9.])(?:{IPV4})(?:$|[^0-9.]|\.(?:$|[^0-9]))")
    whole = within(texts, dotted, rf"^\s*{IPV4}(?:/\d{{1,2}}|:\d{{1,5}})?\s*$")
    shaped = whole.copy()
    if not title.hints:
        whole = within(texts, whole, r"(?:^|\.)\s*(?:[3-9]\d|\d{3})(?:\.|$|/|:|\s)")
    inside = among(texts, dotted & ~shaped, holds_ipv4)
    colons = within(texts, holding(texts, ":"), rf"(?:^|[^0-9A-Za-z:]){IPV6}")
    six = within(texts, colons, rf"^\s*{IPV6}(?:%\w+|/\d{{1,3}})?\s*$")
    whole |= among(texts, six, lambda text: is_ipv6(text.strip().split("/")[0].split("%")[0]))
    return Hits(whole, inside | among(texts, colons & ~six, holds_ipv6), shaped)


_IPV4_TEXT = re.compile(rf"(?<![\d.]){IPV4}(?![\d.]*\d)")
_IPV6_TEXT = re.compile(rf"(?<![\w:]){IPV6}(?![\w:])")


def holds_ipv4(text: str) -> bool:
    """Return whether a text holds an IPv4 address that is not a version number."""
    for match in _IPV4_TEXT.finditer(text):
        before = text[: match.start()][-30:]
        large = max(map(int, match[0].split("."))) >= 64
        if not VERSION.search(before) and (large or IP_WORD.search(before)):
            return True
    return False


def holds_ipv6(text: str) -> bool:
    """Return whether a text holds an IPv6 address."""
    return any(is_ipv6(match[0]) for match in _IPV6_TEXT.finditer(text))


def is_ipv6(text: str) -> bool:
    """Return whether a text is an IPv6 address of at least three groups: not an hour, not a MAC address."""
    if len([group for group in text.split(":") if group]) < 3:
        return False
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True


def find_plate(texts: pa.StringArray, title: Title) -> Hits:
    """Find French plates; without separators, the title or the text must speak of a vehicle."""
    likely = matching(texts, rf"(?i){PLATE_LETTER}{{2}}")
    likely = within(texts, likely, rf"(?i){PLATE_NEW}|{PLATE_BARE}|{PLATE_OLD}")
    whole = within(texts, likely, rf"(?i)^\s*(?:{PLATE_NEW}|{PLATE_PARTED})\s*$")
    whole &= ~within(texts, whole, NOT_A_PLATE)
    shaped = within(texts, likely, rf"^\s*(?:{PLATE_BARE}|{PLATE_OLD})\s*$")
    if title.hints:
        whole |= matching(texts, PLATE_TITLED) | within(texts, likely, _edges(f"(?:{PLATE_NEW}|{PLATE_PARTED})"))
    inside = within(texts, likely & ~whole & ~shaped, _edges(PLATE_NEW.replace(r"[ \-]", r"-")))
    vehicle = within(texts, likely & ~whole & ~shaped, VEHICLE)
    inside |= within(texts, vehicle, _edges(f"(?:{PLATE_NEW}|{PLATE_BARE}|{PLATE_OLD})"))
    return Hits(whole, inside & nothing(texts) if title.against else inside)


def _keep(count: int) -> Callable[[str], str]:
    return lambda text: f"{text[:count]}•••"


_PLATE_TEXT = re.compile(f"{PLATE_NEW}|{PLATE_BARE}|{PLATE_OLD}")
NUMBERS = (
    Detector("nir", find_nir, _keep(1), _NIR_TEXT),
    Detector("siren", find_siren, _keep(2), re.compile(r"\d{3} ?\d{3} ?\d{3}"), is_public),
    Detector("siret", find_siret, _keep(2), re.compile(r"\d{3} ?\d{3} ?\d{3} ?\d{5}"), is_public),
    Detector("iban", find_iban, _keep(2), re.compile(r"\b[A-Z]{2}\d{2}[ A-Z0-9]+")),
    Detector("ip", find_ip, lambda text: re.sub(r"^(\w{1,3}).*", r"\1.•••", text), re.compile(f"{IPV4}|{IPV6}")),
    Detector("plate", find_plate, lambda text: f"{text[0]}•-•••-••", _PLATE_TEXT),
)
