"""Territories kept between runs: a folder per state, written aside, and a pointer moved at the end."""

import json
import shutil
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType
from uuid import uuid4

import pandas as pd

from datasets.errors import IngestError
from datasets.programming.territories.hierarchy import Territories

FRAMES = ("communes", "epci", "departements", "regions", "former")
POINTER = "current"


def write_territories(territories: Territories, folder: Path) -> None:
    """Keep the territories in `folder`; readers see the old state or the new one, never a mixture."""
    folder.mkdir(parents=True, exist_ok=True)
    state = folder / uuid4().hex
    state.mkdir()
    for name in FRAMES:
        getattr(territories, name).to_parquet(state / f"{name}.parquet", index=False)
    keys = list(territories.contours)
    shapes = pd.DataFrame(keys, columns=["niveau_geo", "code"], dtype="str")
    shapes["geometry"] = [json.dumps(territories.contours[key], separators=(",", ":")) for key in keys]
    shapes.to_parquet(state / "contours.parquet", index=False)
    manifest = {f.name: getattr(territories, f.name) for f in fields(Territories) if f.name in ("version", "year")}
    manifest["contour_sources"] = dict(territories.contour_sources)
    (state / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), "utf-8")
    aside = folder / f"{POINTER}.{state.name}"
    aside.write_text(state.name, "ascii")
    aside.replace(folder / POINTER)
    for old in folder.iterdir():
        if old.is_dir() and old != state:
            shutil.rmtree(old, ignore_errors=True)


def open_territories(folder: Path) -> Territories:
    """Return the territories kept in `folder`; raise IngestError when there are none or they are damaged."""
    try:
        state = folder / (folder / POINTER).read_text("ascii").strip()
        manifest = json.loads((state / "manifest.json").read_text("utf-8"))
        frames = {name: pd.read_parquet(state / f"{name}.parquet") for name in FRAMES}
        shapes = pd.read_parquet(state / "contours.parquet")
    except (OSError, ValueError) as error:
        raise IngestError(
            where=str(folder),
            found=str(error),
            expected="territories kept by an earlier run",
            advice="Run `portal territories load` again.",
        ) from error
    keys = zip(shapes["niveau_geo"], shapes["code"], strict=True)
    contours = {key: json.loads(text) for key, text in zip(keys, shapes["geometry"], strict=True)}
    return Territories(
        **frames,
        version=manifest["version"],
        year=manifest["year"],
        contours=MappingProxyType(contours),
        contour_sources=MappingProxyType(manifest["contour_sources"]),
    )
