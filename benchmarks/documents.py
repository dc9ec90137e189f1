"""Documents of any length, from the pages of real ones.

The files that are given are joined page by page. Where they have fewer pages than are asked for they begin again, and
then nothing must be the same twice, or it would be read or encoded once: a page that comes again is written anew, its
lines where they stood, each with one word exchanged for another of the page.
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
"""Points of a letter in a line that is written anew, at least and at most."""


class Material:
    """The pages of files, and a folder for what is made of them."""

    def __init__(self, files: Sequence[Path], folder: Path) -> None:
        """Reads nothing yet; the folder need not be there."""
        self._files = tuple(files)
        self._folder = folder

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        """The pages of each file."""
        return tuple(length_of(file) for file in self._files)

    @property
    def pages(self) -> int:
        """The pages of all files."""
        return sum(self.lengths)

    def cut(self, first: int, count: int) -> Path:
        """A PDF of so many pages from the one with index `first` on."""
        path = self._folder / f"{self._digest}-{first:05}-{count}.pdf"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            waiting = path.with_suffix(".new")
            with pypdfium2.PdfDocument.new() as made:
                for number in range(first, first + count):
                    self._append(made, number)
                made.save(waiting)
            waiting.replace(path)
        return path

    @cached_property
    def _digest(self) -> str:
        """What the files hold, in a few letters."""
        digest = hashlib.sha256()
        for file in self._files:
            digest.update(file.read_bytes())
        return digest.hexdigest()[:12]

    @cached_property
    def _opened(self) -> tuple[pypdfium2.PdfDocument, ...]:
        return tuple(pypdfium2.PdfDocument(file) for file in self._files)

    def _append(self, made: pypdfium2.PdfDocument, number: int) -> None:
        """Adds a page: as it is, or written anew where it comes again."""
        repeat, place = divmod(number, self.pages)
        file = 0
        while place >= self.lengths[file]:
            place -= self.lengths[file]
            file += 1
        if repeat:
            _write_anew(made, self._opened[file][place], repeat)
        else:
            made.import_pages(self._opened[file], [place])


def length_of(file: Path) -> int:
    """The pages of a PDF; 0 for another file."""
    try:
        with pypdfium2.PdfDocument(file) as document:
            return len(document)
    except pypdfium2.PdfiumError:
        return 0


def _write_anew(made: pypdfium2.PdfDocument, page: pypdfium2.PdfPage, repeat: int) -> None:
    """Adds the lines of a page, a word of each exchanged."""
    text = page.get_textpage()
    rectangles = [text.get_rect(index) for index in range(text.count_rects())]
    lines = exchanged([text.get_text_bounded(*rectangle) for rectangle in rectangles], repeat)
    new = made.new_page(*page.get_size())
    font = pdfium.FPDFText_LoadStandardFont(made.raw, FONT)
    for (left, bottom, _, top), line in zip(rectangles, lines, strict=True):
        size = min(max(top - bottom, SIZES[0]), SIZES[1])
        words = pdfium.FPDFPageObj_CreateTextObj(made.raw, font, size)
        letters = line.encode("cp1252", "ignore").decode("cp1252").encode("utf-16-le") + b"\0\0"
        pdfium.FPDFText_SetText(words, ctypes.cast(ctypes.create_string_buffer(letters), pdfium.FPDF_WIDESTRING))
        pdfium.FPDFPageObj_Transform(words, 1, 0, 0, 1, left, bottom)
        pdfium.FPDFPage_InsertObject(new.raw, words)
    new.gen_content()
    pdfium.FPDFFont_Close(font)


def exchanged(lines: Sequence[str], repeat: int) -> list[str]:
    """The lines with one word in each that is another word of the page, and names the repeat."""
    words = [line.split() for line in lines]
    known = [word for line in words for word in line]
    found = []
    for number, line in enumerate(words):
        if line:
            place = (number + repeat) % len(line)
            line[place] = f"{known[(number * 7 + repeat) % len(known)]}{repeat}"
        found.append(" ".join(line))
    return found
