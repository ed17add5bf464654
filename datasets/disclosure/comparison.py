"""What a reader of two releases of a table learns from their difference.

Everything here is computed from what was served: rows with their key, `masque` and figures, empty where hidden. A row
that was hidden and is shown tells its figure; one that was shown and is hidden is still known to who kept the file;
one whose figure moved tells the sum of what was added, removed or corrected there: often the figure of one
contributor. The gate uses it to refuse a release that would change what was released (`frozen`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from datasets.disclosure.layout import KEY
from datasets.disclosure.served import Served, read_served
from datasets.model import Texts

FEW = 3
"""Fewer rows, or a smaller move of a count, may belong to one contributor."""

KINDS: dict[str, Texts] = {
    "added": {"fr": "lignes ajoutées", "en": "rows added"},
    "removed": {"fr": "lignes retirées", "en": "rows removed"},
    "shown": {"fr": "cases masquées avant, montrées maintenant", "en": "cells hidden before, shown now"},
    "hidden": {"fr": "cases montrées avant, masquées maintenant", "en": "cells shown before, hidden now"},
    "changed": {"fr": "cases dont un chiffre a changé", "en": "cells with a figure that changed"},
}
"""What a difference may be, in words."""

REASONS: dict[str, Texts] = {
    "recalled": {
        "fr": "case masquée dont l’ancienne version dit le chiffre",
        "en": "hidden cell whose figure the old version tells",
    },
    "count": {
        "fr": "un comptage a bougé de moins de trois",
        "en": "a count moved by fewer than three",
    },
    "alone": {
        "fr": "moins de trois lignes ont changé à chaque niveau : leur différence peut être celle d’un contributeur",
        "en": "fewer than three rows changed at every level: their difference may be that of one contributor",
    },
}
"""Why a difference may tell of one contributor."""


@dataclass(frozen=True)
class Comparison:
    """The differences of two releases.

    `rows`: one per key that differs, the key then `kind` (of KINDS). `figures`: one per figure that moved, the key
    then `measure`, `before`, `after`. `exposed`: the rows of `rows` that may tell of one contributor, with their
    `reason` (of REASONS). Nothing here is private: it is what two public files say.
    """

    key: tuple[str, ...]
    rows: pd.DataFrame
    figures: pd.DataFrame
    exposed: pd.DataFrame

    @property
    def keeps(self) -> bool:
        """Whether the new release shows, hides and tells of the old rows what the old one did."""
        return bool(self.rows["kind"].eq("added").all())

    def count(self) -> dict[str, int]:
        """Return how many rows differ in each way."""
        found = self.rows["kind"].value_counts()
        return {kind: int(found.get(kind, 0)) for kind in KINDS}


def compare(old: Served, new: Served, key: Sequence[str] = ()) -> Comparison:
    """Return what a reader of both releases learns; rows are told apart by `key` (KEY, and the categories if any).

    Raises DisclosureError when a file is not that of a protected dataset.
    """
    was, now = read_served(old), read_served(new)
    key = tuple(key) or find_key(was)
    before, after = (_index(rows, key) for rows in (was, now))
    common = before.index.intersection(after.index)
    was, now = before.loc[common], after.loc[common]
    figures = _list_figures(was, now)
    kinds = [
        ("added", after.index.difference(common)),
        ("removed", before.index.difference(common)),
        ("shown", common[(was["masque"] & ~now["masque"]).to_numpy()]),
        ("hidden", common[(~was["masque"] & now["masque"]).to_numpy()]),
        ("changed", common[common.isin(figures.index)]),
    ]
    rows = pd.concat([index.to_frame(index=False).assign(kind=kind) for kind, index in kinds], ignore_index=True)
    moved = figures.reset_index()
    return Comparison(key, rows, moved, _find_exposed(rows, moved, key))


def find_key(rows: pd.DataFrame) -> tuple[str, ...]:
    """Return the columns that tell the rows apart: KEY, and as many of the other columns of text as it takes."""
    key = list(KEY)
    texts = [str(name) for name in rows if name not in key and pd.api.types.is_string_dtype(rows[name])]
    for name in texts:
        if not rows.duplicated(key).any():
            break
        key.append(name)
    return tuple(key)


def _index(rows: pd.DataFrame, key: tuple[str, ...]) -> pd.DataFrame:
    texts = {name: rows[name].fillna("").astype(str) for name in key}
    return rows.assign(**texts).set_index(list(key)).sort_index()


def _list_figures(was: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Return the figures shown by both that are not the same, indexed by key: measure, before, after."""
    both = ~(was["masque"] | now["masque"]).to_numpy()
    moved = []
    for name in (name for name in was.columns if name in now and name != "masque"):
        if pd.api.types.is_numeric_dtype(was[name]) and pd.api.types.is_numeric_dtype(now[name]):
            a, b = was[name].to_numpy(dtype=float)[both], now[name].to_numpy(dtype=float)[both]
            differ = ~np.isclose(a, b, rtol=1e-9, atol=1e-6, equal_nan=True)
            index = was.index[both][differ]
            moved.append(pd.DataFrame({"measure": name, "before": a[differ], "after": b[differ]}, index=index))
    return pd.concat(moved) if moved else pd.DataFrame(columns=["measure", "before", "after"], index=was.index[:0])


def _find_exposed(rows: pd.DataFrame, figures: pd.DataFrame, key: tuple[str, ...]) -> pd.DataFrame:
    """Return the differences that may be of one contributor, each with the first reason that holds."""
    counts = figures[figures["measure"].str.startswith("nb_")] if len(figures) else figures
    small = counts[(counts["after"] - counts["before"]).abs() < FEW]
    changed = rows[rows["kind"] == "changed"]
    moved = changed.groupby(["niveau_geo", "periode"])["kind"].transform("size").groupby(changed["periode"])
    found = {
        "recalled": rows.index[rows["kind"] == "hidden"],
        "count": rows.index[pd.MultiIndex.from_frame(rows[list(key)]).isin(pd.MultiIndex.from_frame(small[list(key)]))],
        "alone": changed.index[moved.transform("max") < FEW],
    }
    told = [rows.loc[index].assign(reason=reason) for reason, index in found.items()]
    return pd.concat(told).drop_duplicates(list(key)).sort_index(ignore_index=True)


def tell_comparison(comparison: Comparison, lang: str = "en", examples: int = 10) -> Iterator[str]:
    """Yield, in words, what a reader of both releases learns; each kind of difference with its first `examples`."""
    counts = comparison.count()
    for kind, number in counts.items():
        yield f"{number:6} {KINDS[kind][lang]}"
    for reason, rows in comparison.exposed.groupby("reason", sort=False):
        yield f"{len(rows)}: {REASONS[str(reason)][lang]}"
        for row in rows.head(examples).to_dict("records"):
            place = {name: row[name] for name in comparison.key}
            yield "       " + " ".join(map(str, place.values())) + _tell_move(comparison, place)
    yield VERDICTS[_judge(comparison)][lang]


def _tell_move(comparison: Comparison, place: dict[str, str]) -> str:
    """Return the first figure that moved in a row, as " measure before → after"."""
    figures = comparison.figures
    for name, value in place.items():
        figures = figures[figures[name] == value]
    if figures.empty:
        return ""
    first = figures.iloc[0]
    return f" {first['measure']} {first['before']:,.10g} → {first['after']:,.10g}"


VERDICTS: dict[str, Texts] = {
    "nothing": {
        "fr": "Rien de ce qui était publié n’a changé : la différence n’apprend rien.",
        "en": "Nothing that was released changed: the difference tells nothing.",
    },
    "many": {
        "fr": "Des chiffres publiés ont changé, aucun que l’on puisse attribuer à un seul contributeur par ces règles.",
        "en": "Released figures changed, none that these rules would lay at the door of one contributor.",
    },
    "exposed": {
        "fr": "La différence peut révéler un contributeur.",
        "en": "The difference may expose one contributor.",
    },
}


def _judge(comparison: Comparison) -> str:
    if len(comparison.exposed):
        return "exposed"
    return "nothing" if comparison.keeps else "many"
