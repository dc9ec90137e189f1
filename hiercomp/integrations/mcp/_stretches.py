"""Stretches of documents by an id that holds in every process, and what stands around them."""

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
"""Of a document's digest that its stretches' ids begin with."""
# A node's id, which names its level too, is an id of a stretch as well.
_ID = re.compile(r"\s*([0-9a-f]{8,64}):(?:\d:)?(\d{1,12})-(\d{1,12})\s*")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span of the document whose digest begins with `digest`; written `9f2c1a7b:10234-10890`."""

    digest: str
    span: Span

    @classmethod
    def of(cls, document_id: str, span: Span) -> Self:
        """A span of a document."""
        return cls(document_id[:DIGITS], span)

    @classmethod
    def read(cls, part: str) -> Self:
        """The stretch that an id names.

        Raises:
            DocumentError: this is no id.
        """
        match = _ID.fullmatch(part)
        if match is None or int(match[2]) >= int(match[3]):
            raise DocumentError(f"{part[:80]!r} is no part; give an id as it was returned, such as 9f2c1a7b:120-480")
        return cls(match[1], Span(int(match[2]), int(match[3])))

    def document_in(self, hierarchy: Hierarchy) -> Document | None:
        """The document that it is a stretch of, None if that is not there."""
        return next((document for document in hierarchy.documents if document.id.startswith(self.digest)), None)

    def __str__(self) -> str:
        return f"{self.digest}:{self.span.start}-{self.span.end}"


def pages_of(document: Document, span: Span) -> str:
    """The pages that a span stands on, such as `p. 3` or `pp. 3-5`; nothing where the format has none."""
    first, last = document.page_at(span.start), document.page_at(max(span.end - 1, span.start))
    if first is None:
        return ""
    return f"p. {first}" if first == last else f"pp. {first}-{last}"


def around(
    hierarchy: Hierarchy, document: Document, span: Span, *, fits: Callable[[Span, Span | None], bool]
) -> tuple[Span, Span | None] | None:
    """Whole sentences around a span, as many as fit, and what of the span itself is beyond them; None if nothing fits.

    The span's own sentences come first, in their order, then those after and before it by turns.
    """
    places = list(_outwards(units := _units(hierarchy, document), span))
    inside = sum(units[place].start < span.end and units[place].end > span.start for place in places)

    def first(count: int) -> tuple[Span, Span | None]:
        chosen = places[:count]
        window = Span(units[min(chosen)].start, units[max(chosen)].end)
        rest = Span(units[places[count]].start, units[places[inside - 1]].end) if count < inside else None
        return window, rest

    count = _most(lambda count: fits(*first(count)), len(places))
    return first(count) if count else None


def _units(hierarchy: Hierarchy, document: Document) -> list[Span]:
    """A document's sentences and rows, in order."""
    passages = (node for node in hierarchy.level(PASSAGE) if node.document_id == document.id)
    return [span for node in passages for span in node.sentences]


def _outwards(units: Sequence[Span], span: Span) -> Iterator[int]:
    """The places of the sentences that a span touches, then by turns of those after and before it."""
    begin = bisect_right(units, span.start, key=lambda unit: unit.end)
    end = max(bisect_left(units, span.end, key=lambda unit: unit.start), begin)
    yield from range(begin, end)
    for after, before in zip_longest(range(end, len(units)), range(begin - 1, -1, -1)):
        yield from (place for place in (after, before) if place is not None)


def _most(fits: Callable[[int], bool], limit: int) -> int:
    """The greatest count up to a limit that fits; no count far beyond it is tried."""
    least, most = 0, 1
    while most <= limit and fits(most):
        least, most = most, 2 * most
    more = range(least + 1, min(most, limit + 1))
    return least + bisect_left(more, True, key=lambda count: not fits(count))
