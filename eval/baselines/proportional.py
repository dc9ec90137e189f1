"""Budget shares of sections in proportion to their expected evidence.

Each section uses its share for its passages, best value per token first. The section with the most expected evidence
comes first. Each section passes its remaining tokens to the next one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from eval.baselines.cut import Cut
from hiercomp.allocation.lagrangian import LadderTree, at_budget
from hiercomp.allocation.tree_cut import NOTHING, dual_report
from hiercomp.types import Allocation, Hierarchy, Ladder


class Proportional:
    """Spreads the budget over all sections that contain evidence."""

    def allocate(self, hierarchy: Hierarchy, ladders: Mapping[str, Ladder], budget: int) -> Allocation:
        """Choose a cut of at most `budget` tokens. Its price and bound are those of the best cut."""
        tree = LadderTree.of(hierarchy, ladders)
        if not tree.nodes:
            return NOTHING
        sections = _sections(tree)
        evidence = {parent: sum(tree.values[rungs[-1]] for rungs in leaves) for parent, leaves in sections.items()}
        total = sum(evidence.values())
        cut, granted = Cut(tree), 0.0
        for parent in sorted(sections, key=lambda parent: (-evidence[parent], parent)):
            granted += evidence[parent]
            limit = budget if granted >= total else int(budget * granted / total)
            cut.take_best_first([rung for rungs in sections[parent] for rung in rungs], limit)
        cut.take_best_first([rung for leaves in sections.values() for rungs in leaves for rung in rungs], budget)
        return dual_report(at_budget(tree, max(0, budget)), cut.choice, max(0, budget))


def _sections(tree: LadderTree) -> dict[int, list[range]]:
    """Return the rungs of each leaf by the leaf's parent. Leaves whose best rung has no evidence are left out."""
    sections: dict[int, list[range]] = {}
    for index in np.flatnonzero(~tree.has_children).tolist():
        rungs = tree.rungs(index)
        if tree.values[rungs[-1]] > 0:
            sections.setdefault(int(tree.parents[index]), []).append(rungs)
    return sections
