"""Where a trip goes: communes by name or code, or plain coordinates.

`communes.csv` holds a point inside each commune, the most populated first (IGN Admin Express, INSEE; Licence Ouverte).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from portal.i18n import fold

SUGGESTED = 12
COORDINATES = re.compile(r"(-?\d{1,2}(?:\.\d+)?)\s*[,;]\s*(-?\d{1,3}(?:\.\d+)?)")
CODE = re.compile(r"\d[\dAB]\d{3}")
DEPARTMENT = re.compile(r"(.+?)\s*\((\d[\dAB]\d?)\)")
OVERSEAS = ("97", "98")


@dataclass(frozen=True)
class Place:
    """A place of a trip: what it is called, and where it is (degrees)."""

    label: str
    lat: float
    lon: float

    @property
    def point(self) -> tuple[float, float]:
        """The coordinates, as the computation takes them."""
        return self.lat, self.lon


@dataclass(frozen=True, slots=True)
class _Commune:
    """A line of communes.csv, found by its folded name."""

    folded: str
    line: str

    @property
    def code(self) -> str:
        return self.line.partition(",")[0]

    @property
    def place(self) -> Place:
        code, name, lat, lon = self.line.split(",")
        return Place(f"{name} ({department_of(code)})", float(lat), float(lon))


@lru_cache(maxsize=512)
def find_place(text: str) -> Place | None:
    """Return the place that a person means: "Auch", "Auch (32)", "32013" or "43.65, 0.57"; None when there is none.

    Of several communes of one name, the most populated is meant.
    """
    text = text.strip()
    if coordinates := COORDINATES.fullmatch(text):
        return _point(text, float(coordinates[1]), float(coordinates[2]))
    if CODE.fullmatch(text.upper()):
        return next((each.place for each in _communes() if each.code == text.upper()), None)
    told = DEPARTMENT.fullmatch(text.upper())
    wanted = _plain(told[1] if told else text)
    named = (each for each in _communes() if each.folded == wanted)
    found = next((each for each in named if not told or department_of(each.code) == told[2]), None)
    return found.place if found else None


def suggest_places(text: str) -> list[str]:
    """Return the labels of the communes whose names begin as `text`, the most populated first."""
    wanted = _plain(DEPARTMENT.sub(r"\1", text.strip().upper()))
    if not wanted:
        return []
    found: list[str] = []
    for each in _communes():
        if each.folded.startswith(wanted):
            found.append(each.place.label)
            if len(found) == SUGGESTED:
                break
    return found


def department_of(code: str) -> str:
    """Return the code of the département of a commune."""
    return code[:3] if code.startswith(OVERSEAS) else code[:2]


def _point(label: str, lat: float, lon: float) -> Place | None:
    return Place(label, lat, lon) if abs(lat) <= 90 and abs(lon) <= 180 else None


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[-'’]", " ", fold(name)).replace("œ", "oe").split())


@lru_cache(maxsize=1)
def _communes() -> tuple[_Commune, ...]:
    text = files("portal.pages.ges").joinpath("communes.csv").read_text(encoding="utf-8")
    return tuple(_Commune(_plain(line.split(",")[1]), line) for line in text.splitlines()[1:])
