"""Graphics of DOCX files: text boxes, charts, diagrams, and descriptions of pictures."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element

from hiercomp.loaders._ooxml import description, find, full, is_on, short
from hiercomp.loaders._ooxml_drawing import body_lines
from hiercomp.loaders._ooxml_graphics import REFERENCES, Canvas, add_picture


def add_graphic(canvas: Canvas, graphic: Element, add_box: Callable[[Element], None]) -> None:
    """Add what a drawing says.

    Args:
        canvas: the part that it stands in, and where the text goes.
        graphic: a drawing, a picture in VML, or an embedded object.
        add_box: adds the content of a text box.
    """
    objects = list(graphic.iter(full("o:OLEObject")))
    for one in objects:
        canvas.omit("embedded object", one.get("ProgID", "of an unknown kind"))
    # The picture of an object shows what it looks like while it is closed.
    _add_parts(canvas, graphic, add_box, None if objects else "")


def _add_parts(canvas: Canvas, parent: Element, add_box: Callable[[Element], None], text: str | None) -> None:
    """Add the parts of a drawing. `text` describes its pictures. None is pictures that say nothing."""
    for part in parent:
        name = short(part.tag)
        if name == "w:txbxContent":
            add_box(part)
        elif name in REFERENCES:
            REFERENCES[name](canvas, part)
        elif name in ("a:txBody", "v:textpath"):
            _add_lines(canvas, part)
        elif name not in ("pic:pic", "v:imagedata"):
            _add_parts(canvas, part, add_box, None if text is None else _described(part, text))
        elif text is not None:
            add_picture(canvas, description(find(part, "pic:nvPicPr/pic:cNvPr")) or text)


def _described(part: Element, text: str) -> str | None:
    """Return the description of the pictures in a part of a drawing, or the given one of the parts around it."""
    properties = find(part, "wp:docPr")
    if properties is not None and any(short(one.tag) == "?:decorative" and is_on(one) for one in properties.iter()):
        return None
    return description(properties) or " ".join(part.get("alt", "").split()) or text


def _add_lines(canvas: Canvas, part: Element) -> None:
    """Add the lines of a shape, or the text of a watermark."""
    for line in [*body_lines(part), part.get("string", "")]:
        canvas.builder.add_paragraph(line)
