"""Makes PDFs of any length from the pages of real files.

The pages of all files follow each other. If a larger PDF is needed, the pages repeat. A repeated page is rewritten: its
lines keep their positions, and in each line one word is replaced by another word of the page. Without this change the
repeated text would be read or encoded only once.
"""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

FONT = b"Helvetica"
SIZES = (6.0, 14.0)
"""The smallest and the largest font size of a rewritten line, in points."""


class Material:
    """The pages of several files, and a folder for the PDFs that are made from them."""

    def __init__(self, files: Sequence[Path], folder: Path) -> None:
        """Read nothing yet. `folder` is created when it is needed."""
        self._files = tuple(files)
        self._folder = folder

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        """The number of pages of each file."""
        return tuple(length_of(file) for file in self._files)

    @property
    def pages(self) -> int:
        """The number of pages of all files."""
        return sum(self.lengths)

    def cut(self, first: int, count: int) -> Path:
        """Return a PDF of `count` pages, starting with the page of index `first`."""
        path = self._folder / f"{self._digest}-{first:05}-{count}.pdf"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(".new")
            with pypdfium2.PdfDocument.new() as target:
                for number in range(first, first + count):
                    self._append(target, number)
                target.save(unfinished)
            unfinished.replace(path)
        return path

    @cached_property
    def _digest(self) -> str:
        """A short digest of the content of all files."""
        digest = hashlib.sha256()
        for file in self._files:
            digest.update(file.read_bytes())
        return digest.hexdigest()[:12]

    @cached_property
    def _opened(self) -> tuple[pypdfium2.PdfDocument, ...]:
        return tuple(pypdfium2.PdfDocument(file) for file in self._files)

    def _append(self, target: pypdfium2.PdfDocument, number: int) -> None:
        """Append a page of the material. It is rewritten if it is a repetition."""
        repeat, index = divmod(number, self.pages)
        file = 0
        while index >= self.lengths[file]:
            index -= self.lengths[file]
            file += 1
        if repeat:
            _append_rewritten(target, self._opened[file][index], repeat)
        else:
            target.import_pages(self._opened[file], [index])


def length_of(file: Path) -> int:
    """Return the number of pages of a PDF, or 0 for any other file."""
    try:
        with pypdfium2.PdfDocument(file) as document:
            return len(document)
    except pypdfium2.PdfiumError:
        return 0


def _append_rewritten(target: pypdfium2.PdfDocument, page: pypdfium2.PdfPage, repeat: int) -> None:
    """Append a page with the lines of another one, with one word of each line replaced."""
    text = page.get_textpage()
    rectangles = [text.get_rect(index) for index in range(text.count_rects())]
    lines = replace_words([text.get_text_bounded(*rectangle) for rectangle in rectangles], repeat)
    new_page = target.new_page(*page.get_size())
    font = pdfium.FPDFText_LoadStandardFont(target.raw, FONT)
    for (left, bottom, _, top), line in zip(rectangles, lines, strict=True):
        size = min(max(top - bottom, SIZES[0]), SIZES[1])
        words = pdfium.FPDFPageObj_CreateTextObj(target.raw, font, size)
        letters = line.encode("cp1252", "ignore").decode("cp1252").encode("utf-16-le") + b"\0\0"
        pdfium.FPDFText_SetText(words, ctypes.cast(ctypes.create_string_buffer(letters), pdfium.FPDF_WIDESTRING))
        pdfium.FPDFPageObj_Transform(words, 1, 0, 0, 1, left, bottom)
        pdfium.FPDFPage_InsertObject(new_page.raw, words)
    new_page.gen_content()
    pdfium.FPDFFont_Close(font)


def replace_words(lines: Sequence[str], repeat: int) -> list[str]:
    """Replace one word in each line by another word of the page, with the number of the repetition after it."""
    words = [line.split() for line in lines]
    page_words = [word for line in words for word in line]
    replaced = []
    for number, line in enumerate(words):
        if line:
            index = (number + repeat) % len(line)
            line[index] = f"{page_words[(number * 7 + repeat) % len(page_words)]}{repeat}"
        replaced.append(" ".join(line))
    return replaced
