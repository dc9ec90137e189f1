"""Shapes of slides as blocks of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from xml.etree.ElementTree import Element

from hiercomp.loaders._grid import Cell
from hiercomp.loaders._ooxml import description, find, full, is_on, number, short
from hiercomp.loaders._ooxml_drawing import body_lines
from hiercomp.loaders._ooxml_graphics import REFERENCES, Canvas, add_picture
from hiercomp.loaders._pptx_order import box_of, in_reading_order, is_outside, placeholder

_MAX_SPAN = 1000
_SHAPES = ("p:sp", "p:grpSp", "p:graphicFrame", "p:pic", "p:contentPart")
_TITLES = ("title", "ctrTitle")
_FURNITURE = ("dt", "ftr", "hdr")
_MEDIA = {"a:videoFile": "video", "a:quickTimeFile": "video", "a:audioFile": "recording of sound"}
_MEDIA |= {"a:wavAudioFile": "recording of sound", "a:audioCd": "recording of sound"}


def shapes_of(parent: Element | None) -> list[Element]:
    """Return the shapes directly in a slide, a layout, a master or a group."""
    tree = find(parent, "p:cSld/p:spTree")
    return [child for child in (parent if tree is None else tree) or () if short(child.tag) in _SHAPES]


def kind_of(shape: Element) -> str:
    """Return the kind of a placeholder, such as "title", or "" if the shape is none."""
    mark = placeholder(shape)
    return mark.get("type", "obj") if mark is not None else ""


def title_of(shapes: Iterable[Element]) -> Element | None:
    """Return the shape of the title, or None."""
    return next((shape for shape in shapes if kind_of(shape) in _TITLES), None)


def text_of(shape: Element) -> str:
    """Return the text of a shape on one line."""
    return " ".join(body_lines(find(shape, "p:txBody")))


class ShapeReader:
    """Adds the shapes of a slide to a builder.

    Args:
        canvas: the slide, and where its text goes.
        layouts: the layout and the master of the slide.
        size: the width and the height of the slides.
        seen: the lines that stand on many slides, such as the footer. Each is added once.
    """

    def __init__(self, canvas: Canvas, layouts: Sequence[Element], size: tuple[int, int], seen: set[str]) -> None:
        self._canvas = canvas
        self._layouts = layouts
        self._size = size
        self._seen = seen

    def add_slide(self, shapes: Iterable[Element]) -> None:
        """Add the shapes of a slide, then what its layout and its master print on each slide."""
        inside = []
        for shape in shapes:
            if not is_outside(box_of(shape, self._layouts), *self._size):
                inside.append(shape)
            elif _has_text(shape):
                self._canvas.omit("shape", "outside the slide")
        self.add(inside)
        for layout in self._layouts:
            for shape in shapes_of(layout):
                if placeholder(shape) is None and not is_outside(box_of(shape, ()), *self._size):
                    for body in shape.iter(full("p:txBody")):
                        self._add_once(body_lines(body))

    def add(self, shapes: Sequence[Element]) -> None:
        """Add shapes in reading order."""
        shown = [shape for shape in shapes if self._is_shown(shape)]
        boxes = {place: box_of(shape, self._layouts) for place, shape in enumerate(shown)}
        for place in in_reading_order(boxes):
            self._add_one(shown[place])

    def _add_once(self, lines: Iterable[str]) -> None:
        """Add lines that no slide before had."""
        for line in lines:
            if line not in self._seen:
                self._seen.add(line)
                self._canvas.builder.add_paragraph(line)

    def _is_shown(self, shape: Element) -> bool:
        """Return whether there is something to add for a shape. What is left out is counted."""
        name = short(shape.tag)
        has_text = _has_text(shape)
        properties = _properties(shape)
        if properties is not None and properties.get("hidden") in ("1", "true"):
            if has_text:
                self._canvas.omit("shape", "hidden")
            return False
        if name == "p:pic":
            return self._is_described(shape)
        if name == "p:contentPart":
            self._canvas.omit("drawing in ink")
            return False
        return has_text or name != "p:sp"

    def _is_described(self, picture: Element) -> bool:
        media = next((kind for name, kind in _MEDIA.items() if next(picture.iter(full(name)), None) is not None), "")
        if media:
            self._canvas.omit(media)
        text = description(_properties(picture))
        if (
            not text
            and not media
            and not any(short(part.tag) == "?:decorative" and is_on(part) for part in picture.iter())
        ):
            self._canvas.omit("picture", "no description")
        return bool(text)

    def _add_one(self, shape: Element) -> None:
        name = short(shape.tag)
        if name == "p:grpSp":
            self.add(shapes_of(shape))
        elif name == "p:graphicFrame":
            self._add_frame(shape)
        elif name == "p:pic":
            add_picture(self._canvas, description(_properties(shape)))
        elif kind_of(shape) in _FURNITURE:
            self._add_once(body_lines(find(shape, "p:txBody")))
        elif kind_of(shape) != "sldNum":
            self._add_lines(body_lines(find(shape, "p:txBody")))

    def _add_lines(self, lines: Iterable[str]) -> None:
        self._canvas.builder.add_gap()
        for line in lines:
            self._canvas.builder.add_line(line)
        self._canvas.builder.add_gap()

    def _add_frame(self, frame: Element) -> None:
        for part in frame.iter():
            name = short(part.tag)
            if name in REFERENCES:
                REFERENCES[name](self._canvas, part)
            elif name == "a:tbl":
                self._canvas.builder.add_gap()
                self._canvas.builder.add_table([list(_cells(row)) for row in part.findall(full("a:tr"))])
                self._canvas.builder.add_gap()
            elif name == "p:oleObj":
                self._canvas.omit("embedded object", part.get("progId", "of an unknown kind"))


def _has_text(shape: Element) -> bool:
    return any(text.text for text in shape.iter(full("a:t")))


def _properties(shape: Element) -> Element | None:
    return next(shape.iter(full("p:cNvPr")), None)


def _cells(row: Element) -> Iterator[Cell]:
    """Yield the cells of a table row, without those that a spanned cell covers."""
    for cell in row.findall(full("a:tc")):
        if cell.get("hMerge") in ("1", "true") or cell.get("vMerge") in ("1", "true"):
            continue
        text = " ".join(body_lines(find(cell, "a:txBody")))
        yield Cell(text, _span(cell.get("gridSpan")), _span(cell.get("rowSpan")))


def _span(text: str | None) -> int:
    return min(max(number(text, 1), 1), _MAX_SPAN)
