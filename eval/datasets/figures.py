"""Find the numbers that an answer depends on, as the gold evidence writes them.

A reader that must state or compute a number needs it in the context. So the numbers are those of the gold evidence that
the answer or its derivation also names. Names with digits, bare years and one-digit numbers occur everywhere in a
document. They are left out unless they are the whole answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

_NUMBER = re.compile(
    r"(?<![A-Za-z\d.])(?<!\d,)"  # not inside a name such as Q3 or a longer number
    r"(?:\d{1,3}(?:,\d{3})++(?!\d)|\d++)(?:\.\d++)?+"
    r"(?!\.\d)"  # 6.3.1 is a section
    r"(?!(?!x\b)[A-Za-z])"  # 10K is a name, but 2.5x is a ratio
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_AROUND = " \t\n$€£¥%.()"


def find(stated: Iterable[str], evidence: Iterable[str]) -> tuple[str, ...]:
    """Return the numbers of the evidence that the stated texts also name, each once, in the order of the evidence.

    Numbers are compared by value: thousands separators are ignored, and 8.70 equals 8.7.
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
    """Return whether a number is informative: it has several digits and is not a year, or it is the whole text."""
    return text.strip(_AROUND) == number or (len(number) > 1 and not _YEAR.fullmatch(number))
