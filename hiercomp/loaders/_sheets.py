"""Sheets: rows of cells at numbered places, and the text of a document that consists of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from hiercomp.types import Document, Heading, Span

_NOTE_LENGTH = 80
"""A longer text that stands alone in its row is a note, not a label."""
_NUMBER = re.compile(r"[^A-Za-z]*\d[^A-Za-z]*")


class Area(NamedTuple):
    """A merged area: its first and last row, and its first and last column."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(slots=True)
class Sheet:
    """A sheet: the text of each filled cell by its row and column, and what is merged and hidden."""

    name: str = ""
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    merged: list[Area] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)

    def add_row(self, row: int, texts: Iterable[tuple[int, str]]) -> None:
        """Set the texts of a row by their columns. White space becomes single blanks. Empty cells are left out."""
        cells = {column: text for column, raw in texts if (text := " ".join(raw.split()))}
        if cells:
            self.rows[row] = cells

    def omissions(self) -> Iterator[str]:
        """Yield what is hidden and has text, such as "3 hidden rows of sheet Costs"."""
        rows = len(self.hidden_rows & self.rows.keys())
        columns = len(self.hidden_columns & {column for cells in self.rows.values() for column in cells})
        for count, what in ((rows, "row"), (columns, "column")):
            if count:
                yield f"{count:,} hidden {what}{'s' * (count > 1)} of sheet {self.name}"


def lines(sheet: Sheet) -> list[str]:
    """Return the visible rows of a sheet as lines with a tab between cells.

    Columns and rows without text are left out. A blank line stands for empty rows. A text that stands alone above a
    table, such as its title, and a note are lines without tabs. A merged cell stands in each place that it covers.
    """
    _spread_down(sheet)
    rows = _visible(sheet)
    columns = sorted({column for cells in rows.values() for column in cells})
    across: dict[int, list[Area]] = {}
    for area in sheet.merged:
        if area.right > area.left:
            for row in rows.keys() & _range(area.top, area.bottom, rows):
                across.setdefault(row, []).append(area)
    found: list[str] = []
    previous, is_start = None, True
    for row, cells in rows.items():
        if previous is not None and not _touch(previous, row, sheet.hidden_rows):
            found.append("")
            is_start = True
        areas = across.get(row, ())
        is_alone = len(cells) == 1 and _is_alone(cells, columns, areas, is_start=is_start)
        found.append(next(iter(cells.values())) if is_alone else _row(cells, columns, areas))
        is_start = is_start and is_alone
        previous = row
    return found


def document(sheets: Iterable[Sheet], source: str, title: str, omissions: Iterable[str]) -> Document:
    """Return a document in which each sheet with text is a section, under its name if it has one."""
    pieces: list[str] = []
    headings: list[Heading] = []
    left_out = list(omissions)
    length = 0
    for sheet in sheets:
        left_out += sheet.omissions()
        text = "\n".join(lines(sheet))
        if not text:
            continue
        if sheet.name:
            headings.append(Heading(sheet.name, 1, Span(length, length + len(sheet.name))))
            text = f"{sheet.name}\n\n{text}"
        pieces.append(f"{text}\n\n")
        length += len(pieces[-1])
    text = "".join(pieces)[:-1]
    return Document(text, source, title, headings=tuple(headings), omissions=tuple(left_out))


def _visible(sheet: Sheet) -> dict[int, dict[int, str]]:
    """Return the rows with visible text, in order, without hidden cells."""
    rows = {row: cells for row, cells in sorted(sheet.rows.items()) if row not in sheet.hidden_rows}
    if not sheet.hidden_columns:
        return rows
    kept = (
        (row, {column: cells[column] for column in cells.keys() - sheet.hidden_columns}) for row, cells in rows.items()
    )
    return {row: cells for row, cells in kept if cells}


def _spread_down(sheet: Sheet) -> None:
    """Repeat the text of merged cells in the rows below that have text of their own."""
    for area in sheet.merged:
        text = sheet.rows.get(area.top, {}).get(area.left)
        if text and area.bottom > area.top:
            for row in _range(area.top, area.bottom, sheet.rows):
                if row in sheet.rows:
                    sheet.rows[row].setdefault(area.left, text)


def _range(first: int, last: int, rows: dict[int, dict[int, str]]) -> Iterable[int]:
    """Return the rows of an area. There are no more of them than rows with text."""
    if last - first < len(rows):
        return range(first, last + 1)
    return [row for row in rows if first <= row <= last]


def _touch(row: int, below: int, hidden: set[int]) -> bool:
    return below == row + 1 or (below - row < 1000 and all(between in hidden for between in range(row + 1, below)))


def _is_alone(cells: dict[int, str], columns: Sequence[int], areas: Iterable[Area], *, is_start: bool) -> bool:
    """Return whether the only text of a row is a title, a note, or merged over all columns."""
    ((column, text),) = cells.items()
    if column != columns[0]:
        return False
    is_title = is_start and not _NUMBER.fullmatch(text)
    is_whole = any(area.left <= columns[0] and columns[-1] <= area.right for area in areas)
    return is_title or is_whole or len(columns) == 1 or len(text) > _NOTE_LENGTH


def _row(cells: dict[int, str], columns: Sequence[int], across: Iterable[Area]) -> str:
    for area in across:
        text = cells.get(area.left)
        if text:
            cells |= {column: text for column in columns if area.left < column <= area.right}
    return "\t".join([cells.get(column, "") for column in columns])
