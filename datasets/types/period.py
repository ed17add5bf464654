"""Periods that are neither a day, a month nor a year: 2024-T3, S1 2024, 2024-W12, 2023-2024; they stay text."""

from datasets.types.column import ColumnType, by_pattern, unchanged

YEAR = r"(?:19|20)\d{2}"
PART = r"(?:[TQ][ ]?[1-4]|S[ ]?[12]|[SW](?:0?[1-9]|[1-4]\d|5[0-3]))"
WORDED = (
    r"[1-4](?:er|e|ème|eme)? trim(?:estre|\.)?|[12](?:er|e|nd|ème|eme)? sem(?:estre|\.)?"
    r"|trimestre [1-4]|semestre [12]|semaine \d{1,2}"
)

TYPE = ColumnType(
    name="period",
    public="text",
    label={"fr": "Période (trimestre, semestre, semaine, saison)", "en": "Period (quarter, half, week, season)"},
    matches=by_pattern(rf"{YEAR}[ \-/]?{PART}|{PART}[ \-/]?{YEAR}|(?:{WORDED}) {YEAR}|{YEAR}[/\-]{YEAR}"),
    parse=unchanged,
    valid=("2024-T3", "T3 2024", "2024T3", "S1 2024", "2024-W12", "2e trimestre 2024", "2023-2024", "2024-Q1"),
    invalid=("", "2024", "2024-T5", "T3", "2024-03", "1999-12"),
)
