"""Paragraphs of a PDF page from its visual lines. Wrapped lines are joined. A table row is a paragraph of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hiercomp.loaders._pdf_flow import Block, box_around, join_flow
from hiercomp.loaders._pdf_lines import Line
from hiercomp.loaders._pdf_order import reading_order
from hiercomp.loaders._pdf_words import HYPHENS
from hiercomp.loaders._pdf_wrap import SAME_PITCH, Columns, continues, is_unspaced, is_wide, pitch

# The pitch of the rows of a table without a visible gap is at most this factor of the usual pitch.
_ROW_PITCH = 1.9
# Prose counts so many times as much as table rows for the style of the body.
_PROSE_WEIGHT = 5


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
            is_joined = pieces[-1][-1] in HYPHENS or (is_unspaced(pieces[-1][-1]) and is_unspaced(line.text[0]))
            pieces.append(line.text if is_joined else f" {line.text}")
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
    wrapped: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            weight = len(line.text) * (1 if line.is_row else _PROSE_WEIGHT)
            sizes[round(line.size, 1)] += weight
            fonts[line.font] += weight
        for before, line in pairwise(lines):
            if abs(before.left - line.left) < 1 and abs(before.size - line.size) < 0.5 and is_wide(before):
                distance = round((before.bottom - line.bottom) / max(line.size, 1e-6), 2)
                pitches[distance] += 1
                if line.text[0].islower():
                    wrapped[distance] += 1
    plausible = [distance for distance, _ in (wrapped.most_common() + pitches.most_common()) if 0.7 < distance < 3]
    return Style(
        size=max(sizes, key=lambda size: sizes[size], default=10.0) or 10.0,
        font=max(fonts, key=lambda font: fonts[font], default=""),
        pitch=plausible[0] if plausible else 1.05,
    )


def find_paragraphs(lines: Sequence[Line], furniture: Collection[int], style: Style) -> list[Paragraph]:
    """Return the paragraphs of one page in reading order.

    Args:
        lines: the visual lines of the page, in the file's order.
        furniture: the indices of the furniture lines.
        style: the style of the document's body text.
    """
    columns = Columns(lines, style.pitch)
    blocks: list[Block] = []
    for index, line in enumerate(lines):
        is_furniture = index in furniture
        is_body = blocks and not (is_furniture or blocks[-1].is_furniture)
        if is_body and continues(blocks[-1].lines, line, columns, index):
            blocks[-1].lines.append(line)
        else:
            blocks.append(Block([line], columns.pitches[index], is_furniture))
    blocks = join_flow(_in_reading_order(blocks))
    return [
        Paragraph(tuple(block.lines), index > 0 and _has_gap(blocks[index - 1], block), block.is_furniture)
        for index, block in enumerate(blocks)
    ]


def _in_reading_order(blocks: list[Block]) -> list[Block]:
    """Return the blocks of a page in reading order, with page headers first and page footers last."""
    if all(before.lines[-1].bottom >= block.lines[-1].bottom for before, block in pairwise(blocks)):
        return blocks
    body = [block for block in blocks if not block.is_furniture]
    top = max((block.lines[0].bottom for block in body), default=0.0)
    tables = list(_tables(body))
    ordered = [block for index in reading_order([box_around(table) for table in tables]) for block in tables[index]]
    headers = [block for block in blocks if block.is_furniture and block.lines[0].bottom > top]
    footers = [block for block in blocks if block.is_furniture and block.lines[0].bottom <= top]
    return [*headers, *ordered, *footers]


def _tables(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Yield the rows of each table together, because nothing belongs between them, and each other block alone."""
    table: list[Block] = []
    for block in blocks:
        if table and not (block.is_row and table[-1].is_row and not _are_apart(table[-1], block)):
            yield table
            table = []
        table.append(block)
    if table:
        yield table


def _has_gap(before: Block, block: Block) -> bool:
    """Return whether there is a visible gap between two blocks. There is none between the rows of a table."""
    number = before.lines[-1].table
    return not (number and number == block.lines[0].table) and _are_apart(before, block)


def _are_apart(before: Block, block: Block) -> bool:
    """Return whether a block is not right below another."""
    last, first = before.lines[-1], block.lines[0]
    max_pitch = block.pitch * (_ROW_PITCH if last.is_row or first.is_row else SAME_PITCH)
    return not 0 <= pitch(last, first) <= max_pitch
