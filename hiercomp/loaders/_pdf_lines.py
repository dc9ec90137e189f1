"""Words to visual lines: what stands on one baseline is one line, its cells separated by tabs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from hiercomp.loaders._pdf_words import HYPHENS, TextPage, Word

MARKER = re.compile(r"(?:[•●▪■◦‣·○☐☒☑*–—-]|\(?(?:[A-Za-z]|[ivxIVX]{1,5}|\d{1,3})[.)]|\(\w{1,4}\)|\d+(?:\.\d+)+\.?)")
"""What begins a list item."""

_LABEL = re.compile(r"(?:item|part|note|section|article|chapter|appendix|schedule|exhibit)", re.IGNORECASE)
_LABEL_NUMBER = re.compile(r"(?:\d+[A-Za-z]?|[IVX]+|[A-Z])(?:\.\d+)*[.:]?")
_SECTION = re.compile(r"\d{1,2}(?:\.\d{1,2})*")
_CURRENCY = re.compile(r"[(]?(?:[$€£¥₹]|[A-Z]{1,3}\$|USD|EUR|GBP)")
_CLOSING = re.compile(r"[)%]{1,2}|pts?\.?|bps?")
_NUMBER = re.compile(r"[(\[<>~+$€£¥±–—-]*\d[\d,.\s]*[%)\]a-zA-Z*†‡]{0,3}|[—–-]{1,3}|[$€£¥]|N/?[AM]|n/?[am]")

# Gaps between cells in heights of a line (about 1.15 font sizes). A column of figures may stand close to its
# neighbour; between words of prose, justified lines reach 0.6 and rarely more.
_WIDE = 1.3
_WIDE_BY_NUMBER = 0.62
# A gap between cells is also this many times the line's usual gap, so that a stretched line of prose is no row.
_OUTSTANDING = 2.0


class Line(NamedTuple):
    """A visual line: its text, its box, and the fonts of its first and last character."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    font: str
    last_font: str

    @property
    def size(self) -> float:
        """The height of its text."""
        return self.top - self.bottom

    @property
    def is_row(self) -> bool:
        """Whether it has cells."""
        return "\t" in self.text


def read_lines(page: TextPage) -> list[Line]:
    """The visual lines of a page, in pdfium's order."""
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
    height, own = before.top - before.bottom, word.top - word.bottom
    if own < height:
        height = own
    if before.text[-1] in HYPHENS and word.left > before.right + height:
        return False  # a broken word goes on in the next column
    if not word.breaks and word.left >= before.right - 2 * height:
        return True  # inside a line of pdfium's: only a return to the left, below, is another line
    overlap = min(before.top, word.top) - max(before.bottom, word.bottom)
    if word.breaks:
        return overlap >= height / 2 and word.left >= before.right - height / 4
    return overlap > height / 4


def _line(words: list[Word], page: TextPage) -> Line:
    # the middle one by height: a raised footnote mark makes its own word higher, not the line
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
    wide = _wide_gaps(words)
    pieces = [words[0].text]
    for index, word in enumerate(words[1:]):
        if wide[index]:
            pieces.append("\t")
        elif word.spaced or pieces[-1][-1] in HYPHENS:
            pieces.append(" " if word.spaced else "")
        pieces.append(word.text)
    return "".join(pieces)


def _wide_gaps(words: list[Word]) -> list[bool]:
    """For each gap between two words, whether it separates cells."""
    gaps = [after.left - before.right for before, after in pairwise(words)]
    heights = [max(word.top - word.bottom, 1e-6) for word in words]
    height = median(heights)
    if max(gaps) <= _WIDE_BY_NUMBER * height:
        return [False] * len(gaps)
    usual = median(gaps)
    least = _OUTSTANDING * usual if len(gaps) >= 4 and usual < _WIDE_BY_NUMBER * height else 0.0
    numbers = [bool(_NUMBER.fullmatch(word.text)) for word in words]
    wide = [
        gap > max(least, height * (_WIDE_BY_NUMBER if numbers[index] or numbers[index + 1] else _WIDE))
        for index, gap in enumerate(gaps)
    ]
    wide = [is_wide and not _belongs(words, index) for index, is_wide in enumerate(wide)]
    if wide[0] and not any(wide[1:]) and _SECTION.fullmatch(words[0].text) and words[1].text[0].isalpha():
        wide[0] = False  # "3.2   Methods": a heading, not a row
    return wide


def _belongs(words: list[Word], index: int) -> bool:
    """Whether the words around a wide gap are one cell: a marker and its text, a currency and its amount."""
    before, after = words[index].text, words[index + 1].text
    if _CURRENCY.fullmatch(before):
        return bool(_NUMBER.fullmatch(after))
    if _CLOSING.fullmatch(after):
        return bool(_NUMBER.fullmatch(before))
    if index == 0:
        return bool(MARKER.fullmatch(before)) and not _NUMBER.fullmatch(after)
    return index == 1 and bool(_LABEL.fullmatch(words[0].text) and _LABEL_NUMBER.fullmatch(before))
