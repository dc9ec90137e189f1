"""Tables of a PDF page that are drawn with rules. A cell has the words that its rules enclose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby

from hiercomp.loaders._grid import Cell, lines
from hiercomp.loaders._pdf_frames import Frame, Place, find_frames
from hiercomp.loaders._pdf_lines import Box, Line, Row, make_box, make_line, make_row
from hiercomp.loaders._pdf_rules import Rule
from hiercomp.loaders._pdf_stacks import joined_box
from hiercomp.loaders._pdf_words import TextPage, Word

_MAX_LINES = 15  # A cell with more lines is a part of the page's layout.
_MIN_FILLED = 0.2  # the least share of the cells that have text


class RuledTable:
    """A table that is drawn with rules."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._cells = {
            (row, column): cell
            for cell in frame.cells()
            for row in range(cell.row, cell.row + cell.rows)
            for column in range(cell.column, cell.column + cell.columns)
        }
        self._boxes: dict[Place, list[Box]] = defaultdict(list)

    def cell(self, word: Word) -> Place | None:
        """Return the cell in which a word lies, or None."""
        place = self._frame.place((word.left + word.right) / 2, (word.bottom + word.top) / 2)
        return self._cells.get(place) if place else None

    def fill(self, rows: Sequence[Row]) -> None:
        """Put the words of a page's visual lines into the cells."""
        for row in rows:
            words = [word for box in row.boxes for word in box.words]
            for cell, run in groupby(words, self.cell):
                if cell:
                    self._boxes[cell].append(make_box(list(run)))

    @property
    def is_table(self) -> bool:
        """Whether the text of the cells looks like that of a table, in which each row has its own rules."""
        cells = set(self._cells.values())
        filled = [cell for cell in cells if cell in self._boxes]
        return (
            len({cell.row for cell in filled}) > 1
            and len({cell.column for cell in filled}) > 1
            and len(filled) >= _MIN_FILLED * len(cells)
            and all(len(boxes) <= _MAX_LINES for boxes in self._boxes.values())
            and not any(self._has_rows(cell) for cell in filled)
        )

    def _has_rows(self, cell: Place) -> bool:
        """Return whether a cell has several amounts below each other, so that its text is that of several rows."""
        boxes = self._boxes[cell]
        beside = (self._boxes[other] for other in self._boxes if other.row == cell.row and other != cell)
        return len(boxes) > 1 and all(box.is_number for box in boxes) and any(len(own) == len(boxes) for own in beside)

    def lines(self, page: TextPage, number: int) -> list[Line]:
        """Return the rows of the table as lines.

        Args:
            page: the text of the page.
            number: the number of the table on the page.
        """
        cells = sorted(set(self._cells.values()))
        table = [
            [Cell(self._text(cell), cell.columns, cell.rows) for cell in cells if cell.row == row]
            for row in range(max(cell.row for cell in cells) + 1)
        ]
        found = []
        for row, text in enumerate(lines(table)):
            boxes = [
                box for cell in cells if cell.row <= row < cell.row + cell.rows for box in self._boxes.get(cell, [])
            ]
            if text and boxes:
                found.append(make_line([text], _last_line(boxes), page, number))
        return found

    def _text(self, cell: Place) -> str:
        return joined_box(self._boxes[cell]).text if cell in self._boxes else ""


def _last_line(boxes: Sequence[Box]) -> Row:
    """Return the boxes of a row with the place of the last line."""
    last = min(boxes, key=lambda box: box.bottom)
    return Row(tuple(sorted(boxes, key=lambda box: box.left)), last.bottom, last.top)


def ruled_tables(rows: Sequence[Row], rules: Sequence[Rule]) -> list[RuledTable]:
    """Return the tables of a page that are drawn with rules, with their text."""
    tables = [RuledTable(frame) for frame in find_frames(rules)]
    for table in tables:
        table.fill(rows)
    return [table for table in tables if table.is_table]


def sections(rows: Sequence[Row], tables: Sequence[RuledTable]) -> Iterator[tuple[list[Row], RuledTable | None]]:
    """Yield the visual lines before each ruled table with the table, and the lines after the last with None.

    The lines are without the words of the tables. A table stands where its first word stands.
    """
    before: list[Row] = []
    shown: set[int] = set()
    for row in rows:
        words = [word for box in row.boxes for word in box.words]
        for owner, run in groupby(words, lambda word: _owner(word, tables)):
            kept = list(run)
            if owner is None:
                before.append(row if len(kept) == len(words) else make_row(kept))
            elif owner not in shown:
                shown.add(owner)
                yield before, tables[owner]
                before = []
    yield before, None


def _owner(word: Word, tables: Sequence[RuledTable]) -> int | None:
    """Return the index of the table in which a word lies, or None."""
    return next((index for index, table in enumerate(tables) if table.cell(word)), None)
