"""Amounts of one currency: 1 234,50 € · $1,200.00. A column of several currencies stays text: 12 € are not 12 $."""

import pyarrow as pa
import pyarrow.compute as pc

from datasets.types.column import NO_TEXT, ColumnType, by_pattern, trimmed
from datasets.types.decimal_number import COMMAS, NUMBER, POINTS, SIGN, to_doubles

GAP = r"[ \x{A0}\x{202F}]?"
FRENCH, ENGLISH, POINTED = NUMBER, COMMAS, POINTS


def in_currency(
    name: str, unit: str, symbols: str, label: tuple[str, str], forms: tuple[str, ...], examples: tuple[str, ...]
) -> ColumnType:
    """Return the type of amounts that carry one of `symbols` (a pattern).

    A column is read in one of `forms`, the first that reads the most of it: 1.234 € has one meaning per column.
    """
    shapes = [rf"{SIGN}(?:{form}){GAP}(?:{symbols})|{SIGN}(?:{symbols}){GAP}(?:{form})" for form in forms]
    readers = [by_pattern(shape) for shape in shapes]
    thousands = {FRENCH: "", ENGLISH: ",", POINTED: "."}

    def matches(texts: pa.StringArray) -> pa.BooleanArray:
        found = readers[0](texts)
        for other in readers[1:]:
            found = pc.or_(found, other(texts))
        return found

    def read(texts: pa.StringArray, rank: int) -> pa.DoubleArray:
        kept = trimmed(pc.if_else(readers[rank](texts), texts, NO_TEXT))
        bare = pc.replace_substring_regex(kept, rf"(?i){GAP}(?:{symbols}){GAP}", "")
        return to_doubles(pc.replace_substring(bare, thousands[forms[rank]], "") if thousands[forms[rank]] else bare)

    def parse(texts: pa.StringArray) -> pa.DoubleArray:
        return read(texts, max(range(len(forms)), key=lambda rank: pc.sum(readers[rank](texts)).as_py() or 0))

    def fits(texts: pa.StringArray) -> bool:
        return any(pc.all(reads(texts)).as_py() for reads in readers)

    return ColumnType(
        name=name,
        public="double",
        label={"fr": label[0], "en": label[1]},
        matches=matches,
        parse=parse,
        valid=examples,
        invalid=("", "12", unit, f"{unit}12{unit}", f"douze {unit}"),
        fits=fits,
        annotations={"unit": unit},
    )


TYPES = (
    in_currency(
        "euros",
        "€",
        "€|euros?|EUR",
        ("Montant en euros", "Amount in euros"),
        (FRENCH, POINTED, ENGLISH),
        ("12,50 €", "1 234 €", "-5€", "€ 12.50", "1.234,50 €", "1,200.50 EUR", "3 euros"),
    ),
    in_currency(
        "us_dollars",
        "$",
        r"US\$|\$|USD",
        ("Montant en dollars", "Amount in dollars"),
        (ENGLISH, FRENCH),
        ("$1,200.00", "12.5 USD", "-$5", "1 200,50 $", "$1,200"),
    ),
    in_currency(
        "pounds",
        "£",
        "£|GBP",
        ("Montant en livres sterling", "Amount in pounds sterling"),
        (ENGLISH, FRENCH),
        ("£1,200.00", "12.50 GBP"),
    ),
    in_currency(
        "swiss_francs",
        "CHF",
        "CHF",
        ("Montant en francs suisses", "Amount in Swiss francs"),
        (FRENCH, ENGLISH),
        ("CHF 1'200.50", "12 CHF"),
    ),
)
"""One type per currency, so that the amounts of a column have one unit."""
