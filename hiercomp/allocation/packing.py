"""The ceiling: an allocation is rendered, the whole is counted, and the difference corrects the allocation.

Ladders carry the tokens of sentences one by one; a rendered whole has other joins, and tokens do not add up. So what is
counted is the text itself, and nothing over the budget ever leaves this module.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from hiercomp.allocation.budget import MOST
from hiercomp.allocation.tree_cut import NOTHING
from hiercomp.context import render, render_whole
from hiercomp.ports import Allocator
from hiercomp.types import LEVEL_NAMES, PASSAGE, SECTION, Allocation, Hierarchy, Ladder, Part, Rendering

ROUNDS = 6
"""Allocations tried. The second is within a percent of the budget on nine documents of ten."""
USED_ENOUGH = 0.99
STRIDE = 8
"""Tokens between the allocator's budgets that a nested context is looked for at: less than a sentence."""
DIP = 32
"""Tokens by which a context can be shorter than a part of it: a filled gap, an address that two parts share."""
FIRST_STEP = 512
"""Tokens that the first sentence may be allocated with the headings above it, most of which do not render."""
Measure = Callable[[str, Sequence[Part]], int]
"""The tokens of a rendered whole: of its text, or of what a reader is given of its parts."""
CANDIDATES = 32
"""Cheapest renderings that are counted where the budget is too small for an allocation."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A context that fits: its text, its tokens, its parts, and the allocation that it shows."""

    text: str
    tokens: int
    parts: tuple[Part, ...]
    allocation: Allocation

    @classmethod
    def of(cls, hierarchy: Hierarchy, allocation: Allocation, measure: Measure) -> Packed:
        """An allocation as it renders, whatever that takes."""
        text, parts = render(hierarchy, allocation.renderings)
        return cls(text, measure(text, parts) if parts else 0, parts, allocation)


EMPTY = Packed("", 0, (), NOTHING)
"""The context of a document without sentences."""


def offered_for(budget: int, allocator: Allocator) -> int:
    """The budget that ladders are made for: one for all where a greater budget only adds.

    What a sentence is worth depends on what else is offered.
    """
    return MOST if allocator.nested else max(1, budget)


def pack(
    hierarchy: Hierarchy,
    ladders: Mapping[str, Ladder],
    allocator: Allocator,
    budget: int,
    *,
    measure: Measure,
) -> Packed:
    """The best context found of at most `budget` tokens by `measure`, which counts a whole as it is rendered.

    Where nothing fits it is the cheapest that there is, and over the budget: the caller refuses.
    """
    if allocator.nested:
        return _pack_nested(hierarchy, ladders, allocator, budget, measure)
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


def _pack_nested(
    hierarchy: Hierarchy,
    ladders: Mapping[str, Ladder],
    allocator: Allocator,
    budget: int,
    measure: Measure,
) -> Packed:
    """The last context before the first that is over the budget, on a way that is the same for every budget.

    Corrections as in `pack` could give a greater budget the lesser allocation.
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


def whole(hierarchy: Hierarchy, measure: Measure) -> Packed:
    """A document as it is; nothing was ranked, so no evidence is expected of one part more than of another."""
    passages = hierarchy.level(PASSAGE)
    text, parts = render_whole(hierarchy.documents[0], passages)
    renderings = tuple(Rendering(node.id, "verbatim", (node.span,), (0.0,), 0) for node in passages)
    return Packed(text, measure(text, parts), parts, replace(NOTHING, renderings=renderings))


def _cheapest(hierarchy: Hierarchy, ladders: Mapping[str, Ladder], budget: int, measure: Measure) -> Packed:
    """One rendering alone: the best that fits, else the smallest; only those that are cheap by estimate are counted."""
    cheap = sorted((ladder.renderings[0] for ladder in ladders.values() if ladder.renderings), key=_price)[:CANDIDATES]
    found = []
    for rendering in cheap:
        alone = replace(NOTHING, renderings=(rendering,), value=rendering.value)
        found.append(Packed.of(hierarchy, alone, measure))
    fitting = [packed for packed in found if packed.tokens <= budget]
    if fitting:
        return max(fitting, key=lambda packed: packed.allocation.value)
    return min(found, key=lambda packed: packed.tokens, default=EMPTY)


def _price(rendering: Rendering) -> tuple[int, str]:
    return rendering.tokens, rendering.node_id


def counted(packed: Packed, count: Callable[[Sequence[str]], list[int]]) -> Packed:
    """A context with the tokens of each part, and of each level: headings and addresses are the sections'."""
    tokens = count([part.text for part in packed.parts])
    parts = tuple(replace(part, tokens=each) for part, each in zip(packed.parts, tokens, strict=True))
    levels = dict.fromkeys(range(len(LEVEL_NAMES)), 0)
    for part in parts:
        levels[part.level] += part.tokens
    levels[SECTION] += packed.tokens - sum(levels.values())
    by_level = tuple((LEVEL_NAMES[level], share) for level, share in levels.items())
    allocation = replace(packed.allocation, tokens=packed.tokens, tokens_by_level=by_level)
    return replace(packed, parts=parts, allocation=allocation)
