"""Times of the day: 14:30, 9h05, 20 h; they stay text."""

from datasets.types.column import ColumnType, by_pattern, unchanged

TYPE = ColumnType(
    name="time",
    public="text",
    label={"fr": "Heure", "en": "Time of the day"},
    matches=by_pattern(
        r"(?:[01]?\d|2[0-3])(?:(?::| ?h ?)[0-5]\d(?::[0-5]\d)?| ?h)|(?:0?\d|1[0-2])(?::[0-5]\d)? ?[ap]m"
    ),
    parse=unchanged,
    valid=("14:30", "9h05", "20 h", "14:30:05", "20h", "2:30 PM"),
    invalid=("", "14", "25:00", "12:60", "1 h 30 min", "8h-12h"),
)
