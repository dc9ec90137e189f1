"""An allocator that takes passages by their value per token, best first, until the budget is full."""

from collections.abc import Mapping

import numpy as np

from hiercomp.allocation.lagrangian import OPENED, Integers, LadderTree, at_budget
from hiercomp.allocation.tree_cut import NOTHING, dual_report
from hiercomp.errors import ConfigError
from hiercomp.types import Allocation, Hierarchy, Ladder


class Greedy:
    """The allocator. It shows passages only, and no summaries."""

    def allocate(self, hierarchy: Hierarchy, ladders: Mapping[str, Ladder], budget: int) -> Allocation:
        """Choose passages that cost at most `budget` tokens. Passages that do not fit are skipped."""
        tree = LadderTree.of(hierarchy, ladders)
        if not tree.nodes:
            return NOTHING
        limit = remaining = max(0, budget)
        choice = tree.first_rung.copy()  # a node's first rung shows nothing
        density = tree.values / np.maximum(tree.tokens, 1)
        rungs = np.flatnonzero(~tree.has_children[tree.owner] & (tree.values > 0))
        for rung in sorted(rungs.tolist(), key=lambda rung: (-density[rung], rung)):
            node = int(tree.owner[rung])
            closed = closed_ancestors(tree, choice, node)
            cost = int(tree.tokens[rung] - tree.tokens[choice[node]] + tree.openings[closed].sum())
            if rung > choice[node] and cost <= remaining:
                choice[node] = rung
                choice[closed] = OPENED
                remaining -= cost
        return dual_report(at_budget(tree, limit), choice, limit)


def closed_ancestors(tree: LadderTree, choice: Integers, node: int) -> list[int]:
    """Return the ancestors that must be opened before a node can be shown. Each costs tokens for its heading."""
    closed = []
    parent = int(tree.parents[node])
    while parent >= 0 and choice[parent] != OPENED:
        closed.append(parent)
        parent = int(tree.parents[parent])
    return closed


def build(argument: str | None = None) -> Greedy:
    """Build the allocator. It takes no argument."""
    if argument is not None:
        raise ConfigError(f"the allocator greedy takes no argument, not {argument!r}")
    return Greedy()
