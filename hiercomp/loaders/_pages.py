"""The pages that a user asked for: "3-9,12", "5-", "-4"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from hiercomp.errors import ConfigError, DocumentError
from hiercomp.types import Document, Page, Span

_T = TypeVar("_T")
_RANGE = re.compile(r"\s*(?:(?P<only>\d+)|(?P<first>\d*)\s*-\s*(?P<last>\d*))\s*")


def page_numbers(selection: str | None, count: int, source: str) -> list[int]:
    """The 1-based numbers that a selection names, ascending, each once; all of them for None.

    Raises:
        ConfigError: the selection cannot be read.
        DocumentError: it names a page that the document does not have, or none.
    """
    if selection is None:
        return list(range(1, count + 1))
    chosen: set[int] = set()
    for part in selection.split(","):
        first, last = _bounds(part, count, selection)
        if last > count:
            raise DocumentError(f"{source}: there is no page {last}; the last page is {count}, so change --pages")
        chosen.update(range(first, last + 1))
    return sorted(chosen)


def _bounds(part: str, count: int, selection: str) -> tuple[int, int]:
    match = _RANGE.fullmatch(part)
    if match is None or part.strip() == "-":
        raise ConfigError(f"--pages {selection!r} cannot be read at {part.strip()!r}; write for example 3-9,12")
    first = int(match["only"] or match["first"] or 1)
    last = int(match["only"] or match["last"] or max(count, first))
    if not 1 <= first <= last:
        raise ConfigError(f"--pages {selection!r}: {part.strip()!r} holds no page; pages count from 1 and rise")
    return first, last


def select_pages(document: Document, selection: str | None) -> Document:
    """The document with only the chosen pages, each with its own number."""
    if selection is None:
        return document
    if not document.pages:
        raise DocumentError(f"{document.source}: this format has no pages; leave --pages out")
    numbers = page_numbers(selection, document.pages[-1].number, document.source)
    return _keep(document, [page for page in document.pages if page.number in set(numbers)])


def _keep(document: Document, kept: list[Page]) -> Document:
    pieces, pages, shifts, position = [], [], [], 0
    for page in kept:
        pieces.append(page.span.of(document.text))
        pages.append(Page(page.number, Span(position, position + len(page.span))))
        shifts.append((page.span, position - page.span.start))
        position += len(page.span)
    headings = [
        replace(heading, span=span)
        for span, heading in _moved(((heading.span, heading) for heading in document.headings), shifts)
    ]
    furniture = [span for span, _ in _moved(((span, None) for span in document.furniture), shifts)]
    return replace(
        document, text="".join(pieces), pages=tuple(pages), headings=tuple(headings), furniture=tuple(furniture)
    )


def _moved(items: Iterable[tuple[Span, _T]], shifts: list[tuple[Span, int]]) -> list[tuple[Span, _T]]:
    return [
        (Span(span.start + shift, span.end + shift), item)
        for span, item in items
        for page, shift in shifts
        if page.start <= span.start and span.end <= page.end and span.start < page.end
    ]
