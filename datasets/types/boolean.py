"""Yes or no: words in French or English; and a letter, a cross or a digit, where the whole column allows no other."""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from datasets.types.column import ColumnType, Matches, Parse, by_pattern

FEW = 16
"""Distinct texts that one letter or one digit may make, spaces and capitals counted."""

words_yes, words_no = by_pattern("vrai|oui|true|yes"), by_pattern("faux|non|false|no")
letter_yes, letter_no = by_pattern("o|y"), by_pattern("n")
cross, nothing = by_pattern("x|✓|✔|☑|☒"), by_pattern("☐")
one, zero = by_pattern("1"), by_pattern("0")


def either(yes: Matches, no: Matches) -> Matches:
    """Return a `matches` for the texts that say yes or no."""
    return lambda texts: pc.or_(yes(texts), no(texts))


def reader(yes: Matches, no: Matches) -> Parse:
    """Return a `parse` that answers true or false, and null where the text is neither."""
    unknown = pa.scalar(None, pa.bool_())
    return lambda texts: pc.if_else(pc.fill_null(yes(texts), False), True, pc.if_else(no(texts), False, unknown))


def holding(*sides: Matches) -> Callable[[pa.StringArray], bool]:
    """Return a condition on the distinct values of a column: they are few, and each of `sides` is among them."""
    return lambda texts: len(texts) <= FEW and all(pc.any(side(texts)).as_py() for side in sides)


TYPE = ColumnType(
    name="boolean",
    public="boolean",
    label={"fr": "Oui ou non", "en": "Yes or no"},
    matches=either(words_yes, words_no),
    parse=reader(words_yes, words_no),
    valid=("oui", "Non", "VRAI", "faux", "true", "False", "yes", "no"),
    invalid=("", "0", "1", "peut-être", "ouais", "V"),
)
LETTER = ColumnType(
    name="boolean_letter",
    public="boolean",
    label={"fr": "Oui ou non (O ou N)", "en": "Yes or no (Y or N)"},
    matches=either(letter_yes, letter_no),
    parse=reader(letter_yes, letter_no),
    valid=("O", "n", "Y"),
    invalid=("", "oui", "S", "0"),
    fits=holding(letter_yes, letter_no),
)
CROSS = ColumnType(
    name="boolean_cross",
    public="boolean",
    label={"fr": "Case cochée (x, ou rien)", "en": "Ticked box (x, or nothing)"},
    matches=either(cross, nothing),
    parse=reader(cross, nothing),
    valid=("x", "X", "☑"),
    invalid=("", "xx", "oui", "0"),
    fits=holding(cross),
    needs_blank=True,
)
DIGIT = ColumnType(
    name="boolean_digit",
    public="boolean",
    label={"fr": "Oui ou non (1 ou 0)", "en": "Yes or no (1 or 0)"},
    matches=either(one, zero),
    parse=reader(one, zero),
    valid=("0", "1"),
    invalid=("", "2", "oui", "01"),
    hints=r"^(?:est|is|has|a|possede|presence|flag|bool|indicateur)_",
    needs_hint=True,
    fits=holding(one, zero),
)
