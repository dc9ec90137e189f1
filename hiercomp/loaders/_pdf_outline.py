"""Headings from a PDF's outline (its bookmarks), each found on the page that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pypdfium2 as pdfium  # type: ignore[import-untyped]

from hiercomp.loaders._pdf_paragraphs import Paragraph

# An outline that covers a document names a place on one page in twelve at least, and three in all.
_LEAST_ENTRIES = 3
_PAGES_PER_ENTRY = 12
_MOST_ENTRIES = 20_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A bookmark: its title, its depth, its 1-based page, and how high on the page it points."""

    title: str
    depth: int
    page: int
    height: float | None


def read_outline(document: pdfium.PdfDocument) -> list[Entry]:
    """The bookmarks that name a page, in outline order; none when the outline is damaged."""
    entries: list[Entry] = []
    try:
        for bookmark in document.get_toc():
            entry = _entry(bookmark)
            if entry:
                entries.append(entry)
            if len(entries) >= _MOST_ENTRIES:
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
    """Whether an outline describes the whole document, so that the layout need not be asked."""
    return len(entries) >= max(_LEAST_ENTRIES, page_count / _PAGES_PER_ENTRY)


def locate(entries: Sequence[Entry], pages: Mapping[int, Sequence[Paragraph]]) -> Iterator[tuple[Entry, int, bool]]:
    """Each entry with the index of its paragraph on its page, and whether the title is printed there.

    Entries of pages that were not read are left out.
    """
    for entry in entries:
        paragraphs = pages.get(entry.page)
        if paragraphs:
            index = _printed(entry, paragraphs)
            yield entry, _nearest(entry, paragraphs) if index is None else index, index is not None


def _plain(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _printed(entry: Entry, paragraphs: Sequence[Paragraph]) -> int | None:
    title = _plain(entry.title)
    found: list[tuple[int, float, int]] = []
    for index, paragraph in enumerate(paragraphs):
        text = _plain(paragraph.text[:400])
        if not text or not title or paragraph.is_furniture:
            continue
        if text == title:
            found.append((0, _distance(entry, paragraph), index))
        elif text.startswith(title) and len(text) <= 3 * len(title) + 20 and not paragraph.is_row:
            found.append((1, _distance(entry, paragraph), index))
        elif len(text) >= 8 and (title.startswith(text) or title.endswith(text)):
            found.append((2, _distance(entry, paragraph), index))
    return min(found)[2] if found else None


def _distance(entry: Entry, paragraph: Paragraph) -> float:
    return abs(entry.height - paragraph.lines[0].top) if entry.height is not None else 0.0


def _nearest(entry: Entry, paragraphs: Sequence[Paragraph]) -> int:
    if entry.height is None:
        return 0
    return min(range(len(paragraphs)), key=lambda index: _distance(entry, paragraphs[index]))
