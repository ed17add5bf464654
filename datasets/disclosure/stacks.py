"""Stacks: cubes that share the name of a measure, laid upon each other, because what one hides the other would tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from datasets.disclosure.cubes import Cube
from datasets.disclosure.layout import FULL_KEY, Layout, complete_key, lay_out
from datasets.disclosure.primary import Rules, find_unsafe

TABLE = ["niveau_geo", "genre", "bloc", "grille"]
"""The columns that name the table of a cell."""


@dataclass
class Stack:
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


def link_cubes(cubes: Sequence[Cube]) -> list[tuple[Cube, ...]]:
    """Group the cubes that share the name of a measure, directly or through another."""
    groups: list[tuple[set[str], list[Cube]]] = []
    for cube in cubes:
        names, members = {m.name for m in cube.measures}, [cube]
        for group in [g for g in groups if g[0] & names]:
            groups.remove(group)
            names, members = names | group[0], group[1] + members
        groups.append((names, members))
    return [tuple(sorted(members, key=lambda c: c.name)) for _, members in groups]


def stack_cubes(cubes: tuple[Cube, ...], rules: Rules) -> Stack:
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
    return Stack(cubes, cells, equations, rule, values, merge_cells(equations), members, slot_of)


def _join_layouts(layouts: Sequence[Layout]) -> Layout:
    """Return a layout with the tables of all: cubes that are linked have the same levels and periods."""
    first = layouts[0]
    grids = tuple({grid.name: grid for layout in layouts for grid in layout.grids}.values())
    return replace(first, grids=grids, published=any(layout.published for layout in layouts))


def merge_cells(equations: sparse.csr_matrix) -> np.ndarray:
    """Return the node of each cell: a parent and its only child hold the same contributions."""
    twins = equations[np.diff(equations.indptr) == 2]
    pairs = twins.indices.reshape(-1, 2)
    n = equations.shape[1]
    graph = sparse.csr_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return connected_components(graph, directed=False)[1]


def weigh(stack: Stack, rules: Rules) -> np.ndarray:
    """Return the value of each cell by which hiding is counted, as a share of the largest one.

    It is that of `rules.weight`, else of the first measure of dominance of each cube: a grid of one cube has no value
    in another.
    """
    weight = np.zeros(len(stack.cells))
    for cube in stack.cubes:
        name = rules.weight or next(iter(cube.dominance), cube.measures[0].name)
        values = stack.values.get((cube.name, f"brut_{name}"), stack.values.get((cube.name, name)))
        if values is not None:
            weight = np.maximum(weight, np.abs(values) / max(float(np.abs(values).max(initial=0.0)), 1e-12))
    return weight


def fold_equations(equations: sparse.csr_matrix, node: np.ndarray) -> sparse.csr_matrix:
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


def recall(cells: pd.DataFrame, cubes: Sequence[Cube], earlier: Mapping[str, pd.DataFrame]) -> np.ndarray:
    """Return what earlier releases did with each cell: 1 shown, −1 hidden, 0 unknown."""
    keys = pd.MultiIndex.from_frame(cells[list(FULL_KEY)])
    memory = np.zeros(len(cells), dtype=int)
    grids = [(grid.name or cube.name, grid) for cube in cubes for grid in cube.layout.every_grid]
    for rows in (complete_key(earlier[name], grid) for name, grid in grids if name in earlier):
        masque = rows.set_index(list(FULL_KEY))["masque"].reindex(keys)
        memory[masque.eq(False).to_numpy(dtype=bool, na_value=False) & (memory == 0)] = 1
        memory[masque.eq(True).to_numpy(dtype=bool, na_value=False)] = -1
    return memory
