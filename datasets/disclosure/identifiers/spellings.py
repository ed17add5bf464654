"""Invented identifiers in the spellings that people use: one function per kind, from a generator of chance."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import numpy as np

from datasets.disclosure.identifiers import words

Chance = np.random.Generator


def pick(chance: Chance, options: tuple[str, ...] | list[str]) -> str:
    """Return one of the options."""
    return options[int(chance.integers(len(options)))]


def digits(chance: Chance, count: int) -> str:
    """Return that many digits."""
    return "".join(map(str, chance.integers(10, size=count).tolist()))


def keyed(number: str) -> str:
    """Return a number followed by its Luhn key."""
    doubled = (int(d) * (2 - rank % 2) for rank, d in enumerate(reversed(number)))
    return number + str(-sum(n - 9 if n > 9 else n for n in doubled) % 10)


def first_name(chance: Chance) -> str:
    """Return a first name, sometimes in capitals."""
    return pick(chance, words.FIRST_NAMES)


def family_name(chance: Chance) -> str:
    """Return a family name: frequent two times in five, else built from syllables."""
    if chance.random() < 0.4:
        return pick(chance, words.FREQUENT_FAMILIES)
    return "".join(pick(chance, part) for part in (words.FAMILY_BEGINNINGS, words.FAMILY_MIDDLES, words.FAMILY_ENDS))


def full_name(chance: Chance) -> str:
    """Return a full name, in one of the usual orders."""
    form = pick(chance, ("{first} {family}", "{capitals} {first}", "{title} {family}", "{title} {first} {family}"))
    return fill_names(chance, form)


def fill_names(chance: Chance, form: str) -> str:
    """Return a form filled with a first name, a family name and a title of courtesy."""
    first, family = first_name(chance), family_name(chance)
    title = pick(chance, ("M.", "Mme", "Monsieur", "Madame"))
    return form.format(first=first, family=family, capitals=family.upper(), title=title, full=f"{first} {family}")


def email(chance: Chance) -> str:
    """Return an e-mail address, in small letters or not, sometimes written out."""
    name, domain = f"p{digits(chance, 3)}.{pick(chance, words.FAMILY_ENDS)}", pick(chance, ("example", "mail.example"))
    name = name.encode("ascii", "ignore").decode()
    form = pick(chance, ("{}@{}.fr", "{}@{}.fr", "{}@{}.org", "{} [at] {}.fr", "{}+art@{}.com"))
    return form.format(name, domain)


def phone(chance: Chance) -> str:
    """Return a telephone number: French in six spellings, or foreign."""
    pairs = [digits(chance, 2) for _ in range(4)]
    zone = pick(chance, ("1", "2", "3", "4", "5", "6", "7", "9"))
    joined = (" ".join(pairs), ".".join(pairs), "-".join(pairs), "".join(pairs))
    forms = (f"0{zone} {joined[0]}", f"0{zone}.{joined[1]}", f"0{zone}-{joined[2]}", f"0{zone}{joined[3]}")
    foreign = pick(chance, words.COUNTRIES) + digits(chance, 1)
    return pick(
        chance, (*forms, f"+33 {zone} {joined[0]}", f"+33 (0){zone} {joined[0]}", f"0033{zone}{joined[3]}", foreign)
    )


def nir(chance: Chance) -> str:
    """Return a social-security number with its key, of Corsica sometimes, with spaces or not."""
    place = pick(chance, ("32", "75", "2A", "2B", "99", "31"))
    head = f"{chance.integers(1, 3)}{digits(chance, 2)}{chance.integers(1, 13):02d}"
    tail = f"{chance.integers(1, 900):03d}{chance.integers(1, 999):03d}"
    number = int(head + place.replace("2A", "19").replace("2B", "18") + tail)
    key = f"{97 - number % 97:02d}"
    spaced = f"{head[0]} {head[1:3]} {head[3:]} {place} {tail[:3]} {tail[3:]} {key}"
    return pick(chance, (head + place + tail + key, spaced, f"{head}{place}{tail} {key}"))


def siren(chance: Chance) -> str:
    """Return the SIREN number of a company, or of a sole trader."""
    number = keyed(str(chance.integers(3, 10)) + digits(chance, 7))
    return pick(chance, (number, f"{number[:3]} {number[3:6]} {number[6:]}"))


def siret(chance: Chance) -> str:
    """Return a SIRET number with both keys."""
    head = siren(chance).replace(" ", "")
    number = keyed(head + f"{chance.integers(1, 99):04d}")
    return pick(chance, (number, f"{number[:3]} {number[3:6]} {number[6:9]} {number[9:]}"))


def iban(chance: Chance) -> str:
    """Return an account number of four countries with its key."""
    country, size = pick(chance, ("FR 23", "BE 12", "DE 18", "ES 20")).split()
    account = digits(chance, int(size))
    letters = "".join(str(10 + ord(letter) - ord("A")) for letter in country)
    key = 98 - int(account + letters + "00") % 97
    number = f"{country}{key:02d}{account}"
    return pick(chance, (number, " ".join(number[i : i + 4] for i in range(0, len(number), 4))))


def ip(chance: Chance) -> str:
    """Return an address of the fourth or of the sixth version."""
    if chance.random() < 0.3:
        groups = [f"{n:x}" for n in chance.integers(1, 65_536, size=8).tolist()]
        return pick(chance, (":".join(groups), f"2001:db8:{groups[0]}::{groups[1]}"))
    return ".".join(map(str, (chance.integers(80, 224), *chance.integers(0, 256, size=3).tolist())))


def plate(chance: Chance) -> str:
    """Return a number plate, new or old."""
    letters = [pick(chance, tuple("ABCDEFGHJKLMNPQRSTVWXYZ")) for _ in range(4)]
    new = f"{letters[0]}{letters[1]}-{chance.integers(1, 1000):03d}-{letters[2]}{letters[3]}"
    old = f"{chance.integers(10, 10_000)} {letters[0]}{letters[1]} {chance.integers(10, 96)}"
    return pick(chance, (new, new, new.replace("-", " "), old))


def address(chance: Chance) -> str:
    """Return a postal address to the number, or a hamlet with its postcode."""
    code = f"{pick(chance, ('32', '31', '65'))}{digits(chance, 3)}"
    town, number = pick(chance, words.TOWNS), int(chance.integers(1, 300))
    street = pick(chance, words.STREETS)
    hamlet = f"Lieu-dit {pick(chance, words.HAMLETS)} {code} {town}"
    forms = (f"{number} {street}", f"{number} bis, {street}", f"{number} {street}, {code} {town}", hamlet)
    return pick(chance, (*forms, f"{number} {street.upper()}"))


def coordinates(chance: Chance) -> str:
    """Return a place to the metre."""
    lat, lon = 42 + 8 * chance.random(), -1 + 6 * chance.random()
    return pick(chance, (f"{lat:.6f}, {lon:.6f}", f"{lat:.5f},{lon:.5f}", f"[{lat:.6f}, {lon:.6f}]"))


def birth_date(chance: Chance) -> str:
    """Return the day of birth of an adult or of a child."""
    day = date(1935, 1, 1) + timedelta(days=int(chance.integers(0, 27_000)))
    return write_day(chance, day)


def write_day(chance: Chance, day: date) -> str:
    """Return a day in one of the usual forms."""
    worded = f"{day.day} {words.MONTHS[day.month - 1]} {day.year}"
    return pick(chance, (day.isoformat(), f"{day:%d/%m/%Y}", f"{day:%d/%m/%Y}", worded))


def user_id(chance: Chance) -> str:
    """Return a pseudonym or the identifier of an account."""
    return pick(
        chance, (f"user_{digits(chance, 5)}", f"{pick(chance, words.FAMILY_BEGINNINGS).lower()}{digits(chance, 2)}")
    )


def handle(chance: Chance) -> str:
    """Return an account of a social network."""
    name = f"{pick(chance, ('zab', 'lou', 'compas', 'nuit', 'gers'))}_{digits(chance, 3)}"
    return pick(chance, (f"@{name}", f"@{name}", pick(chance, words.NETWORKS) + name))


CARELESS: Mapping[str, tuple[str, ...]] = {
    "email": ("{capitals}", "mailto:{}", "{} ;", "<{}>"),
    "phone": ("Tél : {}", "{} (bureau)", "{} / répondeur", "tel.{}"),
    "nir": ("{} ", "N° {}", "{dashed}"),
    "siren": ("SIREN {}", "{} "),
    "siret": ("SIRET : {}", "{nbsp}", "{} "),
    "iban": ("{small}", "IBAN {}", "{nbsp}"),
    "ip": ("{}/64", "{} "),
    "plate": ("{small}", "{} (29)", "{} "),
    "address": ("{capitals}", "{small}", "{} ", "Bât. B, {}"),
    "coordinates": ("POINT({})", "{} ", "lat/lon {}"),
    "birth_date": ("{} ", "le {}"),
    "first_name": ("{capitals}", "{small}", "{} "),
    "family_name": ("{capitals}", "{small}", "{} "),
    "full_name": ("{capitals}", "{small}", "{} (suppléant)"),
    "handle": ("{} ", "compte {}"),
}
"""What a hurried hand does to a cell, by kind."""


def spell(chance: Chance, kind: str) -> str:
    """Return an identifier as a cell holds it: one in ten was written by a hurried hand."""
    text = SPELLINGS[kind](chance)
    if kind not in CARELESS or chance.random() > 0.1:
        return text
    forms = {"capitals": text.upper(), "small": text.lower(), "nbsp": text.replace(" ", "\u00a0")}
    return pick(chance, CARELESS[kind]).format(text, **forms, dashed=text.replace(" ", "-"))


def spoken(chance: Chance, kind: str) -> str:
    """Return an identifier as it is written inside a sentence."""
    return SPELLINGS[kind](chance)


SPELLINGS: Mapping[str, Callable[[Chance], str]] = {
    recipe.__name__: recipe
    for recipe in (
        *(email, phone, nir, siren, siret, iban, ip, plate, address, coordinates, birth_date),
        *(first_name, family_name, full_name, user_id, handle),
    )
}
"""The spellings by kind."""
