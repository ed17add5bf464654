"""The private records of cultural programming: ten tables read, checked, and repaired or refused row by row.

Identifiers become row numbers as soon as they are read (-1: none), days are counted from 1970-01-01, and the columns
that no computation needs are never kept. Every repair and refusal is in the report, with its rule.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from datasets.programming.categories import OPEN, TRANSPARENCIES
from datasets.programming.columns import NO_DAY, SHOWABLE, TABLES, Column, Known, Parsed, parse_column
from datasets.programming.files import open_table
from datasets.programming.report import EXAMPLES_KEPT, MASK, REFUSED, RULES, Report
from datasets.programming.territories import Territories

Bools = npt.NDArray[np.bool_]
Progress = Callable[[str, int, int], None]

LOGS = {
    "connexions": ["programmateur", "day"],
    "mises_en_relation": ["programmateur", "other", "projet", "day"],
}
"""The tables of which only counts are kept, and by what they are counted."""

FRANCE = ((41.0, 51.6, -5.6, 9.8), (15.8, 18.2, -63.2, -60.7), (14.3, 15.0, -61.3, -60.7), (2.0, 6.0, -55.0, -51.5),
          (-21.5, -20.8, 55.1, 55.9), (-13.1, -12.5, 44.9, 45.4), (46.7, 47.2, -56.5, -56.1))  # fmt: skip
"""Boxes (lat, lat, lon, lon) around metropolitan France, then the overseas départements and Saint-Pierre."""


@dataclass(frozen=True)
class Records:
    """The tables as computations need them; a column named like a table holds row numbers of it.

    venues: commune (row of territories.communes, -1 abroad), lat, lon, holding (number of the operator), kind
    (position in VENUE_TYPES). programmers: lieu, name (their identifier in the
    tables), consents (to open data). projects: equipe, discipline (position in
    DISCIPLINES), nb_personnes, volume_m3, open, owner (programmateur, -1: none). tournees: equipe, lat, lon (NaN: no
    home), order_known, abroad. dates, steps: see `tours.build_tours`. transports: tournee, mode, quantity, vehicle,
    part_volume. introductions: programmateur, other, projet, day, number; connections: programmateur, day, number.
    """

    venues: pd.DataFrame
    programmers: pd.DataFrame
    projects: pd.DataFrame
    tournees: pd.DataFrame
    dates: pd.DataFrame
    steps: pd.DataFrame
    transports: pd.DataFrame
    introductions: pd.DataFrame
    connections: pd.DataFrame
    territories: Territories
    report: Report


def read_records(
    folder: Path | str, territories: Territories, *, closed: Collection[str] = (), progress: Progress | None = None
) -> Records:
    """Read the ten tables of `folder` (lieux.csv … connexions.csv).

    `closed` names programmers who consent to open data no more, whatever their row says.
    Raises RecordsError when a table or a column is missing, or when a file is empty or is no CSV text.
    """
    report, known = Report(), Known(territories, {})
    read: dict[str, pd.DataFrame] = {}
    for done, table in enumerate(TABLES):
        if progress:
            progress(f"Reading {table}", done, len(TABLES))
        read[table] = _read_table(Path(folder), table, known, report)
    venues, companies = _settle_venues(read["lieux"], report), read["equipes"]
    tournees = _settle_homes(read["tournees"], companies, territories.communes, report)
    programmers = read["programmateurs"].rename(columns={"lieu_id": "lieu", "consentement_open_data": "consents"})
    programmers["name"] = pd.Series(known.ids["programmateurs"].to_pylist(), index=programmers.index, dtype="str")
    programmers["consents"] &= ~programmers["name"].isin(list(closed))
    return Records(
        venues=venues,
        programmers=programmers,
        projects=_settle_projects(read["projets"]),
        tournees=tournees,
        dates=_settle_dates(read["dates"], tournees, read["projets"], report),
        steps=_settle_steps(read["etapes"], venues),
        transports=_settle_transports(read["transports"]),
        introductions=read["mises_en_relation"],
        connections=read["connexions"],
        territories=territories,
        report=report,
    )


def _read_table(folder: Path, table: str, known: Known, report: Report) -> pd.DataFrame:
    columns = TABLES[table]
    report.encodings[table], batches = open_table(
        folder,
        table,
        [column.name for column in columns],
        lambda line: report.note("ligne_malformee", table, "", [line], [""], number=1),
    )
    frames = [_read_batch(table, batch, known, report) for batch in batches]
    if not frames:
        frames = [_read_batch(table, _nothing(columns), known, report)]
    frame = pd.concat(frames, ignore_index=True)
    if columns[0].kind == "id":
        frame = _take_ids(table, frame, columns[0].name, known, report)
    return frame


def _nothing(columns: tuple[Column, ...]) -> pa.RecordBatch:
    return pa.record_batch({column.name: pa.array([], pa.string()) for column in columns})


def _read_batch(table: str, batch: pa.RecordBatch, known: Known, report: Report) -> pd.DataFrame:
    """Parse a batch, note what was repaired, and drop the rows that are refused."""
    first = report.rows[table] + 2
    report.rows[table] += len(batch)
    refused = np.zeros(len(batch), dtype=bool)
    values = {}
    for column in TABLES[table]:
        texts = batch.column(column.name)
        parsed = parse_column(column, texts, known)
        refused |= _note(table, column, parsed, texts, first, report)
        if column.kind != "free_text":
            values[column.name] = parsed.values
    frame = pd.DataFrame(values)
    kinds = {column.name: column for column in TABLES[table]}
    for rule, name, wrong in _cross_checks(table, frame):
        parsed = Parsed(None, {rule: wrong & ~refused})
        refused |= _note(table, kinds[name], parsed, batch.column(name), first, report)
    report.refused[table] += int(refused.sum())
    return _reduce(table, frame[~refused])


def _note(table: str, column: Column, parsed: Parsed, texts: pa.Array, first: int, report: Report) -> Bools:
    """Write what was found in the report; return the rows that are refused."""
    refused = np.zeros(len(texts), dtype=bool)
    for rule, mask in parsed.found.items():
        if RULES[rule].action == REFUSED:
            refused |= mask
        if mask.any():
            rows = np.flatnonzero(mask)[:EXAMPLES_KEPT]
            values = texts.take(pa.array(rows)).fill_null("").to_pylist()
            report.note(
                rule, table, column.name, rows + first, [_show(column, v) for v in values], number=int(mask.sum())
            )
    return refused


def _show(column: Column, value: str) -> str:
    """Return a value as a report may show it: masked unless it looks like what the column should hold."""
    pattern = SHOWABLE.get(column.kind)
    return value if pattern and pattern.fullmatch(value) else MASK


def _cross_checks(table: str, frame: pd.DataFrame) -> Iterator[tuple[str, str, Bools]]:
    """Yield the rules that look at several columns, or at the value of a number: (rule, column, where)."""
    if table == "dates":
        start, end = frame["debut"].to_numpy(), frame["fin"].to_numpy()
        yield "fin_avant_debut", "fin", (end != NO_DAY) & (end < start)
    if table == "transports":
        yield "quantite_non_positive", "quantite", ~(frame["quantite"].to_numpy() > 0)


def _reduce(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Count the logs by persons and day as they are read: their rows are never kept."""
    if table not in LOGS:
        return frame
    named = frame.set_axis(LOGS[table], axis=1)
    return named.groupby(LOGS[table], sort=False).size().rename("number").reset_index()


def _take_ids(table: str, frame: pd.DataFrame, name: str, known: Known, report: Report) -> pd.DataFrame:
    """Keep the identifiers of a table for those that refer to it; refuse what repeats one."""
    repeated = frame[name].duplicated().to_numpy(bool)
    if repeated.any():
        number = int(repeated.sum())
        report.note("identifiant_repete", table, name, [], [], number=number)
        report.refused[table] += number
        frame = frame[~repeated].reset_index(drop=True)
    known.ids[table] = pa.chunked_array(pa.array(frame[name])).combine_chunks()
    return frame.drop(columns=name)


def _settle_venues(venues: pd.DataFrame, report: Report) -> pd.DataFrame:
    """Put swapped coordinates back, number the operators (SIREN when known, else the venue itself)."""
    lat, lon = venues["lat"].to_numpy(), venues["lon"].to_numpy()
    french = venues["code_insee"].to_numpy() >= 0
    swapped = french & ~_in_france(lat, lon) & _in_france(lon, lat)
    _tell("coordonnees_inversees", "lieux", "lat", swapped, report)
    siren = pd.Series(pd.factorize(venues["siret"])[0])
    settled = pd.DataFrame(
        {
            "commune": venues["code_insee"].to_numpy(),
            "lat": np.where(swapped, lon, lat),
            "lon": np.where(swapped, lat, lon),
            "holding": siren.where(siren >= 0, siren.max() + 1 + np.arange(len(venues))).to_numpy(),
            "kind": venues["type_lieu"].to_numpy(),
        }
    )
    _forget_positions(settled)
    _tell("position_manquante", "lieux", "lat", settled["lat"].isna().to_numpy(), report)
    return settled


def _forget_positions(places: pd.DataFrame) -> None:
    """Empty the positions that are not whole or not on the Earth; in place."""
    on_earth = (places["lat"].abs() <= 90) & (places["lon"].abs() <= 180)
    places.loc[~on_earth, ["lat", "lon"]] = np.nan


def _in_france(lat: npt.NDArray[np.float64], lon: npt.NDArray[np.float64]) -> Bools:
    inside = np.zeros(len(lat), dtype=bool)
    for south, north, west, east in FRANCE:
        inside |= (lat >= south) & (lat <= north) & (lon >= west) & (lon <= east)
    return inside


def _tell(rule: str, table: str, column: str, mask: Bools, report: Report) -> None:
    """Note a rule applied to whole tables, where the numbers of lines are no longer known."""
    if mask.any():
        report.note(rule, table, column, [], [], number=int(mask.sum()))


def _settle_homes(
    tournees: pd.DataFrame, companies: pd.DataFrame, communes: pd.DataFrame, report: Report
) -> pd.DataFrame:
    """Give each tour the position of the home that it declares: its company's when it is there, else the commune's.

    Without a declared home there is none: the company's is never taken for it (rule 7).
    """
    company = tournees["equipe_id"].to_numpy()
    commune, country = tournees["domicile_insee"].to_numpy(), tournees["domicile_pays"]
    base, abroad = companies["base_code_insee"].to_numpy()[company], companies["base_pays"].take(company)
    same = (commune >= 0) & (commune == base)
    same |= (commune < 0) & (base < 0) & (country.array == abroad.array).fillna(False).to_numpy(bool)
    homes = {
        "equipe": company,
        "order_known": tournees["ordre_connu"].to_numpy(),
        "abroad": (commune < 0) & (country.array != "FR").fillna(False).to_numpy(bool),
    }
    for axis in ("lat", "lon"):
        of_commune = np.where(commune >= 0, communes[axis].to_numpy(np.float64)[commune], np.nan)
        of_company = np.where(same, companies[axis].to_numpy()[company], np.nan)
        homes[axis] = np.where(np.isnan(of_company), of_commune, of_company)
    frame = pd.DataFrame(homes)
    _forget_positions(frame)
    _tell("domicile_manquant", "tournees", "domicile_insee", frame["lat"].isna().to_numpy(), report)
    return frame


def _settle_projects(projects: pd.DataFrame) -> pd.DataFrame:
    names = {"equipe_id": "equipe", "cree_par": "owner"}
    is_open = projects["transparence"].to_numpy() == TRANSPARENCIES.index(OPEN)
    return projects.drop(columns="transparence").rename(columns=names).assign(open=is_open)


def _settle_dates(dates: pd.DataFrame, tournees: pd.DataFrame, projects: pd.DataFrame, report: Report) -> pd.DataFrame:
    tournee, start, end = dates["tournee_id"].to_numpy(), dates["debut"].to_numpy(), dates["fin"].to_numpy()
    by_project = projects["equipe_id"].to_numpy()[dates["projet_id"].to_numpy()]
    by_tour = np.append(tournees["equipe"].to_numpy(), -1)[tournee]
    return pd.DataFrame(
        {
            "equipe": np.where(tournee >= 0, by_tour, by_project),
            "tournee": tournee,
            "projet": dates["projet_id"].to_numpy(),
            "lieu": dates["lieu_id"].to_numpy(),
            "engagement": _number(dates["engagement_id"]),
            "first_day": start,
            "last_day": np.where(end == NO_DAY, start, end),
            "status": dates["statut"].to_numpy(),
            "coprogrammed": dates["coprogrammee"].to_numpy(),
        }
    )


def _settle_steps(steps: pd.DataFrame, venues: pd.DataFrame) -> pd.DataFrame:
    """Place the steps: at their venue, else at the middle of the venues of their commune."""
    lieu, commune = steps["a_lieu_id"].to_numpy(), steps["code_insee"].to_numpy()
    middle = venues[venues["commune"] >= 0].groupby("commune")[["lat", "lon"]].mean()
    placed = {"tournee": steps["tournee_id"].to_numpy(), "rang": steps["rang"].to_numpy(), "lieu": lieu}
    for axis in ("lat", "lon"):
        at_venue = np.append(venues[axis].to_numpy(), np.nan)[lieu]
        placed[axis] = np.where(lieu >= 0, at_venue, middle[axis].reindex(commune).to_numpy())
    return pd.DataFrame({**placed, "kind": steps["type"].to_numpy(), "mode": steps["mode"].to_numpy()})


def _settle_transports(transports: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "tournee": transports["tournee_id"].to_numpy(),
            "mode": transports["mode"].to_numpy(),
            "quantity": transports["quantite"].to_numpy(),
            "vehicle": _number(transports["vehicule_id"]),
            "part_volume": transports["part_volume"].to_numpy(),
        }
    )


def _number(texts: pd.Series) -> npt.NDArray[np.int32]:
    """Number the distinct texts of a column, -1 for none."""
    encoded = pa.chunked_array(pa.array(texts)).combine_chunks().dictionary_encode()
    return pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
