"""The document of the pages of a PDF, or of the images of an image file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from hiercomp.loaders._ocr import UNSURE
from hiercomp.loaders._pdf_annotations import Box, Note
from hiercomp.loaders._pdf_furniture import find_furniture
from hiercomp.loaders._pdf_headings import layout_headings
from hiercomp.loaders._pdf_lines import Line
from hiercomp.loaders._pdf_outline import Entry, covers, locate
from hiercomp.loaders._pdf_pages import PageContent
from hiercomp.loaders._pdf_paragraphs import Paragraph, Style, find_paragraphs, usual_style
from hiercomp.loaders._pdf_text import PageText, join_pages
from hiercomp.types import Document, Heading, Page, Span

_BAD_TITLE = re.compile(r"untitled|microsoft \w+ -|.*\.(?:docx?|pdf|xlsx?|pptx?|indd|qxd|tmp|html?)$|[\W\d_]*$", re.I)
_MAX_QUOTED = 3


def build_document(
    source: str,
    contents: Sequence[PageContent],
    *,
    title: str = "",
    outline: Sequence[Entry] = (),
    page_count: int = 0,
    omissions: Iterable[str] = (),
) -> Document:
    """Return the document of some pages.

    Args:
        source: the name of the file.
        contents: the content of the pages, ascending.
        title: the title in the file's metadata.
        outline: the outline of the file.
        page_count: the number of pages of the file.
        omissions: what is left out of the file, besides what the pages name.
    """
    lines = [content.lines for content in contents]
    style = usual_style(lines)
    printed = [
        find_paragraphs(content.lines, furniture, style)
        for content, furniture in zip(contents, find_furniture(lines), strict=True)
    ]
    paragraphs = [with_notes(page, content.notes, style) for page, content in zip(printed, contents, strict=True)]
    texts = join_pages(paragraphs)
    if covers(outline, page_count):
        indices = {content.number: index for index, content in enumerate(contents)}
        headings = _outline_headings(outline, indices, paragraphs, texts)
    else:
        headings = _layout_headings(paragraphs, texts, style)
    return Document(
        text="".join(text.text for text in texts),
        source=source,
        title=_title(title, printed[0], source),
        pages=tuple(
            Page(content.number, Span(text.start, text.start + len(text.text)), content.label)
            for content, text in zip(contents, texts, strict=True)
        ),
        headings=tuple(sorted(headings, key=lambda heading: heading.span.start)),
        furniture=tuple(
            text.span(index)
            for text, page in zip(texts, paragraphs, strict=True)
            for index, paragraph in enumerate(page)
            if paragraph.is_furniture
        ),
        omissions=(*omissions, *_page_omissions(contents), *_scan_omissions(contents)),
    )


def with_notes(paragraphs: Sequence[Paragraph], notes: Sequence[Note], style: Style) -> list[Paragraph]:
    """Return the paragraphs of a page with each note behind the paragraph that it belongs to, or behind its table."""
    noted = list(paragraphs)
    places = [_place(paragraphs, note.box) for note in notes]
    for place, note in reversed(sorted(zip(places, notes, strict=True), key=lambda item: item[0])):
        if place < len(noted):
            noted[place] = replace(noted[place], gap=True)
        top, size, font = note.box.top, style.size, style.font
        line = Line(note.text, note.box.left, note.box.right, top - size, top, font, font)
        noted.insert(place, Paragraph((line,), gap=True))
    return noted


def _place(paragraphs: Sequence[Paragraph], box: Box) -> int:
    """Return the index at which a note is inserted."""
    body = [index for index, paragraph in enumerate(paragraphs) if not paragraph.is_furniture]
    if not body:
        return len(paragraphs)
    place = min(body, key=lambda index: (_distance(paragraphs[index], box), -index)) + 1
    while place < len(paragraphs) and paragraphs[place - 1].is_row and paragraphs[place].is_row:
        place += 1
    return place


def _distance(paragraph: Paragraph, box: Box) -> float:
    """Return how far a box is from the lines of a paragraph, in points. It is far more above it than below it."""
    across = max(min(line.left for line in paragraph.lines) - box.right, 0.0)
    across = max(box.left - max(line.right for line in paragraph.lines), across)
    middle = (box.bottom + box.top) / 2
    above = middle - max(line.top for line in paragraph.lines)
    below = min(line.bottom for line in paragraph.lines) - middle
    return max(2 * above, below, 0.0) + across / 4


def _layout_headings(
    paragraphs: Sequence[Sequence[Paragraph]], texts: Sequence[PageText], style: Style
) -> list[Heading]:
    """Return the headings that the layout shows."""
    headings = []
    for found in layout_headings(paragraphs, style):
        title, span = texts[found.page].line(found.paragraph)
        headings.append(Heading(" ".join(title.split()), found.depth, span))
    return headings


def _outline_headings(
    entries: Sequence[Entry],
    indices: dict[int, int],
    paragraphs: Sequence[Sequence[Paragraph]],
    texts: Sequence[PageText],
) -> list[Heading]:
    """Return the headings of the outline. A heading whose title is not on its page has an empty span.

    Args:
        entries: the outline.
        indices: the index of each page that was read, by page number.
        paragraphs: the paragraphs of these pages.
        texts: the text of these pages.
    """
    headings: dict[Span, Heading] = {}
    for entry, index, is_shown in locate(entries, {number: paragraphs[i] for number, i in indices.items()}):
        text = texts[indices[entry.page]]
        span = text.span(index) if is_shown else Span(text.span(index).start, text.span(index).start)
        headings.setdefault(span, Heading(entry.title, entry.depth, span))
    return list(headings.values())


def _title(own_title: str, paragraphs: Sequence[Paragraph], source: str) -> str:
    """Return the title in the file's metadata, else the largest line of the first page, else the file's name."""
    if own_title and not _BAD_TITLE.match(own_title):
        return own_title[:200]
    candidates = [p for p in paragraphs if not p.is_row and 4 <= len(p.text) <= 150 and not p.is_furniture]
    # Lines of rotated text, for example in a margin, are higher than wide and are not titles.
    upright = [p for p in candidates if p.lines[0].right - p.lines[0].left > p.lines[0].size]
    largest = max(upright, key=lambda paragraph: paragraph.lines[0].size, default=None)
    return " ".join(largest.text.split()) if largest else Path(source).stem


def _page_omissions(contents: Iterable[PageContent]) -> Iterator[str]:
    for content in contents:
        yield from (f"page {content.number}: {what}" for what in content.omissions)


def _scan_omissions(contents: Iterable[PageContent]) -> Iterator[str]:
    """Yield what was read by OCR, and how sure that is."""
    scanned = [(content, content.scan) for content in contents if content.scan is not None]
    read = [(content.number, scan) for content, scan in scanned if scan.pieces]
    if read:
        length = sum(len(piece.text) for _, scan in read for piece in scan.pieces)
        certain = sum(piece.confidence * len(piece.text) for _, scan in read for piece in scan.pieces)
        verb = "were" if len(read) > 1 else "was"
        yield f"{page_list([n for n, _ in read])} {verb} read by OCR, mean confidence {certain / length:.2f}"
    for content, scan in scanned:
        yield from (f"page {content.number}: {what}" for what in _doubts(scan.unsure, scan.noise_count))
        if not scan.pieces:
            yield f"page {content.number}: an image in which OCR finds no text"


def _doubts(unsure: Sequence[str], noise_count: int) -> Iterator[str]:
    if unsure:
        quoted = ", ".join(f"“{text}”" for text in unsure[:_MAX_QUOTED])
        more = f" and {len(unsure) - _MAX_QUOTED} more" if len(unsure) > _MAX_QUOTED else ""
        yield f"OCR is unsure (confidence below {UNSURE}) of {quoted}{more}"
    if noise_count:
        yield f"{noise_count} line{'s' if noise_count > 1 else ''} that OCR cannot read"


def page_list(numbers: Sequence[int]) -> str:
    """Return ascending page numbers such as "page 3" or "pages 3, 5-7"."""
    runs = [[n for _, n in run] for _, run in groupby(enumerate(numbers), key=lambda item: item[1] - item[0])]
    shown = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
    return f"page {shown}" if len(numbers) == 1 else f"pages {shown}"
