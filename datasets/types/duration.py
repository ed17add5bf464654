"""Durations (1h30, 90 min, PT1H30M), when the label says so, since 1h30 is also a time; they stay text."""

from datasets.types.column import ColumnType, by_pattern, unchanged

NUMBER = r"\d+(?:[.,]\d+)?"
DAYS, HOURS = rf"{NUMBER} ?(?:jours?|days?|j|d)", rf"{NUMBER} ?(?:heures?|hours?|h)"
MINUTES, SECONDS = rf"{NUMBER} ?(?:minutes?|min|mn|m|')", rf"{NUMBER} ?(?:secondes?|seconds?|sec|s|'')"
CLOCK = r"\d+(?::[0-5]\d){1,2}|\d+ ?h ?[0-5]\d"
ISO = r"P\d+[YMWD](?:\d+[YMWD])*(?:T(?:\d+[HMS])+)?|PT(?:\d+[HMS])+"

TYPE = ColumnType(
    name="duration",
    public="text",
    label={"fr": "Durée", "en": "Duration"},
    matches=by_pattern(
        rf"{CLOCK}|{ISO}|{DAYS}(?: {HOURS})?|{HOURS}(?: {MINUTES})?(?: {SECONDS})?|{MINUTES}(?: {SECONDS})?|{SECONDS}"
    ),
    parse=unchanged,
    valid=("1h30", "90 min", "PT1H30M", "1:30:00", "2 jours", "1 h 30 min", "45'", "P3D", "1,5 h"),
    invalid=("", "90", "longue", "1,5", "P", "PT"),
    hints=r"(?:^|_)(?:durees?|duration|temps|delai)(?:_|$)",
    needs_hint=True,
)
