"""The columns of the ten tables that the computations need, and how a text of each kind becomes a value.

A private column that no computation needs (names, e-mails, telephones, addresses, network addresses…) is not in the
table below, so it is never kept in memory. Each distinct text is parsed once: what costs is the number of different
values, not of rows.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from datasets.programming.categories import DISCIPLINES, TRANSPARENCIES, VENUE_TYPES
from datasets.programming.factors import MODES
from datasets.programming.territories import Territories
from datasets.programming.tours import STATUSES, STEP_KINDS
from datasets.types import boolean, date, date_time, decimal_number

Bools = npt.NDArray[np.bool_]

TIMEZONE = "Europe/Paris"
"""The clock of days and quarters."""

NO_DAY = np.iinfo(np.int32).min
"""The day of a missing date; other days are counted from 1970-01-01."""

MISSING = {"day": "date_illisible", "decimal": "nombre_illisible", "choice": "valeur_inconnue"}
"""The rule of an empty cell in a column that needs a value, by kind."""

REPAIRS = ("zero_initial", "code_ancien", "arrondissement")
"""The repairs of a commune code that are told."""

_NUMBER_LIKE = re.compile(r"[\d\s.,:/+\-−%TZAB]{0,32}")
SHOWABLE: Mapping[str, re.Pattern[str]] = {
    **dict.fromkeys(("day", "decimal", "commune"), _NUMBER_LIKE),
    **dict.fromkeys(("boolean", "choice"), re.compile(r"[a-zà-ÿ0-9_]{0,24}")),
}
"""What a value must look like to be shown in a report, by kind; nothing else is: it may be a name in a wrong column."""

E_MAIL = r"[\w.+-]+@[\w-]+\.[A-Za-z]{2,}"


@dataclass(frozen=True)
class Column:
    """A column to read: `kind` is a key of KINDS, `of` the table it refers to or the list of its choices.

    A row that refers to what is not there is refused; one that only mentions it is kept, and mentions nobody. A
    category that is not in its list is the last one of it.
    """

    name: str
    kind: str
    of: Any = None
    required: bool = False


def _id(name: str) -> Column:
    return Column(name, "id", required=True)


def _to(name: str, table: str, *, required: bool = True) -> Column:
    return Column(name, "reference", table, required)


TABLES: Mapping[str, tuple[Column, ...]] = {
    "lieux": (
        _id("lieu_id"),
        Column("siret", "siren"),
        Column("code_insee", "commune"),
        Column("lat", "decimal"),
        Column("lon", "decimal"),
        Column("type_lieu", "category", VENUE_TYPES),
    ),
    "programmateurs": (
        _id("programmateur_id"),
        _to("lieu_id", "lieux"),
        Column("consentement_open_data", "boolean"),
    ),
    "equipes": (
        _id("equipe_id"),
        Column("base_code_insee", "commune"),
        Column("base_pays", "text"),
        Column("lat", "decimal"),
        Column("lon", "decimal"),
    ),
    "projets": (
        _id("projet_id"),
        _to("equipe_id", "equipes"),
        Column("discipline", "category", DISCIPLINES),
        Column("nb_personnes", "decimal"),
        Column("volume_m3", "decimal"),
        Column("transparence", "category", TRANSPARENCIES),
        Column("cree_par", "mention", "programmateurs"),
        Column("commentaire", "free_text"),
    ),
    "tournees": (
        _id("tournee_id"),
        _to("equipe_id", "equipes"),
        Column("domicile_insee", "commune"),
        Column("domicile_pays", "text"),
        Column("ordre_connu", "boolean"),
    ),
    "dates": (
        _to("projet_id", "projets"),
        _to("lieu_id", "lieux"),
        _to("tournee_id", "tournees", required=False),
        Column("engagement_id", "text"),
        Column("debut", "day", required=True),
        Column("fin", "day"),
        Column("statut", "choice", STATUSES, required=True),
        Column("coprogrammee", "boolean"),
    ),
    "etapes": (
        _to("tournee_id", "tournees"),
        Column("rang", "decimal", required=True),
        _to("a_lieu_id", "lieux", required=False),
        Column("code_insee", "commune"),
        Column("type", "choice", STEP_KINDS, required=True),
        Column("mode", "choice", MODES),
    ),
    "transports": (
        _to("tournee_id", "tournees"),
        Column("mode", "choice", MODES, required=True),
        Column("quantite", "decimal", required=True),
        Column("vehicule_id", "text"),
        Column("part_volume", "decimal"),
    ),
    "mises_en_relation": (
        _to("programmateur_a", "programmateurs"),
        Column("programmateur_b", "mention", "programmateurs"),
        Column("projet_id", "mention", "projets"),
        Column("horodatage", "day", required=True),
    ),
    "connexions": (_to("programmateur_id", "programmateurs"), Column("horodatage", "day", required=True)),
}
"""The tables in the order of their references, and the columns read in each."""


@dataclass(frozen=True)
class Parsed:
    """The values of a column, and where each rule of reading was applied."""

    values: Any
    found: Mapping[str, Bools] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """What parsing looks at: the territories, and the identifiers of the tables read before."""

    territories: Territories
    ids: dict[str, pa.Array]
    placed: dict[str, tuple[int, str]] = field(default_factory=dict)

    def place(self, codes: Sequence[str]) -> list[tuple[int, str]]:
        """Return the row of each commune (-1: unknown) and its repairs; each code is looked up once for all tables."""
        new = [code for code in codes if code not in self.placed]
        if new:
            found = self.territories.place(pd.Series(new, dtype="str"))
            rows = pd.Index(self.territories.communes["code"]).get_indexer(pd.Index(found["code_commune"]))
            repairs = found["reparation"].fillna("").tolist()
            self.placed.update(zip(new, zip(rows.tolist(), repairs, strict=True), strict=True))
        return [self.placed[code] for code in codes]


def parse_column(column: Column, texts: pa.StringArray, known: Known) -> Parsed:
    """Return the values of a batch of `texts`, and where rules (codes of RULES) were applied."""
    if column.kind in ("id", "text", "siren"):
        return _keep_text(column, texts)
    if column.kind in ("reference", "mention"):
        return _refer(column, texts, known)
    keys = _instant_keys(texts) if column.kind == "day" else texts
    encoded = keys.dictionary_encode()
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    values, missing, found = KINDS[column.kind](encoded.dictionary, column, known)
    spread = {rule: np.append(mask, False)[codes] for rule, mask in found.items()}
    if column.required:
        rule = MISSING[column.kind]
        spread[rule] = spread.get(rule, np.zeros(len(texts), dtype=bool)) | (codes < 0)
    return Parsed(np.append(values, missing)[codes], spread)


def _keep_text(column: Column, texts: pa.StringArray) -> Parsed:
    if column.kind == "siren":
        texts = pc.utf8_slice_codeunits(pc.replace_substring(texts, " ", ""), 0, 9)
    found = {"identifiant_manquant": _bools(pc.is_null(texts))} if column.required else {}
    return Parsed(pd.array(texts, dtype=pd.ArrowDtype(pa.string())), found)


def _refer(column: Column, texts: pa.StringArray, known: Known) -> Parsed:
    rows = pc.fill_null(pc.index_in(texts, value_set=known.ids[column.of]), -1).to_numpy(zero_copy_only=False)
    empty = _bools(pc.is_null(texts))
    lost = "reference_inconnue" if column.kind == "reference" else "mention_perdue"
    found = {lost: (rows < 0) & ~empty}
    if column.required:
        found["identifiant_manquant"] = empty
    return Parsed(rows.astype(np.int32), found)


def _instant_keys(texts: pa.StringArray) -> pa.StringArray:
    """Shorten instants to their hour and zone: the day needs no more, and distinct texts become few."""
    if not pc.any(pc.greater(pc.binary_length(texts), len("2026-03-02T20"))).as_py():
        return texts
    hour, zone = pc.utf8_slice_codeunits(texts, 0, 13), pc.utf8_slice_codeunits(texts, 19, 64)
    whole = pc.match_substring_regex(texts, r"^.{13}:\d\d:\d\d(?:Z|[+-]\d\d:?00)?$")
    return pc.if_else(whole, pc.binary_join_element_wise(hour, zone, ":00:00"), texts)


Distinct = tuple[npt.NDArray[Any], Any, dict[str, Bools]]


def _days(texts: pa.StringArray, column: Column, known: Known) -> Distinct:
    days = pd.Series(date.parse(texts).cast(pa.int32()).to_pandas(), dtype="Int32")
    instants = pd.Series(date_time.parse(texts).to_pandas()).dt.tz_convert(TIMEZONE).dt.tz_localize(None)
    local = (instants.astype("datetime64[s]") - pd.Timestamp(0)).dt.days.astype("Int32")
    days = days.fillna(local)
    french = pc.match_substring_regex(texts, r"^\d\d?/\d\d?/\d{4}")
    found = {"date_francaise": _bools(french) & days.notna().to_numpy(), "date_illisible": days.isna().to_numpy()}
    return days.fillna(NO_DAY).to_numpy(np.int32), np.int32(NO_DAY), found


def _decimals(texts: pa.StringArray, column: Column, known: Known) -> Distinct:
    values = decimal_number.parse(texts).to_numpy(zero_copy_only=False).copy()
    unread = ~np.isfinite(values)
    values[unread] = np.nan
    comma = _bools(pc.match_substring(texts, ",")) & ~unread
    return values, np.nan, {"virgule_decimale": comma, "nombre_illisible": unread}


def _booleans(texts: pa.StringArray, column: Column, known: Known) -> Distinct:
    values = boolean.TYPE.parse(texts)
    found = {"valeur_inconnue": _bools(pc.is_null(values))}
    return _bools(pc.fill_null(values, False)), False, found


def _choices(texts: pa.StringArray, column: Column, known: Known) -> Distinct:
    values = pc.index_in(pc.utf8_lower(pc.utf8_trim_whitespace(texts)), value_set=pa.array(column.of))
    codes = pc.fill_null(values, -1).to_numpy(zero_copy_only=False).astype(np.int8)
    return codes, np.int8(-1), {"valeur_inconnue": codes < 0}


def _categories(texts: pa.StringArray, column: Column, known: Known) -> Distinct:
    names = pa.array([name.lower() for name in column.of])
    values = pc.index_in(pc.utf8_lower(pc.utf8_trim_whitespace(texts)), value_set=names)
    codes = pc.fill_null(values, -1).to_numpy(zero_copy_only=False).astype(np.int8)
    last = np.int8(len(names) - 1)
    return np.where(codes < 0, last, codes), last, {"categorie_inconnue": codes < 0}


def _communes(texts: pa.StringArray, column: Column, known: Known) -> Distinct:
    placed = known.place(texts.to_pylist())
    rows = np.array([row for row, _ in placed], dtype=np.int32)
    found = {rule: np.array([rule in told for _, told in placed], dtype=bool) for rule in REPAIRS}
    return rows, np.int32(-1), {**found, "code_inconnu": rows < 0}


def _free_texts(texts: pa.StringArray, column: Column, known: Known) -> Distinct:
    held = _bools(pc.match_substring_regex(texts, E_MAIL))
    return np.zeros(len(texts), dtype=np.int8), np.int8(0), {"courriel_dans_texte": held}


def _bools(mask: pa.BooleanArray) -> Bools:
    return mask.to_numpy(zero_copy_only=False).astype(bool)


KINDS: Mapping[str, Callable[[pa.StringArray, Column, Known], Distinct]] = {
    "day": _days,
    "decimal": _decimals,
    "boolean": _booleans,
    "choice": _choices,
    "category": _categories,
    "commune": _communes,
    "free_text": _free_texts,
}
"""How distinct texts are parsed: values, the value of a missing one, and where rules were applied."""
