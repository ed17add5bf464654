"""Protection of the tables published together: which are released, and which of their cells are hidden.

Levels come first: a table that would hide more than half of its value is not released at all, its cells become
unknowns like any other. Then one pattern is sought for the rest, year by year (nothing adds up years). Cubes that
share the name of a measure share their pattern: what one hides the other would tell.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from time import monotonic

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from datasets.disclosure.cubes import KEY, PIECE, Cube, Measure, Table, lay_out
from datasets.disclosure.primary import Rules, find_unsafe
from datasets.disclosure.secondary import Block, Pattern, Scenario, Unprotectable, find_pattern
from datasets.errors import DisclosureError

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Protection:
    """What is released and what is hidden.

    `cells`: cube, niveau_geo, code_geo, periode, genre, bloc, status (published, primary, secondary, generalised),
    rule (of a primary cell), one row per cell of every table. `shares`: for each cube, level, kind and year, whether
    it is released, the share of its cells and of its value that is hidden. `gap` is the relative distance between
    the cost of the pattern and its proven lower bound (0: proven optimal). `dropped` lists the tables withheld.
    """

    cells: pd.DataFrame
    shares: pd.DataFrame
    dropped: tuple[Table, ...]
    gap: float
    solver: str
    seconds: float

    def serve(self, cube: Cube) -> pd.DataFrame:
        """Return the rows of `cube` as they may be served: keys, `masque`, measures and counts empty when hidden."""
        mine = self.cells[self.cells["cube"] == cube.name].set_index(list(KEY))["status"]
        counts = [f"nb_{role}" for role in cube.roles]
        names = [m.name for m in cube.measures]
        rows = cube.cells.loc[cube.cells["published"], [*KEY, *names, *counts]]
        status = mine.reindex(pd.MultiIndex.from_frame(rows[list(KEY)])).to_numpy()
        rows = rows[status != "generalised"].reset_index(drop=True)
        hidden = np.isin(status[status != "generalised"], ["primary", "secondary"])
        rows.insert(len(KEY), "masque", hidden)
        rows[names + counts] = rows[names + counts].astype(float)
        rows.loc[hidden, names + counts] = np.nan
        return rows


@dataclass
class _Stack:
    """Cubes that share one pattern, over the union of their cells."""

    cubes: tuple[Cube, ...]
    cells: pd.DataFrame
    equations: sparse.csr_matrix
    rule: np.ndarray
    values: dict[tuple[str, str], np.ndarray]
    node: np.ndarray
    released: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))


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
    return Protection(cells, shares, tuple(sorted(dropped)), gap, solver, monotonic() - started)


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
    first = cubes[0]
    slots = pd.concat([c.structure() for c in cubes]).drop_duplicates(ignore_index=True)
    cells, _, equations = lay_out(slots, first.levels, first.periods)
    keys = pd.MultiIndex.from_frame(cells[["niveau_geo", "code_geo", "periode"]])
    rule, values = np.full(len(cells), "", dtype=object), {}
    for cube in cubes:
        own = cube.cells.set_index(list(KEY))
        names = ["n", *(c for m in cube.measures for c in (m.name, f"brut_{m.name}") if c in own)]
        for name, column in own[names].reindex(keys).fillna(0.0).items():
            values[cube.name, str(name)] = column.to_numpy(dtype=float)
        broken = find_unsafe(cube, rules).set_axis(own.index).reindex(keys).fillna("").to_numpy()
        rule = np.where(rule == "", broken, rule)
    return _Stack(cubes, cells, equations, rule, values, _merge_cells(equations))


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
    tables = {Table(*t) for t in cells.loc[cells["published"], ["niveau_geo", "genre", "bloc"]].to_numpy()}
    dropped = _list_hopeless(cells, cells["rule"] != "", tables, rules) | (tables & set(withheld))
    while True:
        try:
            block = _make_block(cells, equations, values, stack.cubes, dropped, rules, before)
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
    keys = pd.MultiIndex.from_frame(cells[list(KEY)])
    memory = np.zeros(len(cells), dtype=int)
    for rows in (earlier[c.name] for c in cubes if c.name in earlier):
        masque = rows.set_index(list(KEY))["masque"].reindex(keys)
        memory[masque.eq(False).to_numpy(dtype=bool, na_value=False) & (memory == 0)] = 1
        memory[masque.eq(True).to_numpy(dtype=bool, na_value=False)] = -1
    return memory


def _list_hopeless(
    cells: pd.DataFrame, hidden: pd.Series, tables: set[Table], rules: Rules, most: int | None = None
) -> set[Table]:
    """Return the tables (the `most` worst) that would hide more of their value than the rules accept."""
    value = cells["weight"].where(hidden, 0.0).groupby([cells["niveau_geo"], cells["genre"], cells["bloc"]]).sum()
    total = cells["weight"].groupby([cells["niveau_geo"], cells["genre"], cells["bloc"]]).sum()
    share = (value / total).fillna(0.0).sort_values(ascending=False)
    keys = [Table(*map(str, key)) for key in share.index.to_list()]
    worst = [t for t, part in zip(keys, share, strict=True) if t in tables and part > rules.most_hidden]
    return set(worst[:most])


def _choose_finest(cells: pd.DataFrame, tables: set[Table]) -> Table:
    """Return the table with the most cells: the one to withhold when a cell cannot be protected."""
    if not tables:
        raise DisclosureError(table=str(cells["bloc"].iloc[0]), reason="no pattern protects its unsafe cells.")
    sizes = cells.groupby(["niveau_geo", "genre", "bloc"]).size()
    return max(tables, key=lambda t: (sizes[t.level, t.period, t.block], t))


def _make_block(
    cells: pd.DataFrame,
    equations: sparse.csr_matrix,
    values: Mapping[tuple[str, str], np.ndarray],
    cubes: Sequence[Cube],
    dropped: set[Table],
    rules: Rules,
    before: np.ndarray,
) -> Block:
    """Turn cells into nodes: what must be hidden, what is known, what each hiding costs, what each needs."""
    n, node = equations.shape[1], cells["node"].to_numpy()
    keys = zip(cells["niveau_geo"], cells["genre"], cells["bloc"], strict=True)
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
        for scenario in _list_scenarios(cube, measure, values, first, care, close, rules)
    ]
    kept = _drop_implied(equations, at(released) | shown, care > 0, cells, node)
    return Block(kept, cost, hidden, shown, scenarios)


def _list_exposed(cells: pd.DataFrame, dropped: set[Table], cube: Cube) -> np.ndarray:
    """Return the pieces that subtraction reaches: those whose every leaf level is released that year."""
    parents = {level.parent for level in cube.levels}
    leaves = [level.name for level in cube.levels if level.name not in parents]
    gone = {(t.period, t.block) for t in dropped if t.level in leaves}
    keys = zip(cells["genre"], cells["bloc"], strict=True)
    whole = np.fromiter((k not in gone for k in keys), dtype=bool, count=len(cells))
    outside = cells["code_geo"].str.strip("×").eq("").to_numpy()
    return (cells["niveau_geo"] == PIECE).to_numpy() & (whole | outside)


def _list_scenarios(
    cube: Cube,
    measure: Measure,
    values: Mapping[tuple[str, str], np.ndarray],
    first: np.ndarray,
    care: np.ndarray,
    close: np.ndarray,
    rules: Rules,
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
    yield Scenario(f"{cube.name}.{measure.name}.L0", down, far, np.minimum(need, down), np.where(close, need, 0.0))
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
    keys = zip(cells["niveau_geo"], cells["genre"], cells["bloc"], strict=True)
    withheld = np.fromiter((Table(*k) in dropped for k in keys), dtype=bool, count=len(cells))
    told = np.where(hidden, np.where(cells["rule"] != "", "primary", "secondary"), "published")
    cells = cells[cells["published"]].assign(status=np.where(withheld, "generalised", told)[cells["published"]])
    return cells[[*KEY, "genre", "bloc", "status", "rule", "weight"]]


def _restrict(cells: pd.DataFrame, cube: Cube) -> pd.DataFrame:
    """Keep the cells that `cube` itself holds."""
    own = pd.MultiIndex.from_frame(cube.cells[list(KEY)])
    kept = pd.MultiIndex.from_frame(cells[list(KEY)]).isin(own)
    return cells[kept].assign(cube=cube.name)


def _measure_shares(cells: pd.DataFrame, cubes: Sequence[Cube], rules: Rules) -> pd.DataFrame:
    hidden = cells["status"] != "published"
    frame = cells.assign(masques=hidden, cases=1, valeur=cells["weight"], valeur_masquee=cells["weight"] * hidden)
    frame["diffuse"] = cells["status"] != "generalised"
    grouped = frame.groupby(["cube", "niveau_geo", "genre", "bloc"])
    shares = grouped[["cases", "masques", "valeur", "valeur_masquee"]].sum()
    shares["diffuse"] = grouped["diffuse"].any()
    shares["part_cases"] = shares["masques"] / shares["cases"]
    shares["part_valeur"] = (shares["valeur_masquee"] / shares["valeur"]).fillna(0.0)
    return shares.drop(columns=["valeur", "valeur_masquee"]).reset_index()
