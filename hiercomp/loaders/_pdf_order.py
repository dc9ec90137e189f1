"""The reading order of the blocks of a PDF page.

A file may draw its blocks in any order. Browsers draw floats first and headings last. A file with columns mostly draws
one column after the other. So the order in the file is kept, except that a block comes before all those below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple

# Blocks are in one column if they share this part of the width of the narrower one.
_SHARED_WIDTH = 0.3
# Edges within this many points are the same.
_SAME_EDGE = 1.5


class Box(NamedTuple):
    """The box of a block in points, the height of the middle of its first line, and whether it has only one line."""

    left: float
    right: float
    bottom: float
    middle: float
    is_line: bool


def reading_order(boxes: Sequence[Box]) -> list[int]:
    """Return the indices of the blocks of a page in reading order. The boxes are given in the file's order."""
    boxes = [_in_column(box, boxes) for box in boxes]
    if not _is_disordered(boxes):
        return list(range(len(boxes)))
    # An upper block has the higher bottom, so no block is indirectly above itself.
    below = [
        [index for index, lower in enumerate(boxes) if upper.bottom > lower.middle and _shares_column(upper, lower)]
        for upper in boxes
    ]
    waits = [0] * len(boxes)
    for blocks in below:
        for block in blocks:
            waits[block] += 1
    ready = [index for index, count in enumerate(waits) if not count]
    heapify(ready)
    order: list[int] = []
    while ready:
        order.append(heappop(ready))
        for block in below[order[-1]]:
            waits[block] -= 1
            if not waits[block]:
                heappush(ready, block)
    return order


def _in_column(box: Box, boxes: Sequence[Box]) -> Box:
    """Return the box of a line, such as a heading, as wide as the narrowest text that begins at the same left edge.

    So it is above the text on its right that is beside a picture, but not above a box in the right margin.
    """
    if not box.is_line:
        return box
    rights = [other.right for other in boxes if not other.is_line and abs(other.left - box.left) < _SAME_EDGE]
    return box._replace(right=max(box.right, min(rights))) if rights else box


def _is_disordered(boxes: Sequence[Box]) -> bool:
    """Return whether the file draws a block after one that is below it."""
    lowest = float("inf")
    for index, box in enumerate(boxes):
        if box.bottom > lowest and any(
            _shares_column(box, earlier) for earlier in boxes[:index] if box.bottom > earlier.middle
        ):
            return True
        lowest = min(lowest, box.middle)
    return False


def _shares_column(upper: Box, lower: Box) -> bool:
    """Return whether two blocks are in one column."""
    if upper.left >= lower.right or lower.left >= upper.right:
        return False
    shared = min(upper.right, lower.right) - max(upper.left, lower.left)
    return shared > _SHARED_WIDTH * min(upper.right - upper.left, lower.right - lower.left)
