"""Ids for spans of documents that are valid in every process, and the text around a span."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Self

from hiercomp.errors import DocumentError
from hiercomp.types import PASSAGE, Document, Hierarchy, Span

DIGITS = 8
"""The number of digits of a document's digest in a part id."""
# The id of a node has its level between the digest and the span. It is accepted too.
_ID = re.compile(r"\s*([0-9a-f]{8,64}):(?:\d:)?(\d{1,12})-(\d{1,12})\s*")


@dataclass(frozen=True, slots=True)
class PartId:
    """The id of a part: the first digits of its document's digest, and its span. Written `9f2c1a7b:10234-10890`."""

    digest: str
    span: Span

    @classmethod
    def of(cls, document_id: str, span: Span) -> Self:
        """Return the id of a span of a document."""
        return cls(document_id[:DIGITS], span)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse an id.

        Raises:
            DocumentError: the text is not a part id.
        """
        match = _ID.fullmatch(text)
        if match is None or int(match[2]) >= int(match[3]):
            raise DocumentError(f"{text[:80]!r} is not a part id; a part id looks like 9f2c1a7b:120-480")
        return cls(match[1], Span(int(match[2]), int(match[3])))

    def document_in(self, hierarchy: Hierarchy) -> Document | None:
        """Return the document that the part belongs to, or None if the hierarchy does not have it."""
        return next((document for document in hierarchy.documents if document.id.startswith(self.digest)), None)

    def __str__(self) -> str:
        return f"{self.digest}:{self.span.start}-{self.span.end}"


def expand(
    hierarchy: Hierarchy, document: Document, span: Span, *, fits: Callable[[Span, Span | None], bool]
) -> tuple[Span, Span | None] | None:
    """Expand a span to whole sentences, as many as fit.

    The sentences of the span come first, in their order. Then the sentences after and before it are added by turns.
    `fits` gets a window, and the rest of the span that the window does not hold, or None.

    Returns:
        The largest window that fits, and the rest of the span. None if not even one sentence fits.
    """
    sentences = _sentences(hierarchy, document)
    order = list(_outwards(sentences, span))
    inside = sum(sentences[index].start < span.end and sentences[index].end > span.start for index in order)

    def window_of(count: int) -> tuple[Span, Span | None]:
        chosen = order[:count]
        window = Span(sentences[min(chosen)].start, sentences[max(chosen)].end)
        rest = Span(sentences[order[count]].start, sentences[order[inside - 1]].end) if count < inside else None
        return window, rest

    count = _largest_fitting(lambda count: fits(*window_of(count)), len(order))
    return window_of(count) if count else None


def _sentences(hierarchy: Hierarchy, document: Document) -> list[Span]:
    """Return a document's sentences and table rows, in order."""
    passages = (node for node in hierarchy.level(PASSAGE) if node.document_id == document.id)
    return [span for node in passages for span in node.sentences]


def _outwards(sentences: Sequence[Span], span: Span) -> Iterator[int]:
    """Yield the indices of the sentences that a span touches, and then those after and before it by turns."""
    begin = bisect_right(sentences, span.start, key=lambda sentence: sentence.end)
    end = max(bisect_left(sentences, span.end, key=lambda sentence: sentence.start), begin)
    yield from range(begin, end)
    for after, before in zip_longest(range(end, len(sentences)), range(begin - 1, -1, -1)):
        yield from (index for index in (after, before) if index is not None)


def _largest_fitting(fits: Callable[[int], bool], limit: int) -> int:
    """Return the largest count up to a limit that fits.

    The count doubles first and is bisected then, so that no count far beyond the result is tried: counting tokens of a
    long window is slow.
    """
    fitting, count = 0, 1
    while count <= limit and fits(count):
        fitting, count = count, 2 * count
    candidates = range(fitting + 1, min(count, limit + 1))
    return fitting + bisect_left(candidates, True, key=lambda count: not fits(count))
