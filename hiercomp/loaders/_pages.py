"""Selections of pages such as "3-9,12", "5-" and "-4"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from hiercomp.errors import ConfigError, DocumentError
from hiercomp.types import Document, Page, Span

_Item = TypeVar("_Item")
_RANGE = re.compile(r"\s*(?:(?P<only>\d+)|(?P<first>\d*)\s*-\s*(?P<last>\d*))\s*")


def page_numbers(selection: str | None, page_count: int, source: str) -> list[int]:
    """Return the 1-based page numbers of a selection, ascending and without duplicates. None selects all pages.

    Raises:
        ConfigError: the selection cannot be parsed, or one of its ranges is empty.
        DocumentError: the selection contains a page that the document does not have.
    """
    if selection is None:
        return list(range(1, page_count + 1))
    numbers: set[int] = set()
    for part in selection.split(","):
        first, last = _bounds(part, page_count, selection)
        if last > page_count:
            raise DocumentError(f"{source}: there is no page {last}; the last page is {page_count}, so change --pages")
        numbers.update(range(first, last + 1))
    return sorted(numbers)


def _bounds(part: str, page_count: int, selection: str) -> tuple[int, int]:
    """Return the first and the last page of one range of a selection."""
    match = _RANGE.fullmatch(part)
    if match is None or part.strip() == "-":
        raise ConfigError(f"--pages {selection!r} cannot be read at {part.strip()!r}; write for example 3-9,12")
    first = int(match["only"] or match["first"] or 1)
    last = int(match["only"] or match["last"] or max(page_count, first))
    if not 1 <= first <= last:
        raise ConfigError(
            f"--pages {selection!r}: {part.strip()!r} selects no page; pages count from 1, "
            "and a range goes from a lower to a higher page"
        )
    return first, last


def select_pages(document: Document, selection: str | None) -> Document:
    """Return the document with the selected pages only. Pages keep their numbers.

    Raises:
        ConfigError: the selection cannot be parsed.
        DocumentError: the document has no pages, or not all of the selected ones.
    """
    if selection is None:
        return document
    if not document.pages:
        raise DocumentError(f"{document.source}: this format has no pages; leave --pages out")
    numbers = set(page_numbers(selection, document.pages[-1].number, document.source))
    return _keep(document, [page for page in document.pages if page.number in numbers])


def _keep(document: Document, kept: list[Page]) -> Document:
    """Return the document cut to some of its pages, with the spans of headings and furniture moved to match."""
    pieces, pages, shifts, position = [], [], [], 0
    for page in kept:
        pieces.append(page.span.of(document.text))
        pages.append(replace(page, span=Span(position, position + len(page.span))))
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


def _moved(items: Iterable[tuple[Span, _Item]], shifts: list[tuple[Span, int]]) -> list[tuple[Span, _Item]]:
    """Return the items that lie on the kept pages, with their new spans.

    Args:
        items: spans in the old text, each with a value to carry along.
        shifts: the old span of each kept page, and the distance from its old to its new start.
    """
    return [
        (Span(span.start + shift, span.end + shift), item)
        for span, item in items
        for page, shift in shifts
        if page.start <= span.start and span.end <= page.end and span.start < page.end
    ]
