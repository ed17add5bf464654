"""Protection of the tables published together: which are released, and which of their cells are hidden.

Levels come first: a table that would hide more than half of its value is not released at all, its cells become
unknowns like any other. Then one pattern is sought for the rest, year by year (nothing adds up years). Cubes that
share the name of a measure share their pattern: what one hides the other would tell.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from time import monotonic

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from datasets.disclosure.cubes import Cube, Measure
from datasets.disclosure.insiders import Insiders
from datasets.disclosure.layout import FULL_KEY, JOINT, KEY, PIECE, Layout, Table, complete_key, lay_out
from datasets.disclosure.primary import Rules, find_unsafe, list_tried
from datasets.disclosure.secondary import Block, Pattern, Scenario, Unprotectable, find_pattern
from datasets.errors import DisclosureError

Progress = Callable[[str], None]

TABLE = ["niveau_geo", "genre", "bloc", "grille"]
"""The columns that name the table of a cell."""


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


@dataclass
class _Stack:
    """Cubes that share one pattern, over the union of their cells."""

    cubes: tuple[Cube, ...]
    cells: pd.DataFrame
    equations: sparse.csr_matrix
    rule: np.ndarray
    values: dict[tuple[str, str], np.ndarray]
    node: np.ndarray
    members: sparse.csr_matrix
    """Cells × slots of the stack."""
    slot_of: dict[str, np.ndarray]
    """The slot of the stack of each slot of a cube."""


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
    stacks = [_stack(group, rules) for group in _link_cubes(every)]
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


def _link_cubes(cubes: Sequence[Cube]) -> list[tuple[Cube, ...]]:
    """Group the cubes that share the name of a measure, directly or through another."""
    groups: list[tuple[set[str], list[Cube]]] = []
    for cube in cubes:
        names, members = {m.name for m in cube.measures}, [cube]
        for group in [g for g in groups if g[0] & names]:
            groups.remove(group)
            names, members = names | group[0], group[1] + members
        groups.append((names, members))
    return [tuple(sorted(members, key=lambda c: c.name)) for _, members in groups]


def _stack(cubes: tuple[Cube, ...], rules: Rules) -> _Stack:
    """Lay the cells of several cubes upon each other; a cell is unsafe as soon as it is in one of them."""
    layout = _join_layouts([cube.layout for cube in cubes])
    every = [cube.slots.reindex(columns=layout.columns).astype(object).fillna("") for cube in cubes]
    slots = pd.concat(every).drop_duplicates(ignore_index=True)
    index = pd.MultiIndex.from_frame(slots)
    cells, members, equations = lay_out(slots.replace({"": None}), layout)
    keys = pd.MultiIndex.from_frame(cells[list(FULL_KEY)])
    rule, values, slot_of = np.full(len(cells), "", dtype=object), {}, {}
    for cube, own in zip(cubes, every, strict=True):
        slot_of[cube.name] = index.get_indexer(pd.MultiIndex.from_frame(own))
        for name in ["n", *(c for m in cube.measures for c in (m.name, f"brut_{m.name}") if c in cube.slots)]:
            column = cube.slots[name].to_numpy(dtype=float)
            values[cube.name, name] = members @ np.bincount(slot_of[cube.name], column, minlength=len(slots))
        named = pd.MultiIndex.from_frame(cube.cells[list(FULL_KEY)])
        broken = find_unsafe(cube, rules).set_axis(named).reindex(keys).fillna("").to_numpy()
        rule = np.where(rule == "", broken, rule)
    return _Stack(cubes, cells, equations, rule, values, _merge_cells(equations), members, slot_of)


def _join_layouts(layouts: Sequence[Layout]) -> Layout:
    """Return a layout with the tables of all: cubes that are linked have the same levels and periods."""
    first = layouts[0]
    grids = tuple({grid.name: grid for layout in layouts for grid in layout.grids}.values())
    return replace(first, grids=grids, published=any(layout.published for layout in layouts))


def _merge_cells(equations: sparse.csr_matrix) -> np.ndarray:
    """Return the node of each cell: a parent and its only child hold the same contributions."""
    twins = equations[np.diff(equations.indptr) == 2]
    pairs = twins.indices.reshape(-1, 2)
    n = equations.shape[1]
    graph = sparse.csr_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return connected_components(graph, directed=False)[1]


def _protect_block(
    stack: _Stack,
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
    cells["rule"], cells["weight"] = stack.rule[mine], _weigh(stack, rules)[mine]
    cells["node"] = np.unique(stack.node[mine], return_inverse=True)[1]
    values = {key: column[mine] for key, column in stack.values.items()}
    equations = _fold(stack.equations[:, mine], cells["node"].to_numpy())
    before = _recall(cells, stack.cubes, earlier)
    insiders = {
        cube.name: _list_insiders(cube, stack, mine, cells["node"].to_numpy()) if rules.coalition else []
        for cube in stack.cubes
    }
    tables = {Table(*t) for t in cells.loc[cells["published"], TABLE].to_numpy()}
    dropped = _list_hopeless(cells, cells["rule"] != "", tables, rules) | (tables & set(withheld))
    while True:
        try:
            block = _make_block(cells, equations, values, stack.cubes, dropped, rules, before, insiders)
            pattern = find_pattern(block, max(end - monotonic(), seconds / 4))
        except Unprotectable:
            dropped.add(_choose_finest(cells, tables - dropped))
            continue
        hidden = pattern.hidden[cells["node"]]
        worst = _list_hopeless(cells, pd.Series(hidden), tables - dropped, rules, most=1)
        if not worst:
            return _tell_status(cells, hidden, dropped), dropped, pattern
        dropped |= worst


def _weigh(stack: _Stack, rules: Rules) -> np.ndarray:
    """Return the value of each cell by which hiding is counted: the first cube's first dominance measure."""
    cube = stack.cubes[0]
    name = rules.weight or next(iter(cube.dominance), cube.measures[0].name)
    owner = next((c for c in stack.cubes if (c.name, name) in stack.values), cube)
    values = stack.values.get((owner.name, f"brut_{name}"), stack.values.get((owner.name, name)))
    return np.zeros(len(stack.cells)) if values is None else np.abs(values)


def _fold(equations: sparse.csr_matrix, node: np.ndarray) -> sparse.csr_matrix:
    """Rewrite equations over nodes; drop those that say nothing and the repeated ones."""
    n = int(node.max()) + 1
    merge = sparse.csr_matrix((np.ones(len(node)), (np.arange(len(node)), node)), shape=(len(node), n))
    folded = (equations @ merge).tocsr()
    folded.eliminate_zeros()
    folded.sort_indices()
    seen: dict[bytes, int] = {}
    for row in np.flatnonzero(np.diff(folded.indptr) > 1):
        span = slice(folded.indptr[row], folded.indptr[row + 1])
        seen.setdefault(folded.indices[span].tobytes() + folded.data[span].tobytes(), int(row))
    return folded[sorted(seen.values())]


def _recall(cells: pd.DataFrame, cubes: Sequence[Cube], earlier: Mapping[str, pd.DataFrame]) -> np.ndarray:
    """Return what earlier releases did with each cell: 1 shown, −1 hidden, 0 unknown."""
    keys = pd.MultiIndex.from_frame(cells[list(FULL_KEY)])
    memory = np.zeros(len(cells), dtype=int)
    grids = [(grid.name or cube.name, grid) for cube in cubes for grid in cube.layout.every_grid]
    for rows in (complete_key(earlier[name], grid) for name, grid in grids if name in earlier):
        masque = rows.set_index(list(FULL_KEY))["masque"].reindex(keys)
        memory[masque.eq(False).to_numpy(dtype=bool, na_value=False) & (memory == 0)] = 1
        memory[masque.eq(True).to_numpy(dtype=bool, na_value=False)] = -1
    return memory


def _list_hopeless(
    cells: pd.DataFrame, hidden: pd.Series, tables: set[Table], rules: Rules, most: int | None = None
) -> set[Table]:
    """Return the tables (the `most` worst) that would hide more of their value than the rules accept."""
    value = cells["weight"].where(hidden, 0.0).groupby([cells[name] for name in TABLE]).sum()
    total = cells["weight"].groupby([cells[name] for name in TABLE]).sum()
    share = (value / total).fillna(0.0).sort_values(ascending=False)
    keys = [Table(*map(str, key)) for key in share.index.to_list()]
    worst = [t for t, part in zip(keys, share, strict=True) if t in tables and part > rules.most_hidden]
    return set(worst[:most])


def _choose_finest(cells: pd.DataFrame, tables: set[Table]) -> Table:
    """Return the table with the most cells: the one to withhold when a cell cannot be protected."""
    if not tables:
        raise DisclosureError(table=str(cells["bloc"].iloc[0]), reason="no pattern protects its unsafe cells.")
    sizes = cells.groupby(TABLE).size()
    return max(tables, key=lambda t: (sizes[t.level, t.period, t.block, t.grid], t))


def _make_block(
    cells: pd.DataFrame,
    equations: sparse.csr_matrix,
    values: Mapping[tuple[str, str], np.ndarray],
    cubes: Sequence[Cube],
    dropped: set[Table],
    rules: Rules,
    before: np.ndarray,
    insiders: Mapping[str, Sequence[Insiders]],
) -> Block:
    """Turn cells into nodes: what must be hidden, what is known, what each hiding costs, what each needs."""
    n, node = equations.shape[1], cells["node"].to_numpy()
    keys = zip(*(cells[name] for name in TABLE), strict=True)
    withheld = np.fromiter((Table(*k) in dropped for k in keys), dtype=bool, count=len(cells))
    unsafe = cells["rule"].to_numpy() != ""
    released = cells["published"].to_numpy() & ~withheld

    def at(mask: np.ndarray) -> np.ndarray:
        return np.bincount(node, mask, minlength=n) > 0

    shown = at(before > 0) & ~at(unsafe) & ~at(before < 0)
    hidden = (~at(released) | at(unsafe) | at(before < 0)) & ~shown
    close = at(unsafe & (released | _list_exposed(cells, dropped, cubes[0])))
    care = np.where(close, rules.protection, np.where(at(unsafe) | ~hidden | at(released), rules.margin, 0.0))
    weight = cells["weight"].to_numpy() / max(float(cells["weight"].max()), 1e-12) + 1e-4
    cost = np.zeros(n)
    np.maximum.at(cost, node, weight * cells["niveau_geo"].map(lambda x: rules.interest.get(x, 1.0)).to_numpy())
    first = np.zeros(n, dtype=int)
    first[node] = np.arange(len(node))
    scenarios = [
        scenario
        for cube in cubes
        for measure in cube.measures
        for scenario in _list_scenarios(cube, measure, values, first, care, close, rules, insiders[cube.name])
    ]
    kept = _drop_implied(equations, at(released) | shown, care > 0, cells, node)
    return Block(kept, cost, hidden, shown, scenarios, rules.coalition)


def _list_insiders(cube: Cube, stack: _Stack, mine: np.ndarray, node: np.ndarray) -> list[Insiders]:
    """Return the insiders of each role of a cube, for the nodes of one year."""
    first = np.zeros(int(node.max(initial=-1)) + 1, dtype=int)
    first[node] = mine
    slots = stack.members[first]
    return [Insiders.of(role, owners, stack.slot_of[cube.name], slots) for role, owners in cube.owners.items()]


def _list_exposed(cells: pd.DataFrame, dropped: set[Table], cube: Cube) -> np.ndarray:
    """Return the pieces that subtraction reaches: those whose every leaf level is released that year."""
    gone = {(t.period, t.block) for t in dropped if t.level in cube.layout.leaves and not t.grid}
    keys = zip(cells["genre"], cells["bloc"], strict=True)
    whole = np.fromiter((k not in gone for k in keys), dtype=bool, count=len(cells))
    outside = cells["code_geo"].str.strip(JOINT).eq("").to_numpy()
    return (cells["niveau_geo"] == PIECE).to_numpy() & (whole | outside)


def _list_scenarios(
    cube: Cube,
    measure: Measure,
    values: Mapping[tuple[str, str], np.ndarray],
    first: np.ndarray,
    care: np.ndarray,
    close: np.ndarray,
    rules: Rules,
    insiders: Sequence[Insiders],
) -> Iterator[Scenario]:
    """Yield the outsider (L0) and the attacker who knows every value give or take `prior` (L1), for one measure.

    A measure that cannot be negative is bounded by 0; a signed one is not bounded at all for the outsider, and
    within `prior` of its gross value Σ|x| for the other.
    """
    value = values[cube.name, measure.name][first]
    gross = values.get((cube.name, f"brut_{measure.name}"), values[cube.name, measure.name])[first]
    active = values[cube.name, "n"][first] > 0
    scale = float(gross[active].mean()) if active.any() else 0.0
    if scale <= 0:
        return
    least = 1.0 if measure.integer else 1e-4 * scale
    need = np.where(active & (care > 0), np.maximum(care * np.abs(value), least), 0.0) / scale
    far = np.where(active, 10 * gross.max(), 0.0) / scale
    down = far if measure.signed else value / scale
    # Outside the unsafe cells of released tables, not being exact is enough: one direction, and zeros may be known.
    need_up = np.where(close, need, 0.0)
    shares = [each.find_shares(measure.name, value, signed=measure.signed) for each in insiders]
    yield Scenario(f"{cube.name}.{measure.name}.L0", down, far, np.minimum(need, down), need_up, shares)
    reach = rules.prior * gross / scale
    need = np.where(active & close, rules.protection * np.abs(value), 0.0) / scale
    yield Scenario(f"{cube.name}.{measure.name}.L1", reach, reach, need, need)


def _drop_implied(
    equations: sparse.csr_matrix, seen: np.ndarray, cared: np.ndarray, cells: pd.DataFrame, node: np.ndarray
) -> sparse.csr_matrix:
    """Drop equations that tell an attacker nothing: sums that nobody will see, and sums of such sums.

    A yearly identity between territories follows from the quarterly ones; when none of its children is ever seen
    it only ties unknowns. A never-seen parent that needs nothing and appears in one single equation is free.
    """
    finest = (cells["genre"] == cells["genre"].iloc[0]).to_numpy()
    coarse = np.bincount(node, finest, minlength=equations.shape[1]) == 0
    entries = equations.tocoo()
    child = entries.data < 0
    visible = np.bincount(entries.row[child], seen[entries.col[child]], minlength=equations.shape[0]) > 0
    fine = np.bincount(entries.row[child], ~coarse[entries.col[child]], minlength=equations.shape[0]) > 0
    kept = np.flatnonzero(visible | fine)
    while True:
        equations = equations[kept]
        uses = np.bincount(equations.indices, minlength=equations.shape[1])
        entries = equations.tocoo()
        useless = (entries.data > 0) & ~(seen | cared)[entries.col] & (uses[entries.col] == 1)
        kept = np.setdiff1d(np.arange(equations.shape[0]), entries.row[useless])
        if len(kept) == equations.shape[0]:
            return equations


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
