"""Secondary suppression: which other cells must be hidden so that the unsafe ones cannot be computed back.

One pattern serves every measure of a row. It is the cheapest one against every attack (Fischetti and Salazar's
formulation): a master problem chooses the cells, attacks on its choice give the inequalities it missed, until no
attack succeeds. HiGHS solves both. When the time is over the master's last choice is completed by the cheapest
moves that protect each cell still open; the distance to the proven bound is the gap.

A *node* is one or several cells that hold the same contributions, hence the same values. An attack is a *move*:
a change z of the hidden nodes that leaves every equation and every published node as it is. A node is protected
when it can move by `need_up` upwards and by `need_down` downwards.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from time import monotonic

import highspy
import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from datasets.disclosure.insiders import ALONE

TOLERANCE = 1e-7


@dataclass(frozen=True)
class Scenario:
    """One measure before one attacker: how far each node may move in his eyes, and how far it must be able to."""

    name: str
    down: np.ndarray
    up: np.ndarray
    need_down: np.ndarray
    need_up: np.ndarray
    insiders: Sequence[sparse.csr_matrix] = ()
    """For each role, contributors × nodes: the share of each node that each of them knows (1: all of it)."""

    def seen_by(self, share: np.ndarray) -> "Scenario":
        """Return the scenario of those who know this share of each node; what is left is to be protected."""
        left = np.where(share >= ALONE, 0.0, 1.0 - share)
        return Scenario(
            self.name, self.down * left, np.where(left > 0, self.up, 0.0), self.need_down * left, self.need_up * left
        )


@dataclass(frozen=True)
class Block:
    """One part of the problem: equations (rows) over nodes (columns), their cost, and what is settled already."""

    equations: sparse.csr_matrix
    cost: np.ndarray
    hidden: np.ndarray
    """Nodes that must stay hidden (bool)."""
    shown: np.ndarray
    """Nodes that everyone knows already (bool)."""
    scenarios: Sequence[Scenario]
    coalition: int = 1
    """How many contributors may put together what they know."""


@dataclass(frozen=True)
class Pattern:
    """The nodes hidden; the cost of what was added, the proven lower bound of it, and the relative gap."""

    hidden: np.ndarray
    cost: float
    bound: float
    gap: float
    rounds: int


class Unprotectable(ValueError):
    """No pattern protects some node while `shown` stays shown: something must be generalised."""


@dataclass(frozen=True)
class Cut:
    """An inequality Σ coefficient·x ≥ bound·x[node] that every protected pattern satisfies."""

    node: int
    nodes: np.ndarray
    coefficients: np.ndarray
    bound: float


@dataclass
class _Attack:
    """A node that cannot move far enough: in which scenario, in which direction, and the cut that says so."""

    scenario: Scenario
    node: int
    sign: int
    cut: Cut = field(repr=False)


def find_pattern(block: Block, seconds: float = 10.0) -> Pattern:
    """Return the cheapest pattern that protects every hidden node, or a sound one when the time is over.

    Raises Unprotectable when no pattern does.
    """
    end = monotonic() + seconds
    master = _Master(block)
    hidden, bound, rounds = block.hidden.copy(), 0.0, 0
    settled: set[bytes] = set()
    while True:
        attacks = list(_find_attacks(block, hidden, settled))
        if not attacks or monotonic() > end:
            break
        rounds += 1
        master.add(attack.cut for attack in attacks)
        found = master.solve(max(end - monotonic(), 0.1))
        bound = max(bound, master.bound)
        if found is None:
            break
        hidden = found
    if attacks:
        hidden = _complete(block, hidden, attacks, settled)
    cost = float(block.cost[hidden & ~block.hidden].sum())
    gap = 0.0 if cost <= TOLERANCE else max(0.0, (cost - bound) / cost)
    return Pattern(hidden, cost, bound, gap, rounds)


class _Master:
    """The master problem: choose nodes to hide, at the least cost, under the cuts known so far."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.free = np.flatnonzero(~block.hidden & ~block.shown)
        self.column = np.full(len(block.cost), -1)
        self.column[self.free] = np.arange(len(self.free))
        self.bound = 0.0
        self.highs = _quiet_highs()
        n = len(self.free)
        self.highs.addVars(n, np.zeros(n), np.ones(n))
        self.highs.changeColsCost(n, np.arange(n, dtype=np.int32), block.cost[self.free])
        self.highs.changeColsIntegrality(n, np.arange(n, dtype=np.int32), np.full(n, highspy.HighsVarType.kInteger))

    def add(self, cuts: Iterable[Cut]) -> None:
        """Add inequalities; what is hidden or shown for good goes to the right-hand side."""
        for cut in cuts:
            settled = self.block.hidden[cut.nodes]
            right = -float(cut.coefficients[settled].sum())
            kept = self.column[cut.nodes] >= 0
            index, value = self.column[cut.nodes[kept]], cut.coefficients[kept]
            if self.block.hidden[cut.node]:
                right += cut.bound
                value = np.minimum(value, right)
            else:
                index, value = np.append(index, self.column[cut.node]), np.append(value, -cut.bound)
            if not len(index):
                raise Unprotectable(cut.node)
            scale = max(float(np.abs(value).max()), 1e-12)
            self.highs.addRow(right / scale, highspy.kHighsInf, len(index), index.astype(np.int32), value / scale)

    def solve(self, seconds: float) -> np.ndarray | None:
        """Return the nodes hidden by the best choice found, None when the time was too short for any."""
        self.highs.setOptionValue("time_limit", self.highs.getRunTime() + seconds)
        self.highs.run()
        status = self.highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            raise Unprotectable(-1)
        info = self.highs.getInfo()
        self.bound = max(0.0, info.mip_dual_bound)
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None
        hidden = self.block.hidden.copy()
        hidden[self.free] = np.asarray(self.highs.getSolution().col_value) > 0.5
        return hidden


def _quiet_highs() -> highspy.Highs:
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("mip_rel_gap", 1e-6)
    return highs


def _find_attacks(block: Block, hidden: np.ndarray, settled: set[bytes]) -> Iterator[_Attack]:
    """Yield attacks that succeed against a pattern: those of one equation first, all the others only after.

    `settled` remembers the parts (their hidden nodes) on which every attack failed: they are not tried again.
    """
    found = list(_attack_equations(block, hidden))
    yield from found or _attack_systems(block, hidden, settled)


def _attack_equations(block: Block, hidden: np.ndarray) -> Iterator[_Attack]:
    """Attack each hidden node through each equation alone; one attack, the worst, per (equation, node)."""
    entries = block.equations.tocoo()
    kept = hidden[entries.col]
    row, col, parent = entries.row[kept], entries.col[kept], entries.data[kept] > 0
    worst: dict[tuple[int, int], tuple[float, Scenario, int]] = {}
    for scenario in block.scenarios:
        rise = np.where(parent, scenario.up[col], scenario.down[col])
        fall = np.where(parent, scenario.down[col], scenario.up[col])
        n = block.equations.shape[0]
        others_rise = np.bincount(row, rise, minlength=n)[row] - rise
        others_fall = np.bincount(row, fall, minlength=n)[row] - fall
        for sign, need in ((1, scenario.need_up[col]), (-1, scenario.need_down[col])):
            room = np.where(parent == (sign > 0), others_fall, others_rise)
            lack = need * (1 - TOLERANCE) - room
            for i in np.flatnonzero(lack > 0):
                share = lack[i] / need[i]
                key = (int(row[i]), int(col[i]))
                if key not in worst or worst[key][0] < share:
                    worst[key] = (share, scenario, sign)
    for (equation, node), (_, scenario, sign) in worst.items():
        yield _Attack(scenario, node, sign, _cut_equation(block, equation, node, scenario, sign))


def _cut_equation(block: Block, equation: int, node: int, scenario: Scenario, sign: int) -> Cut:
    span = slice(block.equations.indptr[equation], block.equations.indptr[equation + 1])
    nodes, signs = block.equations.indices[span], block.equations.data[span]
    slopes = -signs * signs[nodes == node][0] * sign
    slopes[nodes == node] = 0
    return _cut_from(node, nodes, slopes, scenario, sign)


def _cut_from(node: int, nodes: np.ndarray, slopes: np.ndarray, scenario: Scenario, sign: int) -> Cut:
    """Return the cut of an upper bound sign·z[node] ≤ Σ slopes·z[nodes], true whatever is hidden."""
    need = float(scenario.need_up[node] if sign > 0 else scenario.need_down[node])
    reach = np.where(slopes > 0, slopes * scenario.up[nodes], -slopes * scenario.down[nodes])
    need -= float(reach[nodes == node].sum())
    others = (nodes != node) & (reach > TOLERANCE * need)
    return Cut(node, nodes[others], np.minimum(reach[others], need), need)


def _attack_systems(block: Block, hidden: np.ndarray, settled: set[bytes], most: int = 200) -> Iterator[_Attack]:
    """Attack hidden nodes through all the equations of their part together, as outsiders, then as insiders."""
    watched = any(scenario.insiders for scenario in block.scenarios)
    for nodes, rows in _split_parts(block.equations, hidden, least=1 if watched else 2):
        if nodes.tobytes() in settled:
            continue
        before = most
        siege = _Siege(block, nodes, block.equations[rows])
        for scenario in block.scenarios:
            for attack in siege.attack(scenario):
                yield attack
                most -= 1
                if most <= 0:
                    return
        if most == before:
            settled.add(nodes.tobytes())


class _Siege:
    """The attacks on one part: its hidden nodes, and the equations that tie them."""

    def __init__(self, block: Block, nodes: np.ndarray, equations: sparse.csr_matrix) -> None:
        self.block, self.nodes, self.equations = block, nodes, equations
        self.attacker = _Attacker(equations[:, nodes])

    def attack(self, scenario: Scenario) -> Iterator[_Attack]:
        """Yield the attacks of a scenario that succeed: those of the outsider, else those of the insiders."""
        found = self._try(scenario)
        yield from found
        if found:
            return
        everyone = np.ones(len(self.nodes), dtype=bool)
        for shares in scenario.insiders:
            near = shares[:, self.nodes].tocsr()
            who = np.flatnonzero(np.diff(near.indptr))
            if len(who):
                groups = (who,) * self.block.coalition
                yield from self._search(scenario, near.tocsc(), groups, everyone, shares)

    def _search(
        self,
        scenario: Scenario,
        near: sparse.csc_matrix,
        groups: tuple[np.ndarray, ...],
        targets: np.ndarray,
        shares: sparse.csr_matrix,
    ) -> Iterator[_Attack]:
        """Yield the attacks of one insider of each group that succeed against `targets`.

        What all the members of a group know, each for himself, is taken as known at once: the targets that resist
        resist each of them. For the others the groups are halved, until one insider of each is left.
        """
        if all(len(group) == 1 for group in groups):
            members = sorted({int(group[0]) for group in groups})
            share = np.minimum(np.asarray(shares[members].sum(axis=0)).ravel(), 1.0)
            yield from self._try(scenario.seen_by(share), targets)
            return
        share = np.minimum(sum(near[group].max(axis=0).toarray().ravel() for group in groups), 1.0)
        stuck = self._find_stuck(scenario, share, targets)
        if not stuck.any():
            return
        place = max(range(len(groups)), key=lambda i: len(groups[i]))
        half = len(groups[place]) // 2
        for part in (groups[place][:half], groups[place][half:]):
            divided = (*groups[:place], part, *groups[place + 1 :])
            if _in_order(divided):
                yield from self._search(scenario, near, divided, stuck, shares)

    def _find_stuck(self, scenario: Scenario, share: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Return which targets do not move as far as they need when this share of every other node is known."""
        nodes, attacker = self.nodes, self.attacker
        known = share >= ALONE
        left = np.where(known, 0.0, 1.0 - share)
        down, up = scenario.down[nodes], scenario.up[nodes]
        stuck = np.zeros(len(nodes), dtype=bool)
        for sign, need in ((1, scenario.need_up[nodes]), (-1, scenario.need_down[nodes])):
            attacker.take(down * left, np.where(known, 0.0, up))
            stuck[attacker.find_stuck(np.where(targets & ~known, need, 0.0), sign)] = True
            for one in np.flatnonzero(targets & known & (need > 0)):
                free = left.copy()
                free[one] = 1.0
                attacker.take(down * free, np.where(free > 0, up, 0.0))
                stuck[one] |= bool(attacker.find_stuck(np.where(np.arange(len(nodes)) == one, need, 0.0), sign))
        return stuck

    def _try(self, scenario: Scenario, targets: np.ndarray | None = None) -> list[_Attack]:
        """Return the attacks of a scenario that succeed (against `targets`, when given)."""
        nodes, found = self.nodes, []
        kept = 1.0 if targets is None else targets
        self.attacker.take(scenario.down[nodes], scenario.up[nodes])
        for sign, need in ((1, scenario.need_up[nodes] * kept), (-1, scenario.need_down[nodes] * kept)):
            for target in self.attacker.find_stuck(need, sign):
                slopes = -(self.equations.T @ self.attacker.get_duals(target, sign))
                slopes[nodes[target]] += sign
                cut = _cut_from(int(nodes[target]), np.arange(len(slopes)), slopes, scenario, sign)
                found.append(_Attack(scenario, int(nodes[target]), sign, cut))
        return found


def _in_order(groups: tuple[np.ndarray, ...]) -> bool:
    """Whether some choice of one member of each group goes up: those that cannot are met in another order."""
    return all(first[0] <= second[-1] for first, second in pairwise(groups))


def _split_parts(
    equations: sparse.csr_matrix, hidden: np.ndarray, least: int = 2
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield (hidden nodes, equations) of each connected part that at least so many equations tie."""
    columns = np.flatnonzero(hidden)
    sub = equations[:, columns]
    rows = np.flatnonzero(np.diff(sub.indptr))
    sub = sub[rows]
    n = len(rows)
    graph = sparse.bmat([[None, sub], [sub.T, None]]) if n else sparse.csr_matrix((0, 0))
    labels = connected_components(graph, directed=False)[1] if n else np.zeros(0, dtype=int)
    order_rows, order_cols = np.argsort(labels[:n], kind="stable"), np.argsort(labels[n:], kind="stable")
    for label, count in zip(*np.unique(labels[:n], return_counts=True), strict=True):
        if count < least:
            continue
        r = order_rows[slice(*np.searchsorted(labels[:n][order_rows], [label, label + 1]))]
        c = order_cols[slice(*np.searchsorted(labels[n:][order_cols], [label, label + 1]))]
        yield columns[c], rows[r]


class _Attacker:
    """Moves of the hidden nodes of one part, by linear programming."""

    def __init__(self, equations: sparse.csr_matrix) -> None:
        rows, n = equations.shape
        self.all = np.arange(n, dtype=np.int32)
        self.highs = _quiet_highs()
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = n, rows
        model.col_cost_ = model.col_lower_ = model.col_upper_ = np.zeros(n)
        model.row_lower_ = model.row_upper_ = np.zeros(rows)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_, model.a_matrix_.index_ = equations.indptr, equations.indices
        model.a_matrix_.value_ = equations.data
        self.highs.passModel(model)
        self.highs.changeObjectiveSense(highspy.ObjSense.kMaximize)

    def take(self, down: np.ndarray, up: np.ndarray) -> None:
        """Look at another scenario."""
        self.down, self.up = down, up

    def _solve(self, objective: np.ndarray, down: np.ndarray, up: np.ndarray) -> np.ndarray:
        n = len(self.all)
        self.highs.changeColsCost(n, self.all, objective)
        self.highs.changeColsBounds(n, self.all, -down, up)
        self.highs.run()
        return np.asarray(self.highs.getSolution().col_value)

    def find_stuck(self, need: np.ndarray, sign: int) -> list[int]:
        """Return the nodes that no move carries by `need` in the direction `sign`.

        Many are tried at once (each stops at its need), as long as a move carries some of them; then one by one.
        """
        reach = self.up if sign > 0 else self.down
        enough = need * (1 - TOLERANCE)
        stuck = [int(i) for i in np.flatnonzero((need > 0) & (reach < enough))]
        open_ = np.flatnonzero((need > 0) & (reach >= enough))
        while len(open_) > 1:
            goal = np.zeros(len(need))
            goal[open_] = sign / need[open_]
            down, up = self.down.copy(), self.up.copy()
            (up if sign > 0 else down)[open_] = need[open_]
            move = self._solve(goal, down, up)
            carried = sign * move[open_] >= enough[open_]
            if not carried.any():
                break
            open_ = open_[~carried]
        for node in open_:
            goal = np.zeros(len(need))
            goal[node] = sign
            move = self._solve(goal, self.down, self.up)
            if sign * move[node] < enough[node]:
                stuck.append(int(node))
        return stuck

    def find_move(self, goal: np.ndarray, down: np.ndarray, up: np.ndarray) -> np.ndarray | None:
        """Return the move within bounds that does best for `goal`, None when there is none."""
        move = self._solve(goal, down, up)
        return move if self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal else None

    def get_duals(self, node: int, sign: int) -> np.ndarray:
        """Return the multiplier of each equation when sign·z[node] is as large as it can be."""
        goal = np.zeros(len(self.all))
        goal[node] = sign
        self._solve(goal, self.down, self.up)
        return np.asarray(self.highs.getSolution().row_dual)


def _complete(block: Block, hidden: np.ndarray, attacks: list[_Attack], settled: set[bytes]) -> np.ndarray:
    """Hide, for each attack still open, the cells of the cheapest move that defeats it; until none is open."""
    hidden = hidden.copy()
    n = len(block.cost)
    mover = _Attacker(sparse.hstack([block.equations, -block.equations]).tocsr())
    while attacks:
        for attack in attacks:
            scenario, node, sign = attack.scenario, attack.node, attack.sign
            need = scenario.need_up[node] if sign > 0 else scenario.need_down[node]
            up, down = scenario.up.copy(), scenario.down.copy()
            up[block.shown] = down[block.shown] = 0
            price = np.where(hidden, 0, block.cost / np.maximum(np.minimum(np.minimum(up, down), need), 1e-9))
            goal = -np.concatenate([price, price])
            low, high = np.zeros(2 * n), np.concatenate([up, down])
            low[node if sign > 0 else n + node] = -need
            high[n + node if sign > 0 else node] = 0
            move = mover.find_move(goal, low, high)
            if move is None:
                raise Unprotectable(node)
            hidden |= np.abs(move[:n] - move[n:]) > TOLERANCE * need
        attacks = list(_find_attacks(block, hidden, settled))
    return hidden
