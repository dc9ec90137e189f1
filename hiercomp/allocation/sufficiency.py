"""Find the least budget that holds enough evidence: a share of all that is expected, or all that is worth its tokens.

The convex hull of the tree gives the amount that is enough: at a price, one pass finds the best choice. The least
budget that reaches this amount lies between two neighbours on the hull. A greater share never gets a smaller budget.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from hiercomp.allocation.lagrangian import LadderTree, at_budget, hull_neighbours, priced
from hiercomp.allocation.packing import Measure, Packed, pack
from hiercomp.ports import Allocator
from hiercomp.types import Choice, Hierarchy, Ladder

_MAX_TOKENS = 1_000_000
"""The largest budget that is tried. An allocator that has not reached a value by then never does."""


@dataclass(frozen=True, slots=True)
class StoppingRule:
    """Stop at a `share` of all expected evidence, or when one more token is worth less than `least_value`."""

    share: float
    least_value: float


def pack_enough(
    hierarchy: Hierarchy,
    ladders: Mapping[str, Ladder],
    allocator: Allocator,
    max_tokens: int,
    *,
    rule: StoppingRule,
    measure: Measure,
) -> tuple[Packed, Choice]:
    """Find the smallest context that satisfies a stopping rule within `max_tokens` tokens, and the reason for its size.

    If no context within `max_tokens` satisfies the rule, the result is that of `pack` for `max_tokens`.
    """
    fullest = pack(hierarchy, ladders, allocator, max_tokens, measure=measure)
    tree = LadderTree.of(hierarchy, ladders)
    value, choice = wanted(tree, rule)
    if fullest.tokens > max_tokens or fullest.allocation.value < value:
        return fullest, replace(choice, ended="most")
    budget = least_budget(tree, value, lambda budget: allocator.allocate(hierarchy, ladders, budget).value)
    least = Packed.of(hierarchy, allocator.allocate(hierarchy, ladders, budget), measure)
    # An allocation can render in more tokens than it was allocated.
    return (least if least.tokens <= max_tokens and least.allocation.value >= value else fullest), choice


def wanted(tree: LadderTree, rule: StoppingRule) -> tuple[float, Choice]:
    """Return the evidence that satisfies a rule, less the rounding error of sums, and which part of the rule set it."""
    if not tree.nodes:
        return 0.0, Choice("share", rule.share, rule.least_value, 0.0)
    expected = priced(tree, 0.0).total_net_value
    by_share, by_value = rule.share * expected, _worthwhile(tree, rule.least_value)
    choice = Choice("value" if by_value < by_share else "share", rule.share, rule.least_value, expected)
    return min(by_share, by_value) - tree.tolerance, choice


def least_budget(tree: LadderTree, value: float, value_at: Callable[[int], float]) -> int:
    """Return the least budget at which an allocator reaches a value.

    Args:
        tree: The ladders.
        value: The expected evidence to reach.
        value_at: Returns the value that the allocator reaches with a budget. It rises with the budget.
    """
    below, above = hull_neighbours(tree, value) if tree.nodes else (0, 0)
    while above < _MAX_TOKENS and value_at(above) < value:  # never true for an optimal allocator
        below, above = above, 2 * above + 1
    return bisect_left(range(above), True, lo=below, key=lambda budget: value_at(budget) >= value)


def _worthwhile(tree: LadderTree, price: float) -> float:
    """Return the evidence in everything that is worth more than a price a token.

    The most valuable step always counts, so that something is shown.
    """
    first = at_budget(tree, 0)
    if price >= first.price:
        return first.total_net_value + first.price * tree.total(first.most_tokens())
    at_price = priced(tree, price)
    return at_price.total_net_value + price * tree.total(at_price.fewest_tokens())
