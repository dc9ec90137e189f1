"""Straight horizontal and vertical lines that a PDF page draws, such as the rules of a table."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator
from itertools import pairwise, repeat
from typing import NamedTuple

import pypdfium2.raw as pdfium_c  # type: ignore[import-untyped]

MAX_THICKNESS = 3.0
"""The thickness of the thickest rule, in points."""

_MAX_OBJECTS = 20_000  # A page with more objects is a drawing.
_MAX_SEGMENTS = 2_000  # So is a path with more segments.
_BOX_SEGMENTS = 6  # the most segments of a single box
_MIN_LENGTH = 3.0
_MAX_JOINT = 0.6  # Rules that are closer than this go on in one another.
_POINTER, _INT, _FLOAT = ctypes.c_void_p, ctypes.c_int, ctypes.c_float


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


# These declarations take addresses as integers, which is three times as fast as the declarations in pypdfium2.
_object = ctypes.PYFUNCTYPE(_POINTER, _POINTER, _INT)(ctypes.cast(pdfium_c.FPDFPage_GetObject, _POINTER).value or 0)
_kind = ctypes.PYFUNCTYPE(_INT, _POINTER)(ctypes.cast(pdfium_c.FPDFPageObj_GetType, _POINTER).value or 0)
_bounds = ctypes.PYFUNCTYPE(_INT, *[_POINTER] * 5)(ctypes.cast(pdfium_c.FPDFPageObj_GetBounds, _POINTER).value or 0)


def find_rules(page: pdfium_c.FPDF_PAGE) -> list[Rule]:
    """Return the rules of a page, and the edges of its outlined boxes, in the page's own directions."""
    count = pdfium_c.FPDFPage_CountObjects(page)
    if not 0 < count <= _MAX_OBJECTS:
        return []
    address = ctypes.cast(page, _POINTER).value
    objects = list(map(_object, repeat(address), range(count)))
    paths = [
        item for item, kind in zip(objects, map(_kind, objects), strict=True) if kind == pdfium_c.FPDF_PAGEOBJ_PATH
    ]
    rules = [rule for path in paths for rule in _path_rules(path)]
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


def _path_rules(path: int) -> Iterator[Rule]:
    numbers = (_FLOAT * 4)()
    start = ctypes.addressof(numbers)
    if not _bounds(path, *range(start, start + 16, 4)):
        return
    left, bottom, right, top = numbers
    if min(right - left, top - bottom) <= MAX_THICKNESS:
        if max(right - left, top - bottom) >= _MIN_LENGTH:
            yield Rule(left, right, bottom, top)
        return
    item = ctypes.cast(path, pdfium_c.FPDF_PAGEOBJECT)
    count = pdfium_c.FPDFPath_CountSegments(item)
    fill, stroke = _INT(), _INT()
    if not 2 <= count <= _MAX_SEGMENTS or not pdfium_c.FPDFPath_GetDrawMode(item, fill, stroke):
        return
    if stroke or count > _BOX_SEGMENTS:  # A single filled box is a background.
        yield from _segment_rules(_subpaths(item, count), is_stroked=bool(stroke))


def _subpaths(path: pdfium_c.FPDF_PAGEOBJECT, count: int) -> list[list[tuple[float, float]]]:
    """Return the points of each part of a path, in the directions of the page. Curves are left out."""
    matrix = pdfium_c.FS_MATRIX()
    pdfium_c.FPDFPageObj_GetMatrix(path, matrix)
    x, y = _FLOAT(), _FLOAT()
    parts: list[list[tuple[float, float]]] = []
    for index in range(count):
        segment = pdfium_c.FPDFPath_GetPathSegment(path, index)
        kind = pdfium_c.FPDFPathSegment_GetType(segment)
        pdfium_c.FPDFPathSegment_GetPoint(segment, x, y)
        point = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        if kind == pdfium_c.FPDF_SEGMENT_LINETO and parts:
            parts[-1].append(point)
            if pdfium_c.FPDFPathSegment_GetClose(segment):
                parts[-1].append(parts[-1][0])
        else:
            parts.append([point])
    return parts


def _segment_rules(parts: Iterable[list[tuple[float, float]]], *, is_stroked: bool) -> Iterator[Rule]:
    """Yield the rules of a path of several parts: each thin part, and each straight side of an outlined part."""
    for points in parts:
        rule = _box(points)
        if min(rule.right - rule.left, rule.top - rule.bottom) <= MAX_THICKNESS:
            sides = [rule]
        elif is_stroked:
            sides = [_box(pair) for pair in pairwise(points)]
        else:
            continue
        for side in sides:
            width, height = side.right - side.left, side.top - side.bottom
            if min(width, height) <= MAX_THICKNESS and max(width, height) >= _MIN_LENGTH:
                yield side


def _box(points: Iterable[tuple[float, float]]) -> Rule:
    xs, ys = zip(*points, strict=True)
    return Rule(min(xs), max(xs), min(ys), max(ys))
