"""Straight horizontal and vertical lines that a PDF page draws, such as the rules of a table."""

from __future__ import annotations

import ctypes
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, repeat
from typing import NamedTuple

import pypdfium2.raw as pdfium_c  # type: ignore[import-untyped]

from hiercomp.loaders import _pdf_calls as calls

MAX_THICKNESS = 3.0
"""The thickness of the thickest rule, in points."""

_MAX_OBJECTS = 20_000  # A page with more objects is a drawing.
_MAX_SEGMENTS = 2_000  # So is a path with more segments.
_BOX_SEGMENTS = 6  # the most segments of a single box
_MIN_LENGTH = 3.0
_MAX_JOINT = 0.6  # Rules that are closer than this go on in one another.
_Point = tuple[float, float]


class Rule(NamedTuple):
    """A straight line of a page, as a box in points. It is horizontal if it is wider than high."""

    left: float
    right: float
    bottom: float
    top: float

    @property
    def is_horizontal(self) -> bool:
        """Whether the line is wider than high."""
        return self.right - self.left >= self.top - self.bottom

    def upended(self) -> Rule:
        """Return the rule with its directions exchanged."""
        return Rule(self.bottom, self.top, self.left, self.right)


def find_rules(page: pdfium_c.FPDF_PAGE) -> list[Rule]:
    """Return the rules of a page, and the edges of its outlined boxes, in the page's own directions."""
    count = pdfium_c.FPDFPage_CountObjects(page)
    if not 0 < count <= _MAX_OBJECTS:
        return []
    address = ctypes.cast(page, ctypes.c_void_p).value
    objects = list(map(calls.page_object, repeat(address), range(count)))
    kinds = map(calls.object_kind, objects)
    paths = [item for item, kind in zip(objects, kinds, strict=True) if kind == pdfium_c.FPDF_PAGEOBJ_PATH]
    rules = [rule for path, box in _boxes(paths) for rule in _path_rules(path, box)]
    upright = [rule.upended() for rule in rules if not rule.is_horizontal]
    return [*_joined(rule for rule in rules if rule.is_horizontal), *(rule.upended() for rule in _joined(upright))]


def _joined(rules: Iterable[Rule]) -> list[Rule]:
    """Return horizontal rules with those that go on in one another joined."""
    joined: list[Rule] = []
    for rule in sorted(rules, key=lambda rule: (round(rule.bottom + rule.top), rule.left)):
        last = joined[-1] if joined else None
        if last and abs(last.bottom + last.top - rule.bottom - rule.top) < 2 and rule.left <= last.right + _MAX_JOINT:
            joined[-1] = last._replace(right=max(last.right, rule.right))
        else:
            joined.append(rule)
    return joined


def _boxes(paths: Sequence[int]) -> Iterator[tuple[int, Rule]]:
    """Yield the paths that have a box, with it."""
    numbers = (ctypes.c_float * (4 * len(paths)))()
    found = list(map(calls.object_bounds, paths, *(calls.places(numbers, 4, side) for side in range(4))))
    for path, has_box, left, bottom, right, top in zip(
        paths, found, *(numbers[side::4] for side in range(4)), strict=True
    ):
        if has_box:
            yield path, Rule(left, right, bottom, top)


def _path_rules(path: int, box: Rule) -> Sequence[Rule]:
    if min(box.right - box.left, box.top - box.bottom) <= MAX_THICKNESS:
        return [box] if max(box.right - box.left, box.top - box.bottom) >= _MIN_LENGTH else []
    count = calls.segment_count(path)
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    if not 2 <= count <= _MAX_SEGMENTS or not calls.draw_mode(path, ctypes.addressof(fill), ctypes.addressof(stroke)):
        return []
    if not stroke.value and count <= _BOX_SEGMENTS:  # A single filled box is a background.
        return []
    return list(_segment_rules(_subpaths(path, count), is_stroked=bool(stroke.value)))


def _subpaths(path: int, count: int) -> list[list[_Point]]:
    """Return the points of each part of a path, in the directions of the page. Curves are left out."""
    segments = list(map(calls.path_segment, repeat(path), range(count)))
    kinds = list(map(calls.segment_kind, segments))
    if pdfium_c.FPDF_SEGMENT_LINETO not in kinds:
        return []
    parts: list[list[_Point]] = []
    for segment, kind, point in zip(segments, kinds, _points(path, segments), strict=True):
        if kind == pdfium_c.FPDF_SEGMENT_LINETO and parts:
            parts[-1].append(point)
            if calls.closes_part(segment):
                parts[-1].append(parts[-1][0])
        else:
            parts.append([point])
    return parts


def _points(path: int, segments: Sequence[int]) -> list[_Point]:
    """Return the end of each segment of a path, in the directions of the page."""
    numbers = (ctypes.c_float * (2 * len(segments)))()
    deque(map(calls.segment_point, segments, calls.places(numbers, 2), calls.places(numbers, 2, 1)), maxlen=0)
    matrix = (ctypes.c_float * 6)()
    calls.object_matrix(path, ctypes.addressof(matrix))
    a, b, c, d, e, f = matrix
    return [(a * x + c * y + e, b * x + d * y + f) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]


def _segment_rules(parts: Iterable[Sequence[_Point]], *, is_stroked: bool) -> Iterator[Rule]:
    """Yield the rules of a path of several parts: each thin part, and each straight side of an outlined part."""
    for points in parts:
        if len(points) < 2:
            continue
        box = _box(points)
        if min(box.right - box.left, box.top - box.bottom) <= MAX_THICKNESS:
            sides = [box]
        elif is_stroked:
            sides = [_side(start, end) for start, end in pairwise(points)]
        else:
            continue
        for side in sides:
            width, height = side.right - side.left, side.top - side.bottom
            if (width <= MAX_THICKNESS or height <= MAX_THICKNESS) and (width >= _MIN_LENGTH or height >= _MIN_LENGTH):
                yield side


def _box(points: Iterable[_Point]) -> Rule:
    xs, ys = zip(*points, strict=True)
    return Rule(min(xs), max(xs), min(ys), max(ys))


def _side(start: _Point, end: _Point) -> Rule:
    (x, y), (u, v) = start, end
    return Rule(x if x < u else u, u if x < u else x, y if y < v else v, v if y < v else y)
