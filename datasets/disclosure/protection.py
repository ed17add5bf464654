"""Protection of the tables published together: which are released, and which of their cells are hidden.

Levels come first: a table that would hide more than half of its value is not released at all, its cells become
unknowns like any other. Then one pattern is sought for the rest, year by year (nothing adds up years). Cubes that
share the name of a measure share their pattern: what one hides the other would tell.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from time import monotonic

import numpy as np
import pandas as pd

from datasets.disclosure.blocks import Pattern, Unprotectable
from datasets.disclosure.cubes import Cube
from datasets.disclosure.layout import FULL_KEY, JOINT, KEY, Table
from datasets.disclosure.memory import Memory
from datasets.disclosure.nodes import list_insiders, make_block
from datasets.disclosure.primary import Rules, list_tried
from datasets.disclosure.secondary import find_pattern
from datasets.disclosure.stacks import TABLE, Stack, fold_equations, link_cubes, recall, stack_cubes, weigh
from datasets.errors import DisclosureError

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Protection:
    """What is released and what is hidden.

    `cells`: cube, niveau_geo, code_geo, periode, genre, bloc, status (published, primary, secondary, generalised),
    rule (of a primary cell), one row per cell of every table. `shares`: for each cube, level, kind and year, whether
    it is released, the share of its cells and of its value that is hidden. `gap` is the relative distance between
    the cost of the pattern and its proven lower bound (0: proven optimal). `dropped` lists the tables withheld,
    `tried` the primary rules.
    """

    cells: pd.DataFrame
    shares: pd.DataFrame
    dropped: tuple[Table, ...]
    tried: tuple[str, ...]
    gap: float
    solver: str
    seconds: float

    def serve(self, cube: Cube, grid: str = "") -> pd.DataFrame:
        """Return the rows of a grid of `cube` as they may be served.

        Columns: KEY, the categories of the grid, `masque`, then measures and counts, empty where hidden.
        """
        mine = self.cells[self.cells["cube"] == cube.name].set_index(list(FULL_KEY))["status"]
        counts = [f"nb_{role}" for role in cube.roles]
        names = [m.name for m in cube.measures]
        rows = cube.cells.loc[cube.cells["published"] & (cube.cells["grille"] == grid), [*FULL_KEY, *names, *counts]]
        status = mine.reindex(pd.MultiIndex.from_frame(rows[list(FULL_KEY)])).to_numpy()
        rows = rows[status != "generalised"].reset_index(drop=True)
        hidden = np.isin(status[status != "generalised"], ["primary", "secondary"])
        rows = _split_categories(rows, next(one.columns for one in cube.layout.every_grid if one.name == grid))
        rows.insert(len(rows.columns) - len(names) - len(counts), "masque", hidden)
        rows[names + counts] = rows[names + counts].astype(float)
        rows.loc[hidden, names + counts] = np.nan
        return rows


def _split_categories(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the rows with a column for each category in place of their joined codes."""
    codes = rows["categorie"].str.split(JOINT, expand=True) if columns else pd.DataFrame(index=rows.index)
    parted = rows.drop(columns=["grille", "categorie"])
    for place, column in enumerate(columns):
        parted.insert(len(KEY) + place, column, codes[place] if len(rows) else "")
    return parted


def protect(
    cubes: Cube | Sequence[Cube],
    rules: Rules | None = None,
    *,
    seconds: float = 20.0,
    earlier: Mapping[str, pd.DataFrame] | None = None,
    withheld: Collection[Table] = (),
    progress: Progress | None = None,
) -> Protection:
    """Decide what is released and hidden in `cubes`, published together, within about `seconds` of optimisation.

    `earlier` gives by cube the rows served before (niveau_geo, code_geo, periode, masque): what was hidden stays
    hidden, what was shown is taken as known. `withheld` lists tables
    that are not released, whatever they hold. Raises DisclosureError when nothing can be released safely.
    """
    started, rules, tell = monotonic(), rules or Rules(), progress or (lambda text: None)
    every = [cubes] if isinstance(cubes, Cube) else list(cubes)
    stacks = [stack_cubes(group, rules) for group in link_cubes(every)]
    blocks = [(stack, block) for stack in stacks for block in sorted(set(stack.cells["bloc"]))]
    frames, dropped, costs, bounds = [], set(), 0.0, 0.0
    for stack, block in blocks:
        tell(f"{'+'.join(c.name for c in stack.cubes)} {block}")
        gone = {table for table in withheld if table.block == block}
        part, tables, pattern = _protect_block(stack, block, rules, seconds / len(blocks), earlier or {}, gone)
        dropped |= tables
        costs, bounds = costs + pattern.cost, bounds + min(pattern.bound, pattern.cost)
        frames += [_restrict(part, cube) for cube in stack.cubes]
    cells = pd.concat(frames, ignore_index=True)
    gap = 0.0 if costs <= 0 else (costs - bounds) / costs
    shares = _measure_shares(cells, every, rules)
    solver = f"HiGHS {version('highspy')}"
    tried = tuple(dict.fromkeys(rule.name for cube in every for rule in list_tried(cube)))
    return Protection(cells, shares, tuple(sorted(dropped)), tried, gap, solver, monotonic() - started)


def _protect_block(
    stack: Stack,
    name: str,
    rules: Rules,
    seconds: float,
    earlier: Mapping[str, pd.DataFrame],
    withheld: Collection[Table],
) -> tuple[pd.DataFrame, set[Table], Pattern]:
    """Choose the tables of one year and their pattern; return its cells with their status."""
    end = monotonic() + seconds
    mine = np.flatnonzero((stack.cells["bloc"] == name).to_numpy())
    cells = stack.cells.iloc[mine].reset_index(drop=True)
    cells["rule"], cells["weight"] = stack.rule[mine], weigh(stack, rules)[mine]
    cells["node"] = np.unique(stack.node[mine], return_inverse=True)[1]
    values = {key: column[mine] for key, column in stack.values.items()}
    equations = fold_equations(stack.equations[:, mine], cells["node"].to_numpy())
    before = recall(cells, stack.cubes, earlier)
    insiders = {
        cube.name: list_insiders(cube, stack, mine, cells["node"].to_numpy()) if rules.coalition else []
        for cube in stack.cubes
    }
    tables = {Table(*t) for t in cells.loc[cells["published"], TABLE].to_numpy()}
    dropped = {*_list_hopeless(cells, cells["rule"] != "", tables, rules), *(tables & set(withheld))}
    memory = Memory()
    while True:
        try:
            block = make_block(cells, equations, values, stack.cubes, dropped, rules, before, insiders)
            pattern = find_pattern(block, max(end - monotonic(), seconds / 5), memory)
        except Unprotectable:
            dropped.add(_choose_finest(cells, tables - dropped))
            continue
        hidden = pattern.hidden[cells["node"]]
        worst = _list_hopeless(cells, pd.Series(hidden), tables - dropped, rules)
        if not worst:
            return _tell_status(cells, hidden, dropped), dropped, pattern
        dropped.add(_spare_totals(worst, tables - dropped, cells))


def _list_hopeless(cells: pd.DataFrame, hidden: pd.Series, tables: set[Table], rules: Rules) -> list[Table]:
    """Return the tables that would hide more of their value than the rules accept, the worst first."""
    weight = cells["weight"].where(cells["published"], 0.0)  # what has no category is hidden without being missed
    value = weight.where(hidden, 0.0).groupby([cells[name] for name in TABLE]).sum()
    total = weight.groupby([cells[name] for name in TABLE]).sum()
    share = (value / total).fillna(0.0).sort_values(ascending=False)
    keys = [Table(*map(str, key)) for key in share.index.to_list()]
    return [t for t, part in zip(keys, share, strict=True) if t in tables and part > rules.most_hidden]


def _spare_totals(hopeless: list[Table], tables: set[Table], cells: pd.DataFrame) -> Table:
    """Return the table to withhold: the worst one, unless it shows totals and some are left by category.

    What hides the totals may be what protects the categories: these go first, the finest before.
    """
    divided = {table for table in tables if table.grid}
    return next((t for t in hopeless if t.grid), None) or (_choose_finest(cells, divided) if divided else hopeless[0])


def _choose_finest(cells: pd.DataFrame, tables: set[Table]) -> Table:
    """Return the table with the most cells: the one to withhold when a cell cannot be protected."""
    if not tables:
        raise DisclosureError(table=str(cells["bloc"].iloc[0]), reason="no pattern protects its unsafe cells.")
    sizes = cells.groupby(TABLE).size()
    return max(tables, key=lambda t: (sizes[t.level, t.period, t.block, t.grid], t))


def _tell_status(cells: pd.DataFrame, hidden: np.ndarray, dropped: set[Table]) -> pd.DataFrame:
    keys = zip(*(cells[name] for name in TABLE), strict=True)
    withheld = np.fromiter((Table(*k) in dropped for k in keys), dtype=bool, count=len(cells))
    told = np.where(hidden, np.where(cells["rule"] != "", "primary", "secondary"), "published")
    cells = cells[cells["published"]].assign(status=np.where(withheld, "generalised", told)[cells["published"]])
    return cells[[*FULL_KEY, "genre", "bloc", "status", "rule", "weight"]]


def _restrict(cells: pd.DataFrame, cube: Cube) -> pd.DataFrame:
    """Keep the cells that `cube` itself holds."""
    own = pd.MultiIndex.from_frame(cube.cells.loc[cube.cells["published"], list(FULL_KEY)])
    kept = pd.MultiIndex.from_frame(cells[list(FULL_KEY)]).isin(own)
    return cells[kept].assign(cube=cube.name)


def _measure_shares(cells: pd.DataFrame, cubes: Sequence[Cube], rules: Rules) -> pd.DataFrame:
    hidden = cells["status"] != "published"
    frame = cells.assign(masques=hidden, cases=1, valeur=cells["weight"], valeur_masquee=cells["weight"] * hidden)
    frame["diffuse"] = cells["status"] != "generalised"
    grouped = frame.groupby(["cube", *TABLE])
    shares = grouped[["cases", "masques", "valeur", "valeur_masquee"]].sum()
    shares["diffuse"] = grouped["diffuse"].any()
    shares["part_cases"] = shares["masques"] / shares["cases"]
    shares["part_valeur"] = (shares["valeur_masquee"] / shares["valeur"]).fillna(0.0)
    return shares.drop(columns=["valeur", "valeur_masquee"]).reset_index()
