"""Table cells of several lines that a PDF page writes one after the other, from left to right, without rules."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from hiercomp.loaders._pdf_lines import Box, Row
from hiercomp.loaders._pdf_words import HYPHENS

_MAX_LINES = 12  # A cell of more lines is a column of the page.
_MAX_HEAD = 6  # the most lines of a cell that begins above the other cells of its row
_MAX_PITCH = 1.5  # the most distance of two lines of a cell, in line heights
_SAME_LINE = 0.3  # the most distance of two baselines that are one, in line heights


class _Block(NamedTuple):
    """Lines of one box that lie below each other, by their range."""

    start: int
    end: int


class _Stack(NamedTuple):
    """Rows of cells, and the range of the boxes that they are made of."""

    rows: tuple[Row, ...]
    start: int
    end: int


def joined_box(boxes: Sequence[Box]) -> Box:
    """Return boxes that lie below each other as one."""
    pieces = [boxes[0].text]
    for box in boxes[1:]:
        pieces.append(box.text if pieces[-1][-1] in HYPHENS else f" {box.text}")
    return Box(
        "".join(pieces),
        min(box.left for box in boxes),
        max(box.right for box in boxes),
        min(box.bottom for box in boxes),
        max(box.top for box in boxes),
        tuple(word for box in boxes for word in box.words),
    )


def with_stacked_cells(rows: Sequence[Row]) -> list[Row]:
    """Return the visual lines of a page with the lines of stacked cells joined to rows.

    The file writes such a row cell by cell: several lines, then a step up to the right, and several lines again. It
    counts as a row only if another row near it has its boxes in the same places. A file that writes a table column by
    column looks alike, but there the lines of the later blocks are amounts.
    """
    # A line can hold the end of one cell and the beginning of the next, so each box is looked at as a line of its own.
    numbers = [number for number, row in enumerate(rows) for _ in row.boxes]
    lines = [Row((box,), row.bottom, row.top) for row in rows for box in row.boxes]
    stacks = _stacks(lines)
    joined: list[Row] = []
    position = 0
    for index, stack in enumerate(stacks):
        first, last = numbers[stack.start], numbers[stack.end - 1]
        neighbours = [
            row for other in stacks[max(index - 1, 0) : index + 2] if other is not stack for row in other.rows
        ]
        neighbours += [*rows[max(first - 2, 0) : first], *rows[last + 1 : last + 4]]
        if len(stack.rows) > 1 or any(_are_aligned(stack.rows[0], neighbour) for neighbour in neighbours):
            joined += [*_whole(lines, numbers, position, stack.start), *stack.rows]
            position = stack.end
    if not joined:
        return _levelled(rows)
    return _levelled([*joined, *_whole(lines, numbers, position, len(lines))])


def _whole(lines: Sequence[Row], numbers: Sequence[int], start: int, end: int) -> list[Row]:
    """Return the boxes of a range as visual lines again."""
    whole: list[Row] = []
    for _, group in groupby(range(start, end), lambda index: numbers[index]):
        parts = [lines[index] for index in group]
        whole.append(parts[0]._replace(boxes=tuple(part.boxes[0] for part in parts)))
    return whole


def _are_aligned(row: Row, other: Row) -> bool:
    """Return whether two rows are close and have at least two boxes in the same places."""
    distance = max(other.bottom - row.boxes[0].top, row.bottom - other.boxes[0].top)
    return distance <= 4 * row.size and sum(any(map(box.overlaps, other.boxes)) for box in row.boxes) >= 2


def _levelled(rows: Sequence[Row]) -> list[Row]:
    """Return rows with those joined that stand beside each other on one baseline."""
    levelled: list[Row] = []
    for row in rows:
        last = levelled[-1] if levelled else None
        if last and row.left > last.right and abs(row.bottom - last.bottom) < _SAME_LINE * row.size:
            levelled[-1] = Row(last.boxes + row.boxes, row.bottom, row.top)
        else:
            levelled.append(row)
    return levelled


def _stacks(rows: Sequence[Row]) -> list[_Stack]:
    """Return the rows of cells that blocks beside each other make up."""
    found: list[_Stack] = []
    group: list[_Block] = []
    for block in _blocks(rows):
        if group and _is_beside(rows, group, block):
            group = [_aligned_part(rows, group[0], block), *group[1:], block]
        else:
            found += _stack(rows, group)
            group = [block]
    return found + _stack(rows, group)


def _blocks(rows: Sequence[Row]) -> list[_Block]:
    blocks: list[_Block] = []
    for index, row in enumerate(rows):
        if blocks and _goes_on(rows[blocks[-1].start].boxes[0], rows[index - 1], row):
            blocks[-1] = _Block(blocks[-1].start, index + 1)
        else:
            blocks.append(_Block(index, index + 1))
    return blocks


def _goes_on(box: Box, before: Row, row: Row) -> bool:
    """Return whether a line goes on with the box of a line above."""
    height = row.top - row.bottom
    is_below = 0.5 * height < before.bottom - row.bottom <= _MAX_PITCH * height
    if not is_below or row.left >= box.right or row.right <= box.left:
        return False
    return row.boxes[0].is_number or not before.boxes[0].is_number


def _is_beside(rows: Sequence[Row], group: Sequence[_Block], block: _Block) -> bool:
    """Return whether a block is a cell to the right of others: it is level with the first."""
    cells = rows[group[0].start : group[-1].end]
    is_long = block.end - block.start > _MAX_LINES and not _are_amounts(rows[block.start : block.end])
    if is_long or rows[block.start].left < max(row.right for row in cells):
        return False
    return _level_line(rows, group[0], block) is not None


def _level_line(rows: Sequence[Row], first: _Block, block: _Block) -> int | None:
    """Return the line of the first block that is level with the first or with the last line of another block."""
    for line in (rows[block.start], rows[block.end - 1]):
        for index in range(first.start, first.end):
            if abs(rows[index].bottom - line.bottom) < _SAME_LINE * line.size:
                return index
    return None


def _aligned_part(rows: Sequence[Row], first: _Block, block: _Block) -> _Block:
    """Return the first block from the line that is level with the top of another.

    The lines above are not of the row.
    """
    top, end = rows[block.start], rows[block.end - 1]
    if first.end - first.start <= _MAX_HEAD and abs(rows[first.end - 1].bottom - end.bottom) < _SAME_LINE * end.size:
        return first  # The cells end on the same line.
    for index in range(first.start, first.end):
        if abs(rows[index].bottom - top.bottom) < _SAME_LINE * top.size:
            return _Block(index, first.end)
    return first


def _stack(rows: Sequence[Row], group: Sequence[_Block]) -> list[_Stack]:
    """Return the row of some blocks, or nothing if they are one cell or one visual line."""
    long = [block for block in group if block.end - block.start > 1]
    if len(group) < 2 or not long:
        return []
    if (
        long == group[:1]
        and abs(rows[long[0].start].bottom - rows[group[1].start].bottom) > rows[long[0].start].size / 2
    ):
        return []  # The lines above a row may be anything, such as the title of a group of rows.
    if long[-1] is not group[0] and all(_are_amounts(rows[block.start : block.end]) for block in group[1:]):
        return [_Stack(_columnwise(rows, group), group[0].start, group[-1].end)]
    cells = [joined_box([row.boxes[0] for row in rows[block.start : block.end]]) for block in group]
    bottom = min(box.bottom for box in cells)
    row = Row(tuple(cells), bottom, bottom + rows[group[0].start].size)
    return [_Stack((row,), group[0].start, group[-1].end)]


def _are_amounts(rows: Sequence[Row]) -> bool:
    return sum(row.boxes[0].is_number for row in rows) * 2 > len(rows)


def _columnwise(rows: Sequence[Row], group: Sequence[_Block]) -> tuple[Row, ...]:
    """Return the rows of a table of which each block is a column."""
    lines: list[Row] = []
    for row in sorted(rows[group[0].start : group[-1].end], key=lambda row: -row.bottom):
        if lines and abs(row.bottom - lines[-1].bottom) < _SAME_LINE * row.size:
            boxes = sorted(lines[-1].boxes + row.boxes, key=lambda box: box.left)
            lines[-1] = lines[-1]._replace(boxes=tuple(boxes))
        else:
            lines.append(row)
    return tuple(lines)
