"""Contexts that only grow: whatever a budget shows, every greater budget shows too.

Useful for prompt caches and for curves over the budget. Only passages speak, in renderings that keep the sentences of
the cheaper ones, and the budget goes along the hull of the tree, step by step, up to the first step that does not fit:
as the price falls, nodes are opened and rungs rise, never the reverse.
"""

from __future__ import annotations

from collections.abc import Mapping

from hiercomp.allocation import NOTHING, dual_report
from hiercomp.errors import ConfigError
from hiercomp.lagrangian import LadderTree, at_budget
from hiercomp.slack import step_at
from hiercomp.types import PASSAGE, Allocation, Hierarchy, Ladder, Rendering


class Nested:
    """Shows at least what every smaller budget shows."""

    nested = True

    def allocate(self, hierarchy: Hierarchy, ladders: Mapping[str, Ladder], budget: int) -> Allocation:
        """The last cut on the hull that costs at most `budget` tokens, with the price and bound of the best one."""
        budget = max(0, budget)
        growing = {node_id: _growing(hierarchy.node(node_id).level, ladder) for node_id, ladder in ladders.items()}
        tree = LadderTree.of(hierarchy, growing)
        if not tree.nodes:
            return NOTHING
        step = step_at(at_budget(tree, budget), budget)
        return dual_report(step.priced, step.choice, budget)


def build(argument: str | None = None) -> Nested:
    """The allocator; it takes no argument.

    Raises:
        ConfigError: an argument is given.
    """
    if argument is not None:
        raise ConfigError(f"the allocator nested takes no argument, not {argument!r}")
    return Nested()


def _growing(level: int, ladder: Ladder) -> Ladder:
    """A passage's rungs that keep what the rung below shows, from the fullest down; of an inner node the opening."""
    rungs: list[Rendering] = []
    for rendering in reversed(ladder.renderings if level == PASSAGE else ()):
        if rendering.text is None and (not rungs or set(rendering.spans) <= set(rungs[-1].spans)):
            rungs.append(rendering)
    return Ladder(ladder.node_id, tuple(reversed(rungs)), ladder.opening)
