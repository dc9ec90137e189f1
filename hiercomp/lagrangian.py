"""Prices on a tree of ladders: what every subtree is worth when a token costs λ.

Relaxing the budget with a price λ makes the parts of the tree independent: a node's best `value − λ·tokens` is the
best of showing nothing, one of its own renderings, or being opened, which is worth the sum of its children less λ times
its opening. One pass from the leaves up finds it for all nodes. The least λ whose choice fits the budget is the shadow
price of a token.

Source: Everett 1963 (what is best at a price is best for the tokens that it takes); Shoham & Gersho 1988, section II.
Deviation: λ is found by cutting chords of the tree's convex hull, which ends, rather than by bisection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hiercomp.types import Hierarchy, Ladder, Node, Rendering

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

OPENED = -1
"""The choice of a node whose children speak; any other choice is the index of a rung."""
_NEVER = np.iinfo(np.int64).max
_ROUNDING = 1e-12  # worths closer than this share of the whole tree's value are equal: sums round at about 1e-16


@dataclass(frozen=True, slots=True)
class LadderTree:
    """The nodes that offer something or lie above one that does, as arrays; the coarsest come first.

    A rung is one choice of a node. The first rung of every node is to show nothing, for 0 tokens. Worths that differ by
    less than `tolerance` are equal.
    """

    nodes: tuple[Node, ...]
    parents: Integers
    openings: Integers
    depths: tuple[slice, ...]
    first: Integers
    owner: Integers
    tokens: Integers
    values: Floats
    renderings: tuple[Rendering | None, ...]
    inner: Booleans
    tolerance: float

    @classmethod
    def of(cls, hierarchy: Hierarchy, ladders: Mapping[str, Ladder]) -> LadderTree:
        """The tree of a hierarchy's ladders; nodes without one in their subtree are left out.

        Raises:
            ValueError: a rendering's value is not finite.
        """
        nodes, depths = _by_depth(hierarchy, ladders)
        position = {node.id: index for index, node in enumerate(nodes)}
        parents = np.array([position.get(node.parent_id or "", -1) for node in nodes], dtype=np.int64)
        renderings: list[Rendering | None] = []
        first, openings = [], []
        for node in nodes:
            ladder = ladders.get(node.id)
            first.append(len(renderings))
            renderings.append(None)
            if ladder is not None:
                renderings.extend(ladder.renderings)
            openings.append(0 if ladder is None else ladder.opening)
        values = np.array([0.0 if rung is None else rung.value for rung in renderings])
        if not np.isfinite(values).all():
            raise ValueError("a rendering's value is not finite")
        inner = np.zeros(len(nodes), dtype=bool)
        inner[parents[parents >= 0]] = True
        return cls(
            nodes=nodes,
            parents=parents,
            openings=np.array(openings, dtype=np.int64),
            depths=depths,
            first=np.array(first, dtype=np.int64),
            owner=np.repeat(np.arange(len(nodes)), np.diff([*first, len(renderings)])),
            tokens=np.array([0 if rung is None else rung.tokens for rung in renderings], dtype=np.int64),
            values=values,
            renderings=tuple(renderings),
            inner=inner,
            tolerance=_ROUNDING * float(np.abs(values).sum()),
        )

    def rungs(self, index: int) -> range:
        """The rungs of a node."""
        stop = self.first[index + 1] if index + 1 < len(self.first) else len(self.tokens)
        return range(int(self.first[index]), int(stop))

    def add_up(self, depth: int, amounts: Floats | Integers) -> Floats:
        """The sums over the children, for each node one depth above."""
        below, above = self.depths[depth], self.depths[depth - 1]
        parents = self.parents[below] - above.start
        return np.bincount(parents, weights=amounts[below], minlength=above.stop - above.start)


@dataclass(frozen=True, slots=True)
class Priced:
    """A tree at a price: what each choice is worth, and the best choices that take fewest and most tokens.

    `worth`, `fewest` and `most` are a subtree's; `cheapest` and `dearest` name the choice of its top node.
    """

    tree: LadderTree
    price: float
    rung_worth: Floats
    open_worth: Floats
    worth: Floats
    fewest: Integers
    most: Integers
    cheapest: Integers
    dearest: Integers

    @property
    def least_tokens(self) -> int:
        """The fewest tokens of a choice that is best at this price."""
        return int(self.fewest[self.tree.depths[0]].sum())

    @property
    def most_tokens(self) -> int:
        """The most tokens of a choice that is best at this price."""
        return int(self.most[self.tree.depths[0]].sum())

    @property
    def net(self) -> float:
        """The best `value − λ·tokens` of the whole tree."""
        return float(self.worth[self.tree.depths[0]].sum())


def at_budget(tree: LadderTree, budget: int) -> Priced:
    """The tree at the budget's price: a choice of `least_tokens` fits, the next one on the hull does not.

    Where everything that has value fits, the price is 0.
    """
    free = priced(tree, 0.0)
    if free.least_tokens <= budget:
        return free
    low = priced(tree, free.net + 1.0)  # no token is worth that much: takes 0 tokens
    fits, fits_value = low.least_tokens, low.net
    exceeds, exceeds_value = free.least_tokens, free.net
    while True:
        middle = priced(tree, (exceeds_value - fits_value) / (exceeds - fits))
        if middle.least_tokens > budget:
            exceeds = middle.least_tokens
            exceeds_value = middle.net + middle.price * exceeds
        elif middle.most_tokens <= budget:
            fits = middle.most_tokens
            fits_value = middle.net + middle.price * fits
        else:
            return middle


def priced(tree: LadderTree, price: float) -> Priced:
    """The tree at a price."""
    rung_worth = tree.values - price * tree.tokens
    worth = np.maximum.reduceat(rung_worth, tree.first)
    open_worth = np.where(tree.inner, -price * tree.openings, -np.inf)
    for depth in range(len(tree.depths) - 1, -1, -1):
        here = tree.depths[depth]
        worth[here] = np.maximum(worth[here], open_worth[here])
        if depth:
            open_worth[tree.depths[depth - 1]] += tree.add_up(depth, worth)
    best_rung = rung_worth >= worth[tree.owner] - tree.tolerance
    best_open = open_worth >= worth - tree.tolerance
    fewest, cheapest = _extreme(tree, best_rung, best_open, 1)
    fewest_negative, dearest = _extreme(tree, best_rung, best_open, -1)
    return Priced(tree, price, rung_worth, open_worth, worth, fewest, -fewest_negative, cheapest, dearest)


def visited(tree: LadderTree, choice: Integers) -> Booleans:
    """The nodes whose ancestors are all opened: where a choice counts."""
    seen = np.ones(len(tree.nodes), dtype=bool)
    for depth in range(1, len(tree.depths)):
        above = tree.parents[tree.depths[depth]]
        seen[tree.depths[depth]] = seen[above] & (choice[above] == OPENED)
    return seen


def subtree_tokens(tree: LadderTree, choice: Integers) -> tuple[Integers, Integers]:
    """The tokens of each subtree as chosen, and when its top node is opened."""
    tokens = np.where(choice == OPENED, 0, tree.tokens[choice])
    opened = tree.openings.copy()
    for depth in range(len(tree.depths) - 1, -1, -1):
        here = tree.depths[depth]
        tokens[here] = np.where(choice[here] == OPENED, opened[here], tokens[here])
        if depth:
            opened[tree.depths[depth - 1]] += tree.add_up(depth, tokens).astype(np.int64)
    return tokens, opened


def _extreme(
    tree: LadderTree, best_rung: Booleans, best_open: Booleans, sign: Literal[1, -1]
) -> tuple[Integers, Integers]:
    """The least `sign * tokens` of each subtree among its best choices, and the choice of its top node."""
    cost = np.where(best_rung, sign * tree.tokens, _NEVER)
    total = np.minimum.reduceat(cost, tree.first)
    at_least = np.where(cost == total[tree.owner], np.arange(len(cost)), len(cost))
    choice = np.minimum.reduceat(at_least, tree.first)
    opened = sign * tree.openings
    for depth in range(len(tree.depths) - 1, -1, -1):
        here = tree.depths[depth]
        opens = best_open[here] & (opened[here] < total[here])
        total[here] = np.where(opens, opened[here], total[here])
        choice[here] = np.where(opens, OPENED, choice[here])
        if depth:
            opened[tree.depths[depth - 1]] += tree.add_up(depth, total).astype(np.int64)
    return total, choice


def _by_depth(hierarchy: Hierarchy, ladders: Mapping[str, Ladder]) -> tuple[tuple[Node, ...], tuple[slice, ...]]:
    """The nodes with a rendering in their subtree, by depth, and where each depth lies."""
    live: set[str | None] = set()
    for node in reversed(hierarchy.nodes):
        ladder = ladders.get(node.id)
        if node.id in live or (ladder is not None and ladder.renderings):
            live.add(node.id)
            live.add(node.parent_id)
    depth_of: dict[str | None, int] = {None: -1}
    rows: list[list[Node]] = []
    for node in hierarchy.nodes:
        if node.id in live:
            depth = depth_of[node.id] = depth_of[node.parent_id] + 1
            if depth == len(rows):
                rows.append([])
            rows[depth].append(node)
    ends = [0, *accumulate(map(len, rows))]
    return tuple(chain.from_iterable(rows)), tuple(slice(*pair) for pair in pairwise(ends))
