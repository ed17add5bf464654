"""The words for the coded values of the published tables: values.csv, and the modes of factors.csv, read once."""

import csv
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

from datasets.model import Texts
from datasets.programming.factors import FACTORS


def _read_values() -> Mapping[str, Mapping[str, Texts]]:
    text = files("datasets.programming").joinpath("values.csv").read_text(encoding="utf-8")
    values: dict[str, dict[str, Texts]] = {"mode": {mode: factor.label for mode, factor in FACTORS.items()}}
    for row in csv.DictReader(text.splitlines()):
        values.setdefault(row["champ"], {})[row["code"]] = {"fr": row["libelle"], "en": row["label"]}
    return MappingProxyType(values)


VALUES = _read_values()
"""What each value of a coded field is called, in both languages, by the name of the field, then by the value."""
