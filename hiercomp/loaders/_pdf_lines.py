"""Visual lines of a PDF page from its words. Words on one baseline form a line. Tabs separate its table cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from hiercomp.loaders._pdf_words import HYPHENS, TextPage, Word

MARKER = re.compile(r"(?:[•●▪■◦‣·○☐☒☑*–—-]|\(?(?:[A-Za-z]|[ivxIVX]{1,5}|\d{1,3})[.)]|\(\w{1,4}\)|\d+(?:\.\d+)+\.?)")
"""Matches the marker of a list item, such as "•", "(a)" or "2.1"."""

_LABEL = re.compile(r"(?:item|part|note|section|article|chapter|appendix|schedule|exhibit)", re.IGNORECASE)
_LABEL_NUMBER = re.compile(r"(?:\d+[A-Za-z]?|[IVX]+|[A-Z])(?:\.\d+)*[.:]?")
_SECTION_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2})*")
_CURRENCY = re.compile(r"[(]?(?:[$€£¥₹]|[A-Z]{1,3}\$|USD|EUR|GBP)")
_CLOSING = re.compile(r"[)%]{1,2}|pts?\.?|bps?")
_NUMBER = re.compile(r"[(\[<>~+$€£¥±–—-]*\d[\d,.\s]*[%)\]a-zA-Z*†‡]{0,3}|[—–-]{1,3}|[$€£¥]|N/?[AM]|n/?[am]")

# Gaps between cells are wider than this many line heights (a line height is about 1.15 font sizes). Columns of figures
# can be close together, so the limit next to a number is lower. Gaps in justified prose are rarely wider than 0.6.
_CELL_GAP = 1.3
_CELL_GAP_BY_NUMBER = 0.62
# Gaps between cells are also wider than this multiple of the line's usual gap, so that stretched prose is not a row.
_MIN_GAP_RATIO = 2.0


class Line(NamedTuple):
    """A visual line: its text, its box in points, and the fonts of its first and its last character."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    font: str
    last_font: str

    @property
    def size(self) -> float:
        """The height of the text in points."""
        return self.top - self.bottom

    @property
    def is_row(self) -> bool:
        """Whether the line has table cells."""
        return "\t" in self.text


def read_lines(page: TextPage) -> list[Line]:
    """Return the visual lines of a page in pdfium's order."""
    return [_line(words, page) for words in _rows(page.words())]


def _rows(words: list[Word]) -> Iterator[list[Word]]:
    row: list[Word] = []
    for word in words:
        if row and not _same_row(row[-1], word):
            yield row
            row = []
        row.append(word)
    if row:
        yield row


def _same_row(before: Word, word: Word) -> bool:
    """Return whether a word is on the same visual line as the word before it."""
    height = min(before.top - before.bottom, word.top - word.bottom)
    if before.text[-1] in HYPHENS and word.left > before.right + height:
        return False  # The second half of a split word begins on another line, here in the next column.
    if not word.begins_line and word.left >= before.right - 2 * height:
        return True  # Within a line of pdfium, only a word far to the left can begin another visual line.
    overlap = min(before.top, word.top) - max(before.bottom, word.bottom)
    if word.begins_line:
        return overlap >= height / 2 and word.left >= before.right - height / 4
    return overlap > height / 4


def _line(words: list[Word], page: TextPage) -> Line:
    # A raised footnote mark makes its own word higher. The word of median height gives the height of the line.
    main = sorted(words, key=lambda word: word.top - word.bottom)[len(words) // 2]
    font = page.font(words[0].first)
    return Line(
        _text(words),
        words[0].left,
        max(word.right for word in words),
        main.bottom,
        main.top,
        font,
        font if len(words) == 1 else page.font(words[-1].last),
    )


def _text(words: list[Word]) -> str:
    if len(words) == 1:
        return words[0].text
    is_cell_gap = _cell_gaps(words)
    pieces = [words[0].text]
    for index, word in enumerate(words[1:]):
        if is_cell_gap[index]:
            pieces.append("\t")
        elif word.has_space_before or pieces[-1][-1] in HYPHENS:
            pieces.append(" " if word.has_space_before else "")
        pieces.append(word.text)
    return "".join(pieces)


def _cell_gaps(words: list[Word]) -> list[bool]:
    """Return, for each gap between two words, whether it separates table cells."""
    gaps = [after.left - before.right for before, after in pairwise(words)]
    heights = [max(word.top - word.bottom, 1e-6) for word in words]
    height = median(heights)
    if max(gaps) <= _CELL_GAP_BY_NUMBER * height:
        return [False] * len(gaps)
    usual_gap = median(gaps)
    min_gap = _MIN_GAP_RATIO * usual_gap if len(gaps) >= 4 and usual_gap < _CELL_GAP_BY_NUMBER * height else 0.0
    numbers = [bool(_NUMBER.fullmatch(word.text)) for word in words]
    wide = [
        gap > max(min_gap, height * (_CELL_GAP_BY_NUMBER if numbers[index] or numbers[index + 1] else _CELL_GAP))
        for index, gap in enumerate(gaps)
    ]
    wide = [is_wide and not _is_one_cell(words, index) for index, is_wide in enumerate(wide)]
    if wide[0] and not any(wide[1:]) and _SECTION_NUMBER.fullmatch(words[0].text) and words[1].text[0].isalpha():
        wide[0] = False  # A line such as "3.2   Methods" is a heading, not a row.
    return wide


def _is_one_cell(words: list[Word], index: int) -> bool:
    """Return whether the words around a wide gap are one cell, such as a marker and its text or "$" and an amount."""
    before, after = words[index].text, words[index + 1].text
    if _CURRENCY.fullmatch(before):
        return bool(_NUMBER.fullmatch(after))
    if _CLOSING.fullmatch(after):
        return bool(_NUMBER.fullmatch(before))
    if index == 0:
        return bool(MARKER.fullmatch(before)) and not _NUMBER.fullmatch(after)
    return index == 1 and bool(_LABEL.fullmatch(words[0].text) and _LABEL_NUMBER.fullmatch(before))
