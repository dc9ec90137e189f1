"""Split documents for the baselines: chunks of 200 tokens, as is usual, and single sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eval.methods._filling import WORD, Unit, largest_fitting
from hiercomp.ports import Tokenizer
from hiercomp.text.chunking import units
from hiercomp.types import PASSAGE, Document, Node, Span

CHUNK_TOKENS = 200


def sentences(document: Document) -> tuple[Unit, ...]:
    """Return the sentences, rows and headings of a document."""
    return tuple(Unit(span.of(document.text), span.start) for span in units(document))


def chunks(document: Document, tokenizer: Tokenizer) -> tuple[Unit, ...]:
    """Pack adjacent sentences into chunks of at most 200 tokens. A longer sentence is cut."""
    text = document.text
    spans = units(document)
    lengths = tokenizer.count_many([span.of(text) for span in spans])
    pieces = [
        piece
        for span, length in zip(spans, lengths, strict=True)
        for piece in ([span] if length <= CHUNK_TOKENS else _cut(text, span, tokenizer))
    ]
    found = [span for group in _packed(text, pieces, tokenizer) for span in _within(text, group, tokenizer)]
    return tuple(Unit(span.of(text), span.start) for span in found)


def nodes(found: Sequence[Unit]) -> list[Node]:
    """Convert units to nodes for hiercomp's retrievers.

    Titles are empty, so that only a unit's text is searched. Ids follow the order in the document, which decides ties.
    """
    return [
        Node(
            id=f"{place:08}",
            document_id="",
            level=PASSAGE,
            title="",
            span=Span(unit.position, unit.position + len(unit.text)),
            text=unit.text,
            sentences=(),
        )
        for place, unit in enumerate(found)
    ]


def _cut(text: str, span: Span, tokenizer: Tokenizer) -> Iterator[Span]:
    """Cut a long sentence into pieces of whole words. Each piece is as long as a chunk can be."""
    words = [Span(*match.span()) for match in WORD.finditer(text, span.start, span.end)]
    while words:
        taken = _fitting(text, words, tokenizer)
        yield Span(words[0].start, words[taken - 1].end)
        words = words[taken:]


def _fitting(text: str, words: Sequence[Span], tokenizer: Tokenizer) -> int:
    """Return how many words fit into a chunk. It is at least one, so that cutting ends."""
    count = largest_fitting(
        len(words), lambda count: tokenizer.count(text[words[0].start : words[count - 1].end]) <= CHUNK_TOKENS
    )
    return max(1, count)


def _packed(text: str, pieces: Sequence[Span], tokenizer: Tokenizer) -> Iterator[list[Span]]:
    """Group adjacent pieces. The tokens of a group, with the text between its pieces, add up to at most a chunk's."""
    ends = [*(piece.start for piece in pieces[1:]), len(text)]
    whole = tokenizer.count_many([text[piece.start : end] for piece, end in zip(pieces, ends, strict=False)])
    group: list[Span] = []
    filled = 0
    for piece, tokens in zip(pieces, whole, strict=True):
        if group and filled + tokens > CHUNK_TOKENS:
            yield group
            group, filled = [], 0
        group.append(piece)
        filled += tokens
    if group:
        yield group


def _within(text: str, group: list[Span], tokenizer: Tokenizer) -> Iterator[Span]:
    """Yield a group as one span. It is halved if its tokens together exceed a chunk's."""
    span = Span(group[0].start, group[-1].end)
    if len(group) == 1 or tokenizer.count(span.of(text)) <= CHUNK_TOKENS:
        yield span
    else:
        middle = len(group) // 2
        yield from _within(text, group[:middle], tokenizer)
        yield from _within(text, group[middle:], tokenizer)
