"""The numbers that an answer rests on, as the gold evidence writes them.

A reader that is to state or compute a number must be given it, so the numbers that an answer states, or that its
derivation names, and that stand in the gold evidence are what a context must keep. Names with digits, bare years and
one-digit numbers are left out unless they are the whole answer: they stand all over a document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

_NUMBER = re.compile(
    r"(?<![A-Za-z\d.])(?<!\d,)"  # not inside a name such as Q3, nor inside a longer number
    r"(?:\d{1,3}(?:,\d{3})++(?!\d)|\d++)(?:\.\d++)?+"
    r"(?!\.\d)"  # 6.3.1 is a section
    r"(?!(?!x\b)[A-Za-z])"  # nor the beginning of one such as 10K; 2.5x is a ratio
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_AROUND = " \t\n$€£¥%.()"


def find(stated: Iterable[str], evidence: Iterable[str]) -> tuple[str, ...]:
    """The numbers of the evidence that are also in what is stated, each once, in the order of the evidence.

    Numbers are compared by value: without separators of thousands, and 8.70 is 8.7.
    """
    wanted = {_value(number) for text in stated for number in _NUMBER.findall(text) if _counts(number, text)}
    written: dict[Decimal, str] = {}
    for text in evidence:
        for number in _NUMBER.findall(text):
            written.setdefault(_value(number), number)
    return tuple(number for value, number in written.items() if value in wanted)


def _value(number: str) -> Decimal:
    return Decimal(number.replace(",", ""))


def _counts(number: str, text: str) -> bool:
    """Whether a number tells something: neither a year nor one digit, or all that the text says."""
    return text.strip(_AROUND) == number or (len(number) > 1 and not _YEAR.fullmatch(number))
