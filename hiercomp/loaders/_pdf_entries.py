"""The rows of a PDF table without rules: wrapped cells joined, heads joined, and each cell in its column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from hiercomp.loaders._pdf_columns import Column, reach, split_boxes
from hiercomp.loaders._pdf_heads import is_amount, is_head, join_heads
from hiercomp.loaders._pdf_lines import Box, Line, Row, make_line
from hiercomp.loaders._pdf_rules import Rule
from hiercomp.loaders._pdf_stacks import joined_box
from hiercomp.loaders._pdf_words import HYPHENS, TextPage

_MAX_WRAP = 1.45  # the most distance of the baselines of a wrapped cell's lines, in line heights
_TIGHT = 0.92  # Lines that are closer than this share of the rows' usual distance are one row.
_FULL = 0.8  # A line of a label is full if it reaches over this share of the labels' width.
_UNFINISHED = re.compile(r"(?:\b(?:and|or|of|in|the|for|to|by|with|a|an|on|at|from|as)|[,&/(-])$", re.IGNORECASE)


@dataclass
class _Entry:
    """A row of a table: its visual lines, and the boxes of each column. A head has its levels as lines."""

    rows: list[Row]
    cells: list[list[Box]]
    is_head: bool = False

    @property
    def is_label(self) -> bool:
        """Whether the row has text in its first column only."""
        return not self.is_head and not any(self.cells[1:])

    @property
    def label(self) -> str:
        """The text of the first column."""
        return " ".join(box.text for box in self.cells[0])


def table_lines(
    rows: Sequence[Row], columns: Sequence[Column], rules: Sequence[Rule], page: TextPage, number: int
) -> list[Line]:
    """Return the lines of a table, each with as many cells as the table has columns.

    A label without cells, such as the title of a group of rows, is a line without a tab.

    Args:
        rows: the visual lines of the table.
        columns: its columns.
        rules: the rules of the page, which show what a head spans.
        page: the text of the page.
        number: the number of the table on the page.
    """
    lines = []
    entries = _entries(rows, columns)
    for entry in _Labels(entries, page).joined(entries):
        row = _whole_row(entry)
        if entry.is_label:
            lines.append(make_line([entry.label], row, page, number))
            continue
        texts = (
            join_heads(entry.rows, columns, rules)
            if entry.is_head
            else [joined_box(cell).text if cell else "" for cell in entry.cells]
        )
        lines.append(make_line(texts, row, page, number))
    return lines


def _entries(rows: Sequence[Row], columns: Sequence[Column]) -> list[_Entry]:
    multiple = [row for row in rows if len(row.boxes) > 1]
    has_amounts = 2 * sum(any(is_amount(box) for box in row.boxes) for row in multiple) >= len(multiple)
    entries: list[_Entry] = []
    for row in rows:
        if has_amounts and is_head(row, columns):
            if entries and entries[-1].is_head:
                entries[-1].rows.append(row)
            else:
                entries.append(_Entry([row], [[] for _ in columns], is_head=True))
            continue
        cells = _cells(split_boxes(row, columns), columns)
        if entries and _continues(entries[-1], row, cells):
            entries[-1].rows.append(row)
            for cell, more in zip(entries[-1].cells, cells, strict=True):
                cell += more
        elif len(row.boxes) == 1 and not row.boxes[0].is_number:  # a title in the middle of the table
            entries.append(_Entry([row], [list(row.boxes), *([] for _ in columns[1:])]))
        else:
            entries.append(_Entry([row], cells))
    return entries


def _cells(row: Row, columns: Sequence[Column]) -> list[list[Box]]:
    """Return the boxes of a row in each column."""
    cells: list[list[Box]] = [[] for _ in columns]
    for index, box in enumerate(row.boxes):
        first, last = reach(box, columns)
        if first > last:
            first = _nearest(box, columns, cells)
        elif box.is_number and index:
            first = max(range(first, last + 1), key=lambda place: _overlap(box, columns[place]))
        cells[first].append(box)
    return cells


def _nearest(box: Box, columns: Sequence[Column], cells: Sequence[list[Box]]) -> int:
    """Return the column nearest to a box that lies in none."""
    free = [index for index in range(len(columns)) if not cells[index]] or [len(columns) - 1]
    return min(free, key=lambda index: -_overlap(box, columns[index]))


def _overlap(box: Box, column: Column) -> float:
    """Return by how much a box overlaps a column. The distance is negative."""
    return min(box.right, column.right) - max(box.left, column.left)


def _continues(entry: _Entry, row: Row, cells: Sequence[list[Box]]) -> bool:
    """Return whether a visual line goes on with wrapped cells of the row above, other than the first cell."""
    if entry.is_head or cells[0] or not 0 < entry.rows[-1].bottom - row.bottom <= _MAX_WRAP * row.size:
        return False
    pairs = [(above, cell) for above, cell in zip(entry.cells, cells, strict=True) if cell]
    return all(above and not above[-1].is_number and not cell[0].is_number for above, cell in pairs)


class _Labels:
    """Joins the labels that wrap over several lines with their rows."""

    def __init__(self, entries: Sequence[_Entry], page: TextPage) -> None:
        self._page = page
        distances = [
            before.rows[-1].bottom - after.rows[0].bottom
            for before, after in pairwise(entries)
            if not (before.is_head or after.is_head or before.is_label or after.is_label)
        ]
        self._usual = median(distances) if distances else 0.0
        labels = [box for entry in entries if not entry.is_head for box in entry.cells[0]]
        left = min((box.left for box in labels), default=0.0)
        self._full = left + _FULL * (max((box.right for box in labels), default=0.0) - left)

    def joined(self, entries: Sequence[_Entry]) -> list[_Entry]:
        """Return the rows of a table with their whole labels."""
        joined: list[_Entry] = []
        for entry in reversed(entries):
            after = joined[-1] if joined else None
            if after and entry.is_label and not after.is_head and self._goes_on(entry, after):
                joined[-1] = _Entry(entry.rows + after.rows, [entry.cells[0] + after.cells[0], *after.cells[1:]])
            else:
                joined.append(entry)
        whole: list[_Entry] = []
        for entry in reversed(joined):
            before = whole[-1] if whole else None
            if before and entry.is_label and not (before.is_head or before.is_label) and self._goes_on(before, entry):
                before.rows.extend(entry.rows)
                before.cells[0] += entry.cells[0]
            else:
                whole.append(entry)
        return whole

    def _goes_on(self, entry: _Entry, after: _Entry) -> bool:
        """Return whether the label of a row goes on in the row below."""
        if not entry.cells[0] or not after.cells[0] or entry.label.endswith(":"):
            return False
        last, first = entry.cells[0][-1], after.cells[0][0]
        above, below = entry.rows[-1], after.rows[0]
        distance = above.bottom - below.bottom
        if not 0 < distance <= _MAX_WRAP * below.size or not abs(first.left - last.left) <= 2.5 * below.size:
            return False
        if after.label[0].islower() or last.text[-1] in HYPHENS or _UNFINISHED.search(entry.label):
            return True
        return distance < _TIGHT * self._usual and last.right > self._full and self._is_same_font(last, first)

    def _is_same_font(self, box: Box, other: Box) -> bool:
        return self._page.font(box.words[-1].last) == self._page.font(other.words[0].first)


def _whole_row(entry: _Entry) -> Row:
    """Return the visual lines of a row as one, with the height of the last."""
    boxes = tuple(sorted((box for row in entry.rows for box in row.boxes), key=lambda box: box.left))
    last = min(entry.rows, key=lambda row: row.bottom)
    return Row(boxes, last.bottom, last.top)
