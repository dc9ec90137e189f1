"""Read the numbers of a text, and compare numbers that are written differently."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

_SCALES = {
    "k": 3, "thousand": 3, "m": 6, "mm": 6, "mn": 6, "million": 6, "b": 9, "bn": 9, "billion": 9, "trillion": 12,
    "万": 4, "萬": 4, "亿": 8, "億": 8,
}  # fmt: skip
_FIGURE = re.compile(
    r"""
    (?P<before>(?<![\w)])(?:[-−(]|[$€£¥]\s?)*)?
    (?P<digits>\d{1,3}(?:,\d{2,3})*,\d{3}(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|(?<![\w.])\.\d+)
    (?:(?P<letters>k|mm|mn|m|bn|b)\b|\s?(?:(?P<scale>thousand|million|billion|trillion)s?\b|(?P<character>[万萬亿億])))?
    \s?%?(?P<close>\))?
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in a text: the value of its digits and the unit of its last digit.

    `scale` is the power of ten of the word after the number ("million"), or None. `signed` is false for a number in
    parentheses: that can be an amount below zero, but also a year or a note.
    """

    value: Decimal
    unit: Decimal
    scale: int | None = None
    signed: bool = True


def read_figures(text: str) -> list[Figure]:
    """Return the numbers of a text in order. Percent and currency signs are ignored: "16.5%" is "16.5", not "0.165"."""
    return [_read(match) for match in _FIGURE.finditer(unicodedata.normalize("NFKC", text).casefold())]


def _read(match: re.Match[str]) -> Figure:
    before, digits = match["before"] or "", match["digits"].replace(",", "")
    scale = match["letters"] or match["scale"] or match["character"]
    return Figure(
        value=Decimal(digits) * (-1 if "-" in before or "−" in before else 1),
        unit=Decimal(1).scaleb(-len(digits.partition(".")[2])),
        scale=_SCALES[scale] if scale else None,
        signed=not ("(" in before and match["close"]),
    )


def agrees(gold: Figure, given: Figure) -> bool:
    """Return whether a number rounds to the gold number: the difference is at most half of the gold's last digit.

    "1,577 million" agrees with "$1.58 billion". If only one of the two has a scale word, the digits may agree instead,
    because tables are often "in millions". The sign of a number in parentheses is ignored.
    """
    factors = [Decimal(10) ** ((given.scale or 0) - (gold.scale or 0))]
    if gold.scale is None or given.scale is None:
        factors.append(Decimal(1))
    signed = gold.signed and given.signed
    return any(_near(gold, given.value * factor, signed=signed) for factor in factors)


def _near(gold: Figure, value: Decimal, *, signed: bool) -> bool:
    difference = gold.value - value if signed else abs(gold.value) - abs(value)
    return abs(difference) <= gold.unit / 2
