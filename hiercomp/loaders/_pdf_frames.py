"""Frames of a PDF page: the places that the rules of a table enclose, with those that several places make up."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from hiercomp.loaders._pdf_rules import Rule

_MIN_WIDTH = 12.0  # Shorter rules do not enclose text.
_MIN_HEIGHT = 6.0
_TOUCHING = 2.5  # Rules that are closer than this meet.
_MIN_COVER = 0.6  # A side of a place is closed if rules cover this share of it.
_MAX_CROSSINGS = 40_000  # A page with more pairs of rules is a drawing.


class Place(NamedTuple):
    """A cell of a frame: its first row and column, and how many of them it spans."""

    row: int
    column: int
    rows: int
    columns: int


class Frame:
    """The rules of one table."""

    def __init__(self, flat: Sequence[Rule], upright: Sequence[Rule]) -> None:
        ends = [end for rule in flat for end in (rule.left, rule.right)]
        heights = [end for rule in upright for end in (rule.top, rule.bottom)]
        self.columns = _levels([*(rule.left for rule in upright), *ends])
        self.rows = _levels([*(rule.top for rule in flat), *heights])[::-1]
        self._flat, self._upright = flat, upright

    def place(self, x: float, y: float) -> tuple[int, int] | None:
        """Return the row and the column of a point, or None if it is outside."""
        column = bisect_right(self.columns, x) - 1
        row = sum(level > y for level in self.rows) - 1
        is_inside = 0 <= row < len(self.rows) - 1 and 0 <= column < len(self.columns) - 1
        return (row, column) if is_inside else None

    def cells(self) -> list[Place]:
        """Return the cells from top to bottom and from left to right. There are none if a cell is no rectangle."""
        width, height = len(self.columns) - 1, len(self.rows) - 1
        joined = _Groups(width * height)
        for index in range(width * height):
            row, column = divmod(index, width)
            if column + 1 < width and not self._is_closed_right(row, column):
                joined.join(index, index + 1)
            if row + 1 < height and not self._is_closed_below(row, column):
                joined.join(index, index + width)
        cells = []
        for group in joined.groups():
            rows, columns = {index // width for index in group}, {index % width for index in group}
            if len(rows) * len(columns) != len(group):
                return []
            cells.append(Place(min(rows), min(columns), len(rows), len(columns)))
        return sorted(cells)

    def _is_closed_right(self, row: int, column: int) -> bool:
        x, top, bottom = self.columns[column + 1], self.rows[row], self.rows[row + 1]
        sides = [(rule.bottom, rule.top) for rule in self._upright if abs(rule.left - x) <= _TOUCHING]
        return _cover(sides, bottom, top) >= _MIN_COVER

    def _is_closed_below(self, row: int, column: int) -> bool:
        y, left, right = self.rows[row + 1], self.columns[column], self.columns[column + 1]
        sides = [(rule.left, rule.right) for rule in self._flat if abs(rule.top - y) <= _TOUCHING]
        return _cover(sides, left, right) >= _MIN_COVER


class _Groups:
    """The numbers from 0 in groups, which can be joined."""

    def __init__(self, count: int) -> None:
        self._above = list(range(count))

    def _first(self, number: int) -> int:
        while self._above[number] != number:
            number = self._above[number]
        return number

    def join(self, number: int, other: int) -> None:
        """Join the groups of two numbers."""
        self._above[self._first(number)] = self._first(other)

    def groups(self) -> list[list[int]]:
        """Return the numbers of each group."""
        groups: dict[int, list[int]] = defaultdict(list)
        for number in range(len(self._above)):
            groups[self._first(number)].append(number)
        return list(groups.values())


def find_frames(rules: Iterable[Rule]) -> list[Frame]:
    """Return the frames of tables with at least two rows and two columns."""
    flat = [rule for rule in rules if rule.is_horizontal and rule.right - rule.left >= _MIN_WIDTH]
    upright = [rule for rule in rules if not rule.is_horizontal and rule.top - rule.bottom >= _MIN_HEIGHT]
    if not upright or len(flat) < 2 or len(flat) * len(upright) > _MAX_CROSSINGS:
        return []
    joined = _Groups(len(flat) + len(upright))
    for index, rule in enumerate(upright, len(flat)):
        for other, side in enumerate(flat):
            if _meet(side, rule):
                joined.join(index, other)
    frames = []
    for group in joined.groups():
        sides = [flat[index] for index in group if index < len(flat)]
        posts = [upright[index - len(flat)] for index in group if index >= len(flat)]
        if posts and len(sides) > 1:
            frames.append(Frame(sides, posts))
    return [frame for frame in frames if len(frame.rows) > 2 and len(frame.columns) > 2]


def _meet(flat: Rule, upright: Rule) -> bool:
    return (
        flat.left - _TOUCHING <= upright.left <= flat.right + _TOUCHING
        and upright.bottom - _TOUCHING <= flat.top <= upright.top + _TOUCHING
    )


def _levels(values: Iterable[float]) -> list[float]:
    """Return values in order, with those that are close to one before left out."""
    levels: list[float] = []
    for value in sorted(values):
        if not levels or value - levels[-1] > _TOUCHING:
            levels.append(value)
    return levels


def _cover(sides: Iterable[tuple[float, float]], start: float, end: float) -> float:
    """Return the share of a range that others cover."""
    covered, position = 0.0, start
    for first, last in sorted(sides):
        first, last = max(first, position), min(last, end)
        if last > first:
            covered += last - first
            position = last
    return covered / max(end - start, 1e-6)
