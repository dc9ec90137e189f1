"""Fixed shares of the budget for documents, sections and passages.

Passages come first, best value per token first. Afterwards a section may be summarized if no passage has opened it,
and then a document. Each level passes its remaining tokens to the next level. The last remainder goes back to the
passages.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from eval.baselines.cut import Cut
from hiercomp.allocation.lagrangian import LadderTree, at_budget
from hiercomp.allocation.tree_cut import NOTHING, dual_report
from hiercomp.types import DOCUMENT, PASSAGE, Allocation, Hierarchy, Ladder

SHARES = (0.1, 0.3, 0.6)
"""Shares of documents, sections and passages. In published comparisons most of the evidence is in passages."""


class Fixed:
    """Gives each level a fixed share of the budget. `shares` are those of documents, sections and passages."""

    def __init__(self, shares: tuple[float, float, float] = SHARES) -> None:
        self.shares = shares

    def allocate(self, hierarchy: Hierarchy, ladders: Mapping[str, Ladder], budget: int) -> Allocation:
        """Choose a cut of at most `budget` tokens. Its price and bound are those of the best cut."""
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
