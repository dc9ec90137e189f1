"""Parser of PDF files. It runs in the child process."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium_c  # type: ignore[import-untyped]

from hiercomp.errors import DocumentError
from hiercomp.loaders._pages import page_numbers
from hiercomp.loaders._pdf_furniture import find_furniture
from hiercomp.loaders._pdf_headings import layout_headings
from hiercomp.loaders._pdf_lines import Line, read_lines
from hiercomp.loaders._pdf_outline import Entry, covers, locate, read_outline
from hiercomp.loaders._pdf_paragraphs import Paragraph, Style, find_paragraphs, usual_style
from hiercomp.loaders._pdf_text import PageText, join_pages
from hiercomp.loaders._pdf_words import TextPage
from hiercomp.loaders._wire import Job
from hiercomp.types import Document, Heading, Page, Span

# A page with drawings and fewer characters than this may be scanned. If most pages may be, the document is a scan.
_MIN_CHARACTERS = 20
_BAD_TITLE = re.compile(r"untitled|microsoft \w+ -|.*\.(?:docx?|pdf|xlsx?|pptx?|indd|qxd|tmp|html?)$|[\W\d_]*$", re.I)


def parse(job: Job) -> Document:
    """Return the document in a PDF file.

    Raises:
        DocumentError: the file cannot be opened, lacks a selected page, has too many pages, or looks scanned.
    """
    pdf = _open(job)
    numbers = page_numbers(job.pages, len(pdf), job.source)
    if not numbers:
        raise DocumentError(f"{job.source}: the PDF has no pages")
    if len(numbers) > job.limits.pages:
        raise DocumentError(
            f"{job.source}: {len(numbers):,} pages are more than the limit of {job.limits.pages:,}; use --pages"
        )
    results = [_read_page(pdf, number) for number in numbers]
    pages = [lines for lines, _ in results]
    _refuse_scan(pages, sum(is_textless for _, is_textless in results), job.source)
    style = usual_style(pages)
    paragraphs = [
        find_paragraphs(lines, furniture, style) for lines, furniture in zip(pages, find_furniture(pages), strict=True)
    ]
    texts = join_pages(paragraphs)
    entries = read_outline(pdf)
    if covers(entries, len(pdf)):
        headings = _outline_headings(entries, dict(zip(numbers, range(len(numbers)), strict=True)), paragraphs, texts)
    else:
        headings = _layout_headings(paragraphs, texts, style)
    return Document(
        text="".join(text.text for text in texts),
        source=job.source,
        title=_title(pdf, paragraphs[0], job.source),
        pages=tuple(
            Page(number, Span(text.start, text.start + len(text.text)))
            for number, text in zip(numbers, texts, strict=True)
        ),
        headings=tuple(sorted(headings, key=lambda heading: heading.span.start)),
        furniture=tuple(
            text.span(index)
            for text, page in zip(texts, paragraphs, strict=True)
            for index, paragraph in enumerate(page)
            if paragraph.is_furniture
        ),
    )


def _open(job: Job) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(job.path, password=job.password)
    except pdfium.PdfiumError as error:
        if "assword" in str(error):
            reason = (
                "its password is wrong; give the right one" if job.password else "it is encrypted; give its password"
            )
            raise DocumentError(f"{job.source}: {reason} with --password or HIERCOMP_PASSWORD") from error
        if "ecurity" in str(error):
            raise DocumentError(f"{job.source}: its kind of encryption is not supported; save it decrypted") from error
        raise DocumentError(
            f"{job.source}: the file is not a readable PDF, but damaged or cut off; get it again"
        ) from error


def _read_page(pdf: pdfium.PdfDocument, number: int) -> tuple[list[Line], bool]:
    """Return the lines of a page, and whether it has so little text that it may be scanned."""
    try:
        page = pdf[number - 1]
        text = TextPage(page)
        lines = read_lines(text)
        text.close()
        character_count = sum(len(line.text) for line in lines)
        is_textless = character_count == 0 or (character_count < _MIN_CHARACTERS and _has_drawings(page))
        page.close()
    except pdfium.PdfiumError:
        return [], True  # One damaged page must not prevent reading the others.
    return lines, is_textless


def _refuse_scan(pages: Sequence[Sequence[Line]], textless_count: int, source: str) -> None:
    if textless_count * 2 > len(pages):
        amount = "hardly any text" if any(pages) else "no text"
        raise DocumentError(
            f"{source}: the file looks scanned, because {textless_count} of {len(pages)} pages have {amount}; "
            "run OCR first (for example ocrmypdf)"
        )


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


def _title(pdf: pdfium.PdfDocument, paragraphs: Sequence[Paragraph], source: str) -> str:
    """Return the title in the file's metadata, else the largest line of the first page, else the file's name."""
    try:
        own_title = " ".join(re.sub("[\0\ud800-\udfff]", "", pdf.get_metadata_value("Title")).split())
    except (pdfium.PdfiumError, UnicodeError):
        own_title = ""
    if own_title and not _BAD_TITLE.match(own_title):
        return own_title[:200]
    candidates = [p for p in paragraphs if not p.is_row and 4 <= len(p.text) <= 150 and not p.is_furniture]
    # Lines of rotated text, for example in a margin, are higher than wide and are not titles.
    upright = [p for p in candidates if p.lines[0].right - p.lines[0].left > p.lines[0].size]
    largest = max(upright, key=lambda paragraph: paragraph.lines[0].size, default=None)
    return " ".join(largest.text.split()) if largest else Path(source).stem


def _has_drawings(page: pdfium.PdfPage) -> bool:
    """Return whether a page shows anything but text, such as a scanned image or text that is drawn as shapes."""
    return any(item.type != pdfium_c.FPDF_PAGEOBJ_TEXT for item in page.get_objects(max_depth=2))
