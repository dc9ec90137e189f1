"""Paragraphs of a PDF page from its visual lines. Wrapped lines are joined. A table row is a paragraph of its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median_low

from hiercomp.loaders._pdf_lines import MARKER, Line
from hiercomp.loaders._pdf_words import HYPHENS

_ITEM = re.compile(rf"{MARKER.pattern}\s")
_BULLET = re.compile(r"[•●▪■◦‣·○]")
_SENTENCE_END = re.compile(r"[.:;!?][”\"')\]]*$")
_UNFINISHED_END = re.compile(r"(?:\b(?:and|or|of|in|the|for|to|by|with|a|an|on|at|from|as)|[,&/(-])$", re.IGNORECASE)

# The pitch of lines is the distance of their baselines, divided by their height. These factors of the document's usual
# pitch are the most within a paragraph, and the most between rows of a table without a visible gap.
_SAME_PITCH = 1.22
_ROW_PITCH = 1.9
# The widest indent, in line heights.
_MAX_INDENT = 6.0


@dataclass(frozen=True, slots=True)
class Style:
    """The style of a document's body text.

    `size` is the height of a line in points. `font` is as in `Line.font`. `pitch` is the distance of two baselines in
    line heights.
    """

    size: float
    font: str
    pitch: float


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Visual lines that form one paragraph. `gap` says that there is a visible gap above it."""

    lines: tuple[Line, ...]
    gap: bool
    is_furniture: bool = False

    @property
    def text(self) -> str:
        """The text as one line, with pdfium's characters for hyphens at line ends."""
        pieces = [self.lines[0].text]
        for line in self.lines[1:]:
            pieces.append(line.text if pieces[-1][-1] in HYPHENS else f" {line.text}")
        return "".join(pieces)

    @property
    def is_row(self) -> bool:
        """Whether the paragraph is a table row."""
        return any(line.is_row for line in self.lines)


def usual_style(pages: Iterable[Sequence[Line]]) -> Style:
    """Return the style of most of the text."""
    sizes: Counter[float] = Counter()
    fonts: Counter[str] = Counter()
    pitches: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            weight = 0 if line.is_row else len(line.text)
            sizes[round(line.size, 1)] += weight
            fonts[line.font] += weight
        for before, line in pairwise(lines):
            if abs(before.left - line.left) < 1 and abs(before.size - line.size) < 0.5 and _is_prose(before):
                pitches[round((before.bottom - line.bottom) / max(line.size, 1e-6), 2)] += 1
    plausible = [pitch for pitch, _ in pitches.most_common() if 0.7 < pitch < 3]
    return Style(
        size=max(sizes, key=lambda size: sizes[size], default=10.0) or 10.0,
        font=max(fonts, key=lambda font: fonts[font], default=""),
        pitch=plausible[0] if plausible else 1.05,
    )


def _is_prose(line: Line) -> bool:
    return not line.is_row and line.right - line.left > 15 * line.size


def find_paragraphs(lines: Sequence[Line], furniture: Collection[int], style: Style) -> list[Paragraph]:
    """Return the paragraphs of one page in pdfium's order.

    Args:
        lines: the visual lines of the page.
        furniture: the indices of the furniture lines.
        style: the style of the document's body text.
    """
    margins = _margins(lines, style)
    paragraphs: list[Paragraph] = []
    open_lines: list[int] = []
    for index in range(len(lines)):
        if open_lines and not _continues(lines, open_lines, index, (margins, furniture, style)):
            paragraphs.append(_make_paragraph(lines, open_lines, furniture, style))
            open_lines = []
        open_lines.append(index)
    if open_lines:
        paragraphs.append(_make_paragraph(lines, open_lines, furniture, style))
    return paragraphs


def _make_paragraph(lines: Sequence[Line], indices: list[int], furniture: Collection[int], style: Style) -> Paragraph:
    first = indices[0]
    max_pitch = style.pitch * (_ROW_PITCH if lines[first - 1].is_row or lines[first].is_row else _SAME_PITCH)
    gap = first > 0 and not 0 <= _pitch(lines[first - 1], lines[first]) <= max_pitch
    return Paragraph(tuple(lines[index] for index in indices), gap, first in furniture)


def _pitch(before: Line, line: Line) -> float:
    """Return how far a line is below another, in heights of the smaller one. The result is negative if it is above."""
    return (before.bottom - line.bottom) / max(min(before.size, line.size), 1e-6)


def _margins(lines: Sequence[Line], style: Style) -> list[float]:
    """Return, for each line, the right end of the widest line of its block, in points."""
    margins: list[float] = []
    for block in _blocks(lines, style):
        margins += [max(line.right for line in block)] * len(block)
    return margins


def _blocks(lines: Sequence[Line], style: Style) -> Iterator[list[Line]]:
    """Yield runs of lines that are close together and of about the same size: a column, or a part of one."""
    block: list[Line] = []
    for line in lines:
        if block:
            is_below = 0.3 < _pitch(block[-1], line) <= 2.2 * style.pitch
            is_near = is_below and abs(block[0].left - line.left) < 8 * line.size
            if not is_near or abs(line.size - block[-1].size) > 0.15 * line.size:
                yield block
                block = []
        block.append(line)
    if block:
        yield block


def _continues(
    lines: Sequence[Line],
    open_lines: Sequence[int],
    index: int,
    page: tuple[Sequence[float], Collection[int], Style],
) -> bool:
    """Return whether a line continues the paragraph of the lines before it.

    Args:
        lines: all lines of the page.
        open_lines: the indices of the paragraph's lines so far.
        index: the line.
        page: the margins of the lines, the indices of the furniture lines, and the style.
    """
    margins, furniture, style = page
    before, line = lines[index - 1], lines[index]
    if before.is_row or index in furniture or index - 1 in furniture:
        return False
    if not 0.3 < _pitch(before, line) <= style.pitch * _SAME_PITCH or abs(before.size - line.size) > 0.12 * line.size:
        return False
    if line.is_row:
        return _is_label_of(before, line, len(open_lines))
    is_mid_sentence = line.text[0].islower() or before.text[-1] in HYPHENS
    if not _is_aligned([lines[open_line] for open_line in open_lines], line, is_mid_sentence):
        return False
    if is_mid_sentence:
        return not _ITEM.match(line.text) or not _SENTENCE_END.search(before.text)
    return _follows_full_line(before, line, margins[index - 1])


def _is_label_of(before: Line, row: Line, open_count: int) -> bool:
    """Return whether a line is the beginning of a row's label, which wraps above the row's figures."""
    return (
        open_count <= 3
        and (row.text[0].islower() or before.text[-1] in HYPHENS or bool(_UNFINISHED_END.search(before.text)))
        and -0.5 * row.size <= row.left - before.left <= 2.5 * row.size
        and not _SENTENCE_END.search(before.text)
    )


def _is_aligned(paragraph: Sequence[Line], line: Line, is_mid_sentence: bool) -> bool:
    """Return whether a line's left edge fits a paragraph: the same edge, a first-line indent, or a hanging indent."""
    height = line.size
    if len(paragraph) > 1:
        return abs(median_low([before.left for before in paragraph[1:]]) - line.left) < 0.8 * height
    first = paragraph[0]
    step = line.left - first.left
    if abs(step) < 0.6 * height:
        return True
    if step < 0:
        return -step < _MAX_INDENT * height and (is_mid_sentence or first.right - first.left > 20 * height)
    return step < _MAX_INDENT * height and (is_mid_sentence or bool(_ITEM.match(first.text)))


def _follows_full_line(before: Line, line: Line, margin: float) -> bool:
    """Return whether a line that may begin a sentence continues the line before it.

    It does only if the line before is full: the first word of the line did not fit into it.
    """
    if _BULLET.match(line.text) or (_ITEM.match(line.text) and _SENTENCE_END.search(before.text)):
        return False
    is_unfinished = bool(_UNFINISHED_END.search(before.text))
    if before.font == before.last_font != line.font and not is_unfinished:
        return False  # A line in a font of its own is a caption above its text.
    if _are_centred(before, line) and not is_unfinished:
        return False
    word = line.text.split(maxsplit=1)[0]
    width = (line.right - line.left) * (len(word) + 1) / max(len(line.text), 1)
    return before.right + width * 1.1 > margin


def _are_centred(before: Line, line: Line) -> bool:
    """Return whether two lines share their centre, and not just because both are full lines of a column."""
    centre_distance = abs((before.left + before.right) - (line.left + line.right)) / 2
    has_step = abs(before.left - line.left) > 0.3 * line.size
    return centre_distance < 0.6 * line.size and (has_step or before.right - before.left < 15 * line.size)
