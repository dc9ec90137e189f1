"""Joins the parts of a paragraph that goes on in the next column, or behind a figure, a table or a footnote."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import takewhile

from hiercomp.loaders._pdf_lines import Line
from hiercomp.loaders._pdf_order import Box
from hiercomp.loaders._pdf_wrap import ends_sentence, is_mid_sentence, is_unfinished, is_wide

_CAPTION = re.compile(r"(?:figure|fig|table|exhibit|chart|graph|photo|source)s?\b[.:]?\s*[\dA-Z(]", re.IGNORECASE)
# Sizes within this part are equal. Captions and footnotes differ more from the body.
_SAME_SIZE = 0.06
# A last line is full if it ends within this many line heights of the right end of the lines before it.
_FULL = 3.0
# The part behind is at most this many blocks away. A table has many.
_MAX_DISTANCE = 60


@dataclass(slots=True)
class Block:
    """Consecutive lines of a page. `pitch` is the usual pitch of the lines around its first line."""

    lines: list[Line]
    pitch: float
    is_furniture: bool

    @property
    def is_row(self) -> bool:
        """Whether the block is a table row."""
        return self.lines[-1].is_row or self.lines[0].is_row


def box_around(blocks: Sequence[Block]) -> Box:
    """Return the box around some blocks that follow each other."""
    lines = [line for block in blocks for line in block.lines]
    return Box(
        min(line.left for line in lines),
        max(line.right for line in lines),
        min(line.bottom for line in lines),
        (lines[0].bottom + lines[0].top) / 2,
        len(lines) == 1,
    )


def join_flow(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks of a page, given in reading order, with the parts of each paragraph joined.

    What stands between two parts comes after the paragraph.
    """
    joined: list[Block] = []
    taken: set[int] = set()
    for index, block in enumerate(blocks):
        if index in taken:
            continue
        joined.append(block)
        position: int | None = index
        while position is not None and _is_open(block):
            position = _continuation(block, blocks, position, taken)
            if position is not None:
                block.lines += blocks[position].lines
                taken.add(position)
    return joined


def _is_open(block: Block) -> bool:
    """Return whether a block is prose that ends in mid-sentence, at the end of a full line."""
    last = block.lines[-1]
    if last.is_row or block.is_furniture or ends_sentence(last.text) or _CAPTION.match(block.lines[0].text):
        return False
    if len(block.lines) == 1:
        return is_wide(last)
    margin = max(line.right for line in block.lines[-4:])
    return margin - last.right < _FULL * last.size or is_unfinished(last.text)


def _continuation(block: Block, blocks: Sequence[Block], position: int, taken: Collection[int]) -> int | None:
    """Return the index of the block that continues an open one, or None. Only floats may stand between them.

    Args:
        block: the open block.
        blocks: all blocks.
        position: the index of the last part of the open block.
        taken: the indices of the blocks that are a part of another one.
    """
    following = range(position + 1, min(len(blocks), position + 1 + _MAX_DISTANCE))
    free = [index for index in following if index not in taken]
    floats = list(takewhile(lambda index: _floats(blocks[index], block), free))
    if len(floats) == len(free) or not _goes_on(block, blocks[free[len(floats)]]):
        return None
    has_rows = any(blocks[index].is_row for index in floats)
    has_caption = any(_CAPTION.match(blocks[index].lines[0].text) for index in floats)
    return free[len(floats)] if has_caption or not has_rows else None


def _floats(block: Block, body: Block) -> bool:
    """Return whether a block may stand between two parts of a paragraph."""
    return (
        block.is_row
        or block.is_furniture
        or block.lines[0].size < (1 - _SAME_SIZE) * body.lines[-1].size
        or bool(_CAPTION.match(block.lines[0].text))
    )


def _goes_on(block: Block, other: Block) -> bool:
    """Return whether a block has the form and the place of the next part of an open one."""
    last, first = block.lines[-1], other.lines[0]
    if not is_mid_sentence(last, first) or not first.text[0].isalpha():
        return False
    fonts = {block.lines[0].font, last.font, last.last_font}
    if first.font not in fonts or abs(last.size - first.size) > _SAME_SIZE * last.size:
        return False
    is_next_column = first.bottom > last.top and first.left > last.left + last.size
    left = min(line.left for line in block.lines[-2:])
    return is_next_column or (first.top < last.bottom and abs(first.left - left) < last.size)
