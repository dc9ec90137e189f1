"""The numbers that a text states, and whether two are the same but for how they are written."""

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
    """A number as a text states it: the value of its digits, and of the last one's unit.

    `scale` is the power of ten of the word behind it ("million"), None without one. `signed` is false for a number in
    parentheses: amounts below zero stand so, and years and notes too.
    """

    value: Decimal
    unit: Decimal
    scale: int | None = None
    signed: bool = True


def read_figures(text: str) -> list[Figure]:
    """The numbers of a text, in order. Percent and currency signs are left out: "16.5%" is "16.5", and not "0.165"."""
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
    """Whether a number rounds to the gold one: they are no more than half of the gold one's last digit apart.

    "1,577 million" is "$1.58 billion". Where only one of the two has such a word, the digits may agree instead: tables
    are "in millions". The sign of a number in parentheses is not looked at.
    """
    factors = [Decimal(10) ** ((given.scale or 0) - (gold.scale or 0))]
    if gold.scale is None or given.scale is None:
        factors.append(Decimal(1))
    signed = gold.signed and given.signed
    return any(_near(gold, given.value * factor, signed=signed) for factor in factors)


def _near(gold: Figure, value: Decimal, *, signed: bool) -> bool:
    apart = gold.value - value if signed else abs(gold.value) - abs(value)
    return abs(apart) <= gold.unit / 2
