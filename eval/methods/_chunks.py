"""The pieces that the baselines choose from: chunks of 200 tokens, as is usual, and single sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eval.methods._filling import WORD, Unit, most
from hiercomp.ports import Tokenizer
from hiercomp.text.chunking import units
from hiercomp.types import PASSAGE, Document, Node, Span

CHUNK_TOKENS = 200


def sentences(document: Document) -> tuple[Unit, ...]:
    """The sentences, rows and headings of a document."""
    return tuple(Unit(span.of(document.text), span.start) for span in units(document))


def chunks(document: Document, tokenizer: Tokenizer) -> tuple[Unit, ...]:
    """Sentences that follow each other, packed to at most 200 tokens; only one that is longer alone is cut."""
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
    """Units as the retrievers of hiercomp take them; equal scores are ordered by id, and so as in the document."""
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
    """A sentence in pieces of whole words, each as long as a chunk may be."""
    words = [Span(*match.span()) for match in WORD.finditer(text, span.start, span.end)]
    while words:
        taken = _fitting(text, words, tokenizer)
        yield Span(words[0].start, words[taken - 1].end)
        words = words[taken:]


def _fitting(text: str, words: Sequence[Span], tokenizer: Tokenizer) -> int:
    """How many words a chunk holds: one at least, or a piece would never end."""
    return max(
        1,
        most(
            len(words),
            lambda count: tokenizer.count(text[words[0].start : words[count - 1].end]) <= CHUNK_TOKENS,
        ),
    )


def _packed(text: str, pieces: Sequence[Span], tokenizer: Tokenizer) -> Iterator[list[Span]]:
    """Groups of pieces whose tokens, with what stands between them, add up to at most a chunk's."""
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
    """A group as one span, in halves where its tokens together are more than their sum was."""
    span = Span(group[0].start, group[-1].end)
    if len(group) == 1 or tokenizer.count(span.of(text)) <= CHUNK_TOKENS:
        yield span
    else:
        middle = len(group) // 2
        yield from _within(text, group[:middle], tokenizer)
        yield from _within(text, group[middle:], tokenizer)
