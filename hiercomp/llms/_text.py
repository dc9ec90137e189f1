"""Text made to fit, and text made fit to send."""

from __future__ import annotations

from collections.abc import Callable


def cut(text: str, fits: Callable[[str], bool]) -> str:
    """A longest prefix that fits, by bisection: the text itself when it does, empty when no character does.

    A still longer prefix may fit where letters merge into one token, so the result is one longest prefix, not the
    longest.
    """
    if fits(text):
        return text
    longest, exceeding = 0, len(text)
    while exceeding - longest > 1:
        middle = (longest + exceeding) // 2
        if fits(text[:middle]):
            longest = middle
        else:
            exceeding = middle
    return text[:longest]


def well_formed(text: str) -> str:
    """The text with U+FFFD in place of each lone surrogate, which UTF-8 cannot carry."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
