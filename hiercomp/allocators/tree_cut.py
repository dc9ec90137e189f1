"""The default allocator: the cut of the tree with the most value, with one budget for all levels.

Source: Shoham & Gersho 1988 (bit allocation at equal slopes); EBCOT, Taubman 2000 (equal slopes at truncation points).
"""

from __future__ import annotations

from collections.abc import Mapping

from hiercomp.allocation.tree_cut import allocate
from hiercomp.errors import ConfigError
from hiercomp.types import Allocation, Hierarchy, Ladder


class TreeCut:
    """The allocator. It uses the tokens for the renderings that add the most expected evidence."""

    def allocate(self, hierarchy: Hierarchy, ladders: Mapping[str, Ladder], budget: int) -> Allocation:
        """Choose the best cut that costs at most `budget` tokens, with its price and bound."""
        return allocate(hierarchy, ladders, budget)


def build(argument: str | None = None) -> TreeCut:
    """Build the allocator. It takes no argument.

    Raises:
        ConfigError: an argument is given.
    """
    if argument is not None:
        raise ConfigError(f"the allocator tree_cut takes no argument, not {argument!r}")
    return TreeCut()
