"""Put a price λ on each token, and find the best choice for every node of a tree of ladders at that price.

The net value of a choice is `value − λ·tokens`. With a price instead of a budget, the choice of one node no longer
limits the others, so that each subtree can be solved on its own. Its best net value is the greatest of three: 0 for
showing nothing, the best net value of its top node's renderings, and the sum of its children's best net values less the
price of the opening. One pass from the leaves to the root computes this for all nodes. The least λ at which the best
choice fits the budget is the shadow price: the value that one more token of budget would add.

The best choices at all prices are the corners of the tree's convex hull: the concave curve of the greatest value over
tokens. docs/allocation.md explains the mathematics.

Source: Everett 1963 (a choice that is best at a price is also best for the tokens that it takes); Shoham & Gersho 1988,
section II. Deviation: λ is the slope of chords of the hull, which finds the exact price in a finite number of steps;
bisection does not.
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
"""The choice of a node whose children are considered in its place. Any other choice is the index of a rung."""
_EMPTY_LADDER = Ladder("", ())
_INFINITE_TOKENS = np.iinfo(np.int64).max
_RELATIVE_TOLERANCE = 1e-12
"""The tolerance as a share of the sum of all values. The rounding errors of sums are about 1e-16 of it."""


@dataclass(frozen=True, slots=True)
class LadderTree:
    """The nodes that have a rendering in their subtree, and their ladders, as arrays.

    A rung is one choice of a node. The first rung of every node shows nothing, for 0 tokens. The others are the
    renderings of its ladder, cheapest first. Parents come before their children.

    Attributes:
        nodes: The nodes by depth, the roots first. The arrays by node have the same order.
        parents: The index of each node's parent; -1 for a root.
        openings: The tokens that it costs to open each node, for its heading and address.
        depths: The nodes of each depth, as a slice of the arrays by node.
        first_rung: The index of each node's first rung.
        has_children: Whether each node has children in this tree.
        owner: The index of each rung's node.
        tokens: The tokens of each rung.
        values: The value of each rung.
        renderings: The rendering of each rung; None for a first rung.
        tolerance: Values that differ by less than this are equal.
    """

    nodes: tuple[Node, ...]
    parents: Integers
    openings: Integers
    depths: tuple[slice, ...]
    first_rung: Integers
    has_children: Booleans
    owner: Integers
    tokens: Integers
    values: Floats
    renderings: tuple[Rendering | None, ...]
    tolerance: float

    @classmethod
    def of(cls, hierarchy: Hierarchy, ladders: Mapping[str, Ladder]) -> LadderTree:
        """Build the tree of a hierarchy's ladders. Nodes without a rendering in their subtree are left out.

        Raises:
            ValueError: a rendering's value is not finite.
        """
        nodes, depths = _by_depth(hierarchy, ladders)
        position = {node.id: index for index, node in enumerate(nodes)}
        parents = np.array([position.get(node.parent_id or "", -1) for node in nodes], dtype=np.int64)
        ordered = [ladders.get(node.id, _EMPTY_LADDER) for node in nodes]
        renderings = list(chain.from_iterable((None, *ladder.renderings) for ladder in ordered))
        first_rung = [0, *accumulate(1 + len(ladder.renderings) for ladder in ordered)]
        values = np.array([0.0 if rung is None else rung.value for rung in renderings])
        if not np.isfinite(values).all():
            raise ValueError("a rendering's value is not finite")
        has_children = np.zeros(len(nodes), dtype=bool)
        has_children[parents[parents >= 0]] = True
        return cls(
            nodes=nodes,
            parents=parents,
            openings=np.array([ladder.opening for ladder in ordered], dtype=np.int64),
            depths=depths,
            first_rung=np.array(first_rung[:-1], dtype=np.int64),
            has_children=has_children,
            owner=np.repeat(np.arange(len(nodes)), np.diff(first_rung)),
            tokens=np.array([0 if rung is None else rung.tokens for rung in renderings], dtype=np.int64),
            values=values,
            renderings=tuple(renderings),
            tolerance=_RELATIVE_TOLERANCE * float(np.abs(values).sum()),
        )

    def rungs(self, index: int) -> range:
        """Return the rungs of a node."""
        stop = self.first_rung[index + 1] if index + 1 < len(self.first_rung) else len(self.tokens)
        return range(int(self.first_rung[index]), int(stop))

    def total(self, amounts: Integers) -> int:
        """Return the amount of the whole tree, given the amount of each subtree."""
        return int(amounts[self.depths[0]].sum())

    def sum_children(self, depth: int, amounts: Floats | Integers) -> Floats:
        """Sum the amounts of the nodes of a depth by parent: one sum for each node one depth above."""
        children, above = self.depths[depth], self.depths[depth - 1]
        parents = self.parents[children] - above.start
        weights = amounts[children].astype(np.float64)
        return np.asarray(np.bincount(parents, weights=weights, minlength=above.stop - above.start), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Priced:
    """The net values of a tree at a price, and its best choices.

    Attributes:
        tree: The tree.
        price: The price λ of a token.
        rung_net_value: The net value of each rung.
        opened_net_value: The best net value of each subtree whose top node is opened; -inf for a node without children.
        net_value: The best net value of each subtree.
        rung_is_best: Whether each rung is a best choice of its node.
        opening_is_best: Whether to open is a best choice of each node.
    """

    tree: LadderTree
    price: float
    rung_net_value: Floats
    opened_net_value: Floats
    net_value: Floats
    rung_is_best: Booleans
    opening_is_best: Booleans

    @property
    def total_net_value(self) -> float:
        """The best net value of the whole tree."""
        return float(self.net_value[self.tree.depths[0]].sum())

    def fewest_tokens(self) -> Integers:
        """Return the fewest tokens that a best choice of each subtree takes."""
        return self._extreme_tokens(1)

    def most_tokens(self) -> Integers:
        """Return the most tokens that a best choice of each subtree takes."""
        return -self._extreme_tokens(-1)

    def best_choice(self, tokens: Integers) -> Integers:
        """Return a best choice of each node with which its subtree takes these tokens.

        Args:
            tokens: The tokens of each subtree, from `fewest_tokens` or `most_tokens`.
        """
        matches = self.rung_is_best & (self.tree.tokens == tokens[self.tree.owner])
        rungs = np.where(matches, np.arange(len(matches)), len(matches))
        choice = np.minimum.reduceat(rungs, self.tree.first_rung)
        choice[choice == len(matches)] = OPENED
        return choice

    def _extreme_tokens(self, sign: Literal[1, -1]) -> Integers:
        """Return the least `sign * tokens` among the best choices of each subtree."""
        tree = self.tree
        tokens = np.where(self.rung_is_best, sign * tree.tokens, _INFINITE_TOKENS)
        least = np.minimum.reduceat(tokens, tree.first_rung)
        opened = sign * tree.openings
        for depth in range(len(tree.depths) - 1, -1, -1):
            nodes = tree.depths[depth]
            least[nodes] = np.where(self.opening_is_best[nodes], np.minimum(opened[nodes], least[nodes]), least[nodes])
            if depth:
                opened[tree.depths[depth - 1]] += tree.sum_children(depth, least).astype(np.int64)
        return least


def at_budget(tree: LadderTree, budget: int) -> Priced:
    """Price a tree at the shadow price of a budget.

    At this price the best choice with the fewest tokens fits the budget, and the one with the most tokens does not. If
    everything that has value fits, the price is 0.
    """
    result = priced(tree, 0.0)
    tokens_above, value_above = tree.total(result.fewest_tokens()), result.total_net_value
    tokens_below, value_below = 0, 0.0
    price = result.total_net_value + 1.0  # one token costs more than the whole tree is worth
    while tokens_above > budget:
        result = priced(tree, price)
        tokens = tree.total(result.fewest_tokens())
        if tokens > budget:
            tokens_above, value_above = tokens, result.total_net_value + price * tokens
        else:
            tokens = tree.total(result.most_tokens())
            if tokens > budget:
                break
            tokens_below, value_below = tokens, result.total_net_value + price * tokens
        price = (value_above - value_below) / (tokens_above - tokens_below)
    return result


def priced(tree: LadderTree, price: float) -> Priced:
    """Compute the net values and the best choices of a tree at a price."""
    rung_net = tree.values - price * tree.tokens
    net = np.maximum.reduceat(rung_net, tree.first_rung)
    opened_net = np.where(tree.has_children, -price * tree.openings, -np.inf)
    for depth in range(len(tree.depths) - 1, -1, -1):
        nodes = tree.depths[depth]
        net[nodes] = np.maximum(net[nodes], opened_net[nodes])
        if depth:
            opened_net[tree.depths[depth - 1]] += tree.sum_children(depth, net)
    rung_is_best = rung_net >= (net - tree.tolerance)[tree.owner]
    return Priced(tree, price, rung_net, opened_net, net, rung_is_best, opened_net >= net - tree.tolerance)


def hull_neighbours(tree: LadderTree, value: float) -> tuple[int, int]:
    """Return the tokens of two neighbours on the hull: the first has less than a value, the second at least as much.

    If the whole tree has less than the value, both are the tokens of everything that has value.
    """
    free = priced(tree, 0.0)
    low, low_value = 0, 0.0
    high, high_value = tree.total(free.fewest_tokens()), free.total_net_value
    if high_value < value:
        return high, high
    while low < high:
        price = (high_value - low_value) / (high - low)
        middle = priced(tree, price)
        tokens = tree.total(middle.fewest_tokens())
        if not low < tokens < high:  # no choice lies above the chord, so that its ends are neighbours
            break
        if middle.total_net_value + price * tokens < value:
            low, low_value = tokens, middle.total_net_value + price * tokens
        else:
            high, high_value = tokens, middle.total_net_value + price * tokens
    return low, high


def visited(tree: LadderTree, choice: Integers) -> Booleans:
    """Return whether all ancestors of each node are opened. Only the choices of these nodes count."""
    reached = np.ones(len(tree.nodes), dtype=bool)
    for depth in range(1, len(tree.depths)):
        parents = tree.parents[tree.depths[depth]]
        reached[tree.depths[depth]] = reached[parents] & (choice[parents] == OPENED)
    return reached


def subtree_tokens(tree: LadderTree, choice: Integers) -> tuple[Integers, Integers]:
    """Count the tokens of each subtree, as chosen and as they would be if its top node were opened."""
    tokens = np.where(choice == OPENED, 0, tree.tokens[choice])
    opened = tree.openings.copy()
    for depth in range(len(tree.depths) - 1, -1, -1):
        nodes = tree.depths[depth]
        tokens[nodes] = np.where(choice[nodes] == OPENED, opened[nodes], tokens[nodes])
        if depth:
            opened[tree.depths[depth - 1]] += tree.sum_children(depth, tokens).astype(np.int64)
    return tokens, opened


def _by_depth(hierarchy: Hierarchy, ladders: Mapping[str, Ladder]) -> tuple[tuple[Node, ...], tuple[slice, ...]]:
    """Return the nodes with a rendering in their subtree by depth, and the slice of each depth."""
    kept_ids = {node_id for node_id, ladder in ladders.items() if ladder.renderings}
    for node in reversed(hierarchy.nodes):  # twice as fast as a climb from each leaf, because memory is read in order
        if node.parent_id is not None and node.id in kept_ids:
            kept_ids.add(node.parent_id)
    depth_of: dict[str | None, int] = {None: -1}
    rows: list[list[Node]] = []
    for node in hierarchy.nodes:
        if node.id in kept_ids:
            depth = depth_of[node.id] = depth_of[node.parent_id] + 1
            if depth == len(rows):
                rows.append([])
            rows[depth].append(node)
    ends = [0, *accumulate(map(len, rows))]
    return tuple(chain.from_iterable(rows)), tuple(slice(*pair) for pair in pairwise(ends))
