"""Cutting texts to a limit, and repairing texts before they are sent."""

from __future__ import annotations

from collections.abc import Callable


def cut(text: str, fits: Callable[[str], bool]) -> str:
    """Return a prefix that fits, found by bisection: the whole text if it fits, the empty text if no character fits.

    One more character would not fit. A much longer prefix may still fit, because letters can merge into one token.
    """
    if fits(text):
        return text
    fitting, exceeding = 0, len(text)
    while exceeding - fitting > 1:
        middle = (fitting + exceeding) // 2
        if fits(text[:middle]):
            fitting = middle
        else:
            exceeding = middle
    return text[:fitting]


def well_formed(text: str) -> str:
    """Replace each lone surrogate, which UTF-8 cannot encode, with U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
