"""Format numbers and tables as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from eval.summary.estimates import Estimate

NOTHING = "–"


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> str:
    """Format a table. The first `left` columns hold words and are aligned left; the others hold numbers."""
    marks = [":--" if column < left else "--:" for column in range(len(header))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, marks, *rows))


def plain(text: str) -> str:
    """Format foreign text on one line. Characters that Markdown would interpret are escaped."""
    return re.sub(r"([\\`*\[\]<>|~#&!]|(?<!\w)_|_(?!\w))", r"\\\1", " ".join(text.split()))


def words(name: str) -> str:
    """Format the name of a set or a metric as words, so that a column head can wrap."""
    return plain(name.replace("_", " "))


def bold(text: str, when: bool) -> str:
    """Format text in bold if `when` is true."""
    return f"**{text}**" if when else text


def number(value: float) -> str:
    """Format a share or an area."""
    return f"{value:.3f}"


def signed(value: float) -> str:
    """Format a difference with its sign."""
    return f"{value:+.3f}".replace("-", "−")


def interval(estimate: Estimate, *, difference: bool = False) -> str:
    """Format a mean and its interval."""
    write = signed if difference else number
    return f"{write(estimate.mean)} [{write(estimate.low)}, {write(estimate.high)}]"


def tokens(value: float) -> str:
    """Format a whole number of tokens with thousands separators."""
    return f"{value:,.0f}"


def ratio(value: float | None) -> str:
    """Format how many times smaller a size is."""
    return NOTHING if value is None else f"{value:.1f}×" if value < 10 else f"{value:,.0f}×"


def seconds(value: float) -> str:
    """Format seconds with three digits, but no finer than a millisecond."""
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
    """Format a share as a percentage. A positive share is never shown as 0."""
    return "< 1\u00a0%" if 0 < share < 0.01 else f"{share:.0%}".replace("%", "\u00a0%")


def megabytes(size: int | None) -> str:
    """Format bytes as megabytes."""
    return NOTHING if size is None else f"{size / 1e6:,.0f}"


def listed(names: Sequence[str]) -> str:
    """Join names with commas and "and"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def counted(count: int, noun: str) -> str:
    """Format a count with its noun."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
