"""Values of charts as tables. They are read from the copies in the chart itself, not from the workbook beside it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple
from xml.etree.ElementTree import Element

from hiercomp.loaders._grid import Cell
from hiercomp.loaders._ooxml import NAMESPACES, find, full, is_on, number, short, value
from hiercomp.loaders._ooxml_drawing import text_of
from hiercomp.loaders._ooxml_formats import displayed

_NO_VALUE = "–"
# A chart with more categories has a row for each category, because a longer row is hard to read.
_MOST_COLUMNS = 12

Points = Mapping[int, str]


class _Series(NamedTuple):
    """A series: the title of its category axis, its categories, and its columns of values by the index of the point."""

    category_title: str
    categories: Points
    columns: tuple[tuple[str, Points], ...]
    has_places: bool
    """Whether a point is a place in a plane, so that its coordinates belong in one row."""


def title(root: Element) -> str:
    """Return the title of a chart, or ""."""
    for path in ("c:chart/c:title", "cx:chart/cx:title"):
        found = find(root, path)
        if found is not None:
            return text_of(found)
    return ""


def tables(root: Element) -> Iterator[list[list[Cell]]]:
    """Yield the values of a chart as tables, one for all series that follow each other with the same categories."""
    series = _extended_series(root) if short(root.tag) == "cx:chartSpace" else _Reader(root).series()
    filled = (one for one in series if any(values for _, values in one.columns))
    for _, group in groupby(filled, lambda one: (one.category_title, dict(one.categories), one.has_places)):
        yield _table(list(group))


def _table(series: Sequence[_Series]) -> list[list[Cell]]:
    category_title, categories, _, has_places = series[0]
    columns = [column for one in series for column in one.columns]
    points = sorted({*categories, *(point for _, values in columns for point in values)})
    heads = [categories.get(point, "" if categories else str(point + 1)) for point in points]
    rows = [[name, *(values.get(point, _NO_VALUE) for point in points)] for name, values in columns]
    grid = [[category_title, *heads], *rows]
    if has_places or len(points) > _MOST_COLUMNS:
        grid = [list(column) for column in zip(*grid, strict=True)]
    return [[Cell(text) for text in row] for row in grid]


class _Reader:
    """Reads the series of a chart, with the titles and the number formats of their axes."""

    def __init__(self, root: Element) -> None:
        area = find(root, "c:chart/c:plotArea")
        self._parts = list(area) if area is not None else []
        self._axes = {value(part, "c:axId") or "": part for part in self._parts if short(part.tag).endswith("Ax")}
        self._counts_from_1904 = is_on(find(root, "c:date1904"))

    def series(self) -> Iterator[_Series]:
        """Yield the series in the order of the chart."""
        for plot in self._parts:
            axis_ids = (axis.get("val", "") for axis in plot.findall(full("c:axId")))
            axes = [self._axes[axis_id] for axis_id in axis_ids if axis_id in self._axes]
            own_series = plot.findall(full("c:ser"))
            for place, series in enumerate(own_series, 1):
                name = _cached_text(find(series, "c:tx")) or (f"Series {place}" if len(own_series) > 1 else "")
                yield self._one(series, name, axes)

    def _one(self, series: Element, name: str, axes: Sequence[Element]) -> _Series:
        has_places = find(series, "c:yVal") is not None
        across, up = self._directions(axes, has_places=has_places)
        unit = _axis_title(up)
        name = f"{name} ({unit})".strip() if unit and unit not in name else name
        categories = self._points(find(series, "c:xVal" if has_places else "c:cat"), across)
        columns = [(name or "y" * has_places, self._points(find(series, "c:yVal" if has_places else "c:val"), up))]
        sizes = self._points(find(series, "c:bubbleSize"), None)
        if sizes:
            columns.append((f"{name} (size)".strip(), sizes))
        return _Series(_axis_title(across) or "x" * has_places, categories, tuple(columns), has_places)

    def _directions(self, axes: Sequence[Element], *, has_places: bool) -> tuple[Element | None, Element | None]:
        """Return the axis of the categories and the axis of the values."""
        value_axes = [axis for axis in axes if short(axis.tag) == "c:valAx"]
        others = [axis for axis in axes if axis not in value_axes]
        across, up = (value_axes[:1], value_axes[1:]) if has_places else (others, value_axes)
        return next(iter(across), None), next(iter(up), None)

    def _points(self, data: Element | None, axis: Element | None) -> Points:
        levels = find(data, "c:multiLvlStrRef/c:multiLvlStrCache")
        if levels is not None:
            return _stacked([_texts(level) for level in levels.findall(full("c:lvl"))])
        for path in ("c:numRef/c:numCache", "c:numLit"):
            cache = find(data, path)
            if cache is not None:
                return self._numbers(cache, axis)
        for path in ("c:strRef/c:strCache", "c:strLit"):
            cache = find(data, path)
            if cache is not None:
                return _texts(cache)
        return {}

    def _numbers(self, cache: Element, axis: Element | None) -> Points:
        code = cache.findtext(full("c:formatCode"), "General")
        axis_code = value(axis, "c:numFmt", "formatCode") or ""
        if code == "General" and axis is not None and ("%" in axis_code or short(axis.tag) == "c:dateAx"):
            code = axis_code
        return {
            number(point.get("idx")): _number(
                point.findtext(full("c:v"), ""), point.get("formatCode", code), counts_from_1904=self._counts_from_1904
            )
            for point in cache.findall(full("c:pt"))
        }


def _number(text: str, code: str, *, counts_from_1904: bool = False) -> str:
    """Return a value as the chart shows it. An error such as #N/A is no value."""
    return _NO_VALUE if text.startswith("#") else displayed(text, code, counts_from_1904=counts_from_1904)


def _texts(cache: Element) -> Points:
    texts = {number(point.get("idx")): point.findtext(full("c:v"), "") for point in cache.findall(full("c:pt"))}
    return {place: _NO_VALUE if text == "#N/A" else text for place, text in texts.items()}


def _stacked(levels: Sequence[Points]) -> Points:
    """Return the categories of several levels, the innermost first. A label of an outer level goes on to the next."""
    if not levels:
        return {}
    inner, *outer = levels
    starts = [sorted(level) for level in outer]
    stacked = {}
    for place, text in inner.items():
        labels = [text]
        for level, places in zip(outer, starts, strict=True):
            index = bisect_right(places, place) - 1
            labels.insert(0, level[places[index]] if index >= 0 else "")
        stacked[place] = " ".join(filter(None, labels))
    return stacked


def _cached_text(text: Element | None) -> str:
    """Return the name of a series."""
    parts = text.iter(full("c:v")) if text is not None else ()
    return " ".join(" ".join(part.text or "" for part in parts).split())


def _axis_title(axis: Element | None) -> str:
    found = find(axis, "c:title")
    return text_of(found) if found is not None else ""


def _extended_series(root: Element) -> Iterator[_Series]:
    """Yield the series of a chart of the newer types, such as waterfall, funnel, treemap and histogram."""
    data = {one.get("id"): one for one in root.iter(full("cx:data"))}
    for series in root.iter(full("cx:series")):
        own = data.get(value(series, "cx:dataId") or "")
        if own is None:
            continue
        name = " ".join(series.findtext("cx:tx/cx:txData/cx:v", "", NAMESPACES).split())
        texts = [dimension.findall(full("cx:lvl")) for dimension in own.findall(full("cx:strDim"))]
        columns = [_extended_numbers(level) for level in own.iterfind("cx:numDim/cx:lvl", NAMESPACES)]
        categories = _stacked([_extended_points(level) for level in texts[0]]) if texts else {}
        yield _Series("", categories, tuple((name, column) for column in columns), has_places=False)


def _extended_points(level: Element) -> Points:
    return {number(point.get("idx")): point.text or "" for point in level.findall(full("cx:pt"))}


def _extended_numbers(level: Element) -> Points:
    code = level.get("formatCode", "General")
    return {place: _number(text, code) for place, text in _extended_points(level).items()}
