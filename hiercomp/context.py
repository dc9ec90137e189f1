"""An allocation as text: document order, headings, addresses. Pure.

    # report.pdf
    [1] p. 55 Item 8 › Note 4 – Income taxes
    The effective tax rate was 4.2 %.
    …
    Deferred tax assets	1,204	1,187
    [2] p. 56
    …

A number in brackets opens each stretch of one page and one section; an answer cites it. Numbers that the documents
themselves put in brackets are not used. `…` stands where something between two sentences was left out. What is shown of
a document is an unbroken stretch of it, character for character.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from hiercomp.answer.marks import free_marks
from hiercomp.types import PASSAGE, Detail, Document, Hierarchy, Node, Part, Rendering, Span

GAP = "…"
TITLE_LENGTH = 80


@dataclass(frozen=True, slots=True)
class _Piece:
    """An unbroken stretch of one node: sentences with nothing but white space between them."""

    node: Node
    detail: Detail
    page: int | None
    spans: tuple[Span, ...]
    values: tuple[float, ...]
    text: str

    @property
    def span(self) -> Span:
        return Span(self.spans[0].start, self.spans[-1].end)


def render(hierarchy: Hierarchy, renderings: Sequence[Rendering]) -> tuple[str, tuple[Part, ...]]:
    """The text of a context and its parts in text order; the parts' tokens are not counted yet."""
    order = {document.id: place for place, document in enumerate(hierarchy.documents)}
    pieces = sorted(
        (piece for rendering in renderings for piece in _pieces(hierarchy, rendering)),
        key=lambda piece: (order[piece.node.document_id], piece.span),
    )
    addresses = (text for document in hierarchy.documents for text in (document.source, document.title))
    marks = free_marks([*addresses, *(text for piece in pieces for text in (piece.text, piece.node.title))])
    lines: list[str] = []
    parts: list[Part] = []
    title = ""
    for (document_id, page, _), group in groupby(pieces, _place):
        block = list(group)
        document = hierarchy.document(document_id)
        if not parts or parts[-1].document_id != document_id:
            lines += _document_line(document)
            title = ""
        mark = next(marks)
        heading = _title(block[0])
        lines.append(_block_line(mark, page, heading if heading != title else ""))
        title = heading
        lines.append(_block_text(document, block))
        parts += [_part(piece, document, mark) for piece in block]
    return "\n".join(lines), tuple(parts)


def render_whole(document: Document, passages: Sequence[Node]) -> tuple[str, tuple[Part, ...]]:
    """A document as it is, one part a passage."""
    pieces = [
        _Piece(node, "verbatim", document.page_at(node.span.start), (node.span,), (0.0,), node.text)
        for node in passages
    ]
    return document.text, tuple(_part(piece, document, mark) for mark, piece in enumerate(pieces, start=1))


def _pieces(hierarchy: Hierarchy, rendering: Rendering) -> Iterator[_Piece]:
    """A rendering's sentences, joined where nothing stands between them."""
    node = hierarchy.node(rendering.node_id)
    document = hierarchy.document(node.document_id)
    if rendering.text is not None:
        page = document.page_at(node.span.start)
        yield _Piece(node, rendering.detail, page, rendering.spans, rendering.values, rendering.text)
        return
    runs: list[list[int]] = []
    for index, span in enumerate(rendering.spans):
        if index and _joins(document, rendering.spans[index - 1], span):
            runs[-1].append(index)
        else:
            runs.append([index])
    for run in runs:
        spans = tuple(rendering.spans[index] for index in run)
        text = document.text[spans[0].start : spans[-1].end]
        values = tuple(rendering.values[index] for index in run)
        yield _Piece(node, rendering.detail, document.page_at(spans[0].start), spans, values, text)


def _joins(document: Document, before: Span, after: Span) -> bool:
    """Whether only white space stands between two sentences of a page."""
    between = document.text[before.end : after.start]
    return not between.strip() and document.page_at(before.start) == document.page_at(after.start)


def _place(piece: _Piece) -> tuple[str, int | None, str]:
    """The document, page and section of a piece."""
    section = (piece.node.parent_id or piece.node.id) if piece.node.level == PASSAGE else piece.node.id
    return piece.node.document_id, piece.page, section


def _document_line(document: Document) -> list[str]:
    if not document.title:
        return []
    known = document.title in document.source
    return [f"# {document.source}" if known else f"# {document.source}: {document.title[:TITLE_LENGTH]}"]


def _title(piece: _Piece) -> str:
    """The last two headings above a piece; none where its text begins with the heading itself."""
    path = piece.node.title.split(" › ")
    if piece.text.startswith(path[-1]):
        path = path[:-1]
    title = " › ".join(path[-2:])
    return title if len(title) <= TITLE_LENGTH else title[:TITLE_LENGTH].rstrip() + GAP


def _block_line(mark: int, page: int | None, title: str) -> str:
    return " ".join([f"[{mark}]", *([f"p. {page}"] if page is not None else []), *([title] if title else [])])


def _block_text(document: Document, block: Sequence[_Piece]) -> str:
    text = block[0].text
    for before, after in pairwise(block):
        text += _separator(document, before.span, after.span) + after.text
    return text


def _separator(document: Document, before: Span, after: Span) -> str:
    """What stands between two stretches: a line break or a space where nothing was left out, else the gap mark."""
    between = _without_furniture(document, Span(before.end, after.start))
    if between.strip():
        return f"\n{GAP}\n"
    return " " if between and "\n" not in between else "\n"


def _without_furniture(document: Document, span: Span) -> str:
    """The text of a span, a line break in the place of each piece of furniture."""
    lines: list[str] = []
    start = span.start
    first = bisect_left(document.furniture, span.start, key=lambda furniture: furniture.start)
    for furniture in document.furniture[first:]:
        if furniture.end > span.end:
            break
        lines.append(document.text[start : furniture.start])
        start = furniture.end
    return "\n".join([*lines, document.text[start : span.end]])


def _part(piece: _Piece, document: Document, mark: int) -> Part:
    return Part(
        node_id=piece.node.id,
        level=piece.node.level,
        detail=piece.detail,
        document_id=document.id,
        source=document.source,
        page=piece.page,
        span=piece.span,
        spans=piece.spans,
        values=piece.values,
        text=piece.text,
        tokens=0,
        mark=mark,
    )
