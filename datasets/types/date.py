"""Days: 2024-03-12, 12/03/2024 (day first), 12 mars 2024, with an idle midnight tolerated."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datasets.types.column import ColumnType, trimmed

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
MIDNIGHT = r"(?:[ T]00:00(?::00(?:\.0+)?)?)?"
FORMS = (
    rf"^(?P<year>\d{{4}})[-/](?P<month>\d{{1,2}})[-/](?P<day>\d{{1,2}}){MIDNIGHT}$",
    rf"^(?P<day>\d{{1,2}})[/.\-](?P<month>\d{{1,2}})[/.\-](?P<year>\d{{4}}){MIDNIGHT}$",
)
WORD_FORM = r"^(?P<day>\d{1,2})(?:er)? (?P<word>[a-z]+)\.? (?P<year>\d{4})$"


def unaccented(texts: pa.StringArray) -> pa.StringArray:
    """Return the texts in lower case, without accents and outer spaces."""
    plain = pc.utf8_normalize(pc.utf8_lower(trimmed(texts)), "NFD")
    return pc.replace_substring_regex(plain, r"[\x{300}-\x{36F}]", "")


def month_numbers(words: pa.StringArray) -> pa.Int64Array:
    """Return 1 to 12 for unaccented month names and abbreviations, null for other words."""
    return pc.take(_NUMBERS, pc.index_in(words, value_set=_WORDS))


def days(year: pa.Array, month: pa.Array, day: pa.Array) -> pa.Date32Array:
    """Return the days of the Gregorian calendar; null where one is missing or does not exist (31 February)."""
    parts = [pc.fill_null(pc.cast(part, pa.int64()), 0).to_numpy(zero_copy_only=False) for part in (year, month, day)]
    first = ((parts[0] - 1970) * 12 + parts[1] - 1).astype("datetime64[M]")
    found = first.astype("datetime64[D]") + (parts[2] - 1)
    real = (parts[1] >= 1) & (parts[1] <= 12) & (parts[2] >= 1) & (found.astype("datetime64[M]") == first)
    real &= np.logical_and(parts[0] >= 1, parts[0] <= 9999)
    return pa.array(found, pa.date32(), mask=~real)


def extract(texts: pa.StringArray, form: str) -> dict[str, pa.Array]:
    """Return the named groups of `form` in each text, as columns; null where the text has another form."""
    found = pc.extract_regex(texts, form)
    groups = [found.type.field(i).name for i in range(found.type.num_fields)]
    return {name: pc.struct_field(found, name) for name in groups}


def parse(texts: pa.StringArray) -> pa.Date32Array:
    """Return the days; null where the text is not a day that exists."""
    plain = unaccented(texts)
    read = [extract(plain, form) for form in FORMS]
    worded = extract(plain, WORD_FORM)
    read.append({"year": worded["year"], "month": month_numbers(worded["word"]), "day": worded["day"]})
    return pc.coalesce(*(days(part["year"], part["month"], part["day"]) for part in read))


def matches(texts: pa.StringArray) -> pa.BooleanArray:
    """Accept the texts that are a day."""
    return pc.is_valid(parse(texts))


TYPE = ColumnType(
    name="date",
    public="date",
    label={"fr": "Date", "en": "Date"},
    matches=matches,
    parse=parse,
    valid=(
        "2024-03-12",
        "12/03/2024",
        "1/2/2003",
        "12-03-2024",
        "12.03.2024",
        "12 mars 2024",
        "1er août 1998",
        "29/02/2024",
        "2017-04-03 00:00:00",
        "11/03/2024 00:00",
    ),
    invalid=(
        "",
        "29/02/2023",
        "31/04/2024",
        "12/25/2024",
        "2024",
        "avr-21",
        "2024-03-12 14:30",
        "12 brumaire 1799",
        "0000-01-01",
    ),
)
