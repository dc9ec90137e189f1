"""The least context that holds enough: a share of all the evidence that is expected, or all that is worth its tokens.

What is enough is an amount of evidence, read off the hull of the tree, where a price gives the best choice in one pass.
The least budget that reaches it lies between two neighbours on the hull. Who asks for more is never given less.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from hiercomp.allocation.lagrangian import LadderTree, around, at_budget, priced
from hiercomp.allocation.packing import Measure, Packed, pack
from hiercomp.ports import Allocator
from hiercomp.types import Choice, Hierarchy, Ladder

_FARTHEST = 1_000_000
"""Tokens beyond which no allocator is asked: one that has not reached a value by then never does."""


@dataclass(frozen=True, slots=True)
class Enough:
    """What is enough: a share of all expected evidence, or all that is worth `least_value` of it a token."""

    share: float
    least_value: float


def pack_enough(
    hierarchy: Hierarchy,
    ladders: Mapping[str, Ladder],
    allocator: Allocator,
    most: int,
    *,
    enough: Enough | None,
    measure: Measure,
) -> tuple[Packed, Choice | None]:
    """The least context that holds enough, of at most `most` tokens, and why it ends where it does.

    Where not that much fits, or nothing is said to be enough, it is what `pack` makes of `most` tokens.
    """
    fullest = pack(hierarchy, ladders, allocator, most, measure=measure)
    if enough is None:
        return fullest, None
    tree = LadderTree.of(hierarchy, ladders)
    value, choice = wanted(tree, enough)
    if fullest.tokens > most or fullest.allocation.value < value:
        return fullest, replace(choice, ended="most")
    budget = least_budget(tree, value, lambda budget: allocator.allocate(hierarchy, ladders, budget).value)
    least = Packed.of(hierarchy, allocator.allocate(hierarchy, ladders, budget), measure)
    # What is allocated in fewer tokens may render in more.
    return (least if least.tokens <= most and least.allocation.value >= value else fullest), choice


def wanted(tree: LadderTree, enough: Enough) -> tuple[float, Choice]:
    """The evidence that is enough, and what it was found by; sums that round to it are enough too."""
    if not tree.nodes:
        return 0.0, Choice("share", enough.share, enough.least_value, 0.0)
    expected = priced(tree, 0.0).net
    asked, worthwhile = enough.share * expected, _worthwhile(tree, enough.least_value)
    choice = Choice("value" if worthwhile < asked else "share", enough.share, enough.least_value, expected)
    return min(asked, worthwhile) - tree.tolerance, choice


def least_budget(tree: LadderTree, value: float, value_at: Callable[[int], float]) -> int:
    """The least budget at which an allocator reaches a value; `value_at` is what it reaches, rising with the budget."""
    below, above = around(tree, value) if tree.nodes else (0, 0)
    while above < _FARTHEST and value_at(above) < value:  # the best allocator is there at once
        below, above = above, 2 * above + 1
    return bisect_left(range(above), True, lo=below, key=lambda budget: value_at(budget) >= value)


def _worthwhile(tree: LadderTree, price: float) -> float:
    """The evidence in what is worth more than a price a token; in the dearest step at least, so that something is."""
    first = at_budget(tree, 0)
    if price >= first.price:
        return first.net + first.price * tree.total(first.most())
    at_price = priced(tree, price)
    return at_price.net + price * tree.total(at_price.fewest())
