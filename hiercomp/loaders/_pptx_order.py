"""The reading order of the shapes of a slide: from top to bottom, from left to right, and column by column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element

from hiercomp.loaders._ooxml import find, full, number, value

# The boxes of neighbours may overlap a little, because text keeps a margin to its box: a twelfth of an inch.
_MARGIN = 76_200
# The kinds of placeholders of a master. A placeholder of any other kind takes its place from the body.
_MASTER_KINDS = {"ctrTitle": "title", "title": "title", "dt": "dt", "ftr": "ftr", "sldNum": "sldNum"}


class Box(NamedTuple):
    """A rectangle on a slide, in English metric units."""

    left: int
    top: int
    right: int
    bottom: int


def placeholder(shape: Element) -> Element | None:
    """Return the element that makes a shape a placeholder, or None."""
    return next(shape.iter(full("p:ph")), None) if shape.tag != full("p:grpSp") else None


def box_of(shape: Element, layouts: Iterable[Element]) -> Box:
    """Return the rectangle of a shape. A placeholder without its own has that of its layout or master.

    Args:
        shape: the shape.
        layouts: the layout and the master of the slide.
    """
    own = _own_box(shape)
    mark = placeholder(shape)
    if own is None and mark is not None:
        kind = mark.get("type", "obj")
        for layout in layouts:
            inherited = _placeholder_box(layout, kind, mark.get("idx", "0"))
            if inherited is not None:
                return inherited
    return own or Box(0, 0, 0, 0)


def is_outside(box: Box, width: int, height: int) -> bool:
    """Return whether a rectangle lies beside a slide of a size, where nobody sees it."""
    has_area = box.right > box.left and box.bottom > box.top
    return has_area and (box.right <= 0 or box.bottom <= 0 or box.left >= width or box.top >= height)


def in_reading_order(boxes: Mapping[int, Box]) -> list[int]:
    """Return the keys of rectangles in reading order.

    The rectangles are cut apart where the widest gap runs through all of them, so that what stands close together stays
    together. Each side is cut on in the same way.
    """
    keys = sorted(boxes, key=lambda key: (boxes[key].top, boxes[key].left))
    if len(keys) < 2:
        return keys
    down = _gaps([(boxes[key].top, boxes[key].bottom) for key in keys])
    across = _gaps([(boxes[key].left, boxes[key].right) for key in keys])
    if not down and not across:
        return keys
    is_row = _widest(down) >= _widest(across)
    side = 1 if is_row else 0
    narrowest = _widest(across if is_row else down)
    cuts = [middle for width, middle in (down if is_row else across) if width >= narrowest]
    groups: list[dict[int, Box]] = [{} for _ in range(len(cuts) + 1)]
    for key in keys:
        groups[sum(cut <= _middle(boxes[key], side) for cut in cuts)][key] = boxes[key]
    return [key for group in groups for key in in_reading_order(group)]


def _middle(box: Box, side: int) -> float:
    return (box[side] + box[side + 2]) / 2


def _widest(gaps: Sequence[tuple[float, float]]) -> float:
    return max((width for width, _ in gaps), default=0.0)


def _gaps(sides: Iterable[tuple[int, int]]) -> list[tuple[float, float]]:
    """Return the width and the middle of each gap between intervals, in their order."""
    gaps: list[tuple[float, float]] = []
    reached: float | None = None
    for start, end in sorted(_without_margin(*side) for side in sides):
        if reached is not None and start > reached:
            gaps.append((start - reached, (start + reached) / 2))
        reached = end if reached is None else max(reached, end)
    return gaps


def _without_margin(start: int, end: int) -> tuple[float, float]:
    margin = min(_MARGIN, (end - start) / 4)
    return start + margin, end - margin


def _own_box(shape: Element) -> Box | None:
    for path in ("p:spPr/a:xfrm", "p:grpSpPr/a:xfrm", "p:xfrm"):
        frame = find(shape, path)
        if find(frame, "a:off") is not None and find(frame, "a:ext") is not None:
            left, top = (number(value(frame, "a:off", name)) for name in ("x", "y"))
            width, height = (number(value(frame, "a:ext", name)) for name in ("cx", "cy"))
            return Box(left, top, left + width, top + height)
    return None


def _placeholder_box(layout: Element, kind: str, index: str) -> Box | None:
    """Return the rectangle of the placeholder of a layout or master from which a placeholder takes its own."""
    marks = {shape: mark for shape in _shapes(layout) if (mark := placeholder(shape)) is not None}
    if layout.tag == full("p:sldMaster"):
        wanted = _MASTER_KINDS.get(kind, "body")
        matches = [shape for shape, mark in marks.items() if mark.get("type", "body") == wanted]
    else:
        matches = [
            shape
            for shape, mark in marks.items()
            if (mark.get("idx", "0"), mark.get("type", "obj")) == (index, kind)
            or (index != "0" and mark.get("idx") == index)
        ]
    return next((box for shape in matches if (box := _own_box(shape)) is not None), None)


def _shapes(layout: Element) -> Iterator[Element]:
    return layout.iter(full("p:sp"))
