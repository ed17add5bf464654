"""Days: 2024-03-12, 12/03/2024 (day first), 12-03-24, 12 mars 2024, with an idle midnight tolerated.

Three other ways of writing them are types of their own, since a whole column holds to one: month first, eight digits,
and the serial numbers that a spreadsheet leaves behind.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datasets.types.column import NO_TEXT, ColumnType, by_pattern, trimmed

MONTHS = {
    1: "janvier janv jan january",
    2: "fevrier fevr fev february feb",
    3: "mars mar march",
    4: "avril avr april apr",
    5: "mai may",
    6: "juin june jun",
    7: "juillet juil july jul",
    8: "aout august aug",
    9: "septembre sept september sep",
    10: "octobre oct october",
    11: "novembre nov november",
    12: "decembre dec december",
}
_WORDS = pa.array([word for words in MONTHS.values() for word in words.split()])
_NUMBERS = pa.array([number for number, words in MONTHS.items() for _ in words.split()])
WEEKDAY = r"(?:(?:lun|mar|mer|jeu|ven|sam|dim)[a-z]*\.?,? )?"
MIDNIGHT = r"(?:[ t]0?0[:h]00(?::00(?:\.0+)?)?z?)?"
YEAR = r"(?P<year>\d{4}|\d{2})"
DAY, MONTH = r"(?P<day>\d{1,2})", r"(?P<month>\d{1,2})"
ISO = rf"^(?P<year>\d{{4}})[-/.]{MONTH}[-/.]{DAY}{MIDNIGHT}$"
DAY_FIRST = tuple(rf"^{WEEKDAY}{DAY}{mark}{MONTH}{mark}{YEAR}{MIDNIGHT}$" for mark in ("/", r"\.", "-"))
MONTH_FIRST = tuple(rf"^{MONTH}{mark}{DAY}{mark}{YEAR}{MIDNIGHT}$" for mark in ("/", "-"))
WORDED = rf"^{WEEKDAY}{DAY}(?:er)?(?: |-|/)(?P<word>[a-z]+)\.?(?: |-|/){YEAR}$"
ENGLISH = rf"^(?P<word>[a-z]+)\.? {DAY}(?:st|nd|rd|th)?,? (?P<year>\d{{4}})$"
COMPACT = r"^(?P<year>1[5-9]\d{2}|20\d{2})(?P<month>\d{2})(?P<day>\d{2})$"
DIGIT = r"^.{0,12}\d"
CENTURY_TURN = 70
"""Two-digit years below it are of the 2000s, the others of the 1900s."""
SERIAL_ZERO = -25569
"""The day 0 of spreadsheets, 30 December 1899, in days since 1970."""
TITLES = r"(?:^|_)(?:dates?|jour|day|debut|fin|le|depuis|echeance|naissance|creation|maj|mise_a_jour)(?:_|$)"


def unaccented(texts: pa.StringArray) -> pa.StringArray:
    """Return the texts in lower case, without accents and outer spaces, and with ordinary spaces inside."""
    plain = pc.utf8_lower(trimmed(texts))
    if not pc.all(pc.string_is_ascii(plain)).as_py():
        plain = pc.replace_substring_regex(pc.utf8_normalize(plain, "NFD"), r"[\x{300}-\x{36F}]", "")
        plain = pc.replace_substring_regex(plain, r"[\x{A0}\x{202F}]", " ")
    return plain


def month_numbers(words: pa.StringArray) -> pa.Int64Array:
    """Return 1 to 12 for unaccented month names and abbreviations, null for other words."""
    return pc.take(_NUMBERS, pc.index_in(words, value_set=_WORDS))


def full_year(texts: pa.StringArray) -> pa.Int64Array:
    """Return years of four digits from years of two or four."""
    year = pc.cast(texts, pa.int64())
    recent = pc.if_else(pc.less(year, CENTURY_TURN), pc.add(year, 2000), pc.add(year, 1900))
    return pc.if_else(pc.equal(pc.utf8_length(texts), 2), recent, year)


def days(year: pa.Array, month: pa.Array, day: pa.Array) -> pa.Date32Array:
    """Return the days of the Gregorian calendar; null where one is missing or does not exist (31 February)."""
    parts = [pc.fill_null(pc.cast(part, pa.int64()), 0).to_numpy(zero_copy_only=False) for part in (year, month, day)]
    first = ((parts[0] - 1970) * 12 + parts[1] - 1).astype("datetime64[M]")
    found = first.astype("datetime64[D]") + (parts[2] - 1)
    real = (parts[1] >= 1) & (parts[1] <= 12) & (parts[2] >= 1) & (found.astype("datetime64[M]") == first)
    real &= np.logical_and(parts[0] >= 1, parts[0] <= 9999)
    return pa.array(found, pa.date32(), mask=~real)


def holds(texts: pa.StringArray, pattern: str) -> bool:
    """Return whether any text holds `pattern`: a short look before long ones."""
    return bool(pc.any(pc.match_substring_regex(texts, pattern)).as_py())


def extract(texts: pa.StringArray, form: str) -> dict[str, pa.Array]:
    """Return the named groups of `form` in each text, as columns, null where the text has another form.

    Nothing is returned when no text has that form.
    """
    found = pc.extract_regex(texts, form)
    if found.null_count == len(found):
        return {}
    groups = [found.type.field(i).name for i in range(found.type.num_fields)]
    return {name: pc.struct_field(found, name) for name in groups}


def read_days(texts: pa.StringArray, *forms: str) -> pa.Date32Array:
    """Return the days of unaccented texts that have one of `forms`; a form is tried on what the others left.

    A form without a day, or without a month either, gives the first one.
    """
    found = pa.nulls(len(texts), pa.date32())
    for form in forms if holds(texts, DIGIT) else ():
        if found.null_count and (part := extract(texts, form)):
            first = pa.array(np.ones(len(texts), dtype=np.int64))
            month = month_numbers(part["word"]) if "word" in part else part.get("month", first)
            found = pc.coalesce(found, days(full_year(part["year"]), month, part.get("day", first)))
    return found


def parse(texts: pa.StringArray) -> pa.Date32Array:
    """Return the days; null where the text is not a day that exists."""
    return read_days(unaccented(texts), ISO, *DAY_FIRST, WORDED, ENGLISH)


def matches(texts: pa.StringArray) -> pa.BooleanArray:
    """Accept the texts that are a day."""
    return pc.is_valid(parse(texts))


def parse_month_first(texts: pa.StringArray) -> pa.Date32Array:
    """Return the days of 3/25/2024 and its like."""
    return read_days(unaccented(texts), *MONTH_FIRST)


def parse_compact(texts: pa.StringArray) -> pa.Date32Array:
    """Return the days of 20240312 and its like."""
    return read_days(trimmed(texts), COMPACT)


is_serial = by_pattern(r"[1-6]\d{4}(?:[.,]0+)?")


def parse_serial(texts: pa.StringArray) -> pa.Date32Array:
    """Return the days of a spreadsheet's serial numbers (45363 is 12 March 2024), and of ordinary dates beside them."""
    kept = trimmed(pc.if_else(is_serial(texts), texts, NO_TEXT))
    serial = pc.cast(pc.replace_substring_regex(kept, r"[.,]0+$", ""), pa.int32())
    return pc.coalesce(pc.cast(pc.add(serial, pa.scalar(SERIAL_ZERO, pa.int32())), pa.date32()), parse(texts))


TYPE = ColumnType(
    name="date",
    public="date",
    label={"fr": "Date", "en": "Date"},
    matches=matches,
    parse=parse,
    valid=(
        *("2024-03-12", "12/03/2024", "1/2/2003", "12-03-2024", "12.03.2024", "12-03-24", "2024/03/12"),
        *("12 mars 2024", "1er août 1998", "1er janv. 2025", "12-mars-24", "Mardi 12 mars 2024", "March 12, 2024"),
        *("29/02/2024", "2017-04-03 00:00:00", "11/03/2024 00:00"),
    ),
    invalid=(
        *("", "29/02/2023", "31/04/2024", "12/25/2024", "2024", "avr-21", "2024-03-12 14:30", "12 brumaire 1799"),
        *("0000-01-01", "12/03-2024", "12/3", "1.2.3.4", "12/03/202"),
    ),
)
FIRST_MONTH = ColumnType(
    name="date_month_first",
    public="date",
    label={"fr": "Date, mois d’abord (3/25/2024)", "en": "Date, month first (3/25/2024)"},
    matches=lambda texts: pc.is_valid(parse_month_first(texts)),
    parse=parse_month_first,
    valid=("3/25/2024", "03/12/2024", "12-31-99"),
    invalid=("", "25/3/2024", "2024-03-25", "13/13/2024"),
)
EIGHT_DIGITS = ColumnType(
    name="date_compact",
    public="date",
    label={"fr": "Date en huit chiffres (20240312)", "en": "Date in eight digits (20240312)"},
    matches=lambda texts: pc.is_valid(parse_compact(texts)),
    parse=parse_compact,
    valid=("20240312", "19991231"),
    invalid=("", "20241301", "2024031", "12032024"),
    hints=TITLES,
    needs_hint=True,
)
SERIAL = ColumnType(
    name="date_serial",
    public="date",
    label={"fr": "Date, numéro de tableur (45363)", "en": "Date, spreadsheet number (45363)"},
    matches=lambda texts: pc.is_valid(parse_serial(texts)),
    parse=parse_serial,
    valid=("45363", "45363,0", "12/03/2024"),
    invalid=("", "453", "45363,5", "945363"),
    hints=TITLES,
    needs_hint=True,
)
