"""The least context that holds enough: a share of all the evidence that is expected, or all that is worth its tokens.

The goal is an amount of evidence, found on the hull of the tree, where a price gives the best choice in one pass. The
least budget whose allocation reaches it lies between two neighbours on the hull. A higher goal is never given less.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hiercomp.lagrangian import LadderTree, around, at_budget, priced
from hiercomp.packing import Packed, pack
from hiercomp.ports import Allocator
from hiercomp.types import Choice, Hierarchy, Ladder

_FARTHEST = 1_000_000
"""Tokens beyond which no allocator is asked: one that has not reached the goal by then never does."""


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
    measure: Callable[[str], int],
) -> tuple[Packed, Choice | None]:
    """The least context that holds enough, of at most `most` tokens, and why it ends where it does.

    Where not that much fits, or nothing is said to be enough, it is what `pack` makes of `most` tokens.
    """
    fullest = pack(hierarchy, ladders, allocator, most, measure=measure)
    if enough is None:
        return fullest, None
    tree = LadderTree.of(hierarchy, ladders)
    if not tree.nodes:
        return fullest, Choice("share", enough.share, enough.least_value, 0.0)
    expected = priced(tree, 0.0).net
    worthwhile = _worth(tree, enough.least_value)
    goal = min(enough.share * expected, worthwhile) - tree.tolerance
    choice = Choice(
        "value" if worthwhile < enough.share * expected else "share", enough.share, enough.least_value, expected
    )
    if fullest.tokens > most or fullest.allocation.value < goal:
        return fullest, Choice("most", enough.share, enough.least_value, expected)
    budget = _least(lambda budget: allocator.allocate(hierarchy, ladders, budget).value >= goal, *around(tree, goal))
    least = Packed.of(hierarchy, allocator.allocate(hierarchy, ladders, budget), measure)
    # What is allocated in fewer tokens can render in more, and a goal that only `pack` reached may be out of reach.
    return (least if least.tokens <= most and least.allocation.value >= goal else fullest), choice


def _worth(tree: LadderTree, price: float) -> float:
    """The evidence in what is worth more than a price a token; of the dearest step at least, so that something is."""
    first = at_budget(tree, 0)
    if price >= first.price:
        return first.net + first.price * tree.total(first.most())
    at_price = priced(tree, price)
    return at_price.net + price * tree.total(at_price.fewest())


def _least(reaches: Callable[[int], bool], below: int, above: int) -> int:
    """The least budget that reaches a goal, `below` being too little; `above` is enough for the best allocator only."""
    while above < _FARTHEST and not reaches(above):
        below, above = above, 2 * above + 1
    return bisect_left(range(above), True, lo=below, key=reaches)
