"""Numbers of the items of HTML lists."""

from __future__ import annotations

import re
from string import ascii_lowercase

from hiercomp.loaders._html_tree import Attributes, Node, children, name

_STYLE = re.compile(
    r"list-style(?:-type)?\s*:[^;]*?\b(none|disc|decimal|(?:lower|upper)-(?:alpha|latin|roman))", re.IGNORECASE
)
_STYLES = {"a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman", "I": "upper-roman", "1": "decimal"}
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_MAX_ROMAN = 3999
BULLET = "• "


class ItemNumbers:
    """Counts the items of a list and returns what stands before each: a number, a letter or a bullet."""

    def __init__(self, node: Node, values: Attributes) -> None:
        is_ordered = name(node) == "ol"
        self._style = _style(values, "decimal" if is_ordered else "disc")
        self._step = -1 if is_ordered and "reversed" in values else 1
        start = _integer(values.get("start"))
        if start is None:
            start = sum(name(child) == "li" for child in children(node)) if self._step < 0 else 1
        self._next = start

    def marker(self, values: Attributes) -> str:
        """Return what stands before the next item, whose attributes are given."""
        value = _integer(values.get("value"))
        number = self._next if value is None else value
        self._next = number + self._step
        return _marker(number, _style(values, self._style))


def _style(values: Attributes, default: str) -> str:
    styled = _STYLE.search(values.get("style", ""))
    return styled[1].lower() if styled else _STYLES.get(values.get("type", ""), default)


def _integer(text: str | None) -> int | None:
    number = re.match(r"\s*[+-]?\d{1,9}", text or "")
    return int(number[0]) if number else None


def _marker(number: int, style: str) -> str:
    if style == "none":
        return ""
    if style == "disc":
        return BULLET
    letters = _roman(number) if style.endswith("roman") else _letters(number) if style != "decimal" else ""
    return f"{(letters.upper() if style.startswith('upper') else letters) or number}. "


def _letters(number: int) -> str:
    """Return a number as letters: 1 is a, 27 is aa. It is "" for numbers below 1."""
    letters = ""
    while number > 0:
        number, digit = divmod(number - 1, len(ascii_lowercase))
        letters = ascii_lowercase[digit] + letters
    return letters


def _roman(number: int) -> str:
    """Return a number in Roman digits. It is "" for numbers that these cannot write."""
    if not 0 < number <= _MAX_ROMAN:
        return ""
    digits = ""
    for value, digit in _ROMAN:
        count, number = divmod(number, value)
        digits += digit * count
    return digits
