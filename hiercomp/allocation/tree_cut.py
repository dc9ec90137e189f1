"""Find the cut of a tree of ladders that has the most value within a budget.

A cut shows at most one node on every path from the root to a passage. A node is shown by one of its renderings, or it
is opened: its opening is paid once, and its children are considered in its place. `lagrangian` finds the best cut at
the shadow price of the budget, and `slack` uses the tokens that remain. docs/allocation.md explains the mathematics
with an example.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from hiercomp.allocation.lagrangian import (
    Booleans,
    Floats,
    Integers,
    LadderTree,
    Priced,
    at_budget,
    subtree_tokens,
    visited,
)
from hiercomp.allocation.slack import fill, hull_point_at
from hiercomp.types import LEVEL_NAMES, Allocation, Dropped, Hierarchy, Ladder, Node, Rendering

NOTHING = Allocation((), 0, tuple((name, 0) for name in LEVEL_NAMES), 0.0, 0.0, 0.0)
"""The allocation of a tree without renderings."""


def allocate(hierarchy: Hierarchy, ladders: Mapping[str, Ladder], budget: int) -> Allocation:
    """Return the cut with the most value that costs at most `budget` tokens.

    A greater budget never gets less value. `bound` equals `value` if the search proved that no cut has more.
    """
    budget = max(0, budget)
    tree = LadderTree.of(hierarchy, ladders)
    if not tree.nodes:
        return NOTHING
    point = hull_point_at(at_budget(tree, budget), budget)
    filled = fill(point, budget)
    return report(point.priced, filled.choice, gap=filled.gap)


def dual_report(priced: Priced, choice: Integers, budget: int) -> Allocation:
    """Describe a choice as an allocation with the dual bound, `λ·budget` plus the best net value of the tree.

    No choice within the budget has more value than the dual bound.
    """
    allocation = report(priced, choice, gap=0.0)
    bound = max(allocation.value, priced.total_net_value + priced.price * budget)
    return replace(allocation, bound=bound)


def report(priced: Priced, choice: Integers, *, gap: float) -> Allocation:
    """Describe a choice as an allocation.

    Args:
        priced: The tree at the shadow price of the budget.
        choice: A rung of each node, or `OPENED`. Choices below a node that is not opened do not count.
        gap: The most value that another choice within the budget could have above this one.
    """
    tree = priced.tree
    shown = visited(tree, choice) & (choice > tree.first_rung)
    opened = _opened(tree, shown)
    level_tokens = dict.fromkeys(range(len(LEVEL_NAMES)), 0)
    for index in np.flatnonzero(shown | opened):
        level = min(tree.nodes[index].level, len(LEVEL_NAMES) - 1)
        level_tokens[level] += int(tree.openings[index] if opened[index] else tree.tokens[choice[index]])
    value = math.fsum(tree.values[choice[shown]])
    return Allocation(
        renderings=tuple(_in_document_order(tree, choice, shown, opened)),
        tokens=sum(level_tokens.values()),
        tokens_by_level=tuple(zip(LEVEL_NAMES, level_tokens.values(), strict=True)),
        price=priced.price,
        value=value,
        bound=value + gap,
        dropped=tuple(_dropped(priced, choice, shown, opened)),
    )


def _opened(tree: LadderTree, shown: Booleans) -> Booleans:
    """Return the ancestors of the nodes that are shown. Without a shown node below, nothing is opened."""
    opened = np.zeros(len(tree.nodes), dtype=bool)
    for depth in range(len(tree.depths) - 1, 0, -1):
        nodes = tree.depths[depth]
        opened[tree.parents[nodes][shown[nodes] | opened[nodes]]] = True
    return opened


def _in_document_order(tree: LadderTree, choice: Integers, shown: Booleans, opened: Booleans) -> Iterator[Rendering]:
    children: dict[int, list[int]] = {}
    for index in np.flatnonzero(shown | opened).tolist():
        children.setdefault(int(tree.parents[index]), []).append(index)
    pending = children.get(-1, [])[::-1]
    while pending:
        index = pending.pop()
        rendering = tree.renderings[choice[index]] if shown[index] else None
        if rendering is not None:
            yield rendering
        pending.extend(reversed(children.get(index, [])))


def _dropped(priced: Priced, choice: Integers, shown: Booleans, opened: Booleans) -> Iterator[Dropped]:
    """Yield each node of the tree that is neither shown nor opened, with the reason."""
    tree = priced.tree
    shown_above = np.full(len(tree.nodes), -1)
    for depth in range(1, len(tree.depths)):
        parents = tree.parents[tree.depths[depth]]
        shown_above[tree.depths[depth]] = np.where(shown[parents], parents, shown_above[parents])
    net_values, tokens = _best_offers(priced)
    evidence = net_values + priced.price * tokens
    dropped = np.flatnonzero(~shown & ~opened)
    closed_parent = np.where((tree.parents >= 0) & ~opened[tree.parents], tree.parents, -1)
    columns = (shown_above, closed_parent, net_values, tokens, evidence)
    rows = zip(dropped.tolist(), *(column[dropped].tolist() for column in columns), strict=True)
    for index, ancestor, parent, net_value, cost, value in rows:
        if ancestor >= 0:
            reason = f"its {_level_name(tree.nodes[ancestor])} is summarised"
        elif value <= tree.tolerance:
            reason = "no expected evidence"
        elif net_value < -tree.tolerance:
            reason = f"worth less than the price: {value:.3g} evidence for {cost} tokens"
        elif parent >= 0:
            reason = f"its {_level_name(tree.nodes[parent])} is not opened"
        else:
            reason = f"does not fit: {cost} tokens"
        yield Dropped(tree.nodes[index].id, reason)


def _best_offers(priced: Priced) -> tuple[Floats, Integers]:
    """Return the net value and the tokens of the best choice of each node other than to show nothing."""
    tree = priced.tree
    rung_net_value = priced.rung_net_value.copy()
    rung_net_value[tree.first_rung] = -np.inf
    net_value = np.maximum.reduceat(rung_net_value, tree.first_rung)
    candidates = np.where(rung_net_value == net_value[tree.owner], np.arange(len(rung_net_value)), len(rung_net_value))
    rungs = np.minimum.reduceat(candidates, tree.first_rung)
    opened_tokens = subtree_tokens(tree, priced.best_choice(priced.most_tokens()))[1]
    opens = priced.opened_net_value >= net_value
    return np.where(opens, priced.opened_net_value, net_value), np.where(opens, opened_tokens, tree.tokens[rungs])


def _level_name(node: Node) -> str:
    return LEVEL_NAMES[min(node.level, len(LEVEL_NAMES) - 1)]
