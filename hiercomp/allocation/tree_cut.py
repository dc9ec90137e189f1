"""A budget over a tree of ladders: the cut that is worth most.

On every path from the root to a passage one node at most speaks: by one of its renderings, or it is opened, its opening
is paid once, and its children choose. The best cut at the budget's price comes from `lagrangian`, the tokens left over
are spent by `slack`; docs/allocation.md has the mathematics and a worked example.
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
from hiercomp.allocation.slack import fill, step_at
from hiercomp.types import LEVEL_NAMES, Allocation, Dropped, Hierarchy, Ladder, Node, Rendering

NOTHING = Allocation((), 0, tuple((name, 0) for name in LEVEL_NAMES), 0.0, 0.0, 0.0)
"""What is chosen where nothing is offered."""


def allocate(hierarchy: Hierarchy, ladders: Mapping[str, Ladder], budget: int) -> Allocation:
    """The cut of the tree that is worth most for at most `budget` tokens.

    A greater budget is never worth less. `bound` equals `value` where the search proved that nothing is better.
    """
    budget = max(0, budget)
    tree = LadderTree.of(hierarchy, ladders)
    if not tree.nodes:
        return NOTHING
    step = step_at(at_budget(tree, budget), budget)
    filled = fill(step, budget)
    return report(step.priced, filled.choice, gap=filled.gap)


def dual_report(priced: Priced, choice: Integers, budget: int) -> Allocation:
    """A choice beside the dual bound: `λ·budget + Σ max(value − λ·tokens)`, the most that any choice can be worth."""
    allocation = report(priced, choice, gap=0.0)
    bound = max(allocation.value, priced.net + priced.price * budget)
    return replace(allocation, bound=bound)


def report(priced: Priced, choice: Integers, *, gap: float) -> Allocation:
    """A choice of every node as an allocation, each token accounted for.

    Args:
        priced: The tree at the budget's price.
        choice: A rung of each node, or `OPENED`; what lies below a node that is not opened does not count.
        gap: How much more than this choice any other could be worth.
    """
    tree = priced.tree
    shown = visited(tree, choice) & (choice > tree.first)
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
    """The nodes above those that are shown."""
    opened = np.zeros(len(tree.nodes), dtype=bool)
    for depth in range(len(tree.depths) - 1, 0, -1):
        here = tree.depths[depth]
        opened[tree.parents[here][shown[here] | opened[here]]] = True
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
    """Why each node that offers something, or lies above one that does, is neither shown nor opened."""
    tree = priced.tree
    speaker = np.full(len(tree.nodes), -1)
    for depth in range(1, len(tree.depths)):
        parents = tree.parents[tree.depths[depth]]
        speaker[tree.depths[depth]] = np.where(shown[parents], parents, speaker[parents])
    worth, tokens = _offers(priced)
    evidence = worth + priced.price * tokens
    silent = np.flatnonzero(~shown & ~opened)
    closed_above = np.where((tree.parents >= 0) & ~opened[tree.parents], tree.parents, -1)
    columns = (speaker, closed_above, worth, tokens, evidence)
    rows = zip(silent.tolist(), *(column[silent].tolist() for column in columns), strict=True)
    for index, above, parent, net, cost, gross in rows:
        if above >= 0:
            reason = _silenced(tree, above, int(choice[above]))
        elif gross <= tree.tolerance:
            reason = "no expected evidence"
        elif net < -tree.tolerance:
            reason = f"worth less than the price: {gross:.3g} evidence for {cost} tokens"
        elif parent >= 0:
            reason = f"its {_level_name(tree.nodes[parent])} is not opened"
        else:
            reason = f"does not fit: {cost} tokens"
        yield Dropped(tree.nodes[index].id, reason)


def _silenced(tree: LadderTree, above: int, rung: int) -> str:
    rendering = tree.renderings[rung]
    level = _level_name(tree.nodes[above])
    only_title = rendering is not None and rendering.detail == "title"
    return f"only the title of its {level} is shown" if only_title else f"its {level} is summarised"


def _offers(priced: Priced) -> tuple[Floats, Integers]:
    """The best that each node can do other than nothing: what it is worth at the price, and its tokens."""
    tree = priced.tree
    rung_worth = priced.rung_worth.copy()
    rung_worth[tree.first] = -np.inf
    worth = np.maximum.reduceat(rung_worth, tree.first)
    at_best = np.where(rung_worth == worth[tree.owner], np.arange(len(rung_worth)), len(rung_worth))
    rungs = np.minimum.reduceat(at_best, tree.first)
    opened_tokens = subtree_tokens(tree, priced.choice(priced.most()))[1]
    opens = priced.open_worth >= worth
    return np.where(opens, priced.open_worth, worth), np.where(opens, opened_tokens, tree.tokens[rungs])


def _level_name(node: Node) -> str:
    return LEVEL_NAMES[min(node.level, len(LEVEL_NAMES) - 1)]
