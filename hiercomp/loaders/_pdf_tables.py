"""The tables of a PDF page: where each one begins and ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

from hiercomp.loaders._pdf_columns import Column, find_columns, with_asides, with_named
from hiercomp.loaders._pdf_entries import table_lines
from hiercomp.loaders._pdf_heads import is_amount, is_head
from hiercomp.loaders._pdf_lines import Line, Row, make_line, read_rows
from hiercomp.loaders._pdf_ruled import ruled_tables, sections
from hiercomp.loaders._pdf_rules import Rule
from hiercomp.loaders._pdf_stacks import with_stacked_cells
from hiercomp.loaders._pdf_words import TextPage

_MAX_LABELS = 5  # the most lines without cells between two rows of a table
_MAX_GAP = 2.4  # the widest gap in a table, in line heights
_RECENT = 8  # A row is compared with this many lines above it.
_MIN_KNOWN = 3  # As many amounts tell the columns of a table.
_MIN_TITLES = 2  # As many titles begin another table. One can be a title within a table.
_MAX_LABEL_LENGTH = 160
_MIN_PROSE_LENGTH = 60
_MAX_GROWTH = 1.25  # A line that is larger than the rows of a table by this factor is a heading.
_MAX_HEAD_GAP = 1.2  # the widest gap between the levels of a head, in line heights


def read_lines(page: TextPage) -> list[Line]:
    """Return the lines of a page in pdfium's order. The rows of a table are lines with a tab between two cells."""
    words = page.words()
    rules = page.rules()
    rows = read_rows(words, rules, page)
    tables = ruled_tables(rows, rules)
    numbers = count(1)
    lines: list[Line] = []
    for before, table in sections(rows, tables) if tables else [(rows, None)]:
        lines += _without_rules(before, rules, page, numbers)
        if table:
            lines += table.lines(page, next(numbers))
    return lines


def _without_rules(rows: Sequence[Row], rules: Sequence[Rule], page: TextPage, numbers: Iterator[int]) -> list[Line]:
    """Return the lines of a part of a page that has no ruled tables.

    Args:
        rows: the visual lines.
        rules: the rules of the page.
        page: the text of the page.
        numbers: the numbers for the tables.
    """
    rows = with_stacked_cells(rows)
    lines: list[Line] = []
    position = 0
    for start, end in _regions(rows):
        columns = _columns(rows[start:end])
        if columns:
            start -= _head_count(rows[position:start], rows[start], columns)
            lines += [_plain(row, page) for row in rows[position:start]]
            lines += table_lines(rows[start:end], columns, rules, page, next(numbers))
        else:
            lines += [_plain(row, page) for row in rows[position:end]]
        position = end
    return lines + [_plain(row, page) for row in rows[position:]]


def _plain(row: Row, page: TextPage) -> Line:
    return make_line([box.text for box in row.boxes], row, page)


def _regions(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """Yield the start and the end of each run of lines that may be a table."""
    start = end = -1
    for index, row in enumerate(rows):
        if len(row.boxes) < 2:
            continue
        if start < 0 or not _is_one_table(rows[start:end], rows[end:index], row):
            if end - start > 1:
                yield start, end
            start = index
        end = index + 1
    if end - start > 1:
        yield start, end


def _is_one_table(table: Sequence[Row], between: Sequence[Row], row: Row) -> bool:
    """Return whether a row belongs to a table above it, with lines without cells between both."""
    if len(between) > _MAX_LABELS or any(_is_prose(line, table) for line in between):
        return False
    if sum(_is_title(line, table) for line in between) >= _MIN_TITLES or _begins_table(between, row):
        return False
    before = table[-1]
    usual = max(line.size for line in table[-_RECENT:])
    for line in (*between, row):
        if len(line.boxes) == 1 and line.size > _MAX_GROWTH * usual:
            return False
        gap = before.bottom - max(box.top for box in line.boxes)
        if not -0.6 * line.size <= gap <= _MAX_GAP * max(line.size, before.size) or line.bottom > before.bottom - 1:
            return False
        before = line
    multiple = [line for line in table[-_RECENT:] if len(line.boxes) > 1]
    if between and _has_other_columns(row, table):
        return False
    return any(_shares_column(row, line) for line in multiple)


def _has_other_columns(row: Row, table: Sequence[Row]) -> bool:
    """Return whether a row after a gap ends most of its amounts elsewhere than the rows of a table."""
    ends = [box.right for line in table for box in line.boxes[1:] if is_amount(box)]
    own = [box.right for box in row.boxes[1:] if is_amount(box)] or [box.right for box in row.boxes[1:]]
    if len(ends) < _MIN_KNOWN:
        return False
    known = sum(any(abs(place - end) < row.size for end in ends) for place in own)
    return known * 2 < len(own)


def _begins_table(between: Sequence[Row], row: Row) -> bool:
    """Return whether a row is the head of another table, which a sentence above it introduces."""
    last = between[-1].boxes[0].text if between else ""
    return len(last) > _MIN_PROSE_LENGTH and last.endswith(":") and not any(map(is_amount, row.boxes))


def _is_prose(line: Row, table: Sequence[Row]) -> bool:
    """Return whether a line without cells is text between two tables: it is long, and a sentence or a full line."""
    text = line.boxes[0].text
    if len(text) <= _MIN_PROSE_LENGTH:
        return False
    left, right = min(row.left for row in table), max(row.right for row in table)
    is_full = line.left <= left + 2 * line.size and line.right >= right - line.size
    return len(text) > _MAX_LABEL_LENGTH or text.endswith(".") or is_full


def _is_title(line: Row, table: Sequence[Row]) -> bool:
    """Return whether a line stands in the middle above a table, and neither with its labels nor with its amounts."""
    left = min(row.left for row in table)
    amounts = min(row.boxes[1].left for row in table if len(row.boxes) > 1)
    return line.left > left + 2 * line.size and line.left < amounts - line.size and line.right > amounts + line.size


def _shares_column(row: Row, other: Row) -> bool:
    """Return whether two rows have a box in the same column after the first."""
    return any(
        min(box.right, place.right) - max(box.left, place.left) > 0
        for box in row.boxes[1:]
        for place in other.boxes[1:]
    )


def _columns(rows: list[Row]) -> list[Column]:
    """Return the columns of a table. The boxes of its rows that run over several columns are cut."""
    multiple = [row for row in rows if len(row.boxes) > 1]
    with_amounts = [row for row in multiple if any(is_amount(box) for box in row.boxes)]
    columns = find_columns(with_amounts if len(with_amounts) * 2 > len(multiple) else multiple)
    for row in multiple:
        if len(row.boxes) > len(columns):
            columns = with_named(columns, row)
    if len(columns) < 2 or len(columns) > 2 * max(len(row.boxes) for row in multiple):
        return []
    return with_asides(columns, multiple)


def _head_count(above: Sequence[Row], first: Row, columns: Sequence[Column]) -> int:
    """Return how many lines right above a table belong to its head."""
    levels = 0
    below = first
    for row in reversed(above):
        gap = row.bottom - max(box.top for box in below.boxes)
        fits = row.left >= columns[0].right and row.right <= columns[-1].right + 3 * row.size
        if not fits or not -row.size <= gap <= _MAX_HEAD_GAP * row.size or not is_head(row, columns):
            break
        levels += 1
        below = row
    return levels
