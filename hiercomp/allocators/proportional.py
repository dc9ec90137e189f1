"""To each section a part of the budget in proportion to its expected evidence, spent on its passages best first.

What a section leaves goes on to the next one, the richest section first.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hiercomp.allocation.cut import Cut
from hiercomp.allocation.lagrangian import LadderTree, at_budget
from hiercomp.allocation.tree_cut import NOTHING, dual_report
from hiercomp.errors import ConfigError
from hiercomp.types import Allocation, Hierarchy, Ladder


class Proportional:
    """Spreads the budget over all sections that hold evidence."""

    nested = False

    def allocate(self, hierarchy: Hierarchy, ladders: Mapping[str, Ladder], budget: int) -> Allocation:
        """A cut that costs at most `budget` tokens, with the price and bound of the best one."""
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


def build(argument: str | None = None) -> Proportional:
    """The allocator; it takes no argument.

    Raises:
        ConfigError: an argument is given.
    """
    if argument is not None:
        raise ConfigError(f"the allocator proportional takes no argument, not {argument!r}")
    return Proportional()


def _sections(tree: LadderTree) -> dict[int, list[range]]:
    """The rungs of each leaf, by its parent; a leaf whose best rung carries no evidence is left out."""
    sections: dict[int, list[range]] = {}
    for index in np.flatnonzero(~tree.inner).tolist():
        rungs = tree.rungs(index)
        if tree.values[rungs[-1]] > 0:
            sections.setdefault(int(tree.parents[index]), []).append(rungs)
    return sections
