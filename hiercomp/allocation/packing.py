"""Hold the ceiling: render an allocation, count the whole text, and correct the allocation by the difference.

A ladder counts the tokens of sentences one by one. A rendered text has other line breaks, and token counts do not add
up over them. So the text itself is counted. A result exceeds the budget only if no context fits it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from hiercomp.allocation.tree_cut import NOTHING
from hiercomp.context import render, render_whole
from hiercomp.ports import Allocator
from hiercomp.types import PASSAGE, Allocation, Hierarchy, Ladder, Part, Rendering

ROUNDS = 6
"""The most allocations that are tried. The second is within a percent of the budget on nine documents of ten."""
USED_ENOUGH = 0.99
"""The share of the budget at which no further round is tried."""
Measure = Callable[[str, Sequence[Part]], int]
"""Counts the tokens of a rendered context, from its text and its parts."""
CANDIDATES = 32
"""The number of cheapest renderings that are counted if the budget is too small for an allocation."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A rendered allocation: its text, the tokens of the text, its parts, and the allocation."""

    text: str
    tokens: int
    parts: tuple[Part, ...]
    allocation: Allocation

    @classmethod
    def of(cls, hierarchy: Hierarchy, allocation: Allocation, measure: Measure) -> Packed:
        """Render an allocation and count its tokens."""
        text, parts = render(hierarchy, allocation.renderings)
        return cls(text, measure(text, parts) if parts else 0, parts, allocation)


EMPTY = Packed("", 0, (), NOTHING)
"""The context of a document without sentences."""


def pack(
    hierarchy: Hierarchy,
    ladders: Mapping[str, Ladder],
    allocator: Allocator,
    budget: int,
    *,
    measure: Measure,
) -> Packed:
    """Find the best context whose rendered text has at most `budget` tokens by `measure`.

    If no context fits, the result is the smallest context. It is over the budget, and the caller refuses it.
    """
    best = EMPTY
    target = budget
    bounds: dict[int, float] = {}
    for _ in range(ROUNDS):
        packed = Packed.of(hierarchy, allocator.allocate(hierarchy, ladders, target), measure)
        bounds[target] = packed.allocation.bound
        if packed.tokens <= budget and packed.allocation.value > best.allocation.value:
            best = packed
        if USED_ENOUGH * budget <= packed.tokens <= budget:
            break
        target = max(0, target + budget - packed.tokens)
        if target in bounds:
            break
    if best.parts:
        return best
    cheapest = _cheapest(hierarchy, ladders, budget, measure)
    allocation = cheapest.allocation
    return replace(cheapest, allocation=replace(allocation, bound=max(bounds[budget], allocation.value)))


def pack_whole(hierarchy: Hierarchy, measure: Measure) -> Packed:
    """Pack a single document as it is. Nothing is ranked, so that no part has a value."""
    passages = hierarchy.level(PASSAGE)
    text, parts = render_whole(hierarchy.documents[0], passages)
    renderings = tuple(Rendering(node.id, "verbatim", (node.span,), (0.0,), 0) for node in passages)
    return Packed(text, measure(text, parts), parts, replace(NOTHING, renderings=renderings))


def _cheapest(hierarchy: Hierarchy, ladders: Mapping[str, Ladder], budget: int, measure: Measure) -> Packed:
    """Pack one rendering alone: the most valuable that fits, else the smallest.

    Only the renderings that are cheapest by their ladders are rendered and counted.
    """
    first = (ladder.renderings[0] for ladder in ladders.values() if ladder.renderings)
    cheap = sorted(first, key=lambda rendering: (rendering.tokens, rendering.node_id))[:CANDIDATES]
    found = []
    for rendering in cheap:
        alone = replace(NOTHING, renderings=(rendering,), value=rendering.value)
        found.append(Packed.of(hierarchy, alone, measure))
    fitting = [packed for packed in found if packed.tokens <= budget]
    if fitting:
        return max(fitting, key=lambda packed: packed.allocation.value)
    return min(found, key=lambda packed: packed.tokens, default=EMPTY)
