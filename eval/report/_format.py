"""Numbers and tables as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from eval.summary.estimates import Estimate

NOTHING = "–"


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> str:
    """A table whose first columns are words, set left, and whose others are numbers, set right."""
    marks = [":--" if column < left else "--:" for column in range(len(header))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, marks, *rows))


def plain(text: str) -> str:
    """Foreign text on one line with nothing in it that Markdown reads as its own."""
    return re.sub(r"([\\`*\[\]<>|~#&!]|(?<!\w)_|_(?!\w))", r"\\\1", " ".join(text.split()))


def words(name: str) -> str:
    """A set or a metric as words, so that the head of a column can break."""
    return plain(name.replace("_", " "))


def bold(text: str, when: bool) -> str:
    """Emphasised if so."""
    return f"**{text}**" if when else text


def number(value: float) -> str:
    """A share or an area."""
    return f"{value:.3f}"


def signed(value: float) -> str:
    """A difference, with its sign."""
    return f"{value:+.3f}".replace("-", "−")


def interval(estimate: Estimate, *, difference: bool = False) -> str:
    """A mean with the ends of its interval."""
    write = signed if difference else number
    return f"{write(estimate.mean)} [{write(estimate.low)}, {write(estimate.high)}]"


def tokens(value: float) -> str:
    """Whole tokens, thousands apart."""
    return f"{value:,.0f}"


def ratio(value: float | None) -> str:
    """How many times smaller."""
    return NOTHING if value is None else f"{value:.1f}×" if value < 10 else f"{value:,.0f}×"


def seconds(value: float) -> str:
    """Seconds in three digits, no finer than a millisecond."""
    return (
        "< 0.001"
        if value < 0.001
        else f"{value:.3f}"
        if value < 1
        else f"{value:.1f}"
        if value < 100
        else tokens(value)
    )


def percent(share: float) -> str:
    """A share in hundreds; a little is not nothing."""
    return "< 1\u00a0%" if 0 < share < 0.01 else f"{share:.0%}".replace("%", "\u00a0%")


def megabytes(size: int | None) -> str:
    """Bytes as megabytes."""
    return NOTHING if size is None else f"{size / 1e6:,.0f}"


def listed(names: Sequence[str]) -> str:
    """Names in a sentence."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def counted(count: int, noun: str) -> str:
    """A number with its noun."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
