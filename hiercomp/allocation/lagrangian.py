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
_SILENT = Ladder("", ())
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
        offered = [ladders.get(node.id, _SILENT) for node in nodes]
        renderings = list(chain.from_iterable((None, *ladder.renderings) for ladder in offered))
        first = [0, *accumulate(1 + len(ladder.renderings) for ladder in offered)]
        values = np.array([0.0 if rung is None else rung.value for rung in renderings])
        if not np.isfinite(values).all():
            raise ValueError("a rendering's value is not finite")
        inner = np.zeros(len(nodes), dtype=bool)
        inner[parents[parents >= 0]] = True
        return cls(
            nodes=nodes,
            parents=parents,
            openings=np.array([ladder.opening for ladder in offered], dtype=np.int64),
            depths=depths,
            first=np.array(first[:-1], dtype=np.int64),
            owner=np.repeat(np.arange(len(nodes)), np.diff(first)),
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

    def total(self, amounts: Integers) -> int:
        """The sum over the roots: the whole tree's, where amounts are subtrees'."""
        return int(amounts[self.depths[0]].sum())

    def add_up(self, depth: int, amounts: Floats | Integers) -> Floats:
        """The sums over the children, for each node one depth above."""
        below, above = self.depths[depth], self.depths[depth - 1]
        parents = self.parents[below] - above.start
        weights = amounts[below].astype(np.float64)
        return np.asarray(np.bincount(parents, weights=weights, minlength=above.stop - above.start), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Priced:
    """A tree at a price: what each rung, opening each node, and each subtree is worth, and which choices are best."""

    tree: LadderTree
    price: float
    rung_worth: Floats
    open_worth: Floats
    worth: Floats
    best_rung: Booleans
    best_open: Booleans

    @property
    def net(self) -> float:
        """The best `value − λ·tokens` of the whole tree."""
        return float(self.worth[self.tree.depths[0]].sum())

    def fewest(self) -> Integers:
        """The fewest tokens that a best choice of each subtree takes."""
        return self._extreme(1)

    def most(self) -> Integers:
        """The most tokens that a best choice of each subtree takes."""
        return -self._extreme(-1)

    def choice(self, tokens: Integers) -> Integers:
        """The best choice of each node with which its subtree takes these tokens."""
        matches = self.best_rung & (self.tree.tokens == tokens[self.tree.owner])
        rung = np.where(matches, np.arange(len(matches)), len(matches))
        choice = np.minimum.reduceat(rung, self.tree.first)
        choice[choice == len(matches)] = OPENED
        return choice

    def _extreme(self, sign: Literal[1, -1]) -> Integers:
        """The least `sign * tokens` among the best choices of each subtree."""
        tree = self.tree
        total = np.minimum.reduceat(np.where(self.best_rung, sign * tree.tokens, _NEVER), tree.first)
        opened = sign * tree.openings
        for depth in range(len(tree.depths) - 1, -1, -1):
            here = tree.depths[depth]
            total[here] = np.where(self.best_open[here], np.minimum(opened[here], total[here]), total[here])
            if depth:
                opened[tree.depths[depth - 1]] += tree.add_up(depth, total).astype(np.int64)
        return total


def at_budget(tree: LadderTree, budget: int) -> Priced:
    """The tree at the budget's price: the best choice of fewest tokens fits, and the one of most tokens does not.

    Where everything that has value fits, the price is 0.
    """
    middle = priced(tree, 0.0)
    exceeds, exceeds_value = tree.total(middle.fewest()), middle.net
    fits, fits_value = 0, 0.0
    price = middle.net + 1.0  # no token is worth that much: the first choice that fits takes none
    while exceeds > budget:
        middle = priced(tree, price)
        tokens = tree.total(middle.fewest())
        if tokens > budget:
            exceeds, exceeds_value = tokens, middle.net + price * tokens
        else:
            tokens = tree.total(middle.most())
            if tokens > budget:
                break
            fits, fits_value = tokens, middle.net + price * tokens
        price = (exceeds_value - fits_value) / (exceeds - fits)
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
    best_rung = rung_worth >= (worth - tree.tolerance)[tree.owner]
    return Priced(tree, price, rung_worth, open_worth, worth, best_rung, open_worth >= worth - tree.tolerance)


def around(tree: LadderTree, value: float) -> tuple[int, int]:
    """The tokens of two neighbours on the hull, the first worth less than a value, the second at least as much.

    Of a value that the whole tree does not reach, both are what the tree takes where tokens are free.
    """
    free = priced(tree, 0.0)
    low, low_value = 0, 0.0
    high, high_value = tree.total(free.fewest()), free.net
    if high_value < value:
        return high, high
    while low < high:
        price = (high_value - low_value) / (high - low)
        middle = priced(tree, price)
        tokens = tree.total(middle.fewest())
        if not low < tokens < high:  # nothing lies above the chord
            break
        if middle.net + price * tokens < value:
            low, low_value = tokens, middle.net + price * tokens
        else:
            high, high_value = tokens, middle.net + price * tokens
    return low, high


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


def _by_depth(hierarchy: Hierarchy, ladders: Mapping[str, Ladder]) -> tuple[tuple[Node, ...], tuple[slice, ...]]:
    """The nodes with a rendering in their subtree, by depth, and where each depth lies."""
    live = {node_id for node_id, ladder in ladders.items() if ladder.renderings}
    for node in reversed(hierarchy.nodes):  # in the order of memory, which is twice as fast as climbing from each leaf
        if node.parent_id is not None and node.id in live:
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
