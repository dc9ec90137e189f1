"""An allocator that takes passages by expected evidence a token, best first, and looks no further."""

from collections.abc import Mapping

import numpy as np

from hiercomp.allocation.cut import Cut
from hiercomp.allocation.lagrangian import LadderTree, at_budget
from hiercomp.allocation.tree_cut import NOTHING, dual_report
from hiercomp.errors import ConfigError
from hiercomp.types import Allocation, Hierarchy, Ladder


class Greedy:
    """The allocator."""

    nested = False  # a greater budget may show other sentences of a passage

    def allocate(self, hierarchy: Hierarchy, ladders: Mapping[str, Ladder], budget: int) -> Allocation:
        """Passages that cost at most `budget` tokens, beside the most that any choice could be worth."""
        tree = LadderTree.of(hierarchy, ladders)
        if not tree.nodes:
            return NOTHING
        cut = Cut(tree)
        cut.take_best_first(np.flatnonzero(~tree.inner[tree.owner]).tolist(), budget)
        return dual_report(at_budget(tree, max(0, budget)), cut.choice, max(0, budget))


def build(argument: str | None = None) -> Greedy:
    """The allocator; it takes no argument."""
    if argument is not None:
        raise ConfigError(f"the allocator greedy takes no argument, not {argument!r}")
    return Greedy()
