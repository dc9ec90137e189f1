"""Columns of a PDF table that has no rules, from the places of the boxes in its rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from hiercomp.loaders._pdf_lines import Box, Row, make_box

# Boxes are in one column if they overlap by this share of the narrower one.
_MIN_OVERLAP = 0.25
# A word belongs to a column if it begins no further to the left of it than this share of the line's height.
_MARGIN = 0.5
_ASIDE = re.compile(r"\([\d.,]+\)")
_ASIDE_GAP = 1.0
# The gap between the names of two columns is wider than this share of the line's height.
_NAME_GAP = 0.45


class Column(NamedTuple):
    """A column: its left and its right end in points."""

    left: float
    right: float

    @property
    def middle(self) -> float:
        """The place between both ends."""
        return (self.left + self.right) / 2


def find_columns(rows: Iterable[Row]) -> list[Column]:
    """Return the columns of a table from left to right.

    The rows with the most boxes make the columns. A box that lies over several columns does not make or widen one.
    """
    columns: list[Column] = []
    for row in sorted(rows, key=lambda row: -len(row.boxes)):
        for index, box in enumerate(row.boxes):
            first, last = reach(box, columns)
            is_indented = index == 0 and last < first <= 1 and len(row.boxes) <= len(columns)
            if is_indented:
                columns[0] = _widened(columns, 0, box)
            elif first == last:
                columns[first] = _widened(columns, first, box)
            elif first > last:
                columns.insert(first, Column(box.left, box.right))
    return columns


def with_named(columns: Sequence[Column], head: Row) -> list[Column]:
    """Return columns with those that only a head names added, if it has more boxes than there are columns."""
    boxes = [box for box in head.boxes if not any(_overlaps(box, column) for column in columns)]
    if len(head.boxes) != len(columns) + len(boxes):
        return list(columns)
    return sorted([*columns, *(Column(box.left, box.right) for box in boxes)])


def with_asides(columns: Sequence[Column], rows: Sequence[Row]) -> list[Column]:
    """Return columns with each column of asides joined to the amounts that it belongs to, as in "387 (13)".

    Asides are amounts in parentheses that stand close behind other amounts and that the head of the table does not
    name.
    """
    joined: list[Column] = list(columns[:1])
    for column in columns[1:]:
        boxes = [(row, index) for row in rows for index, box in enumerate(row.boxes) if _overlaps(box, column)]
        is_named = any(row is rows[0] for row, _ in boxes)
        own = [(row, index) for row, index in boxes if row.boxes[index].left >= column.left - 1]
        if len(joined) > 1 and own and not is_named and all(_is_aside(row, index) for row, index in own):
            joined[-1] = Column(joined[-1].left, column.right)
        else:
            joined.append(column)
    return joined


def _is_aside(row: Row, index: int) -> bool:
    """Return whether a box is an amount in parentheses close behind another amount."""
    before, box = row.boxes[index - 1], row.boxes[index]
    is_close = index > 1 and box.left - before.right < _ASIDE_GAP * row.size
    return is_close and before.is_number and bool(_ASIDE.fullmatch(box.text))


def reach(box: Box, columns: Sequence[Column]) -> tuple[int, int]:
    """Return the first and the last column that a box overlaps. If there is none, the last is one before the first."""
    left, right = box.left, box.right
    near = [index for index, column in enumerate(columns) if column.left < right and left < column.right]
    touched = [index for index in near if _overlaps(box, columns[index])]
    if touched:
        return touched[0], touched[-1]
    place = sum(column.middle < (box.left + box.right) / 2 for column in columns)
    return place, place - 1


def _overlaps(box: Box, column: Column) -> bool:
    overlap = min(box.right, column.right) - max(box.left, column.left)
    return overlap > _MIN_OVERLAP * min(box.right - box.left, column.right - column.left)


def _widened(columns: Sequence[Column], index: int, box: Box) -> Column:
    """Return a column widened by a box, but not into its neighbours."""
    left, right = min(columns[index].left, box.left), max(columns[index].right, box.right)
    if index:
        left = max(left, min(columns[index - 1].right, columns[index].left))
    if index + 1 < len(columns):
        right = min(right, max(columns[index + 1].left, columns[index].right))
    return Column(left, right)


def split_boxes(row: Row, columns: Sequence[Column]) -> Row:
    """Return a row with each box that runs from one column into an amount of the next one cut between both."""
    boxes = [part for box in row.boxes for part in _split(box, columns)]
    return row._replace(boxes=tuple(boxes)) if len(boxes) > len(row.boxes) else row


def _split(box: Box, columns: Sequence[Column]) -> list[Box]:
    first, last = reach(box, columns)
    if first >= last or len(box.words) < 2:
        return [box]
    margin = _MARGIN * (box.top - box.bottom)
    places = [sum(word.left >= column.left - margin for column in columns) for word in box.words]
    cuts = [index for index in range(1, len(places)) if places[index] > max(places[:index])]
    parts = [make_box(box.words[start:end]) for start, end in pairwise([0, *cuts, len(places)])]
    if all(part.is_number for part in parts[1:]):
        return parts
    for start in range(1, len(places)):
        amount = make_box(box.words[start:])
        if amount.is_number and places[start] > 1:
            return [make_box(box.words[:start]), amount]
    return [box]


def split_names(head: Row, columns: Sequence[Column]) -> Row:
    """Return a row of a head with each box cut that holds the names of several columns, between which gaps are wide."""
    boxes: list[Box] = []
    for box in head.boxes:
        first, last = reach(box, columns)
        gaps = [after.left - before.right for before, after in pairwise(box.words)]
        limit = max(_NAME_GAP * (box.top - box.bottom), 2 * min(gaps, default=0.0))
        cuts = [index for index, gap in enumerate(gaps, 1) if gap > limit]
        if len(cuts) != last - first or not cuts:
            boxes.append(box)
            continue
        boxes += [make_box(box.words[start:end]) for start, end in pairwise([0, *cuts, len(box.words)])]
    return head._replace(boxes=tuple(boxes))
