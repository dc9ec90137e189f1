"""The ledger of a run for people: the bar of the budget, the checked claims, and the cost."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from hiercomp.allocation.budget import reason
from hiercomp.cli.needs import need_lines
from hiercomp.cli.screen import console, is_ascii, visible
from hiercomp.ledger import footer
from hiercomp.types import Answer, Run, printed

if TYPE_CHECKING:
    from hiercomp.types import Citation

BAR_WIDTH = 64
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment of the bar. Its shade and its colour both differ from those of its neighbours.

    A screen without colour shows the shades, and a font without shades shows the colours.
    """

    name: str
    tokens: int
    shade: str
    style: str

    def drawn(self, width: int) -> Text:
        """Return the segment as `width` cells."""
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
    {"✓": "+", "✗": "x", "→": "->", "×": "x", "·": "|", "“": '"', "”": '"', "…": "~", "–": "-", "’": "'"}
)


def draw_ledger(result: Run | Answer, *, usage: bool = True) -> None:
    """Print the ledger of a run on stderr. Without `usage` print only the claims and the warnings."""
    screen = console(sys.stderr)
    ascii_only = is_ascii(sys.stderr)
    for line in _lines(result, usage=usage, width=screen.width, ascii_only=ascii_only):
        if ascii_only:
            line.plain = line.plain.translate(_ASCII)
        screen.print(line, no_wrap=True, overflow="ignore", crop=False)


def segments(result: Run | Answer, *, ascii_only: bool = False) -> list[Segment]:
    """Return the segments of the bar in the order of a call. Their tokens add up to the budget."""
    run = _run_of(result)
    answer_tokens = result.completion.completion_tokens if isinstance(result, Answer) else 0
    tokens = {"prompt": run.budget.prompt, **dict(run.context.tokens_by_level), "answer": answer_tokens}
    unused = run.budget.total - run.budget.prompt - run.context.token_count - answer_tokens
    return [
        Segment(name, count, *_shade(name, ascii_only=ascii_only))
        for name, count in (tokens | {"unused": max(unused, 0)}).items()
        if count > 0
    ]


def widths(tokens: list[int], width: int) -> list[int]:
    """Divide `width` cells in proportion to the tokens. Each segment gets at least one cell.

    The cells that remain after rounding down go to the largest remainders.
    """
    free = width - len(tokens)
    exact = [count * free / sum(tokens) for count in tokens]
    cells = [1 + int(share) for share in exact]
    by_remainder = sorted(range(len(tokens)), key=lambda item: cells[item] - exact[item])
    for item in by_remainder[: width - sum(cells)]:
        cells[item] += 1
    return cells


def _run_of(result: Run | Answer) -> Run:
    return result.run if isinstance(result, Answer) else result


def _shade(name: str, *, ascii_only: bool) -> tuple[str, str]:
    shade, ascii_shade, style = _SHADES.get(name, _SHADES["document"])
    return (ascii_shade if ascii_only else shade), style


def _lines(result: Run | Answer, *, usage: bool, width: int, ascii_only: bool) -> Iterator[Text]:
    run = _run_of(result)
    if usage:
        yield Text()
        yield from _bar(segments(result, ascii_only=ascii_only), run.budget.total, width)
        yield from _needs(result, width)
    if isinstance(result, Answer) and (result.citations or result.uncited):
        yield Text()
        # Two claims can cite the same words. They share one line.
        distinct = {(item.document, item.page, item.quote, item.supported): item for item in result.citations}
        yield from (_citation(citation, width) for citation in distinct.values())
        yield from (_claim("uncited", claim, supported=False, width=width) for claim in result.uncited)
    if usage:
        yield Text()
        if run.budget.choice is not None:
            yield Text(f"{_INDENT}budget: {reason(run.budget.choice, run.allocation.value)}")
        yield from _flow([Text(fact, style="dim") for fact in _facts(result)], _INDENT, " | ", width)
    for warning in run.ledger.warnings:
        yield Text(f"{_INDENT}warning: {visible(warning)}", style="yellow")


def _needs(result: Run | Answer, width: int) -> Iterator[Text]:
    """Yield the lines of a plan that has more needs than the question."""
    if len(_run_of(result).plan.needs) > 1:
        yield Text()
        yield from need_lines(result, width)


def _bar(parts: list[Segment], total: int, width: int) -> Iterator[Text]:
    label = f"{_INDENT}{total:,} "
    cells = widths([part.tokens for part in parts], min(BAR_WIDTH, max(width - len(label) - 1, 10)))
    yield Text(label, style="bold") + Text.assemble(
        *(part.drawn(count) for part, count in zip(parts, cells, strict=True))
    )
    legend = [Text.assemble((part.shade, part.style), f" {part.name} {part.tokens:,}") for part in parts]
    yield from _flow(legend, " " * len(label), "  ", width)


def _facts(result: Run | Answer) -> list[str]:
    """Return the facts of the footer, the number of embedded texts, and the energy if it is known."""
    ledger = result.ledger
    embedded = [f"{ledger.encoded:,} text{'' if ledger.encoded == 1 else 's'} embedded"] if ledger.encoded else []
    energy = [] if ledger.wh is None else [f"{ledger.wh:.2g} Wh (estimate)"]
    return [*footer(result).split(" | "), *embedded, *energy]


def _flow(items: list[Text], indent: str, separator: str, width: int) -> Iterator[Text]:
    """Yield lines of items. Each line holds as many items as fit the width."""
    line = Text(indent)
    for item in items:
        if line.plain != indent and len(line) + len(separator) + len(item) > width:
            yield line
            line = Text(indent)
        line = line + (Text(separator, style="dim") + item if line.plain != indent else item)
    yield line


def _citation(citation: Citation, width: int) -> Text:
    page = f" p. {citation.page}{visible(printed(citation.label))}" if citation.page is not None else ""
    place = f"{visible(citation.document)}{page}" if citation.document else f"mark {citation.mark}: not in the context"
    return _claim(place, citation.quote, supported=citation.supported, width=width)


def _claim(place: str, quote: str, *, supported: bool, width: int) -> Text:
    """Format one checked claim: the place that it cites, and as much of the quote as fits."""
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
