"""The content of single pages of a PDF."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium_c  # type: ignore[import-untyped]

from hiercomp.loaders._ocr import ImageReader, Scan
from hiercomp.loaders._pdf_annotations import Note, read_notes
from hiercomp.loaders._pdf_forms import FilledPage
from hiercomp.loaders._pdf_lines import Line
from hiercomp.loaders._pdf_scans import ScannedPage
from hiercomp.loaders._pdf_tables import read_lines

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# A page with drawings and fewer characters than this may be scanned.
_MIN_CHARACTERS = 20
# An image of at least this share of the page, or as many paths as this, may be text.
_MIN_IMAGE = 0.03
_MIN_PATHS = 30
# OCR reads text of 6 points without a fault at this resolution. Its time grows with the number of pixels.
_PIXELS_PER_POINT = 150 / 72
_MIN_PIXELS, MAX_PIXELS = 1_500_000, 6_000_000
_IMAGE_WIDTH = 612.0  # points
_MAX_LABEL_LENGTH = 20


@dataclass(slots=True)
class PageContent:
    """What stands on a page.

    `omissions` names what is left out. `is_textless` says that the page has so little text that it may be scanned, and
    `has_image` that it then shows an image, or enough shapes to be text. `has_fields` says that fields of a form have
    values.
    """

    number: int
    lines: list[Line]
    notes: Sequence[Note] = ()
    label: str | None = None
    omissions: Sequence[str] = ()
    is_textless: bool = False
    has_image: bool = False
    has_fields: bool = False
    scan: Scan | None = None


def read_page(pdf: pdfium.PdfDocument, number: int) -> PageContent:
    """Return the content of a page. A damaged page has none, so that it does not prevent reading the others."""
    try:
        page = pdf[number - 1]
        text = FilledPage(page, pdf.formenv)
        lines = read_lines(text)
        notes, omissions = read_notes(page)
        notes = [note._replace(box=text.upright(note.box)) for note in notes]
        text.close()
        character_count = sum(len(line.text) for line in lines)
        shapes = _shapes(page) if character_count < _MIN_CHARACTERS else []
        has_image = _may_be_text(shapes, page)
        page.close()
    except pdfium.PdfiumError:
        return PageContent(number, [], omissions=["all of it, because the page is damaged"], is_textless=True)
    label = page_label(pdf, number)
    is_textless = character_count == 0 or bool(shapes)
    return PageContent(number, lines, notes, label, omissions, is_textless, has_image, text.has_fields)


def scan_page(pdf: pdfium.PdfDocument, content: PageContent, reader: ImageReader) -> PageContent:
    """Return the content of a page without text as OCR reads it."""
    page = pdf[content.number - 1]
    width, height = page.get_size()
    area = max(width * height, 1.0)
    scale = min(max(_PIXELS_PER_POINT, sqrt(_MIN_PIXELS / area)), sqrt(MAX_PIXELS / area))
    scan = reader.read(page.render(scale=scale, grayscale=True).to_numpy())
    # An image that was turned has the height of the page as its width.
    lines = _scanned_lines(page, scan, width if (scan.width > scan.height) == (width > height) else height)
    page.close()
    own_length, length = (sum(len(line.text) for line in found) for found in (content.lines, lines))
    return replace(content, lines=lines if length > own_length else content.lines, scan=scan)


def scan_image(number: int, image: NDArray[np.uint8], reader: ImageReader) -> PageContent:
    """Return the content of an image as OCR reads it, as if it were a page of the usual width."""
    scan = reader.read(image)
    pdf = pdfium.PdfDocument.new()
    page = pdf.new_page(_IMAGE_WIDTH, _IMAGE_WIDTH * scan.height / scan.width)
    lines = _scanned_lines(page, scan, _IMAGE_WIDTH)
    pdf.close()
    return PageContent(number, lines, scan=scan)


def _scanned_lines(page: pdfium.PdfPage, scan: Scan, width: float) -> list[Line]:
    text = ScannedPage(page, scan, width)
    lines = read_lines(text)
    text.close()
    return lines


def page_label(pdf: pdfium.PdfDocument, number: int) -> str | None:
    """Return the number that is printed on a page, or None if the file does not name it or it is the page's own."""
    try:
        label = pdf.get_page_label(number - 1)
    except (pdfium.PdfiumError, UnicodeError):
        return None
    # Brackets and parentheses would be taken for marks of the context.
    label = " ".join("".join(mark if mark.isprintable() and mark not in "[]()" else " " for mark in label).split())
    return label if label not in ("", str(number)) and len(label) <= _MAX_LABEL_LENGTH else None


def _shapes(page: pdfium.PdfPage) -> list[pdfium.PdfObject]:
    """Return everything that a page shows but text."""
    return [item for item in page.get_objects(max_depth=2) if item.type != pdfium_c.FPDF_PAGEOBJ_TEXT]


def _may_be_text(shapes: Sequence[pdfium.PdfObject], page: pdfium.PdfPage) -> bool:
    """Return whether a page shows an image that is no mere logo, or so many shapes that they may be letters."""
    kinds = Counter(item.type for item in shapes)
    if kinds[pdfium_c.FPDF_PAGEOBJ_PATH] >= _MIN_PATHS:
        return True
    width, height = page.get_size()
    bounds = (item.get_bounds() for item in shapes if item.type == pdfium_c.FPDF_PAGEOBJ_IMAGE)
    return any((right - left) * (top - bottom) >= _MIN_IMAGE * width * height for left, bottom, right, top in bounds)
