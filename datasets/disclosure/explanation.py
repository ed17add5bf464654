"""Disclosure control told to people: what a dataset hides, what it costs, how to hide less, what was tried.

Everything is computed from the rows as served and from their certificate, which are public: what is told here can
tell nothing more about a hidden cell. Rules are counted over the whole release, never told cell by cell: to know
which of two hidden cells is the unsafe one would already narrow it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from datasets.disclosure.comparison import find_key
from datasets.disclosure.layout import KEY
from datasets.disclosure.primary import PRIMARY_RULES
from datasets.disclosure.served import Served, read_served
from datasets.model import Texts

VALUES = ("distance_contrefactuelle_km", "emissions_contrefactuelles_kgco2e", "nb_dates", "nb_lieux")
"""The measures by which what is left untold is told: the first one that a dataset shows. They can be added."""

LEVELS: dict[str, Texts] = {
    "pays": {"fr": "pays", "en": "country"},
    "region": {"fr": "région", "en": "région"},
    "departement": {"fr": "département", "en": "département"},
    "epci": {"fr": "intercommunalité (EPCI)", "en": "group of communes (EPCI)"},
}
"""Levels, the coarsest first."""

PERIODS: dict[str, Texts] = {
    "annee": {"fr": "année", "en": "year"},
    "trimestre": {"fr": "trimestre", "en": "quarter"},
    "semaine": {"fr": "semaine", "en": "week"},
}
"""Kinds of periods, the coarsest first."""

MARKS = {"T": "trimestre", "S": "semaine"}
"""What stands before the number of a quarter or of a week: 2026-T3, 2026-S41."""

RULES: dict[str, Texts] = {rule.name: rule.label for rule in PRIMARY_RULES} | {
    "secondary": {
        "fr": "Sans danger par elle-même, mais une soustraction révélerait une case voisine.",
        "en": "Safe by itself, but a subtraction would reveal a neighbouring cell.",
    }
}

ATTACKS: dict[str, Texts] = {
    "L0": {"fr": "quelqu’un qui n’a que les fichiers", "en": "somebody who has only the files"},
    "L1": {
        "fr": "quelqu’un qui connaît d’avance chaque chiffre caché à 50 % près",
        "en": "somebody who knows each hidden figure beforehand within 50 %",
    },
    "L2": {
        "fr": "un lieu ou une équipe qui retranche ses propres chiffres",
        "en": "a venue or a company that subtracts its own figures",
    },
    "L3": {"fr": "deux contributeurs qui s’entendent", "en": "two contributors who put their figures together"},
    "L4": {"fr": "quelqu’un qui a gardé toutes les versions", "en": "somebody who kept every version"},
    "L5": {
        "fr": "quelqu’un qui sait que l’on compte en nombres entiers",
        "en": "somebody who knows that counts are whole",
    },
}
"""Who attacked the files before they were published."""

WORTH = 0.05
"""A coarser table is proposed when it hides so much less of its cells."""


@dataclass(frozen=True)
class Told:
    """What the tables of a level and a kind of period tell, all years together, or one.

    `untold` is the part of the value that their shown cells leave untold, against the table that tells most: what is
    hidden, and what lies in no territory of the level. None when no measure says it.
    """

    level: str
    period: str
    cells: int
    hidden: int
    untold: float | None
    year: str = ""

    @property
    def share(self) -> float:
        """The share of the cells that are hidden."""
        return self.hidden / self.cells if self.cells else 0.0


@dataclass(frozen=True)
class Explanation:
    """What a dataset hides: `tables` by level and kind of period, `years` the same year by year.

    `merges` pairs a table with a coarser one that hides less; `categories` gives, by column, the values of which most
    cells are hidden (to be merged with others). `rules` counts the hidden cells of the last computation by rule,
    `absent` lists the tables withheld whole (level, kind of period, year), `attacks` who tried.
    """

    tables: tuple[Told, ...]
    years: tuple[Told, ...]
    merges: tuple[tuple[Told, Told], ...]
    categories: Mapping[str, tuple[str, ...]]
    rules: Mapping[str, int]
    absent: tuple[tuple[str, str, str], ...]
    attacks: tuple[str, ...]

    @property
    def cells(self) -> int:
        """How many cells are listed."""
        return sum(table.cells for table in self.tables)

    @property
    def hidden(self) -> int:
        """How many of them are hidden."""
        return sum(table.hidden for table in self.tables)

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as plain values that explain themselves, ready for JSON."""
        return asdict(self) | {
            "cells": self.cells,
            "hidden": self.hidden,
            "merges": [{"table": asdict(table), "coarser": asdict(coarser)} for table, coarser in self.merges],
            "rules": [{"rule": name, "cells": n, "label": RULES.get(name, {})} for name, n in self.rules.items()],
            "absent": [dict(zip(("level", "period", "year"), each, strict=True)) for each in self.absent],
            "attacks": [{"level": level, "label": ATTACKS[level]} for level in self.attacks],
        }


def explain(rows: Served, certificate: Mapping[str, Any] | None = None) -> Explanation:
    """Return what served rows hide; `certificate` is the content of their certificate, when they have one."""
    certificate = certificate or {}
    frame = read_served(rows)
    value = next((name for name in VALUES if name in frame), None)
    frame = frame.assign(
        year=frame["periode"].str[:4],
        kind=frame["periode"].str[5:6].map(MARKS).fillna("annee"),
        told=0.0 if value is None else frame[value].fillna(0.0).astype(float),
    )
    tables = tuple(_tell_tables(frame, value is not None))
    return Explanation(
        tables,
        tuple(
            each for year, part in frame.groupby("year") for each in _tell_tables(part, value is not None, str(year))
        ),
        merges=tuple(_find_merges(tables)),
        categories=_find_categories(frame),
        rules=dict(certificate.get("hidden_by_rule", {})),
        absent=tuple(_find_absent(frame, certificate.get("withheld", ()))),
        attacks=tuple(level for level in certificate.get("levels", ()) if level in ATTACKS),
    )


def _tell_tables(frame: pd.DataFrame, valued: bool, year: str = "") -> Iterator[Told]:
    grouped = frame.groupby(["niveau_geo", "kind"])
    sums = grouped.agg(cells=("masque", "size"), hidden=("masque", "sum"), told=("told", "sum")).reset_index()
    most = sums.groupby("kind")["told"].transform("max")
    sums["untold"] = (1 - sums["told"] / most.where(most > 0)).fillna(0.0)
    for row in sorted(sums.to_dict("records"), key=lambda row: _rank(row["niveau_geo"], row["kind"])):
        untold = float(row["untold"]) if valued else None
        yield Told(row["niveau_geo"], row["kind"], int(row["cells"]), int(row["hidden"]), untold, year)


def _rank(level: str, period: str) -> tuple[int, str, int]:
    known = list(LEVELS)
    return known.index(level) if level in known else len(known), level, list(PERIODS).index(period)


def _find_merges(tables: tuple[Told, ...]) -> Iterator[tuple[Told, Told]]:
    """Yield each table that hides something with the nearest coarser ones that hide clearly less."""
    for table in (table for table in tables if table.hidden):
        by_year = [t for t in tables if t.level == table.level and t.period == "annee" != table.period]
        above = [t for t in tables if t.period == table.period and t.cells < table.cells and t.level != "pays"]
        nearest = max(above, key=lambda t: t.cells, default=None)
        for coarser in (*by_year, *([nearest] if nearest else [])):
            if coarser.share <= table.share - WORTH:
                yield table, coarser


def _find_absent(frame: pd.DataFrame, withheld: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Yield the tables that are not there: those just withheld, and those that earlier years lack of all levels."""
    listed = set(map(tuple, frame[["niveau_geo", "kind", "year"]].drop_duplicates().astype(str).to_numpy()))
    just = {(each["level"], each["period"], each["block"]) for each in withheld}
    levels = {level for level, _, _ in listed | just}
    told = {(level, kind, year) for _, kind, year in listed for level in levels}
    yield from sorted((just | told) - listed, key=lambda each: (each[2], *_rank(each[0], each[1])))


def _find_categories(frame: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return, by column of categories, the values of which more than half of the cells are hidden."""
    found = {}
    for column in (name for name in find_key(frame) if name not in KEY):
        share = frame.groupby(column)["masque"].mean()
        found[column] = tuple(str(value) for value in share[share > 1 / 2].sort_values(ascending=False).index)
    return {column: values for column, values in found.items() if values}


def name_table(table: Told, lang: str) -> str:
    """Return "département × quarter" in the reader's language."""
    level = LEVELS.get(table.level, {}).get(lang, table.level)
    return f"{level} × {PERIODS[table.period][lang]}"


def say_share(share: float, lang: str) -> str:
    """Return a share in whole per cent, as the language writes it."""
    return f"{share:.0%}" if lang == "en" else f"{100 * share:.0f} %"


def tell_explanation(found: Explanation, lang: str = "en") -> Iterator[str]:
    """Yield what a dataset hides and why, what it costs, how to hide less, and what was tried, in plain words."""
    say = {name: texts[lang] for name, texts in PHRASES.items()}
    yield say["cells"].format(hidden=found.hidden, cells=found.cells)
    for table in found.tables:
        untold = "" if table.untold is None else say["untold"].format(share=say_share(table.untold, lang))
        told = {"table": name_table(table, lang), "hidden": table.hidden, "cells": table.cells, "untold": untold}
        yield "  " + say["table"].format(share=say_share(table.share, lang), **told)
    if found.rules:
        yield say["rules"]
    for rule, number in found.rules.items():
        yield f"  {number:5} {RULES[rule][lang] if rule in RULES else rule}"
    for level, period, year in found.absent:
        yield say["absent"].format(table=name_table(Told(level, period, 0, 0, None), lang), year=year)
    for pair in found.merges:
        finer, coarser = (name_table(each, lang) for each in pair)
        before, after = (say_share(each.share, lang) for each in pair)
        yield say["merge"].format(table=finer, coarser=coarser, before=before, after=after)
    for column, values in found.categories.items():
        yield say["category"].format(column=column, values=", ".join(values))
    yield say["attacks"] if found.attacks else say["none"]
    for level in found.attacks:
        yield f"  {level} {ATTACKS[level][lang]}"


PHRASES: dict[str, Texts] = {
    "cells": {"fr": "Cases masquées : {hidden} sur {cells}.", "en": "Hidden cells: {hidden} of {cells}."},
    "table": {
        "fr": "{table} : {hidden} sur {cells} ({share}){untold}",
        "en": "{table}: {hidden} of {cells} ({share}){untold}",
    },
    "untold": {"fr": ", {share} de la valeur n’y est pas dite", "en": ", {share} of the value is left untold"},
    "rules": {
        "fr": "Pourquoi (dans tous les jeux publiés ensemble, pour ce qui a été calculé la dernière fois) :",
        "en": "Why (in all the datasets published together, of what was computed the last time):",
    },
    "absent": {"fr": "{table}, {year} : tableau non diffusé.", "en": "{table}, {year}: table not released."},
    "merge": {
        "fr": "Pour moins masquer : {coarser} au lieu de {table} ({after} des cases au lieu de {before}).",
        "en": "To hide less: {coarser} instead of {table} ({after} of the cells instead of {before}).",
    },
    "category": {
        "fr": "À regrouper avec d’autres, car masqués le plus souvent ({column}) : {values}.",
        "en": "To be merged with others, being hidden most of the time ({column}): {values}.",
    },
    "attacks": {
        "fr": "Avant la publication, ont essayé en vain de recalculer les cases masquées :",
        "en": "Before publication, the following tried in vain to compute the hidden cells back:",
    },
    "none": {"fr": "Aucun certificat n’accompagne ces données.", "en": "No certificate comes with these data."},
}
