"""Ranked units into a budget, the same way for every method that ranks: best first, whole, in document order."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hiercomp.ports import Tokenizer

SEPARATOR = "\n\n"
WORD = re.compile(r"\S{1,24}")
"""A word; what is written without spaces counts in pieces, so that it can be cut too."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of a document: its text, and where it stands, for the order in the context."""

    text: str
    position: int


def fill(ranked: Sequence[Unit], budget: int, tokenizer: Tokenizer) -> str:
    """The best units that fit together, in document order; the first that does not fit is cut to the room left.

    The joined whole is counted, so the text is never over the budget.
    """
    kept = list(ranked[: most(len(ranked), lambda count: tokenizer.count(_join(ranked[:count])) <= budget)])
    if len(kept) < len(ranked):
        unit = ranked[len(kept)]
        ends = [word.end() for word in WORD.finditer(unit.text)]

        def cut(count: int) -> list[Unit]:
            return [*kept, Unit(unit.text[: ends[count - 1]], unit.position)]

        room = most(len(ends), lambda count: tokenizer.count(_join(cut(count))) <= budget)
        kept = cut(room) if room else kept
    return _join(kept)


def most(limit: int, fits: Callable[[int], bool]) -> int:
    """The largest count that fits, found by doubling and halving; what it returns was itself tried."""
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
