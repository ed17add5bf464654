"""The example that a visitor changes: read from the address, checked, ready to be computed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from datasets.programming.factors import FACTORS, MODES, PLANE, PLANE_BANDS, EmissionFactor
from portal.i18n import number
from portal.pages.ges.places import Place, find_place

MOST_STOPS = 4
LINES = 2
MOST_QUANTITY = 200
MOST_KM = 20_000
NUMBER = re.compile(r"\d{1,6}(?:[.,]\d{1,3})?")
PAIRS = (*((0, rank) for rank in range(1, MOST_STOPS + 1)), *((rank, rank + 1) for rank in range(1, MOST_STOPS)))
"""Between which places a known distance may be given: 0 is the home, the others are the venues, in order."""

EXAMPLE = {
    "home": "Paris (75)",
    "stop1": "Auch (32)",
    "stop2": "Condom (32)",
    "stop3": "Marciac (32)",
    "mode1": "vul_fourgon",
    "quantity1": "1",
}
"""What the form holds before anyone changes it."""


@dataclass(frozen=True)
class Line:
    """One transport line: so many vehicles, or travellers, by a mode of `factors.MODES`."""

    mode: str
    quantity: float

    @property
    def by_head(self) -> bool:
        """Whether the mode counts travellers rather than vehicles."""
        return self._factor.unit == "passager.km"

    @property
    def uncertainty(self) -> float:
        """The relative uncertainty of its factor."""
        return self._factor.uncertainty

    @property
    def _factor(self) -> EmissionFactor:
        return FACTORS[PLANE_BANDS[0][1] if self.mode == PLANE else self.mode]


@dataclass(frozen=True)
class Trip:
    """A tour to compute: home, venues in order, the ranks (from 1) of those that would have come anyway, transport.

    `known` are distances by road in km, by the ranks of the two places (the home is 0).
    """

    home: Place
    stops: tuple[Place, ...]
    own: frozenset[int]
    lines: tuple[Line, ...]
    known: tuple[tuple[tuple[int, int], float], ...] = ()


@dataclass(frozen=True)
class TripForm:
    """What the form shows: its values, what is wrong by field, and the trip when nothing is."""

    values: Mapping[str, str]
    own: frozenset[str]
    errors: Mapping[str, str]
    trip: Trip | None

    @property
    def distances(self) -> bool:
        """Whether some distances are given."""
        return any(name in self.values for name in _distance_names())


def read_trip(args: "MultiDict[str, str]") -> TripForm:
    """Read the form; an address without any of its fields is the example."""
    names = ("home", *(f"stop{rank}" for rank in range(1, MOST_STOPS + 1)), *_transport_names(), *_distance_names())
    given = {name: " ".join(args[name].split()) for name in names if args.get(name, "").strip()}
    values = given or EXAMPLE
    own = frozenset(args.getlist("own")) & {str(rank) for rank in range(1, MOST_STOPS + 1)}
    errors: dict[str, str] = {}
    trip = _read(values, own, errors)
    return TripForm(values, own, errors, None if errors else trip)


def _transport_names() -> list[str]:
    return [f"{kind}{rank}" for rank in range(1, LINES + 1) for kind in ("mode", "quantity")]


def _distance_names() -> list[str]:
    return [distance_name(*pair) for pair in PAIRS]


def distance_name(start: int, end: int) -> str:
    """Return the name of the field that holds a known distance."""
    return f"km{start}-{end}"


def _read(values: Mapping[str, str], own: frozenset[str], errors: dict[str, str]) -> Trip | None:
    home = _read_place(values, "home", errors)
    slots = [rank for rank in range(1, MOST_STOPS + 1) if values.get(f"stop{rank}")]
    stops = [_read_place(values, f"stop{rank}", errors) for rank in slots or (1,)]
    lines = _read_lines(values, errors)
    known = _read_distances(values, slots, errors)
    if home is None or None in stops or not lines:
        return None
    kept = frozenset(place for place, slot in enumerate(slots, 1) if str(slot) in own)
    return Trip(home, tuple(stop for stop in stops if stop), kept, lines, known)


def _read_place(values: Mapping[str, str], name: str, errors: dict[str, str]) -> Place | None:
    text = values.get(name, "")
    place = find_place(text) if text else None
    if not text:
        errors[name] = _("Write a commune.")
    elif place is None:
        errors[name] = _("No commune is called “%(name)s”. Write its name, its INSEE code or coordinates.", name=text)
    return place


def _read_lines(values: Mapping[str, str], errors: dict[str, str]) -> tuple[Line, ...]:
    lines = []
    for rank in range(1, LINES + 1):
        mode = values.get(f"mode{rank}")
        if mode is None:
            continue
        if mode not in MODES:
            errors[f"mode{rank}"] = _("Choose a mode of transport of the list.")
            continue
        quantity = _read_number(values.get(f"quantity{rank}", "1"), MOST_QUANTITY)
        if quantity is None:
            errors[f"quantity{rank}"] = _("Write a number above 0, up to %(most)s.", most=number(MOST_QUANTITY))
        else:
            lines.append(Line(mode, quantity))
    if not lines and not errors:
        errors["mode1"] = _("Choose a mode of transport of the list.")
    return tuple(lines)


def _read_distances(
    values: Mapping[str, str], slots: list[int], errors: dict[str, str]
) -> tuple[tuple[tuple[int, int], float], ...]:
    places = {0: 0} | {slot: place for place, slot in enumerate(slots, 1)}
    known = []
    for start, end in PAIRS:
        name = distance_name(start, end)
        if name not in values or not {start, end} <= places.keys():
            continue
        km = 0.0 if values[name] == "0" else _read_number(values[name], MOST_KM)
        if km is None:
            errors[name] = _("Write a number of kilometres, up to %(most)s.", most=number(MOST_KM))
        else:
            known.append(((places[start], places[end]), km))
    return tuple(known)


def _read_number(text: str, most: float) -> float | None:
    found = NUMBER.fullmatch(text.replace("\u202f", "").replace(" ", ""))
    value = float(found[0].replace(",", ".")) if found else 0.0
    return value if 0 < value <= most else None
