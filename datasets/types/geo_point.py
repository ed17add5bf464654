"""Points of the Earth: "46.152378, 5.608744" (latitude first) in one cell, or in two columns."""

import pyarrow as pa
import pyarrow.compute as pc

from datasets.types.column import ColumnType, trimmed
from datasets.types.date import extract
from datasets.types.public import POINT

FORM = r"^[\[(]?\s*(?P<lat>[+-]?\d{1,2}(?:\.\d+)?)\s*[,;]\s*(?P<lon>[+-]?\d{1,3}(?:\.\d+)?)\s*[\])]?$"
LATITUDE = r"(?:^|_)(?:lat|latitude|y_wgs84)(?:_|$)"
LONGITUDE = r"(?:^|_)(?:lon|long|lng|longitude|x_wgs84)(?:_|$)"


def points(lat: pa.DoubleArray, lon: pa.DoubleArray) -> pa.StructArray:
    """Return points from latitudes and longitudes in degrees; null where one is missing or out of the Earth."""
    inside = pc.and_(pc.less_equal(pc.abs(lat), 90), pc.less_equal(pc.abs(lon), 180))
    outside = pc.invert(pc.fill_null(inside, False))
    return pa.StructArray.from_arrays([lon, lat], fields=list(POINT), mask=outside)


def parse(texts: pa.StringArray) -> pa.StructArray:
    """Return the points of "lat, lon" cells; null where the text is not one."""
    part = extract(trimmed(texts), FORM)
    return points(pc.cast(part["lat"], pa.float64()), pc.cast(part["lon"], pa.float64()))


def matches(texts: pa.StringArray) -> pa.BooleanArray:
    """Accept the texts that are two coordinates with decimals."""
    decimals = pc.match_substring_regex(texts, r"\..*[,;].*\.|^[\[(]?0\s*[,;]\s*0[\])]?$")
    return pc.and_(pc.is_valid(parse(texts)), decimals)


TYPE = ColumnType(
    name="geo_point",
    public="geo_point_2d",
    label={"fr": "Point géographique", "en": "Geographic point"},
    matches=matches,
    parse=parse,
    valid=("46.152378,5.608744", "46.8746666632, 5.6278782462", "-21.044558662,55.3221880362", "[43.6465, 0.5863]"),
    invalid=("", "12, 5", "46.15", "95.5, 5.6", "46.1, 190.5", "46,15 5,60", "Auch, Gers"),
)
