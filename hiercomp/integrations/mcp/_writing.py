"""What the tools return, as text for a model: every line of it is counted against the budget."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hiercomp.errors import BudgetError
from hiercomp.integrations.mcp._stretches import Stretch, around, pages_of
from hiercomp.ports import Tokenizer
from hiercomp.types import CORPUS, DOCUMENT, Document, Hierarchy, Node, Part, Span

Names = Mapping[str, str]
"""Of documents, by their sources; a text that a client gave has none."""
_TITLE_LENGTH = 80


def stretch_of(mark: int, parts: Sequence[Part]) -> Stretch:
    """What the parts with a mark span."""
    marked = [part for part in parts if part.mark == mark]
    span = Span(min(part.span.start for part in marked), max(part.span.end for part in marked))
    return Stretch.of(marked[0].document_id, span)


def with_ids(text: str, parts: Sequence[Part], names: Names) -> str:
    """A context and under it the ids of its marked parts, a line a document."""
    marks: dict[str, list[int]] = {}
    for part in parts:
        of_document = marks.setdefault(part.source, [])
        if part.mark not in of_document:
            of_document.append(part.mark)
    lines = [
        " ".join([_label(names.get(source)), *(f"[{mark}] {stretch_of(mark, parts)}" for mark in of_document)])
        for source, of_document in marks.items()
    ]
    return "\n".join([text, "", *lines])


def outline(hierarchy: Hierarchy, names: Names, tokenizer: Tokenizer, *, depth: int, budget: int) -> str:
    """The hierarchy as lines: as many levels below the documents as are wanted and fit, at least the documents.

    Where fewer fit, the last line says how many tokens all that were wanted take.

    Raises:
        BudgetError: not even the documents fit.
    """
    note: list[str] = []
    for levels in range(depth, -1, -1):
        text = "\n".join([*_lines(hierarchy, names, tokenizer, levels), *note])
        if (tokens := tokenizer.count(text)) <= budget:
            return text
        note = note or [f"(depth {depth} takes {tokens:,} tokens)"]
    raise BudgetError(budget, tokens, "the documents alone do not fit")


def expanded(
    hierarchy: Hierarchy, document: Document, stretch: Stretch, *, name: str | None, tokenizer: Tokenizer, budget: int
) -> tuple[str, Span]:
    """What surrounds a stretch within a budget: a line that says where it is, and its span.

    Raises:
        BudgetError: not even a sentence fits.
    """

    def line(window: Span, rest: Span | None) -> str:
        where = " ".join(
            filter(None, [name or "text", pages_of(document, window), str(Stretch.of(document.id, window))])
        )
        return f"{where}; goes on with {Stretch.of(document.id, rest)}" if rest else where

    least = 0

    def fits(window: Span, rest: Span | None) -> bool:
        nonlocal least
        tokens = tokenizer.count(f"{line(window, rest)}\n{window.of(document.text)}")
        least = min(least or tokens, tokens)
        return tokens <= budget

    found = around(hierarchy, document, stretch.span, fits=fits)
    if found is None:
        raise BudgetError(budget, least, "one sentence does not fit")
    return line(*found), found[0]


def _label(name: str | None) -> str:
    return f"Parts of {name}:" if name else "Parts:"


def _lines(hierarchy: Hierarchy, names: Names, tokenizer: Tokenizer, levels: int) -> Iterator[str]:
    """A line a node down to some levels below the documents: title, pages, tokens, id."""
    nodes = [node for node in hierarchy.nodes if CORPUS > node.level >= DOCUMENT - levels]
    spans = [node.span.of(hierarchy.document(node.document_id).text) for node in nodes]
    counts = dict(zip((node.id for node in nodes), tokenizer.count_many(spans), strict=True))
    roots = hierarchy.level(DOCUMENT)
    pending = list(reversed(roots))
    while pending:
        node = pending.pop()
        document = hierarchy.document(node.document_id)
        title = names.get(document.source, document.source) if node.level == DOCUMENT else _title(hierarchy, node)
        about = [title, pages_of(document, node.span), f"{counts[node.id]:,} tokens"]
        yield "  " * (DOCUMENT - node.level) + " · ".join(
            filter(None, [*about, str(Stretch.of(document.id, node.span))])
        )
        pending += [child for child in reversed(list(hierarchy.children(node))) if child.id in counts]


def _title(hierarchy: Hierarchy, node: Node) -> str:
    """The headings above a node that its parent does not say, else its first words."""
    parent = hierarchy.node(node.parent_id).title if node.parent_id else ""
    own = node.title.removeprefix(parent).removeprefix(" › ") or node.text
    line = " ".join(own.split())
    return line if len(line) <= _TITLE_LENGTH else line[: _TITLE_LENGTH - 1] + "…"
