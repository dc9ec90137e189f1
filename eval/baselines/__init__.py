"""Allocators that hiercomp's own allocator is compared with.

They are not part of the product: `hiercomp.allocators` does not list them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from eval.baselines.density import DensityGreedy
from eval.baselines.fixed import Fixed
from eval.baselines.nested import Nested
from eval.baselines.proportional import Proportional
from hiercomp.ports import Allocator

BASELINES: Mapping[str, Callable[[], Allocator]] = {
    "density greedy": DensityGreedy,
    "fixed": Fixed,
    "nested": Nested,
    "proportional": Proportional,
}
"""Each baseline's name and its constructor."""
