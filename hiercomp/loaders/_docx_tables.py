"""Tables of DOCX files as grids."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element

from hiercomp.loaders._grid import Cell
from hiercomp.loaders._ooxml import find, full, is_on, number, short, value

_SKIPPED = ("w:del", "w:moveFrom")
_MAX_SPAN = 1000


def rows_of(table: Element) -> list[list[Element]]:
    """Return the elements of the cells of each row, without the rows that are deleted or hidden."""
    return [list(_descend(row, "w:tc")) for row in _rows(table)]


def grid(table: Element, text_of: Callable[[Element], str]) -> list[list[Cell]]:
    """Return the cells of a table.

    Args:
        table: the table.
        text_of: the text of the element of a cell. It is called in text order, and not for cells that others cover.
    """
    cells: list[list[Cell]] = []
    open_cells: dict[int, tuple[int, int]] = {}  # the row and the place of a cell that can go on, by its first column
    for row in _rows(table):
        places: list[Cell] = []
        before = _span(find(row, "w:trPr"), "w:gridBefore", 0)
        column = before
        places += [Cell("", before)] if before else []
        for element in _descend(row, "w:tc"):
            properties = find(element, "w:tcPr")
            columns = _span(properties, "w:gridSpan", 1)
            if _merge(properties, "w:hMerge") == "continue" and places:
                places[-1] = places[-1]._replace(columns=places[-1].columns + columns)
            elif _merge(properties, "w:vMerge") == "continue" and column in open_cells:
                top, place = open_cells[column]
                cells[top][place] = cells[top][place]._replace(rows=len(cells) - top + 1)
            else:
                open_cells.pop(column, None)
                if _merge(properties, "w:vMerge"):
                    open_cells[column] = (len(cells), len(places))
                places.append(Cell(text_of(element), columns))
            column += columns
        after = _span(find(row, "w:trPr"), "w:gridAfter", 0)
        places += [Cell("", after)] if after else []
        cells.append(places)
    return cells


def _rows(table: Element) -> Iterator[Element]:
    for row in _descend(table, "w:tr"):
        properties = find(row, "w:trPr")
        if find(properties, "w:del") is None and not is_on(find(properties, "w:hidden")):
            yield row


def _descend(parent: Element, name: str) -> Iterator[Element]:
    """Yield the elements of a name below an element, also those in content controls and insertions."""
    for child in parent:
        if child.tag == full(name):
            yield child
        elif short(child.tag) not in (*_SKIPPED, "w:tbl", "w:p"):
            yield from _descend(child, name)


def _span(properties: Element | None, name: str, default: int) -> int:
    return min(max(number(value(properties, name), default), default), _MAX_SPAN)


def _merge(properties: Element | None, name: str) -> str:
    """Return whether a cell begins ("restart") or continues ("continue") a merged cell, or "" for neither."""
    found = find(properties, name)
    return "" if found is None else found.get(full("w:val"), "continue")
