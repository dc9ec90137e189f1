"""Visual lines of a PDF page from its words. Words on one baseline form a line, and wide gaps separate its cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from hiercomp.loaders._pdf_baselines import visual_lines
from hiercomp.loaders._pdf_glyphs import repaired, split_steps
from hiercomp.loaders._pdf_rules import Rule
from hiercomp.loaders._pdf_scripts import Strikes, write_scripts
from hiercomp.loaders._pdf_words import TextPage, Word

MARKER = re.compile(r"(?:[•●▪■◦‣·○☐☒☑*–—-]|\(?(?:[A-Za-z]|[ivxIVX]{1,5}|\d{1,3})[.)]|\(\w{1,4}\)|\d+(?:\.\d+)+\.?)")
"""Matches the marker of a list item, such as "•", "(a)" or "2.1"."""

_LABEL = re.compile(r"(?:item|part|note|section|article|chapter|appendix|schedule|exhibit)", re.IGNORECASE)
_LABEL_NUMBER = re.compile(r"(?:\d+[A-Za-z]?|[IVX]+|[A-Z])(?:\.\d+)*[.:]?")
_SECTION_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2})*")
_CURRENCY = re.compile(r"[(]|[(-]?(?:[$€£¥₹]|[A-Z]{1,3}\$|USD|EUR|GBP)[(-]?")
_SIGNS = {"$", "€", "£", "¥", "($", "(€", "(£"}
_AMOUNT_ENDS = "0123456789)—–-%]"
_MARK = re.compile(r"\[[a-z\d*†‡]{1,3}\]")
_CLOSING = re.compile(r"[)%]{1,2}|pts?\.?|bps?")
_NUMBER = re.compile(
    r"[(\[<>~+$€£¥±–—-]*\d[\d,.\s]*[%)\]a-zA-Z*†‡]{0,3}(?:\[\w{1,3}\])?|[—–-]{1,3}|[$€£¥]|N/?[AM]|n/?[am]"
)
_AMOUNT = re.compile(
    r"(?:[(<>~+–—-]\s?)*(?:[A-Z]{0,3}[$€£¥₹]|USD|EUR|GBP)?\s?(?:[(–—-]\s?)*\d[\d,.\s]*(?:\s?(?:[%)]|[a-z]{1,3}\b))*"
    r"|(?:[$€£¥]\s?)?[—–-]{1,3}(?:\s?[%)])*|[$€£¥]|N/?[AM]|n/?[am]|nm|NM",
)
_MARKS = re.compile(r"(?:\s?(?:\[\w{1,3}\]|\([a-z\d]\)|[*†‡]))+$")

# Gaps between cells are wider than this many line heights (a line height is about 1.15 font sizes). Columns of figures
# can be close together, so the limit next to a number is lower. Gaps in justified prose are rarely wider than 0.6.
_CELL_GAP = 1.3
_CELL_GAP_BY_NUMBER = 0.62
# A line of prose is at least as wide as this many line heights, and ends as close to its neighbours as this.
_MIN_PROSE = 12.0
_FLUSH = 0.3
# Gaps in justified lines of few words are narrower than this many line heights.
_JUSTIFIED_GAP = 3.0
# The widest gap of a justified line is at most this multiple of the narrowest. A line of prose has three words or more.
_EVEN_GAPS = 1.3
_MANY_GAPS = 8  # No row of a table has as many gaps of one width.
_MIN_WORDS = 3
_MAX_INDENT = 3.0
# Gaps between cells are also wider than this multiple of the line's usual gap, so that stretched prose is not a row.
_MIN_GAP_RATIO = 2.0


class Line(NamedTuple):
    """A visual line or a table row.

    It has its text, its box in points, the fonts of its first and its last character, and the number of its table on
    the page, where 0 is no table. The box of a row with wrapped cells is that of its last visual line.
    """

    text: str
    left: float
    right: float
    bottom: float
    top: float
    font: str
    last_font: str
    table: int = 0

    @property
    def size(self) -> float:
        """The height of the text in points."""
        return self.top - self.bottom

    @property
    def is_row(self) -> bool:
        """Whether the line has table cells."""
        return "\t" in self.text


class Box(NamedTuple):
    """A piece of text between two wide gaps, or a cell of several lines: its text, its place in points, its words."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    words: tuple[Word, ...]

    @property
    def is_number(self) -> bool:
        """Whether the text is an amount or stands for one, such as a dash."""
        return _is_amount(self.text)

    def overlaps(self, other: Box) -> bool:
        """Return whether half of the narrower of two boxes is above or below the other."""
        overlap = min(self.right, other.right) - max(self.left, other.left)
        return overlap > min(self.right - self.left, other.right - other.left) / 2


@lru_cache(maxsize=4096)
def _is_amount(text: str) -> bool:
    return bool(_AMOUNT.fullmatch(_MARKS.sub("", text) or text))


class Row(NamedTuple):
    """The boxes of a visual line, from left to right. Its bottom and top are those of its word of median height."""

    boxes: tuple[Box, ...]
    bottom: float
    top: float

    @property
    def left(self) -> float:
        """The left end of the first box."""
        return self.boxes[0].left

    @property
    def right(self) -> float:
        """The right end of the last box."""
        return max([box.right for box in self.boxes])

    @property
    def size(self) -> float:
        """The height of the text in points."""
        return self.top - self.bottom


def read_rows(words: list[Word], rules: Sequence[Rule], page: TextPage) -> list[Row]:
    """Return the visual lines of a page in pdfium's order, without struck text.

    Args:
        words: the words of the page.
        rules: the rules of the page, which may strike text out.
        page: the text of the page.
    """
    strikes = Strikes(rules)
    lines = (write_scripts(repaired(line, page), page) for line in visual_lines(split_steps(words, page)))
    return _prose_joined([make_row(kept) for kept in map(strikes.without_struck, lines) if kept])


def _prose_joined(rows: list[Row]) -> list[Row]:
    """Return visual lines with the boxes of each line of justified prose joined.

    A joined line shows that the lines beside it are prose too, so the lines are read downwards and then upwards.
    """
    for order in (range(len(rows)), reversed(range(len(rows)))):
        for index in order:
            row = rows[index]
            if len(row.boxes) > 1 and _is_justified(row, rows[max(index - 1, 0) : index], rows[index + 1 : index + 2]):
                rows[index] = row._replace(boxes=(make_box([word for box in row.boxes for word in box.words]),))
    return rows


def _is_justified(row: Row, before: Sequence[Row], after: Sequence[Row]) -> bool:
    """Return whether a line with wide gaps is justified prose, given the lines above and below it."""
    gap = max(after.left - before.right for before, after in pairwise(row.boxes))
    if gap < _CELL_GAP * row.size and any(_is_one_text(row, other) for other in (*before, *after)):
        return True  # Only figures make its gaps wide.
    if gap < _JUSTIFIED_GAP * row.size and any(_goes_on(row, other) for other in after):
        return True
    gaps = _even_gaps(row)
    is_in_block = any(_is_one_block(row, other) for other in (*before, *after))
    return gaps >= _MANY_GAPS or (gaps > 1 and is_in_block)


def _even_gaps(row: Row) -> int:
    """Return the number of gaps between words if all are nearly of one width, as those of a justified line are.

    The number is 0 if they are not, or if the line has hardly any words besides amounts.
    """
    words = [word for box in row.boxes for word in box.words]
    words = words[1:] if MARKER.fullmatch(words[0].text) else words
    gaps = [after.left - before.right for before, after in pairwise(words) if after.has_space_before]
    has_words = sum(any(map(str.isalpha, word.text)) for word in words) > 1
    return len(gaps) if gaps and has_words and max(gaps) <= _EVEN_GAPS * min(gaps) else 0


def _is_one_block(row: Row, other: Row) -> bool:
    """Return whether a line has both edges of a line of prose beside it, but for an indent of the first line."""
    is_prose = len(other.boxes) == 1 and len(other.boxes[0].words) >= _MIN_WORDS
    is_flush = abs(row.right - other.right) < _FLUSH * row.size and abs(row.left - other.left) < _MAX_INDENT * row.size
    return is_prose and is_flush and abs(row.bottom - other.bottom) < 1.6 * row.size


def _goes_on(row: Row, after: Row) -> bool:
    """Return whether a sentence goes on from a justified line with wide gaps to the line below, which is as wide."""
    is_below = abs(row.left - after.left) < 1 and after.boxes[0].text[0].islower()
    return len(row.boxes) == 2 and is_below and _is_one_text(row, after)


def _is_one_text(row: Row, other: Row) -> bool:
    """Return whether a line with gaps ends where a line of prose beside it ends, so that both are justified."""
    is_prose = len(other.boxes) == 1 and other.right - other.left > _MIN_PROSE * other.size
    is_flush = abs(row.right - other.right) < _FLUSH * row.size and row.left - other.left < 3 * row.size
    return is_prose and is_flush and abs(row.bottom - other.bottom) < 1.6 * row.size


def make_row(words: Sequence[Word]) -> Row:
    """Return the words of a visual line as a row of boxes."""
    # A raised footnote mark makes its own word higher. The word of median height gives the height of the line.
    heights = [word.top - word.bottom for word in words]
    main = words[sorted(range(len(words)), key=heights.__getitem__)[len(words) // 2]]
    gaps = [after.left - before.right for before, after in pairwise(words)]
    # This quick test holds for most lines of prose.
    if not gaps or max(gaps) <= _CELL_GAP_BY_NUMBER * max(min(heights), 1e-6):
        return Row((make_box(words),), main.bottom, main.top)
    starts = [0, *(index + 1 for index, is_wide in enumerate(_cell_gaps(words, gaps, heights)) if is_wide), len(words)]
    boxes = tuple([make_box(words[start:end]) for start, end in pairwise(starts)])
    return Row(boxes, main.bottom, main.top)


def make_box(words: Sequence[Word]) -> Box:
    """Return words of a visual line as one box."""
    texts = [f" {word.text}" if word.has_space_before else word.text for word in words[1:]]
    return Box(
        "".join([words[0].text, *texts]),
        words[0].left,
        max([word.right for word in words]),
        min([word.bottom for word in words]),
        max([word.top for word in words]),
        tuple(words),
    )


def make_line(texts: Sequence[str], row: Row, page: TextPage, table: int = 0) -> Line:
    """Return the line of a row.

    Args:
        texts: the text of each cell.
        row: the row, which gives the place and the fonts.
        page: the text of the page.
        table: the number of the row's table.
    """
    first, last = row.boxes[0].words[0].first, row.boxes[-1].words[-1].last
    font = page.font(first)
    last_font = font if last == first else page.font(last)
    return Line("\t".join(texts), row.left, row.right, row.bottom, row.top, font, last_font, table)


def _cell_gaps(words: Sequence[Word], gaps: Sequence[float], heights: Sequence[float]) -> list[bool]:
    """Return, for each gap between two words, whether it separates table cells.

    Args:
        words: the words of a line.
        gaps: the gaps between them.
        heights: the heights of the words.
    """
    height = max(median(heights), 1e-6)
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
    if any(wide):  # In a row, the currency sign after an amount begins the next amount.
        wide = [is_wide or _begins_amount(words, index) for index, is_wide in enumerate(wide)]
    if wide[0] and not any(wide[1:]) and _SECTION_NUMBER.fullmatch(words[0].text) and words[1].text[0].isalpha():
        wide[0] = False  # A line such as "3.2   Methods" is a heading, not a row.
    return wide


def _begins_amount(words: Sequence[Word], index: int) -> bool:
    """Return whether the word after a gap is the currency sign of an amount, and the word before it ends another."""
    before, after = words[index].text, words[index + 1].text
    return before[-1] in _AMOUNT_ENDS and not before[0].isalpha() and after in _SIGNS


def _is_one_cell(words: Sequence[Word], index: int) -> bool:
    """Return whether the words around a wide gap are one cell, such as a marker and its text or "$" and an amount."""
    before, after = words[index].text, words[index + 1].text
    if _MARK.fullmatch(after):
        return True
    if _CURRENCY.fullmatch(before):
        return bool(_NUMBER.fullmatch(after))
    if _CLOSING.fullmatch(after):
        return bool(_NUMBER.fullmatch(before))
    if index == 0:
        return bool(MARKER.fullmatch(before)) and not _NUMBER.fullmatch(after)
    return index == 1 and bool(_LABEL.fullmatch(words[0].text) and _LABEL_NUMBER.fullmatch(before))
