"""The plan of a run for people: each need, the tokens of the parts that serve it, and their marks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from hiercomp.cli.screen import visible
from hiercomp.ledger import places
from hiercomp.planning import RULES
from hiercomp.planning.reader import SECOND_LOOK
from hiercomp.ranking.served import ServedNeed, served
from hiercomp.types import CALLER, Answer, Need

if TYPE_CHECKING:
    from rich.console import Console

    from hiercomp.types import Plan, Run

NOTHING_FOUND = "nothing found"
_INDENT = "  "
_MAX_WHERE_WIDTH = 24
_MIN_TEXT_WIDTH = 20


def draw_needs(screen: Console, run: Run) -> None:
    """Draw the needs of a run."""
    for line in need_lines(run, screen.width, indent=""):
        screen.print(line, no_wrap=True, overflow="ignore", crop=False)


def need_lines(result: Run | Answer, width: int, *, indent: str = _INDENT) -> Iterator[Text]:
    """Yield a heading and a line for each need of a plan; only a heading if the whole input is shown.

    The parts of a need are given by their marks, or by their pages if the text of an answer is shown, which has no
    marks. Nothing is yielded for an overview, which has no needs.
    """
    run = result.run if isinstance(result, Answer) else result
    if not run.ladders:
        yield Text.assemble(indent, ("needs", "bold"), "  the whole input fits, so that nothing was searched for")
        return
    needs = served(run)
    if not needs:
        return
    author = _cut(_author(run.plan), width - len(f"{indent}needs  "))
    yield Text.assemble(indent, ("needs", "bold"), f"  {author}")
    found = [_found(need) for need in needs]
    where = [_where(need, as_pages=isinstance(result, Answer)) for need in needs]
    found_width, number_width = max(map(len, found)), len(str(len(needs)))
    room = width - len(indent) - 4 * len(_INDENT) - number_width - found_width - max(map(len, where))
    texts = [_text(need.need, run.plan, max(room, _MIN_TEXT_WIDTH)) for need in needs]
    text_width = max(map(cell_len, texts))
    for number, (need, text) in enumerate(zip(needs, texts, strict=True), start=1):
        yield Text.assemble(
            f"{indent}{_INDENT}{number:>{number_width}}{_INDENT}",
            set_cell_size(text, text_width),
            (f"{_INDENT}{found[number - 1]:>{found_width}}", "" if need.found else "yellow"),
            (f"{_INDENT}{where[number - 1]}".rstrip(), "cyan"),
        )


def _author(plan: Plan) -> str:
    """Say who wrote a plan, and which entries of a playbook apply."""
    entries = dict.fromkeys(need.reason for need in plan.needs if _is_from_playbook(need, plan))
    playbook = f" (playbook: {', '.join(map(visible, entries))})" if entries else ""
    if plan.author == CALLER:
        return "given by the caller"
    return f"by {visible(plan.author)}{playbook}"


def _is_from_playbook(need: Need, plan: Plan) -> bool:
    return plan.author == RULES and bool(need.reason) and need.reason != SECOND_LOOK


def _text(need: Need, plan: Plan, room: int) -> str:
    """Return the text of a need and the reason why it is there, cut to a width. The heading names playbook entries."""
    suffix = f" ({visible(need.reason)})" if need.reason and not _is_from_playbook(need, plan) else ""
    suffix = _cut(suffix, room // 2)
    return _cut(" ".join(visible(need.text).split()), room - cell_len(suffix)) + suffix


def _cut(text: str, room: int) -> str:
    """Return as much of a text as fits into `room` cells."""
    return text if cell_len(text) <= room else set_cell_size(text, room - 1).rstrip() + "…"


def _found(served_need: ServedNeed) -> str:
    return f"{served_need.tokens:,} tokens" if served_need.found else NOTHING_FOUND


def _where(need: ServedNeed, *, as_pages: bool) -> str:
    """Return the pages or the marks of the parts of a need, as many as fit."""
    text = places(need.parts) if as_pages else " ".join(f"[{mark}]" for mark in need.marks)
    if len(text) <= _MAX_WHERE_WIDTH:
        return text
    return f"{text[: _MAX_WHERE_WIDTH - 1].rpartition(' ')[0].rstrip(',')} …"
