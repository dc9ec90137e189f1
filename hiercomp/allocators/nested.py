"""Contexts that only grow: whatever a budget shows, every greater budget shows too.

Useful for prompt caches and for curves over the budget. Only passages speak, in renderings that keep the sentences of
the cheaper ones, and the budget goes along the hull of the tree, step by step: as the price falls, nodes are opened and
rungs rise, never the reverse. Of the step that does not fit it takes what does, best first, up to the first that does
not.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hiercomp.allocation.cut import Cut
from hiercomp.allocation.lagrangian import OPENED, Integers, LadderTree, at_budget, visited
from hiercomp.allocation.slack import step_at
from hiercomp.allocation.tree_cut import NOTHING, dual_report
from hiercomp.errors import ConfigError
from hiercomp.types import PASSAGE, Allocation, Hierarchy, Ladder, Rendering


class Nested:
    """Shows at least what every smaller budget shows."""

    nested = True

    def allocate(self, hierarchy: Hierarchy, ladders: Mapping[str, Ladder], budget: int) -> Allocation:
        """The last cut on the way that costs at most `budget` tokens, with the price and bound of the best one."""
        budget = max(0, budget)
        growing = {node_id: _growing(hierarchy.node(node_id).level, ladder) for node_id, ladder in ladders.items()}
        tree = LadderTree.of(hierarchy, growing)
        if not tree.nodes:
            return NOTHING
        step = step_at(at_budget(tree, budget), budget)
        cut = Cut(tree, step.choice)
        cut.take_until_full(_risen(tree, step_at(step.priced, step.total + step.room + 1).choice), budget)
        return dual_report(step.priced, cut.choice, budget)


def build(argument: str | None = None) -> Nested:
    """The allocator; it takes no argument.

    Raises:
        ConfigError: an argument is given.
    """
    if argument is not None:
        raise ConfigError(f"the allocator nested takes no argument, not {argument!r}")
    return Nested()


def _risen(tree: LadderTree, choice: Integers) -> list[int]:
    """The rungs up to those that a choice shows."""
    shown = np.flatnonzero(visited(tree, choice) & (choice != OPENED))
    return [rung for index in shown for rung in range(int(tree.first[index]) + 1, int(choice[index]) + 1)]


def _growing(level: int, ladder: Ladder) -> Ladder:
    """A passage's rungs that keep what the rung below shows, from the fullest down; of an inner node the opening."""
    rungs: list[Rendering] = []
    for rendering in reversed(ladder.renderings if level == PASSAGE else ()):
        if rendering.text is None and (not rungs or set(rendering.spans) <= set(rungs[-1].spans)):
            rungs.append(rendering)
    return Ladder(ladder.node_id, tuple(reversed(rungs)), ladder.opening)
