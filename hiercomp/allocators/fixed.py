"""Fixed shares of the budget for each level: `fixed/0.1,0.3,0.6` for documents, sections and passages.

The finest level spends first, best value per token first, so that what it opens is known; a section that was not opened
may then be summarised, and then a document. What a level leaves goes on to the next, and at last back to the passages.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hiercomp.allocation.cut import Cut
from hiercomp.allocation.lagrangian import LadderTree, at_budget
from hiercomp.allocation.tree_cut import NOTHING, dual_report
from hiercomp.errors import ConfigError
from hiercomp.types import DOCUMENT, PASSAGE, Allocation, Hierarchy, Ladder

_SHARES = (0.1, 0.3, 0.6)  # coarse levels only orient; in published comparisons most evidence is in passages


class Fixed:
    """Gives each level its share; the best of each level comes first."""

    nested = False

    def __init__(self, shares: tuple[float, ...] = _SHARES) -> None:
        self.shares = shares

    def allocate(self, hierarchy: Hierarchy, ladders: Mapping[str, Ladder], budget: int) -> Allocation:
        """A cut that costs at most `budget` tokens, with the price and bound of the best one."""
        tree = LadderTree.of(hierarchy, ladders)
        if not tree.nodes:
            return NOTHING
        levels = np.array([min(node.level, DOCUMENT) for node in tree.nodes])[tree.owner]
        cut, granted = Cut(tree), 0.0
        for level, share in enumerate(reversed(self.shares)):
            granted += share
            cut.take_best_first(np.flatnonzero(levels == level).tolist(), int(granted * budget))
        cut.take_best_first(np.flatnonzero(levels == PASSAGE).tolist(), budget)
        return dual_report(at_budget(tree, max(0, budget)), cut.choice, max(0, budget))


def build(argument: str | None = None) -> Fixed:
    """The allocator for shares such as `0.1,0.3,0.6`; of the whole budget when they add up to 1.

    Raises:
        ConfigError: the argument is not three shares of 0 or more that add up to at most 1.
    """
    if argument is None:
        return Fixed()
    try:
        shares = tuple(float(share) for share in argument.split(","))
    except ValueError:
        shares = ()
    if len(shares) != len(_SHARES) or not all(share >= 0 for share in shares) or not 0 < sum(shares) <= 1 + 1e-9:
        raise ConfigError(
            f"fixed/{argument} does not name the shares of documents, sections and passages: "
            "write three numbers that add up to at most 1, such as fixed/0.1,0.3,0.6"
        )
    return Fixed(shares)
