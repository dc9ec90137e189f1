"""A table as a grid: each row has a cell for each column, and a spanned cell stands in every place that it spans."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

# A sign that stands in a column of its own, before or after the amount of the next column.
_OPENING = re.compile(r"[-(]?\s*(?:[A-Z]{0,2}\$|[€£¥₹₩₽₪₫₴₺฿]|EUR|USD|GBP|CHF|JPY|RMB|Rs\.?|kr\.?)\s*[-(]?|\(")
_CLOSING = re.compile(r"[)\]]?\s?%?\s?\)?\s?(?:\[[^\[\]]{1,3}\]|[*†‡])*|bps|pts")
# A table whose spans make it this many characters long, and far longer than its own text, is not spread out.
_MAX_CHARACTERS = 10_000_000
_MAX_GROWTH = 10


class Cell(NamedTuple):
    """A cell of a table: its text, and the number of columns and rows that it spans."""

    text: str
    columns: int = 1
    rows: int = 1


_NOTHING = Cell("")
_Row = list[Cell]


def lines(table: Sequence[Sequence[Cell]]) -> list[str]:
    """Return each row of a table as a line with tabs between its cells.

    Columns that only separate others are dropped: those without text, those in which spanned cells of a neighbour go
    on, and those of the currency signs, brackets and percent signs of the amounts beside them, which are joined to the
    amounts. A row that consists of one cell over several columns, such as a title, becomes a line without tabs.

    Args:
        table: the cells of each row, without places that a cell of the same row or of a row above covers. A table that
            its spans would make too large is returned as if no cell spanned others.
    """
    rows = [[_clean(cell) for cell in row] for row in table]
    if _is_too_large(rows):
        return ["\t".join(cell.text for cell in row) for row in rows]
    grid = _grid(rows)
    if not any(place.text for row in grid for place in row):
        return [""] * len(grid)
    columns = _merged(list(column) for column in zip(*grid, strict=True))
    return [_line(places) for places in zip(*columns, strict=True)]


def _clean(cell: Cell) -> Cell:
    text, columns, rows = cell
    return Cell(" ".join(text.split()), max(columns, 1), max(rows, 1))


def _is_too_large(table: list[_Row]) -> bool:
    """Return whether a table grows far beyond its own text when each spanned cell is repeated."""
    plain = sum(len(cell.text) + 1 for row in table for cell in row)
    spread, changes = plain, [0] * (len(table) + 1)
    for row, cells in enumerate(table):
        changes[row] += len(cells)
        changes[row + 1] -= len(cells)
        for cell in cells:
            if cell.columns > 1 or cell.rows > 1:
                end = min(row + cell.rows, len(table))
                spread += (len(cell.text) + 1) * cell.columns * (end - row)
                changes[row] += cell.columns
                changes[end] -= cell.columns
    width = max(accumulate(changes))
    return spread + width * len(table) > max(_MAX_CHARACTERS, _MAX_GROWTH * plain)


def _grid(table: list[_Row]) -> list[_Row]:
    """Return the places of a table, all rows of the same length. A cell is the same object in each place it spans."""
    grid: list[list[Cell | None]] = [[] for _ in table]
    for row, cells in enumerate(table):
        column = 0
        for cell in cells:
            while column < len(grid[row]) and grid[row][column] is not None:
                column += 1
            for covered in grid[row : row + cell.rows]:
                _cover(covered, column, cell)
            column += cell.columns
    width = max(map(len, grid), default=0)
    return [[place or _NOTHING for place in row] + [_NOTHING] * (width - len(row)) for row in grid]


def _cover(row: list[Cell | None], start: int, cell: Cell) -> None:
    """Put a cell into the places of a row that it spans from a column on, as far as they are free."""
    row.extend([None] * (start - len(row)))
    for column, place in enumerate(row[start : start + cell.columns], start):
        row[column] = place or cell
    row.extend([cell] * (start + cell.columns - len(row)))


def _line(places: Sequence[Cell]) -> str:
    """Return a row as a line. A cell that stands at its start, spans columns and is alone is written once."""
    first = places[0]
    is_spanned = first.text and all(place is first or not place.text for place in places)
    if is_spanned and (len(places) == 1 or places[1] is first):
        return first.text
    return "\t".join(place.text for place in places)


def _merged(columns: Iterable[_Row]) -> list[_Row]:
    """Return the columns of a table without those that only separate others."""
    kept: list[_Row] = []
    for column in columns:
        if not any(place.text for place in column):
            continue
        if kept and (_adds_only(kept[-1], column, _OPENING) or _adds_only(column, kept[-1], _CLOSING)):
            kept[-1] = [_joined(before, after) for before, after in zip(kept[-1], column, strict=True)]
        else:
            kept.append(column)
    return kept


def _adds_only(column: _Row, neighbour: _Row, sign: re.Pattern[str]) -> bool:
    """Return whether a column holds only signs, cells that go on in its neighbour, and heads above the signs.

    Some tables put the head of an amount over its sign only.
    """
    has_sign = False
    for place, other in zip(reversed(column), reversed(neighbour), strict=True):
        if not place.text or place is other:
            continue
        if sign.fullmatch(place.text):
            has_sign = True
        elif not has_sign or other.text:
            return False
    return True


def _joined(before: Cell, after: Cell) -> Cell:
    if not before.text or not after.text or before is after:
        return after if after.text else before
    is_close = before.text.endswith("(") or after.text.startswith((")", "]", "[", "*", "†", "‡"))
    return Cell(f"{before.text}{'' if is_close else ' '}{after.text}")
