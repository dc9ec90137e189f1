"""Nested contexts: a greater budget shows everything that a smaller budget shows, and more.

Nested contexts suit prompt caches and curves over the budget. Only passages are shown, in renderings that contain the
sentences of the cheaper ones. The budget follows the convex hull of the tree step by step: as the price falls, nodes
are opened and renderings grow, never the reverse. If a step does not fit whole, the allocator
takes its rungs by value per token until one does not fit, and stops.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from functools import cache

import numpy as np

from eval.baselines.cut import Cut
from hiercomp.allocation.lagrangian import OPENED, Integers, LadderTree, at_budget, visited
from hiercomp.allocation.packing import Measure, Packed
from hiercomp.allocation.slack import hull_point_at
from hiercomp.allocation.tree_cut import NOTHING, dual_report
from hiercomp.ports import Allocator
from hiercomp.types import PASSAGE, Allocation, Hierarchy, Ladder, Rendering

STRIDE = 8
"""The step in tokens between the allocation budgets that `pack_nested` tries. It is less than a sentence."""
DIP = 32
"""Tokens by which a context can be shorter than a smaller context: a gap is filled, or two parts share an address."""
FIRST_STEP = 512
"""Tokens for the first sentence and the headings above it. Most of these headings are not rendered."""


class Nested:
    """The allocator. A context contains the contexts of all smaller budgets."""

    def allocate(self, hierarchy: Hierarchy, ladders: Mapping[str, Ladder], budget: int) -> Allocation:
        """Choose the last cut on the hull that costs at most `budget` tokens.

        The price and the bound are those of the best cut.
        """
        budget = max(0, budget)
        growing = {node_id: _growing(hierarchy.node(node_id).level, ladder) for node_id, ladder in ladders.items()}
        tree = LadderTree.of(hierarchy, growing)
        if not tree.nodes:
            return NOTHING
        point = hull_point_at(at_budget(tree, budget), budget)
        cut = Cut(tree, point.choice)
        following = hull_point_at(point.priced, point.total_tokens + point.max_slack + 1)
        cut.take_until_full(_shown_rungs(tree, following.choice), budget)
        return dual_report(point.priced, cut.choice, budget)


def pack_nested(
    hierarchy: Hierarchy, ladders: Mapping[str, Ladder], allocator: Allocator, budget: int, *, measure: Measure
) -> Packed:
    """Return the last context before the first one that exceeds the budget.

    The contexts are tried in the same order for every budget. The corrections of `hiercomp.allocation.packing.pack`
    could give a greater budget a smaller allocation.

    Args:
        hierarchy: The documents and their nodes.
        ladders: The renderings of each node. They must be the same for every budget.
        allocator: An allocator whose allocations are nested.
        budget: The most tokens that the context may have.
        measure: Counts the tokens of a rendered context.
    """

    @cache
    def at(step: int) -> Packed:
        return Packed.of(hierarchy, allocator.allocate(hierarchy, ladders, step * STRIDE), measure)

    steps = range((2 * budget + FIRST_STEP) // STRIDE)
    safe = bisect_right(steps, budget - DIP, key=lambda step: at(step).tokens)
    last = next((step - 1 for step in steps[max(1, safe) :] if at(step).tokens > budget), steps[-1])
    if at(last).parts:
        return at(last)
    return at(bisect_left(range(steps[-1]), True, lo=last, key=lambda step: bool(at(step).parts)))


def _shown_rungs(tree: LadderTree, choice: Integers) -> list[int]:
    """Return the rungs up to those that a choice shows."""
    shown = np.flatnonzero(visited(tree, choice) & (choice != OPENED))
    return [rung for index in shown for rung in range(int(tree.first_rung[index]) + 1, int(choice[index]) + 1)]


def _growing(level: int, ladder: Ladder) -> Ladder:
    """Return a ladder in which each rung contains the rung below it. An inner node keeps only its opening."""
    rungs: list[Rendering] = []
    for rendering in reversed(ladder.renderings if level == PASSAGE else ()):
        if rendering.text is None and (not rungs or set(rendering.spans) <= set(rungs[-1].spans)):
            rungs.append(rendering)
    return Ladder(ladder.node_id, tuple(reversed(rungs)), ladder.opening)
