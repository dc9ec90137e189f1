"""The words of a scanned page, in the places and the order that a PDF's own words have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import atan2, cos, sin
from statistics import fmean, median
from typing import NamedTuple

import pypdfium2 as pdfium  # type: ignore[import-untyped]

from hiercomp.loaders._ocr import Piece, Scan
from hiercomp.loaders._pdf_rules import Rule
from hiercomp.loaders._pdf_words import TextPage, Word

# The boxes of OCR are larger or smaller than their text by a few pixels. Sizes within this part of each other are taken
# to be equal, and edges within this part of a line height.
_SAME_SIZE = 0.2
_SAME_EDGE = 0.5
# Text beside a gutter is a column, not a table, if its lines are this wide, in line heights, and this many.
_MIN_COLUMN = 8.0
_MIN_LINES = 4
# This share of the boxes may cross the gutter: a title over both columns, or a figure.
_MAX_CROSSING = 0.25


class _Box(NamedTuple):
    """The place of a piece in points, from the lower left corner of the page."""

    piece: Piece
    left: float
    right: float
    bottom: float
    top: float

    @property
    def size(self) -> float:
        return self.top - self.bottom


class ScannedPage(TextPage):
    """The text of a scanned page. The page itself has none."""

    def __init__(self, page: pdfium.PdfPage, scan: Scan, width: float) -> None:
        """Build the page.

        Args:
            page: the page that has no text, or an empty one for an image.
            scan: its text.
            width: the width of the scan in points.
        """
        super().__init__(page)
        self._words = scanned_words(scan, width)

    def words(self) -> list[Word]:
        """Return the words that were recognized."""
        return self._words

    def font(self, index: int) -> str:
        """Return the same font for all text, because OCR finds none."""
        return "scan 400"

    def rules(self) -> list[Rule]:
        """Return no rules, because OCR finds none."""
        return []


def scanned_words(scan: Scan, width: float) -> list[Word]:
    """Return the words of a scan in reading order, with boxes in points.

    Args:
        scan: the text of the page.
        width: the width of the page in points.
    """
    if not scan.pieces:
        return []
    boxes = _levelled(_boxes(scan, width / scan.width))
    words: list[Word] = []
    for box in _in_order(boxes):
        words += _words(box, len(words))
    return words


def _boxes(scan: Scan, scale: float) -> list[_Box]:
    """Return the boxes of the pieces as if the page were not tilted."""
    longest = sorted(scan.pieces, key=lambda piece: -len(piece.text))[:20]
    edges = [(piece.corners[0], piece.corners[1]) for piece in longest]
    tilt = median(atan2(right[1] - left[1], right[0] - left[0]) for left, right in edges)
    along, across = cos(tilt) * scale, sin(tilt) * scale
    boxes = []
    for piece in scan.pieces:
        xs = [x * along + y * across for x, y in piece.corners]
        ys = [scan.height * scale + x * across - y * along for x, y in piece.corners]
        boxes.append(_Box(piece, fmean((xs[0], xs[3])), fmean((xs[1], xs[2])), fmean(ys[2:]), fmean(ys[:2])))
    return boxes


def _levelled(boxes: Sequence[_Box]) -> list[_Box]:
    """Return boxes in which text of about the same size has the same size, and left edges that are close are equal."""
    sizes = _snapped([box.size for box in boxes], lambda least: least * _SAME_SIZE)
    usual = median(sizes)
    lefts = _snapped([box.left for box in boxes], lambda _: usual * _SAME_EDGE)
    return [
        box._replace(left=left, bottom=middle - size / 2, top=middle + size / 2)
        for box, left, size in zip(boxes, lefts, sizes, strict=True)
        for middle in [(box.bottom + box.top) / 2]
    ]


def _snapped(values: Sequence[float], tolerance: Callable[[float], float]) -> list[float]:
    """Return values in which those that are close together are replaced by their median.

    Args:
        values: the values.
        tolerance: returns how far the values of a group that begins with a value may reach.
    """
    groups: list[list[float]] = []
    for value in sorted(values):
        if groups and value - groups[-1][0] <= tolerance(groups[-1][0]):
            groups[-1].append(value)
        else:
            groups.append([value])
    common = {value: median(group) for group in groups for value in group}
    return [common[value] for value in values]


def _in_order(boxes: Sequence[_Box]) -> list[_Box]:
    """Return boxes in reading order: row by row, and column by column between the boxes that cross the gutter."""
    gutter = _gutter(boxes)
    if gutter is None:
        return [box for row in _rows(boxes) for box in row]
    ordered: list[_Box] = []
    band: list[_Box] = []
    for box in sorted(boxes, key=lambda box: -box.top):
        if box.left < gutter < box.right:
            ordered += [*_columns(band, gutter), box]
            band = []
        else:
            band.append(box)
    return [*ordered, *_columns(band, gutter)]


def _columns(band: Sequence[_Box], gutter: float) -> list[_Box]:
    left = [box for box in band if box.right <= gutter]
    return [*_in_order(left), *_in_order([box for box in band if box.left >= gutter])] if left else _in_order(band)


def _rows(boxes: Sequence[_Box]) -> Iterator[list[_Box]]:
    """Yield the boxes that stand beside each other, from left to right."""
    row: list[_Box] = []
    for box in sorted(boxes, key=lambda box: -(box.bottom + box.top)):
        if row and fmean(other.bottom + other.top for other in row) - (box.bottom + box.top) > box.size:
            yield sorted(row, key=lambda box: box.left)
            row = []
        row.append(box)
    yield sorted(row, key=lambda box: box.left)


def _gutter(boxes: Sequence[_Box]) -> float | None:
    """Return the position between two columns of prose, or None if there is none."""
    best: tuple[int, float] | None = None
    for x in sorted({box.left for box in boxes}):
        left = [box for box in boxes if box.right <= x]
        right = [box for box in boxes if box.left >= x]
        crossing = len(boxes) - len(left) - len(right)
        if crossing <= _MAX_CROSSING * len(boxes) and _is_prose(left) and _is_prose(right) and _are_beside(left, right):
            best = min(best or (crossing, x), (crossing, x))
    return None if best is None else best[1] - 0.01


def _is_prose(column: Sequence[_Box]) -> bool:
    """Return whether most boxes are lines that fill a column. The cells of a table are narrower, or differ in width."""
    widths = [box.right - box.left for box in column if box.right - box.left >= _MIN_COLUMN * box.size]
    full = sum(width >= 0.8 * max(widths) for width in widths)
    return full >= _MIN_LINES and full * 2 >= len(column)


def _are_beside(left: Sequence[_Box], right: Sequence[_Box]) -> bool:
    """Return whether two columns share at least half of the height of the lower one."""
    heights = [(min(box.bottom for box in column), max(box.top for box in column)) for column in (left, right)]
    (low, high), (other_low, other_high) = heights
    return min(high, other_high) - max(low, other_low) >= min(high - low, other_high - other_low) / 2


def _words(box: _Box, index: int) -> Iterator[Word]:
    """Yield the words of a box. `index` is the number of words before them on the page.

    They have no characters of the page, so their last character is before the first.
    """
    width = box.right - box.left
    text = box.piece.text
    end = 0
    for place, (word, left, right) in enumerate(box.piece.words):
        start = text.find(word, end)
        has_space = not place or start < 0 or start > end
        end = max(start, end) + len(word)
        yield Word(
            word, box.left + left * width, box.left + right * width, box.bottom, box.top,
            index + place, index + place - 1, not place, has_space,
        )  # fmt: skip
