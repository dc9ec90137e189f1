"""Greedy allocation by value per token."""

from __future__ import annotations

from collections.abc import Mapping

from eval.baselines.cut import Cut
from hiercomp.allocation.lagrangian import LadderTree, at_budget
from hiercomp.allocation.tree_cut import NOTHING, dual_report
from hiercomp.types import Allocation, Hierarchy, Ladder


class DensityGreedy:
    """Takes the rendering with the most value per token first. Renderings that do not fit are skipped."""

    def allocate(self, hierarchy: Hierarchy, ladders: Mapping[str, Ladder], budget: int) -> Allocation:
        """Choose a cut of at most `budget` tokens. Its price and bound are those of the best cut."""
        tree = LadderTree.of(hierarchy, ladders)
        if not tree.nodes:
            return NOTHING
        cut = Cut(tree)
        cut.take_best_first(range(len(tree.tokens)), budget)
        return dual_report(at_budget(tree, budget), cut.choice, budget)
