"""A run's ledger in a few lines for people: the bar of the budget, the checked claims, and what it cost."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from hiercomp.allocation.budget import reason
from hiercomp.cli.screen import console, is_ascii, visible
from hiercomp.ledger import footer
from hiercomp.types import Answer

if TYPE_CHECKING:
    from hiercomp.types import Citation, Context

BAR_WIDTH = 64
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the bar: shade and colour each tell it from its neighbours, for screens without the other."""

    name: str
    tokens: int
    shade: str
    style: str

    def drawn(self, width: int) -> Text:
        """The segment as that many cells."""
        return Text(self.shade * width, style=self.style)


_SHADES = {
    "prompt": ("█", "#", "blue"),
    "passage": ("▓", "=", "green"),
    "section": ("▒", "+", "cyan"),
    "document": ("░", "-", "magenta"),
    "corpus": ("░", "-", "magenta"),
    "answer": ("▚", "@", "yellow"),
    "unused": ("·", ".", "bright_black"),
}
_ASCII = str.maketrans(
    {"✓": "+", "✗": "x", "λ": "lambda", "→": "->", "×": "x", "·": "|", "“": '"', "”": '"', "…": "~", "–": "-", "’": "'"}
)


def draw_ledger(run: Context | Answer, *, usage: bool = True) -> None:
    """Draws the ledger of a run on stderr; without `usage` only the claims and warnings."""
    screen = console(sys.stderr)
    ascii_only = is_ascii(sys.stderr)
    for line in _lines(run, usage=usage, width=screen.width, ascii_only=ascii_only):
        if ascii_only:
            line.plain = line.plain.translate(_ASCII)
        screen.print(line, no_wrap=True, overflow="ignore", crop=False)


def segments(run: Context | Answer, *, ascii_only: bool = False) -> list[Segment]:
    """What the budget went to, in the order of a call; together they are the budget."""
    context = run.context if isinstance(run, Answer) else run
    answered = run.completion.completion_tokens if isinstance(run, Answer) else 0
    levels = dict(context.allocation.tokens_by_level)
    spent = {"prompt": context.budget.prompt, **levels, "answer": answered}
    unused = context.budget.total - context.budget.prompt - context.token_count - answered
    return [
        Segment(name, tokens, *_shade(name, ascii_only=ascii_only))
        for name, tokens in (spent | {"unused": max(unused, 0)}).items()
        if tokens > 0
    ]


def widths(tokens: list[int], width: int) -> list[int]:
    """Cells for each number of tokens: one for each, the rest by largest remainder; they add up to the width."""
    free = width - len(tokens)
    exact = [count * free / sum(tokens) for count in tokens]
    cells = [1 + int(share) for share in exact]
    by_remainder = sorted(range(len(tokens)), key=lambda item: cells[item] - exact[item])
    for item in by_remainder[: width - sum(cells)]:
        cells[item] += 1
    return cells


def _shade(name: str, *, ascii_only: bool) -> tuple[str, str]:
    shade, ascii_shade, style = _SHADES.get(name, _SHADES["document"])
    return (ascii_shade if ascii_only else shade), style


def _lines(run: Context | Answer, *, usage: bool, width: int, ascii_only: bool) -> Iterator[Text]:
    context = run.context if isinstance(run, Answer) else run
    if usage:
        yield Text()
        yield from _bar(segments(run, ascii_only=ascii_only), context.budget.total, width)
    if isinstance(run, Answer) and (run.citations or run.uncited):
        yield Text()
        # Two claims may rest on the same words: for people that is one line.
        distinct = {(item.document, item.page, item.quote, item.supported): item for item in run.citations}
        yield from (_citation(citation, width) for citation in distinct.values())
        yield from (_claim("uncited", claim, supported=False, width=width) for claim in run.uncited)
    if usage:
        yield Text()
        if context.budget.choice is not None:
            yield Text(f"{_INDENT}budget: {reason(context.budget.choice, context.allocation.value)}")
        yield _price(context)
        yield from _flow([Text(fact, style="dim") for fact in _facts(run)], _INDENT, " | ", width)
    for warning in run.ledger.warnings:
        yield Text(f"{_INDENT}warning: {visible(warning)}", style="yellow")


def _bar(parts: list[Segment], total: int, width: int) -> Iterator[Text]:
    label = f"{_INDENT}{total:,} "
    cells = widths([part.tokens for part in parts], min(BAR_WIDTH, max(width - len(label) - 1, 10)))
    yield Text(label, style="bold") + Text.assemble(
        *(part.drawn(count) for part, count in zip(parts, cells, strict=True))
    )
    legend = [Text.assemble((part.shade, part.style), f" {part.name} {part.tokens:,}") for part in parts]
    yield from _flow(legend, " " * len(label), "  ", width)


def _facts(run: Context | Answer) -> list[str]:
    """The footer's facts, the neural work, and the energy where it is known."""
    ledger = run.ledger
    encoded = [f"{ledger.encoded:,} text{'' if ledger.encoded == 1 else 's'} encoded"] if ledger.encoded else []
    energy = [] if ledger.wh is None else [f"{ledger.wh:.2g} Wh (estimate)"]
    return [*footer(run).split(" | "), *encoded, *energy]


def _flow(items: list[Text], indent: str, separator: str, width: int) -> Iterator[Text]:
    """Lines of items, as many on each as the width holds."""
    line = Text(indent)
    for item in items:
        if line.plain != indent and len(line) + len(separator) + len(item) > width:
            yield line
            line = Text(indent)
        line = line + (Text(separator, style="dim") + item if line.plain != indent else item)
    yield line


def _citation(citation: Citation, width: int) -> Text:
    page = f" p. {citation.page}" if citation.page is not None else ""
    place = f"{visible(citation.document)}{page}" if citation.document else f"mark {citation.mark}: not in the context"
    return _claim(place, citation.quote, supported=citation.supported, width=width)


def _claim(place: str, quote: str, *, supported: bool, width: int) -> Text:
    """One checked claim: where it rests, and as much of the words as fits."""
    sign, style = ("✓", "green") if supported else ("✗", "red")
    line = Text.assemble(_INDENT, (sign, f"bold {style}"), " ", (place, "bold"))
    room = width - len(line.plain) - 4
    words = " ".join(visible(quote).split())
    if words and room > 8:
        line.append(
            f"  “{words if len(words) <= room - 1 else words[: room - 2] + '…'}”",
            style="" if supported else "dim",
        )
    return line


def _price(context: Context) -> Text:
    allocation = context.allocation
    share = f" ({allocation.value / allocation.bound:.1%})" if allocation.bound > 0 else ""
    return Text.assemble(
        _INDENT,
        ("λ ", "bold"),
        f"{allocation.price:.2g} evidence a token · ",
        f"evidence {allocation.value:.2f} of at most {allocation.bound:.2f}{share}",
    )
