"""The text that the tools return to a model. Every line of it counts against the budget."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hiercomp.errors import BudgetError
from hiercomp.integrations.mcp._part_ids import PartId, expand
from hiercomp.ledger import losses
from hiercomp.ports import Tokenizer
from hiercomp.sources import ATTACHED
from hiercomp.types import CORPUS, DOCUMENT, Document, Hierarchy, Node, Part, Span

Names = Mapping[str, str]
"""The names of documents by their sources. A text that a client sent has no name."""
_MAX_TITLE_LENGTH = 80


def file_of(source: str, names: Names) -> str:
    """Return the source of the file that a document is, or that it is an attachment of."""
    return source if source in names else source.partition(ATTACHED)[0]


def name_of(source: str, names: Names) -> str | None:
    """Return the name of a document or an attachment, or None for a text that a client sent."""
    file = file_of(source, names)
    return names[file] + source.removeprefix(file) if file in names else None


def part_id(mark: int, parts: Sequence[Part]) -> PartId:
    """Return the id of the span that covers all parts with a mark."""
    marked = [part for part in parts if part.mark == mark]
    span = Span(min(part.span.start for part in marked), max(part.span.end for part in marked))
    return PartId.of(marked[0].document_id, span)


def with_ids(text: str, parts: Sequence[Part], names: Names, note: str = "") -> str:
    """Append a note and the ids of the marked parts to the text of a context, one line for each document."""
    marks_by_source: dict[str, list[int]] = {}
    for part in parts:
        marks = marks_by_source.setdefault(part.source, [])
        if part.mark not in marks:
            marks.append(part.mark)
    lines = [
        " ".join([_label(name_of(source, names)), *(f"[{mark}] {part_id(mark, parts)}" for mark in marks)])
        for source, marks in marks_by_source.items()
    ]
    return "\n".join([text, "", *([note] if note else []), *lines])


def outline(hierarchy: Hierarchy, names: Names, tokenizer: Tokenizer, *, depth: int, budget: int) -> str:
    """Return the outline of a hierarchy, one line for each node: the documents, and up to `depth` levels below them.

    If not all levels fit, the outline has fewer levels, and its last line says how many tokens all of them take.

    Raises:
        BudgetError: the lines of the documents alone do not fit.
    """
    note: list[str] = []
    for levels in range(depth, -1, -1):
        text = "\n".join([*_lines(hierarchy, names, tokenizer, levels), *losses(hierarchy), *note])
        if (tokens := tokenizer.count(text)) <= budget:
            return text
        note = note or [f"(depth {depth} takes {tokens:,} tokens)"]
    raise BudgetError(budget, tokens, "the documents alone do not fit")


def expand_part(
    hierarchy: Hierarchy, document: Document, part: PartId, *, name: str | None, tokenizer: Tokenizer, budget: int
) -> tuple[str, Span]:
    """Expand a part to the text around it. Return a line with its document, pages and id, and the span of the text.

    Raises:
        BudgetError: not even one sentence fits.
    """

    def describe(window: Span, rest: Span | None) -> str:
        fields = [name or "text", document.pages_of(window), str(PartId.of(document.id, window))]
        line = " ".join(filter(None, fields))
        return f"{line}; continues with {PartId.of(document.id, rest)}" if rest else line

    least = 0

    def fits(window: Span, rest: Span | None) -> bool:
        nonlocal least
        tokens = tokenizer.count(f"{describe(window, rest)}\n{window.of(document.text)}")
        least = min(least or tokens, tokens)
        return tokens <= budget

    found = expand(hierarchy, document, part.span, fits=fits)
    if found is None:
        raise BudgetError(budget, least, "one sentence does not fit")
    return describe(*found), found[0]


def _label(name: str | None) -> str:
    return f"Parts of {name}:" if name else "Parts:"


def _lines(hierarchy: Hierarchy, names: Names, tokenizer: Tokenizer, levels: int) -> Iterator[str]:
    """Yield a line for each node down to some levels below the documents: title, pages, tokens and id."""
    nodes = [node for node in hierarchy.nodes if CORPUS > node.level >= DOCUMENT - levels]
    spans = [node.span.of(hierarchy.document(node.document_id).text) for node in nodes]
    counts = dict(zip((node.id for node in nodes), tokenizer.count_many(spans), strict=True))
    roots = hierarchy.level(DOCUMENT)
    pending = list(reversed(roots))
    while pending:
        node = pending.pop()
        document = hierarchy.document(node.document_id)
        title = (
            name_of(document.source, names) or document.source if node.level == DOCUMENT else _title(hierarchy, node)
        )
        fields = [title, document.pages_of(node.span), f"{counts[node.id]:,} tokens"]
        indent = "  " * (DOCUMENT - node.level)
        yield indent + " · ".join(filter(None, [*fields, str(PartId.of(document.id, node.span))]))
        pending += [child for child in reversed(list(hierarchy.children(node))) if child.id in counts]


def _title(hierarchy: Hierarchy, node: Node) -> str:
    """Return a node's title without its parent's title, or else its first words."""
    parent_title = hierarchy.node(node.parent_id).title if node.parent_id else ""
    title = node.title.removeprefix(parent_title).removeprefix(" › ") or node.text
    line = " ".join(title.split())
    return line if len(line) <= _MAX_TITLE_LENGTH else line[: _MAX_TITLE_LENGTH - 1] + "…"
