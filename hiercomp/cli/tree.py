"""Drawings of a hierarchy, a ranking and an allocation for `hiercomp inspect`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from hiercomp.allocation.budget import reason
from hiercomp.cli.screen import visible
from hiercomp.context import WRITTEN
from hiercomp.types import CORPUS, DOCUMENT, LEVEL_NAMES, PASSAGE

if TYPE_CHECKING:
    from rich.console import Console

    from hiercomp.types import Allocation, Hierarchy, Node, Part, Run, Span

HEADING_SEPARATOR = " › "
_LEADERS = re.compile(r"(?:\s*\.){4,}\s*")
"""The dots between a title and its page number in a table of contents."""
_NUMERIC = ("rank", "probability", "tokens", "evidence")
_MAX_HITS = 15
"""The number of hits that are drawn. `--json` has all of them."""
_MAX_DROPPED = 10
"""The number of dropped parts that are drawn. `--json` has all of them."""


def draw_tree(screen: Console, hierarchy: Hierarchy, *, depth: int) -> None:
    """Draw the nodes down to `depth` levels below a document."""
    root = hierarchy.root
    levels = depth + 1 if root.level == CORPUS else depth
    tree = Tree(_node_line(hierarchy, root), guide_style="dim")
    _grow(tree, hierarchy, root, levels)
    screen.print(tree)


def draw_losses(screen: Console, hierarchy: Hierarchy) -> None:
    """Draw what loaders had to leave out of the documents, and the files that could not be read."""
    for heading, lines in (
        ("left out", [f"{omission.source}: {omission.what}" for omission in hierarchy.omitted]),
        ("skipped", [f"{file.source}: {file.reason}" for file in hierarchy.skipped]),
    ):
        if lines:
            screen.print(Text(f"{heading}: {len(lines):,}", style="bold"))
        for line in lines:
            screen.print(Text(f"  {visible(line)}", style="yellow"))


def draw_ranking(screen: Console, run: Run) -> None:
    """Draw the best hits: the probability that each one holds evidence, and the retrievers that found it."""
    hits = run.ranking.hits
    table = _table("ranking", "rank", "probability", "found by", "where", "text")
    for rank, hit in enumerate(islice(hits, _MAX_HITS), start=1):
        node = run.hierarchy.node(hit.node_id)
        found = ", ".join(f"{source.retriever} #{source.rank}" for source in hit.sources)
        table.add_row(str(rank), f"{hit.probability:.3f}", found, _where(run.hierarchy, node), _words(node.text))
    screen.print(table)
    if len(hits) > _MAX_HITS:
        screen.print(f"… and {len(hits) - _MAX_HITS:,} more", style="dim")


def draw_choice(screen: Console, run: Run) -> None:
    """Draw the context's parts, the budget, the allocation, and the dropped parts with the reasons."""
    table = _table("context", "mark", "detail", "level", "tokens", "evidence", "where", "text")
    for part in run.context.parts:
        table.add_row(*_part_row(part, _where(run.hierarchy, run.hierarchy.node(part.node_id), part.span)))
    screen.print(table)
    allocation, budget = run.allocation, run.budget
    levels = ", ".join(f"{name} {tokens:,}" for name, tokens in run.context.tokens_by_level)
    for name, value in (
        (
            "budget",
            f"{budget.total:,} = prompt {budget.prompt:,} + context {budget.context:,} + answer {budget.answer:,}",
        ),
        *([("chosen", reason(budget.choice, allocation.value))] if budget.choice else []),
        ("tokens by level", f"{levels}; {run.context.token_count:,} in total"),
        ("price of a token (λ)", f"one more token would add {allocation.price:.3g} expected evidence"),
        ("expected evidence", _optimality(allocation)),
    ):
        screen.print(Text.assemble((f"{name}: ", "bold"), value))
    _draw_dropped(screen, run)


def _place(hierarchy: Hierarchy, node: Node) -> str:
    """Return the document and the pages of a node."""
    if node.level == CORPUS:
        return ""
    document = hierarchy.document(node.document_id)
    return " ".join(filter(None, [visible(document.source), visible(document.pages_of(node.span))]))


def _where(hierarchy: Hierarchy, node: Node, span: Span | None = None) -> str:
    """Return the document and the pages of a span of a node, or of the whole node.

    The document is left out if there is only one.
    """
    document = hierarchy.document(node.document_id)
    pages = visible(document.pages_of(span or node.span))
    return pages if len(hierarchy.documents) == 1 else f"{visible(document.source)} {pages}".rstrip()


def _grow(tree: Tree, hierarchy: Hierarchy, node: Node, levels: int) -> None:
    if levels == 0:
        return
    for child in hierarchy.children(node):
        _grow(tree.add(_node_line(hierarchy, child)), hierarchy, child, levels - 1)


def _node_line(hierarchy: Hierarchy, node: Node) -> Text:
    """Return the title and the pages of a node, then its summary or the beginning of its passage."""
    within = node.level < DOCUMENT
    where = visible(hierarchy.document(node.document_id).pages_of(node.span)) if within else _place(hierarchy, node)
    title = _words(_own_title(hierarchy, node)) or LEVEL_NAMES[node.level]
    line = Text.assemble((title, "" if node.level == PASSAGE else "bold"), (f"  {where}" if where else "", "cyan"))
    if node.child_ids and node.level < CORPUS:
        below = LEVEL_NAMES[next(hierarchy.children(node)).level]
        line.append(f"  {len(node.child_ids):,} {below}{'s' if len(node.child_ids) != 1 else ''}", style="dim")
    if node.text.strip():
        mark = f"{WRITTEN} " if node.author else ""
        line.append("\n" + mark + _words(_LEADERS.sub(" … ", node.text), 160), style="dim")
    return line


def _own_title(hierarchy: Hierarchy, node: Node) -> str:
    """Return a node's heading path without the path of its parent."""
    parent = hierarchy.node(node.parent_id).title if node.parent_id else ""
    return node.title.removeprefix(f"{parent}{HEADING_SEPARATOR}") if parent != node.title else ""


def _part_row(part: Part, where: str) -> Iterator[str]:
    yield from (f"[{part.mark}]", part.detail, LEVEL_NAMES[part.level], f"{part.tokens:,}", f"{part.value:.3f}")
    yield from (where, _words(part.text))


def _optimality(allocation: Allocation) -> str:
    """Say how close the allocation is to the best one. Both values are estimates, not measured evidence."""
    value = f"{allocation.value:.2f}"
    if allocation.bound > 0:
        share = allocation.value / allocation.bound
        value += f", at least {share:.1%} of what the best allocation would hold (at most {allocation.bound:.2f})"
    return f"{value}, under hiercomp's own estimates"


def _draw_dropped(screen: Console, run: Run) -> None:
    """Draw the number of dropped parts for each kind of reason, and the dropped parts with the best ranks."""
    dropped = {item.node_id: visible(item.reason) for item in run.allocation.dropped}
    kinds = Counter(reason.partition(":")[0] for reason in dropped.values())
    summary = "; ".join(f"{count:,} {kind}" for kind, count in kinds.most_common()) or "nothing"
    screen.print(Text.assemble(("dropped: ", "bold"), summary))
    best = [(rank, hit.node_id) for rank, hit in enumerate(run.ranking.hits, start=1) if hit.node_id in dropped]
    for rank, node_id in best[:_MAX_DROPPED]:
        where = _where(run.hierarchy, run.hierarchy.node(node_id))
        screen.print(Text(f"  #{rank} {where}: {dropped[node_id]}", style="dim"))


def _table(title: str, *headings: str) -> Table:
    """Return an empty table. The last column takes the width that the other columns leave."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, expand=True)
    for heading in headings[:-1]:
        table.add_column(heading, justify="right" if heading in _NUMERIC else "left", no_wrap=True)
    table.add_column(headings[-1], ratio=1, no_wrap=True, overflow="ellipsis")
    return table


def _words(text: str, limit: int = 120) -> str:
    """Return the beginning of a text on one line."""
    line = " ".join(visible(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
