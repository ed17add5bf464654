"""iCalendar, read by the icalendar library: events, their moments, and lines that no reader refuses."""

import datetime as dt

import icalendar
import pyarrow as pa
import pytest

from datasets.errors import InvalidParameter
from datasets.model import Field, Schema
from exports import EXPORTERS, ExportOptions
from tests.exports.hostile import ROWS, written

ICAL = EXPORTERS["ical"]
TOUR = Schema(
    (
        Field("modifie", "date"),
        Field("titre", "text", {"fr": "Titre"}),
        Field("date_fin", "date"),
        Field("date_debut", "date", {"fr": "Début"}),
        Field("lieu", "text", {"fr": "Lieu"}),
        Field("p", "geo_point_2d"),
    )
)
CIRQUE = {
    "titre": "Cirque, à Auch ; gratuit",
    "date_debut": dt.date(2024, 12, 30),
    "date_fin": dt.date(2025, 1, 2),
    "lieu": "CIRCa\nAllée des Arts",
    "p": {"lon": 0.5863, "lat": 43.6465},
}


def events_of(data: bytes) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(data).walk("VEVENT"))


def of(schema: Schema, batch: pa.RecordBatch, **options) -> bytes:
    return b"".join(ICAL.write(schema, [batch], ExportOptions(**options)))


def test_an_event_says_when_what_and_where(a_batch):
    """The fields named so begin and end it, its last day included; the first text names it; the rest describes it."""
    [event] = events_of(of(TOUR, a_batch(TOUR, [CIRQUE]), use_labels=True))
    assert (event.start, event.end) == (dt.date(2024, 12, 30), dt.date(2025, 1, 3))
    assert event["SUMMARY"] == CIRQUE["titre"]
    assert event["DESCRIPTION"] == "date_fin: 2025-01-02\nLieu: CIRCa\nAllée des Arts\np: 43.6465, 0.5863"
    assert (event["GEO"].latitude, event["GEO"].longitude) == (43.6465, 0.5863)


def test_rows_without_date_are_no_events(a_batch):
    """A row that is never is left out; an end before the beginning is left out of its event."""
    rows = [{"titre": "x"}, {**CIRQUE, "date_fin": dt.date(2024, 1, 1)}]
    [event] = events_of(of(TOUR, a_batch(TOUR, rows)))
    assert "DTEND" not in event


def test_instants_are_in_utc(a_batch):
    """A datetime makes an event at an instant, whatever the zone of the reader, before 1970 too."""
    schema = Schema((Field("heure", "datetime"), Field("heure_fin", "datetime")))
    begin = dt.datetime(1965, 3, 31, 1, 0, 0, 500_000, tzinfo=dt.UTC)
    row = {"heure": begin, "heure_fin": begin + dt.timedelta(hours=2)}
    [event] = events_of(of(schema, a_batch(schema, [row]), timezone="Europe/Paris"))
    assert event.start == begin.replace(microsecond=0)
    assert event.end == begin.replace(microsecond=0) + dt.timedelta(hours=2)


def test_the_hostile_table_makes_a_calendar():
    """Ancient days are days of four-figure years; no line is longer than 75 octets; no text breaks a line."""
    data = written("ical", batches=3)
    assert [event.start for event in events_of(data)] == [row["jour"] for row in ROWS if row.get("jour")]
    assert max(map(len, data.split(b"\r\n"))) <= 75
    assert not {b"\n", b"\r", b"\x07"} & {bytes([byte]) for byte in data.replace(b"\r\n", b"")}
    first = events_of(data)[0]
    assert first["SUMMARY"] == ROWS[0]["texte"].replace("\r\n", "\n")


def test_a_long_text_is_folded_in_good_time(a_batch):
    """A text of 10 MB is folded between characters, and whole once unfolded."""
    text = "é🎭x" * 1_400_000
    data = of(TOUR, a_batch(TOUR, [{**CIRQUE, "titre": text}]))
    assert max(map(len, data.split(b"\r\n"))) <= 75
    assert f"SUMMARY:{text}\r\n".encode() in data.replace(b"\r\n ", b"")


def test_an_event_is_known_by_its_content(a_batch):
    """The same record has the same identifier in another file, another record another one."""
    one = events_of(of(TOUR, a_batch(TOUR, [CIRQUE])))[0]["UID"]
    again, other = events_of(of(TOUR, a_batch(TOUR, [CIRQUE, {**CIRQUE, "lieu": "Ailleurs"}])))
    assert again["UID"] == one != other["UID"]


def test_the_name_is_chosen(a_batch):
    """`name_field` names the events; a field that is not there is refused before any byte."""
    [event] = events_of(of(TOUR, a_batch(TOUR, [CIRQUE]), name_field="lieu"))
    assert event["SUMMARY"] == CIRQUE["lieu"]
    with pytest.raises(InvalidParameter, match="rien"):
        next(ICAL.write(TOUR, [], ExportOptions(name_field="rien")))


def test_a_result_without_date_is_an_empty_calendar(a_batch):
    """A grouped result, or zero rows, is a calendar without events."""
    schema = Schema((Field("n", "int"),))
    assert events_of(of(schema, a_batch(schema, [{"n": 1}]))) == []
    assert events_of(written("ical", batches=0)) == []
