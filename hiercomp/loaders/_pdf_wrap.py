"""Whether a visual line of a PDF page continues the paragraph of the lines before it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from itertools import pairwise
from statistics import median_low

from hiercomp.loaders._pdf_lines import MARKER, Line
from hiercomp.loaders._pdf_words import HYPHENS

_SENTENCE_END = re.compile(r"[.:;!?…。！？][”\"’')\]]*(?:\s?\[\w{1,4}\])*$")
_UNFINISHED_END = re.compile(rf"(?:\b(?:and|or|of|in|the|for|to|by|with|a|an|on|at|from|as)|[,&/({HYPHENS}-])$", re.I)
# The ends that these patterns match are at most this long.
_MAX_END = 24

_ITEM = re.compile(rf"{MARKER.pattern}\s")
_FAMILY_END = re.compile(r"[-,]")
_BULLET = re.compile(r"[•●▪■◦‣·○]")

# The pitch of lines is the distance of their baselines, divided by their height. Within a paragraph, it is at most this
# factor of the column's usual pitch.
SAME_PITCH = 1.22
# The sizes of two lines of a paragraph differ by at most this part. Fonts of one size have boxes of different heights,
# and so a line that begins in mid-sentence may differ more.
_SAME_SIZE = 0.12
_SAME_SIZE_IN_SENTENCE = 0.4
# The widest indent, and the least width of a column of prose, in line heights.
_MAX_INDENT = 6.0
_MIN_COLUMN = 15.0
# The left ends of the lines of a column differ by less than this many line heights.
_MAX_STEP = 8.0
# A font of this weight is bold.
_BOLD = 600
# A block of fewer lines says little about the width of its column.
_MIN_BLOCK = 4


def ends_sentence(text: str) -> bool:
    """Return whether a text ends with the end of a sentence or clause. Citation marks may follow it."""
    return bool(_SENTENCE_END.search(text[-_MAX_END:]))


def is_unfinished(text: str) -> bool:
    """Return whether a sentence or a title must go on after a text, which ends with a comma or a word like "of"."""
    return bool(_UNFINISHED_END.search(text[-_MAX_END:]))


def is_unspaced(character: str) -> bool:
    """Return whether a character is of a script without spaces between words: Chinese or Japanese."""
    return "\u2e80" <= character < "\uac00" or "\uf900" <= character < "\uffa0"


def pitch(before: Line, line: Line) -> float:
    """Return how far a line is below another, in heights of the smaller one. The result is negative if it is above."""
    return (before.bottom - line.bottom) / max(min(before.size, line.size), 1e-6)


def is_mid_sentence(before: Line, line: Line) -> bool:
    """Return whether a line begins in lower case or after a hyphen, as a wrapped line does."""
    return line.text[0].islower() or before.text[-1] in HYPHENS


class Columns:
    """What is usual around each line of a page.

    A line belongs to a block: a run of lines that are close together and of about the same size.
    """

    def __init__(self, lines: Sequence[Line], usual_pitch: float) -> None:
        self._lines = lines
        self._blocks: list[range] = []
        self.pitches: list[float] = []
        """The usual pitch around each line."""
        for block in _blocks(lines, usual_pitch):
            self._blocks += [block] * len(block)
            self.pitches += [_pitch_of(lines[block.start : block.stop], usual_pitch)] * len(block)

    @cached_property
    def width(self) -> float:
        """The width of the text of the page."""
        upright = [line for line in self._lines if line.right - line.left > line.size]
        return max((line.right for line in upright), default=0.0) - min((line.left for line in upright), default=0.0)

    def margin(self, index: int) -> float:
        """Return the right end that a line could reach."""
        lines, block = self._lines, self._blocks[index]
        if len(block) < _MIN_BLOCK:  # A title, for example, says little about its column, unlike the rest of the page.
            first = lines[block.start]
            return max((line.right for line in lines if _shares_column(first, line)), default=first.right)
        near = lines[block.start : block.stop]
        if is_wide(lines[index]):  # Text beside a picture is narrower than the text below, so the nearest lines count.
            near = lines[max(index - 2, block.start) : index + 1] if index > block.start else near[:3]
        return max(line.right for line in near)


def _pitch_of(block: Sequence[Line], usual_pitch: float) -> float:
    """Return the pitch of the lines of a block that begin in mid-sentence, or the usual one."""
    pitches = [
        pitch(before, line)
        for before, line in pairwise(block)
        if line.text[0].islower() and abs(before.left - line.left) < 1 and is_wide(before)
    ]
    return median_low(pitches) if pitches else usual_pitch


def _blocks(lines: Sequence[Line], usual_pitch: float) -> Iterator[range]:
    """Yield the indices of the lines of each block."""
    start = 0
    sizes = [max(line.size, 1e-6) for line in lines]
    for index, (before, line) in enumerate(pairwise(lines), 1):
        size, smaller = sizes[index], min(sizes[index - 1 : index + 1])
        is_below = 0.3 * smaller < before.bottom - line.bottom <= 2.2 * usual_pitch * smaller
        is_near = is_below and abs(line.left - lines[start].left) < _MAX_STEP * size
        if not is_near or abs(size - sizes[index - 1]) > 0.15 * size:
            yield range(start, index)
            start = index
    if lines:
        yield range(start, len(lines))


def _shares_column(line: Line, other: Line) -> bool:
    return abs(line.left - other.left) < _MAX_STEP * line.size


def is_wide(line: Line) -> bool:
    """Return whether a line is as wide as a column of prose."""
    return not line.is_row and line.right - line.left > _MIN_COLUMN * line.size


def continues(paragraph: Sequence[Line], line: Line, columns: Columns, index: int) -> bool:
    """Return whether a line continues a paragraph.

    Args:
        paragraph: the lines of the paragraph so far.
        line: the line after them.
        columns: what is usual around each line of the page.
        index: the index of the line.
    """
    before = paragraph[-1]
    if before.bottom <= line.bottom or before.is_row:
        return False
    in_sentence = is_mid_sentence(before, line)
    larger = max(before.size, line.size)
    max_difference = _SAME_SIZE_IN_SENTENCE if in_sentence and not line.is_row else _SAME_SIZE
    if abs(before.size - line.size) > max_difference * larger:
        return False
    if not 0.3 < (before.bottom - line.bottom) / max(larger, 1e-6) <= columns.pitches[index - 1] * SAME_PITCH:
        return False
    if line.is_row:
        return _is_label_of(before, line, len(paragraph))
    if not _is_aligned(paragraph, line, in_sentence):
        return False
    if in_sentence:
        return not _ITEM.match(line.text) or not ends_sentence(before.text)
    return _follows_full_line(paragraph, line, columns, index)


def _is_label_of(before: Line, row: Line, open_count: int) -> bool:
    """Return whether a line is the beginning of a row's label, which wraps above the row's figures."""
    return (
        open_count <= 3
        and (is_mid_sentence(before, row) or is_unfinished(before.text))
        and -0.5 * row.size <= row.left - before.left <= 2.5 * row.size
        and not ends_sentence(before.text)
    )


def _is_aligned(paragraph: Sequence[Line], line: Line, in_sentence: bool) -> bool:
    """Return whether a line fits a paragraph: at its left edge, indented, hanging, centred, or after a picture."""
    last = paragraph[-1]
    if len(paragraph) > 1:
        has_edge = abs(median_low([before.left for before in paragraph[1:]]) - line.left) < 0.8 * line.size
    else:
        has_edge = _is_indented(last, line, in_sentence)
    return has_edge or _are_centred(last, line) or (in_sentence and _leaves_float(last, line))


def _is_indented(first: Line, line: Line, in_sentence: bool) -> bool:
    """Return whether a second line has the left edge of the first, which may be indented or hang over."""
    height = line.size
    step = line.left - first.left
    if abs(step) < 0.6 * height:
        return True
    if step < 0:
        return -step < _MAX_INDENT * height and (in_sentence or first.right - first.left > 20 * height)
    may_hang = in_sentence or bool(_ITEM.match(first.text)) or is_unfinished(first.text)
    return step < _MAX_INDENT * height and may_hang


def _leaves_float(before: Line, line: Line) -> bool:
    """Return whether a line is further left than the one before it, because a picture beside the text has ended."""
    is_below = line.left < before.left and line.right > before.left + _MIN_COLUMN * line.size
    return is_below and is_wide(before) and before.last_font == line.font


def _follows_full_line(paragraph: Sequence[Line], line: Line, columns: Columns, index: int) -> bool:
    """Return whether a line that may begin a sentence continues the line before it.

    It does only if the line before is unfinished, or full: the first word of the line did not fit into it.
    """
    before = paragraph[-1]
    if _BULLET.match(line.text) or (_ITEM.match(line.text) and ends_sentence(before.text)):
        return False
    goes_on = is_unfinished(before.text)
    if goes_on and is_wide(before):
        return True
    is_caption = len(paragraph) <= 2 or ends_sentence(before.text)
    if is_caption and before.font == before.last_font and _face(before.font) != _face(line.font) and not goes_on:
        return False  # A line or two in a typeface of their own are a caption above their text.
    length = 1 if is_unspaced(line.text[0]) else len(line.text.split(maxsplit=1)[0])
    width = (line.right - line.left) * (length + 1) / len(line.text)
    if _are_centred(before, line) and not goes_on:
        return before.last_font == line.font and before.right - before.left + width > columns.width
    return before.right + width * 1.1 > columns.margin(index - 1)


@cache
def _face(font: str) -> tuple[str, bool]:
    """Return the family of a font, and whether it is bold."""
    family, _, weight = font.rpartition(" ")
    return _FAMILY_END.split(family, maxsplit=1)[0], int(weight or 0) >= _BOLD or "bold" in family.lower()


def _are_centred(before: Line, line: Line) -> bool:
    """Return whether two lines share their centre, and not just because both are full lines of a column."""
    centre_distance = abs((before.left + before.right) - (line.left + line.right)) / 2
    has_step = abs(before.left - line.left) > 0.3 * line.size
    return centre_distance < 0.6 * line.size and (has_step or before.right - before.left < 15 * line.size)
