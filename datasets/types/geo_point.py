"""Points of the Earth: "46.152378, 5.608744" (latitude first), POINT(5.608744 46.152378) or {lat, lon} in one cell."""

import pyarrow as pa
import pyarrow.compute as pc

from datasets.types.column import ColumnType, trimmed
from datasets.types.date import extract
from datasets.types.public import POINT

NUMBER = r"[+-]?\d{1,3}(?:\.\d+)?"
COMMA = r"[+-]?\d{1,3},\d+"
LAT, LON = rf"(?P<lat>{NUMBER})", rf"(?P<lon>{NUMBER})"
FORMS = (
    rf"^[\[(]?\s*{LAT}\s*[,;/ ]\s*{LON}\s*[\])]?$",
    rf"^[\[(]?\s*(?P<lat>{COMMA})(?:\s*;\s*|\s+|,\s+)(?P<lon>{COMMA})\s*[\])]?$",
    rf"^(?:SRID=4326;)?\s*POINT(?:\s*Z)?\s*\(\s*{LON}\s+{LAT}(?:\s+{NUMBER})?\s*\)$",
    rf'^\{{\s*"?(?:lat|latitude)"?\s*:\s*"?{LAT}"?\s*,\s*"?(?:lon|lng|long|longitude)"?\s*:\s*"?{LON}"?\s*\}}$',
    rf'^\{{\s*"?(?:lon|lng|long|longitude)"?\s*:\s*"?{LON}"?\s*,\s*"?(?:lat|latitude)"?\s*:\s*"?{LAT}"?\s*\}}$',
)
DECIMALS = r"\d[.,]\d.*\d[.,]\d|^[\[(]?0\s*[,;]\s*0[\])]?$|(?i)[(:].*\d"
"""What a point shows besides two numbers: decimals, or words. "12, 5" may be anything; "0, 0" is a known void."""
LATITUDE = r"(?:^|_)(?:lat|latitude|y_wgs84)(?:_|$)"
LONGITUDE = r"(?:^|_)(?:lon|long|lng|longitude|x_wgs84)(?:_|$)"


def points(lat: pa.DoubleArray, lon: pa.DoubleArray) -> pa.StructArray:
    """Return points from latitudes and longitudes in degrees; null where one is missing or out of the Earth."""
    inside = pc.and_(pc.less_equal(pc.abs(lat), 90), pc.less_equal(pc.abs(lon), 180))
    outside = pc.invert(pc.fill_null(inside, False))
    return pa.StructArray.from_arrays([lon, lat], fields=list(POINT), mask=outside)


def parse(texts: pa.StringArray) -> pa.StructArray:
    """Return the points of cells that hold both coordinates; null where the text is not one."""
    plain, lat, lon = trimmed(texts), pa.nulls(len(texts), pa.string()), pa.nulls(len(texts), pa.string())
    for form in FORMS:
        if lat.null_count and (part := extract(plain, f"(?i){form}")):
            lat, lon = pc.coalesce(lat, part["lat"]), pc.coalesce(lon, part["lon"])
    return points(*(pc.cast(pc.replace_substring(one, ",", "."), pa.float64()) for one in (lat, lon)))


def matches(texts: pa.StringArray) -> pa.BooleanArray:
    """Accept the texts that are two coordinates with decimals."""
    likely = pc.match_substring_regex(texts, DECIMALS)
    return pc.and_(pc.is_valid(parse(texts)), likely) if pc.any(likely).as_py() else likely


TYPE = ColumnType(
    name="geo_point",
    public="geo_point_2d",
    label={"fr": "Point géographique", "en": "Geographic point"},
    matches=matches,
    parse=parse,
    valid=(
        *("46.152378,5.608744", "46.8746666632, 5.6278782462", "-21.044558662,55.3221880362", "[43.6465, 0.5863]"),
        *("43,6465 ; 0,5863", "43.6465 0.5863", "POINT(0.5863 43.6465)", "SRID=4326;Point (0.5863 43.6465)"),
        *('{"lat": 43.6465, "lon": 0.5863}', "{lon: 0.5863, lat: 43.6465}"),
    ),
    invalid=("", "12, 5", "46.15", "95.5, 5.6", "46.1, 190.5", "POINT(700000 6600000)", "Auch, Gers"),
)
