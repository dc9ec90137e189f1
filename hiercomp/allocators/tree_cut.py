"""The default: the cut of the tree that is worth most, one budget for all levels.

Source: Shoham & Gersho 1988 (bit allocation at equal slopes), EBCOT (Taubman 2000, the same over truncation points).
"""

from __future__ import annotations

from collections.abc import Mapping

from hiercomp.allocation.tree_cut import allocate
from hiercomp.errors import ConfigError
from hiercomp.types import Allocation, Hierarchy, Ladder


class TreeCut:
    """Spends each token where it adds most expected evidence."""

    nested = False

    def allocate(self, hierarchy: Hierarchy, ladders: Mapping[str, Ladder], budget: int) -> Allocation:
        """The best cut that costs at most `budget` tokens, with its price and bound."""
        return allocate(hierarchy, ladders, budget)


def build(argument: str | None = None) -> TreeCut:
    """The allocator; it takes no argument.

    Raises:
        ConfigError: an argument is given.
    """
    if argument is not None:
        raise ConfigError(f"the allocator tree_cut takes no argument, not {argument!r}")
    return TreeCut()
