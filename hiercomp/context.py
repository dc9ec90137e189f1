"""Render an allocation as text: parts in document order, with headings and addresses.

    # report.pdf
    [1] p. 55 Item 8 › Note 4 – Income taxes
    The effective tax rate was 4.2 %.
    …
    Deferred tax assets	1,204	1,187
    [2] p. 56
    …

A number in brackets opens each stretch of one page and one section; an answer cites that number. Numbers that the
documents themselves put in brackets are not used. `…` stands for omitted text between two sentences. Each stretch of a
document is shown character for character. A summary that a model wrote has a stretch of its own, whose first line says
so and names the pages that the summary was made from.
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
WRITTEN = "(summary written by a model)"


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of one node: sentences with only white space between them, or a summary that a model wrote."""

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
    """Render a context: return its text and its parts in text order, whose tokens are not counted yet."""
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
    for (document_id, *_), group in groupby(pieces, _place):
        block = list(group)
        document = hierarchy.document(document_id)
        if not parts or parts[-1].document_id != document_id:
            lines += _document_line(document)
            title = ""
        mark = next(marks)
        heading = _title(block[0])
        lines.append(_block_line(mark, _address(document, block[0]), heading if heading != title else ""))
        title = heading
        lines.append(_block_text(document, block))
        parts += [_part(piece, document, mark) for piece in block]
    return "\n".join(lines), tuple(parts)


def render_whole(document: Document, passages: Sequence[Node]) -> tuple[str, tuple[Part, ...]]:
    """Render a document as it is, with one part for each passage."""
    pieces = [
        _Piece(node, "verbatim", document.page_at(node.span.start), (node.span,), (0.0,), node.text)
        for node in passages
    ]
    return document.text, tuple(_part(piece, document, mark) for mark, piece in enumerate(pieces, start=1))


def _pieces(hierarchy: Hierarchy, rendering: Rendering) -> Iterator[_Piece]:
    """Yield the stretches of a rendering: sentences are joined if only white space stands between them."""
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
    """Whether two sentences are on one page with only white space between them."""
    between = document.text[before.end : after.start]
    return not between.strip() and document.page_at(before.start) == document.page_at(after.start)


def _place(piece: _Piece) -> tuple[str, int | None, str]:
    """Return the document, page and section of a piece."""
    section = (piece.node.parent_id or piece.node.id) if piece.node.level == PASSAGE else piece.node.id
    return piece.node.document_id, piece.page, section


def _document_line(document: Document) -> list[str]:
    """Return the line that names a document, if the document has a title."""
    if not document.title:
        return []
    known = document.title in document.source
    return [f"# {document.source}" if known else f"# {document.source}: {document.title[:TITLE_LENGTH]}"]


def _title(piece: _Piece) -> str:
    """Return the last two headings above a piece, without a heading with which its text begins."""
    path = piece.node.title.split(" › ")
    if piece.text.startswith(path[-1]):
        path = path[:-1]
    title = " › ".join(path[-2:])
    return title if len(title) <= TITLE_LENGTH else title[:TITLE_LENGTH].rstrip() + GAP


def _block_line(mark: int, address: str, title: str) -> str:
    return " ".join(filter(None, [f"[{mark}]", address, title]))


def _address(document: Document, piece: _Piece) -> str:
    """Return the pages of a piece, and that a model wrote it if one did."""
    if piece.detail == "written":
        return f"{document.pages_of(piece.span)} {WRITTEN}".strip()
    return document.pages_of(Span(piece.span.start, piece.span.start))


def _last_page(document: Document, piece: _Piece) -> int | None:
    """Return the last page that a model's summary was made from, or None if the piece is on one page."""
    last = document.page_at(max(piece.span.start, piece.span.end - 1)) if piece.detail == "written" else None
    return last if last != piece.page else None


def _block_text(document: Document, block: Sequence[_Piece]) -> str:
    text = block[0].text
    for before, after in pairwise(block):
        text += _separator(document, before.span, after.span) + after.text
    return text


def _separator(document: Document, before: Span, after: Span) -> str:
    """Return the separator of two stretches: the gap mark if text between them is omitted, else a break or a space."""
    between = _without_furniture(document, Span(before.end, after.start))
    if between.strip():
        return f"\n{GAP}\n"
    return " " if between and "\n" not in between else "\n"


def _without_furniture(document: Document, span: Span) -> str:
    """Return the text of a span with a line break instead of each piece of furniture."""
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
    """Build a part.

    Raises:
        ValueError: the text is neither the document's own nor marked as written by a model.
    """
    if piece.detail != "written" and piece.text != piece.span.of(document.text):
        raise ValueError(f"the text of {piece.node.id} is not the text of {document.source} at {piece.span}")
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
        last_page=_last_page(document, piece),
        label=document.label_at(piece.span.start),
    )
