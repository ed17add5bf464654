"""Better contours and coordinates, from a file that the operator gives."""

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import geojson
import pandas as pd

from datasets.errors import IngestError
from datasets.programming.territories.hierarchy import LEVELS, Geometry, Territories

LOADED_LEVELS = LEVELS[1:]
KINDS = {"Polygon": geojson.Polygon, "MultiPolygon": geojson.MultiPolygon}
KNOWN_SHARE = 0.9
"""Below this share of known codes, the file is about something else (or another vintage) and is refused."""

log = logging.getLogger(__name__)


def load_contours(territories: Territories, file: Path, niveau_geo: str | None = None) -> Territories:
    """Return territories with the contours of a GeoJSON file, or the coordinates of a CSV file of communes.

    GeoJSON: features with `code` (and `nom`) properties, Polygon or MultiPolygon in WGS84; the level is recognised
    from the codes and names unless `niveau_geo` says it. CSV: columns insee, lat, lon. Codes that are not in the
    hierarchy are left out with a warning when they are few. Raise IngestError for anything else.
    """
    if niveau_geo is not None and niveau_geo not in LOADED_LEVELS:
        raise IngestError(
            where="niveau_geo",
            found=niveau_geo,
            expected=", ".join(LOADED_LEVELS),
            advice="Choose one of these levels.",
        )
    if file.suffix.lower() == ".csv":
        return _load_points(territories, file)
    shapes, names = _read_features(file)
    level = niveau_geo or _recognise(territories, file, names)
    known = _check_known(set(territories.frame(level)["code"]), shapes, file, level)
    contours = {key: shape for key, shape in territories.contours.items() if key[0] != level}
    contours |= {(level, code): shapes[code] for code in known}
    sources = {**territories.contour_sources, level: file.name}
    return replace(territories, contours=MappingProxyType(contours), contour_sources=MappingProxyType(sources))


def _read_features(file: Path) -> tuple[dict[str, Geometry], dict[str, str]]:
    expected = "a GeoJSON FeatureCollection of territories"
    try:
        collection = json.loads(file.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise IngestError(where=str(file), found=str(error), expected=expected, advice="Check the file.") from error
    features = collection.get("features") if isinstance(collection, Mapping) else None
    if not isinstance(features, list) or not features:
        raise IngestError(where=str(file), found="no feature", expected=expected, advice="Check the file.")
    shapes: dict[str, Geometry] = {}
    names: dict[str, str] = {}
    for rank, feature in enumerate(features, 1):
        code, shape = _check_feature(feature, f"{file}, feature {rank}")
        if code in shapes:
            raise IngestError(
                where=f"{file}, feature {rank}", found=f"{code} again", expected="each code once", advice="Remove one."
            )
        shapes[code] = shape
        names[code] = str(feature["properties"].get("nom", ""))
    return shapes, names


def _check_feature(feature: Any, where: str) -> tuple[str, Geometry]:
    properties = feature.get("properties") if isinstance(feature, Mapping) else None
    code = properties.get("code") if isinstance(properties, Mapping) else None
    if not isinstance(code, str):
        raise IngestError(where=where, found=repr(code), expected="a text property `code`", advice="Add it.")
    geometry = feature.get("geometry")
    named = str(geometry.get("type")) if isinstance(geometry, Mapping) else "no geometry"
    if named not in KINDS:
        raise IngestError(where=where, found=named, expected="a Polygon or a MultiPolygon", advice="Check it.")
    fault = _find_fault(KINDS[named], geometry.get("coordinates"))
    if fault:
        raise IngestError(where=where, found=fault, expected="a valid geometry in degrees (WGS84)", advice="Repair it.")
    return code, {"type": named, "coordinates": geometry["coordinates"]}


def _find_fault(kind: type[geojson.geometry.Geometry], coordinates: Any) -> str:
    """Return what is wrong with the coordinates of a geometry, or an empty text."""
    try:
        shape = kind(coordinates)
        faults, points = shape.errors(), list(geojson.utils.coords(shape))
        inside = all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat, *_ in points)
    except (ValueError, TypeError, IndexError) as error:
        return str(error)
    if faults or not points:
        return str(faults or "an empty geometry")
    return "" if inside else "coordinates out of the world"


def _recognise(territories: Territories, file: Path, names: Mapping[str, str]) -> str:
    """Return the level whose codes, then names, fit best; raise when two fit as well."""
    fits: dict[str, tuple[int, int]] = {}
    for level in LOADED_LEVELS:
        official = territories.names(level).to_dict()
        same = [code for code in names if code in official]
        fits[level] = (len(same), sum(names[code] == official[code] for code in same))
    best = max(fits.values())
    levels = [level for level, fit in fits.items() if fit == best]
    if best[0] == 0 or len(levels) > 1:
        found = "codes of no level" if best[0] == 0 else "codes of " + " or ".join(levels)
        raise IngestError(
            where=str(file), found=found, expected="codes of one level", advice=f"Say it: {', '.join(LOADED_LEVELS)}."
        )
    return levels[0]


def _check_known(official: set[str], codes: Mapping[str, Any], file: Path, level: str) -> list[str]:
    known = [code for code in codes if code in official]
    unknown = sorted(str(code) for code in set(codes) - official)
    if not known or len(known) < KNOWN_SHARE * len(codes):
        found = f"{len(unknown)} unknown codes of {len(codes)} ({', '.join(unknown[:3])}…)"
        raise IngestError(
            where=str(file), found=found, expected=f"codes of the level {level}", advice="Check the level and the year."
        )
    if unknown:
        log.warning("%s: left out, unknown in this hierarchy: %s", file, ", ".join(unknown))
    return known


def _load_points(territories: Territories, file: Path) -> Territories:
    try:
        rows = pd.read_csv(file, dtype="str", encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise IngestError(
            where=str(file), found=str(error), expected="a CSV file of communes", advice="Check the file."
        ) from error
    missing = [name for name in ("insee", "lat", "lon") if name not in rows.columns]
    if missing:
        found = f"no column {', '.join(missing)}"
        raise IngestError(where=str(file), found=found, expected="insee, lat, lon", advice="Rename the columns.")
    _check_known(set(territories.communes["code"]), dict.fromkeys(rows["insee"]), file, "commune")
    points = pd.DataFrame({name: _degrees(rows, name, limit, file) for name, limit in (("lat", 90), ("lon", 180))})
    points = points.set_index(rows["insee"])
    points = points[~points.index.duplicated()].reindex(territories.communes["code"])
    communes = territories.communes.assign(lat=points["lat"].to_numpy(), lon=points["lon"].to_numpy())
    sources = {**territories.contour_sources, "points": file.name}
    return replace(territories, communes=communes, contour_sources=MappingProxyType(sources))


def _degrees(rows: pd.DataFrame, name: str, limit: float, file: Path) -> pd.Series:
    values = pd.to_numeric(rows[name], errors="coerce")
    wrong = rows[name].notna() & ~(values.abs() <= limit)
    if wrong.any():
        line = int(wrong.to_numpy().argmax())
        raise IngestError(
            where=f"{file}, line {line + 2}, column {name}",
            found=str(rows[name].iloc[line]),
            expected="degrees with a decimal point",
            advice="Check the row.",
        )
    return values
