"""Headings from the outline (the bookmarks) of a PDF."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pypdfium2 as pdfium  # type: ignore[import-untyped]

from hiercomp.loaders._pdf_paragraphs import Paragraph

# An outline covers its document if it has at least this many entries, and at least one for this many pages.
_MIN_ENTRIES = 3
_PAGES_PER_ENTRY = 12
_MAX_ENTRIES = 20_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A bookmark.

    `depth` and `page` count from 1. `height` is the distance of its target from the bottom of the page, in points, or
    None if the bookmark points at the whole page.
    """

    title: str
    depth: int
    page: int
    height: float | None


def read_outline(document: pdfium.PdfDocument) -> list[Entry]:
    """Return the bookmarks that point at a page, in outline order. A damaged outline has none."""
    entries: list[Entry] = []
    try:
        for bookmark in document.get_toc():
            entry = _entry(bookmark)
            if entry:
                entries.append(entry)
            if len(entries) >= _MAX_ENTRIES:
                break
    except (pdfium.PdfiumError, UnicodeError, ValueError):
        return []
    return entries


def _entry(bookmark: pdfium.PdfBookmark) -> Entry | None:
    destination = bookmark.get_dest()
    index = destination.get_index() if destination else None
    title = " ".join(re.sub("[\0\ud800-\udfff]", "", bookmark.get_title()).split())
    if index is None or index < 0 or not title or destination is None:
        return None
    mode, position = destination.get_view()
    height = position[1] if mode == 1 and len(position) > 1 else None
    return Entry(title, min(bookmark.level + 1, 6), index + 1, height)


def covers(entries: Sequence[Entry], page_count: int) -> bool:
    """Return whether an outline describes the whole document, so that its layout need not be searched for headings."""
    return len(entries) >= max(_MIN_ENTRIES, page_count / _PAGES_PER_ENTRY)


def locate(entries: Sequence[Entry], pages: Mapping[int, Sequence[Paragraph]]) -> Iterator[tuple[Entry, int, bool]]:
    """Find the paragraph of each outline entry.

    Args:
        entries: the outline.
        pages: the paragraphs of the pages that were read, by page number.

    Yields:
        The entry, the index of its paragraph on its page, and whether that paragraph shows the entry's title. Entries
        of pages that were not read are left out.
    """
    for entry in entries:
        paragraphs = pages.get(entry.page)
        if paragraphs:
            index = _find_title(entry, paragraphs)
            yield entry, _nearest(entry, paragraphs) if index is None else index, index is not None


def _letters_and_digits(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _find_title(entry: Entry, paragraphs: Sequence[Paragraph]) -> int | None:
    """Return the index of the paragraph that shows an entry's title, or None.

    A paragraph that equals the title is best, then one that begins with it, then one that is a part of it. The nearest
    of equally good ones is taken.
    """
    title = _letters_and_digits(entry.title)
    matches: list[tuple[int, float, int]] = []  # quality, distance, index
    for index, paragraph in enumerate(paragraphs):
        text = _letters_and_digits(paragraph.text[:400])
        if not text or not title or paragraph.is_furniture:
            continue
        if text == title:
            matches.append((0, _distance(entry, paragraph), index))
        elif text.startswith(title) and len(text) <= 3 * len(title) + 20 and not paragraph.is_row:
            matches.append((1, _distance(entry, paragraph), index))
        elif len(text) >= 8 and (title.startswith(text) or title.endswith(text)):
            matches.append((2, _distance(entry, paragraph), index))
    return min(matches)[2] if matches else None


def _distance(entry: Entry, paragraph: Paragraph) -> float:
    return abs(entry.height - paragraph.lines[0].top) if entry.height is not None else 0.0


def _nearest(entry: Entry, paragraphs: Sequence[Paragraph]) -> int:
    if entry.height is None:
        return 0
    return min(range(len(paragraphs)), key=lambda index: _distance(entry, paragraphs[index]))
