"""Fill a budget with ranked units, in the same way for every ranking method."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hiercomp.ports import Tokenizer

SEPARATOR = "\n\n"
WORD = re.compile(r"\S{1,24}")
"""A word. Long runs without spaces count in pieces of 24 characters, so that they can be cut too."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of a document: its text, and its position, which decides its place in the context."""

    text: str
    position: int


def fill(ranked: Sequence[Unit], budget: int, tokenizer: Tokenizer) -> str:
    """Join the best units that fit, in document order. The first unit that does not fit is cut to the remaining room.

    The joined text is counted as a whole, so it never exceeds the budget.
    """
    count = largest_fitting(len(ranked), lambda count: tokenizer.count(_join(ranked[:count])) <= budget)
    kept = list(ranked[:count])
    if len(kept) < len(ranked):
        unit = ranked[len(kept)]
        ends = [word.end() for word in WORD.finditer(unit.text)]

        def cut(count: int) -> list[Unit]:
            return [*kept, Unit(unit.text[: ends[count - 1]], unit.position)]

        words = largest_fitting(len(ends), lambda count: tokenizer.count(_join(cut(count))) <= budget)
        kept = cut(words) if words else kept
    return _join(kept)


def largest_fitting(limit: int, fits: Callable[[int], bool]) -> int:
    """Find the largest count that fits, by doubling and halving. The returned count was itself tried."""
    low, high = 0, 1
    while high <= limit and fits(high):
        low, high = high, 2 * high
    high = min(high, limit + 1)
    while high - low > 1:
        middle = (low + high) // 2
        if fits(middle):
            low = middle
        else:
            high = middle
    return low


def _join(units: Sequence[Unit]) -> str:
    return SEPARATOR.join(unit.text for unit in sorted(units, key=lambda unit: unit.position))
