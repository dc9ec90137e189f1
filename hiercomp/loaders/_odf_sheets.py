"""The sheets of an OpenDocument spreadsheet. Their cells hold the text that is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from hiercomp.loaders._number_format import shown_number
from hiercomp.loaders._odf_text import Reader, full
from hiercomp.loaders._sheets import Area, Sheet

_MOST_REPEATS = 100_000
"""The most copies of a row or cell with text. Empty ones are repeated up to the end of the sheet."""
_EXPONENT = re.compile(r"-?\d(?:[.,]\d+)?E[+-]?\d+")
_ROW, _COLUMN = full("table:table-row"), full("table:table-column")
_CELL, _COVERED = full("table:table-cell"), full("table:covered-table-cell")
_VALUES = ("office:string-value", "office:value", "office:date-value", "office:time-value", "office:boolean-value")


def read_sheets(body: Element, reader: Reader) -> list[Sheet]:
    """Return the visible sheets of a spreadsheet. The reader notes what is left out."""
    sheets = []
    for table in body.findall(full("table:table")):
        name = table.get(full("table:name"), "")
        if table.get(full("table:style-name")) in reader.hidden_tables:
            reader.omit(f"hidden sheet ({name})")
            continue
        sheets.append(_sheet(table, name, reader))
        for shapes in table.findall(full("table:shapes")):
            reader.text(shapes)
    return sheets


def _sheet(table: Element, name: str, reader: Reader) -> Sheet:
    sheet = Sheet(name)
    row = column = 0
    for element in table.iter():
        if element.tag == _COLUMN:
            count = _repeats(element, "columns")
            if _is_hidden(element):
                sheet.hidden_columns.update(range(column, column + min(count, _MOST_REPEATS)))
            column += count
        elif element.tag == _ROW:
            count = _repeats(element, "rows")
            _add_rows(sheet, element, row, count, reader)
            row += count
    return sheet


def _add_rows(sheet: Sheet, element: Element, row: int, count: int, reader: Reader) -> None:
    cells = list(_cells(sheet, element, row, reader))
    for copy in range(row, row + min(count, _MOST_REPEATS)) if cells or _is_hidden(element) else ():
        sheet.add_row(copy, cells)
        if _is_hidden(element):
            sheet.hidden_rows.add(copy)


def _cells(sheet: Sheet, element: Element, row: int, reader: Reader) -> Iterator[tuple[int, str]]:
    """Yield the columns and texts of a row. Merged cells are added to the sheet."""
    column = 0
    for cell in element:
        if cell.tag not in (_CELL, _COVERED):
            continue
        count = _repeats(cell, "columns")
        text = _shown(cell, reader) if cell.tag == _CELL else ""
        if text:
            for copy in range(column, column + min(count, _MOST_REPEATS)):
                yield copy, text
            wide, high = (int(cell.get(full(f"table:number-{what}-spanned"), 1)) for what in ("columns", "rows"))
            if wide > 1 or high > 1:
                sheet.merged.append(Area(row, row + high - 1, column, column + wide - 1))
        column += count


def _shown(cell: Element, reader: Reader) -> str:
    """Return the text that a cell shows, or its value if it has no text, or if its text has an exponent."""
    text = " ".join(reader.text(each) for each in cell.findall(full("text:p")))
    value = next((value for name in _VALUES if (value := cell.get(full(name)))), "")
    if _EXPONENT.fullmatch(text) or (not text and value):
        text = shown_number(value, "General")
    notes, _ = reader.take()
    comments = [reader.comment(each) for each in cell.findall(full("office:annotation"))]
    return " ".join([text, *notes, *filter(None, comments)]) if text else ""


def _repeats(element: Element, what: str) -> int:
    return max(1, int(element.get(full(f"table:number-{what}-repeated"), 1)))


def _is_hidden(element: Element) -> bool:
    return element.get(full("table:visibility"), "visible") != "visible"
