"""Column heads of a PDF table: stacked heads joined, with each spanned head in each column that it spans."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hiercomp.loaders._pdf_columns import Column, reach, split_names
from hiercomp.loaders._pdf_lines import Box, Row
from hiercomp.loaders._pdf_rules import Rule
from hiercomp.loaders._pdf_stacks import joined_box
from hiercomp.loaders._pdf_words import HYPHENS

_YEAR = re.compile(r"(?:FY|CY)?\s?(?:19|20)\d\d\s?(?:[AE]|(?:\[\w\]|\(\w\)|\*)*)")
# A head of this kind describes all columns around it, and not only the one below its middle.
_SPANNING = re.compile(
    r"\b(?:ended|ending|months|weeks|quarters?|years?|fiscal|period|as of|january|february|march|april|may|june|july"
    r"|august|september|october|november|december|dollars|shares|millions|thousands|billions|amounts?|percent(?:age)?|%)",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"\d,\d{3}|[$€£¥]\s?\d")
_NOTE = re.compile(r"(?:\([^()]*\)\s*)+")
_UNIT = re.compile(r"\(?.{0,40}\b(?:thousands|millions|billions)\b.{0,60}\)?", re.IGNORECASE)
_SAME_PLACE = 3.0  # Middles that differ by fewer points are the same.


def is_amount(box: Box) -> bool:
    """Return whether a box is an amount, and not a year or a unit such as "$"."""
    return box.is_number and len(box.text.strip("$€£¥")) > 0 and not _YEAR.fullmatch(box.text)


def is_head(row: Row, columns: Sequence[Column]) -> bool:
    """Return whether a row of a table with amounts is a part of its head: it names columns and has no amounts."""
    margin = 2 * row.size
    names = [box for box in row.boxes if box.left > columns[0].right or box.left >= columns[1].left - margin]
    if not names or any(is_amount(box) or _AMOUNT.search(box.text) for box in row.boxes):
        return False
    return len(names) < len(row.boxes) or row.left >= columns[1].left - margin or len(names) >= len(columns) - 1


def join_heads(levels: Sequence[Row], columns: Sequence[Column], rules: Sequence[Rule]) -> list[str]:
    """Return the head of each column from the rows of a table's head, from top to bottom."""
    heads: list[list[str]] = [[] for _ in columns]
    for row in _unwrapped([split_names(row, columns) for row in levels]):
        for box, (first, last) in zip(row.boxes, _spans(row, columns, rules), strict=True):
            is_note = len(row.boxes) == 1 and _NOTE.fullmatch(box.text)
            if is_note or (last > first and _UNIT.fullmatch(box.text)):
                first = last = 0  # What is said of all columns stands once.
            for column in range(first, last + 1):
                heads[column].append(box.text)
    return ["".join(text if text[-1] in HYPHENS else f"{text} " for text in texts).strip() for texts in heads]


def _unwrapped(levels: Sequence[Row]) -> list[Row]:
    """Return the rows of a head with the lines of each wrapped head as one box."""
    rows: list[Row] = []
    for row in levels:
        last = rows[-1].boxes if rows else ()
        if len(last) == len(row.boxes) and all(map(_are_aligned, last, row.boxes)):
            boxes = tuple(joined_box(pair) for pair in zip(last, row.boxes, strict=True))
            rows[-1] = Row(boxes, row.bottom, row.top)
        else:
            rows.append(row)
    return rows


def _are_aligned(box: Box, other: Box) -> bool:
    """Return whether two boxes have the same left end, right end or middle."""
    left, right = box.left - other.left, box.right - other.right
    return min(abs(left), abs(right), abs(left + right) / 2) < _SAME_PLACE


def _spans(row: Row, columns: Sequence[Column], rules: Sequence[Rule]) -> list[tuple[int, int]]:
    """Return the first and the last column of each box of a head."""
    if len(row.boxes) == len(columns):
        return [(index, index) for index in range(len(columns))]
    own = [_own_columns(box, columns) for box in row.boxes]
    spans = []
    for index, box in enumerate(row.boxes):
        first = own[index - 1][1] + 1 if index else min(1, own[index][0])
        last = own[index + 1][0] - 1 if index + 1 < len(own) else len(columns) - 1
        spans.append(_span(box, own[index], (min(first, own[index][0]), max(last, own[index][1])), columns, rules))
    return spans


def _own_columns(box: Box, columns: Sequence[Column]) -> tuple[int, int]:
    first, last = reach(box, columns)
    if first <= last:
        return first, last
    middle = (box.left + box.right) / 2
    nearest = min(range(len(columns)), key=lambda index: abs(columns[index].middle - middle))
    return nearest, nearest


def _span(
    box: Box, own: tuple[int, int], limits: tuple[int, int], columns: Sequence[Column], rules: Sequence[Rule]
) -> tuple[int, int]:
    if own[0] == 0:
        return own
    for rule in rules:
        if _underlines(rule, box):
            places = range(limits[0], limits[1] + 1)
            covered = [index for index in places if rule.left <= columns[index].middle <= rule.right]
            if covered:
                return covered[0], covered[-1]
    middle = (box.left + box.right) / 2
    column = columns[own[0]]
    is_beside = not column.left <= middle <= column.right and (box.left > column.left or box.right < column.right)
    if own[0] == own[1] and not is_beside and not _SPANNING.search(box.text):
        return own
    ranges = [(first, last) for first in range(limits[0], own[0] + 1) for last in range(own[1], limits[1] + 1)]
    distances = {(a, b): abs((columns[a].left + columns[b].right) / 2 - middle) for a, b in ranges}
    nearest = min(distances.values())
    return max((r for r in ranges if distances[r] <= nearest + _SAME_PLACE), key=lambda r: r[1] - r[0])


def _underlines(rule: Rule, box: Box) -> bool:
    """Return whether a rule lies right below a box and is at least as long."""
    height = box.top - box.bottom
    is_below = -0.8 * height <= rule.bottom - box.bottom <= 0.3 * height
    return is_below and rule.left <= box.left + 2 and rule.right >= box.right - 2
