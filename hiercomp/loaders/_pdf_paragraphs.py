"""Visual lines to paragraphs: the wrapped lines of a paragraph are one line of text, a table row stays one."""

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
_ENDED = re.compile(r"[.:;!?][”\"')\]]*$")
_OPEN = re.compile(r"(?:\b(?:and|or|of|in|the|for|to|by|with|a|an|on|at|from|as)|[,&/(-])$", re.IGNORECASE)

# Lines of one paragraph keep the document's usual pitch; a blank line's worth more is a visible gap.
_SAME_PITCH = 1.22
# Rows stand further apart than lines.
_ROW_PITCH = 1.9
_INDENT = 6.0


@dataclass(frozen=True, slots=True)
class Style:
    """What is usual in a document: the height of its text, its font, and the pitch of its lines in heights."""

    size: float
    font: str
    pitch: float


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that are one line of text; `gap` when a visible space is above it."""

    lines: tuple[Line, ...]
    gap: bool
    is_furniture: bool = False

    @property
    def text(self) -> str:
        """The text, with the marks that pdfium leaves for hyphens at line ends."""
        pieces = [self.lines[0].text]
        for line in self.lines[1:]:
            pieces.append(line.text if pieces[-1][-1] in HYPHENS else f" {line.text}")
        return "".join(pieces)

    @property
    def is_row(self) -> bool:
        """Whether it is a table row."""
        return any(line.is_row for line in self.lines)


def usual_style(pages: Iterable[Sequence[Line]]) -> Style:
    """The style of most of the text."""
    sizes: Counter[float] = Counter()
    fonts: Counter[str] = Counter()
    pitches: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            weight = 0 if line.is_row else len(line.text)
            sizes[round(line.size, 1)] += weight
            fonts[line.font] += weight
        for before, line in pairwise(lines):
            if abs(before.left - line.left) < 1 and abs(before.size - line.size) < 0.5 and _is_long(before):
                pitches[round((before.bottom - line.bottom) / max(line.size, 1e-6), 2)] += 1
    usual = [(pitch, count) for pitch, count in pitches.most_common() if 0.7 < pitch < 3]
    return Style(
        size=max(sizes, key=lambda size: sizes[size], default=10.0) or 10.0,
        font=max(fonts, key=lambda font: fonts[font], default=""),
        pitch=usual[0][0] if usual else 1.05,
    )


def _is_long(line: Line) -> bool:
    return not line.is_row and line.right - line.left > 15 * line.size


def find_paragraphs(lines: Sequence[Line], furniture: Collection[int], style: Style) -> list[Paragraph]:
    """The paragraphs of one page, in pdfium's order."""
    margins = _margins(lines, style)
    paragraphs: list[Paragraph] = []
    open_lines: list[int] = []
    for index in range(len(lines)):
        if open_lines and not _goes_on(lines, open_lines, index, (margins, furniture, style)):
            paragraphs.append(_close(lines, open_lines, furniture, style))
            open_lines = []
        open_lines.append(index)
    if open_lines:
        paragraphs.append(_close(lines, open_lines, furniture, style))
    return paragraphs


def _close(lines: Sequence[Line], indices: list[int], furniture: Collection[int], style: Style) -> Paragraph:
    first = indices[0]
    usual = style.pitch * (_ROW_PITCH if lines[first - 1].is_row or lines[first].is_row else _SAME_PITCH)
    gap = first > 0 and not 0 <= _pitch(lines[first - 1], lines[first]) <= usual
    return Paragraph(tuple(lines[index] for index in indices), gap, first in furniture)


def _pitch(before: Line, line: Line) -> float:
    """How far a line is below another, in heights of its text; negative when it is above."""
    return (before.bottom - line.bottom) / max(min(before.size, line.size), 1e-6)


def _margins(lines: Sequence[Line], style: Style) -> list[float]:
    """For each line, how far right the lines of its block reach."""
    margins: list[float] = []
    for block in _blocks(lines, style):
        margins += [max(line.right for line in block)] * len(block)
    return margins


def _blocks(lines: Sequence[Line], style: Style) -> Iterator[list[Line]]:
    block: list[Line] = []
    for line in lines:
        if block:
            near = 0.3 < _pitch(block[-1], line) <= 2.2 * style.pitch and abs(block[0].left - line.left) < 8 * line.size
            if not near or abs(line.size - block[-1].size) > 0.15 * line.size:
                yield block
                block = []
        block.append(line)
    if block:
        yield block


def _goes_on(
    lines: Sequence[Line],
    open_lines: Sequence[int],
    index: int,
    page: tuple[Sequence[float], Collection[int], Style],
) -> bool:
    """Whether a line continues the paragraph of the lines before it."""
    margins, furniture, style = page
    before, line = lines[index - 1], lines[index]
    if before.is_row or index in furniture or index - 1 in furniture:
        return False
    if not 0.3 < _pitch(before, line) <= style.pitch * _SAME_PITCH or abs(before.size - line.size) > 0.12 * line.size:
        return False
    if line.is_row:
        return _is_label_of(before, line, len(open_lines))
    flows = line.text[0].islower() or before.text[-1] in HYPHENS
    if not _aligned([lines[open_line] for open_line in open_lines], line, flows):
        return False
    if flows:
        return not _ITEM.match(line.text) or not _ENDED.search(before.text)
    return _follows(before, line, margins[index - 1])


def _is_label_of(before: Line, row: Line, open_count: int) -> bool:
    """Whether a line is the beginning of a row's label, wrapped above its figures."""
    return (
        open_count <= 3
        and (row.text[0].islower() or before.text[-1] in HYPHENS or bool(_OPEN.search(before.text)))
        and -0.5 * row.size <= row.left - before.left <= 2.5 * row.size
        and not _ENDED.search(before.text)
    )


def _aligned(paragraph: Sequence[Line], line: Line, flows: bool) -> bool:
    """Whether a line's left edge fits the paragraph: a first-line indent, a hanging indent, or the same edge."""
    height = line.size
    if len(paragraph) > 1:
        return abs(median_low([before.left for before in paragraph[1:]]) - line.left) < 0.8 * height
    step = line.left - paragraph[0].left
    if abs(step) < 0.6 * height:
        return True
    if step < 0:
        return -step < _INDENT * height and (flows or paragraph[0].right - paragraph[0].left > 20 * height)
    return step < _INDENT * height and (flows or bool(_ITEM.match(paragraph[0].text)))


def _follows(before: Line, line: Line, margin: float) -> bool:
    """Whether a line that begins like a sentence continues the line before, which must be full then."""
    if _BULLET.match(line.text) or (_ITEM.match(line.text) and _ENDED.search(before.text)):
        return False
    if before.font == before.last_font != line.font and not _OPEN.search(before.text):
        return False  # a caption above its text
    if _centred(before, line) and not _OPEN.search(before.text):
        return False
    word = line.text.split(maxsplit=1)[0]
    width = (line.right - line.left) * (len(word) + 1) / max(len(line.text), 1)
    return before.right + width * 1.1 > margin


def _centred(before: Line, line: Line) -> bool:
    middle = abs((before.left + before.right) - (line.left + line.right)) / 2
    stepped = abs(before.left - line.left) > 0.3 * line.size
    return middle < 0.6 * line.size and (stepped or before.right - before.left < 15 * line.size)
