"""Charts and diagrams of a slide or a paragraph, and descriptions of its pictures, as blocks of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from xml.etree.ElementTree import Element

from hiercomp.loaders._blocks import TextBuilder
from hiercomp.loaders._ooxml import Omissions, Package, full, short
from hiercomp.loaders._ooxml_charts import tables, title
from hiercomp.loaders._ooxml_drawing import diagram_lines, paragraph_text


class Canvas(NamedTuple):
    """Where graphics are added: the package and the part that they are in, the builder, and what is left out.

    `slide` is the number of the slide, if the part is one.
    """

    package: Package
    part: str
    builder: TextBuilder
    omissions: Omissions
    slide: int | None = None

    def omit(self, kind: str, reason: str = "") -> None:
        """Count something that is left out."""
        self.omissions.add(kind, reason=reason, slide=self.slide)


def add_chart(canvas: Canvas, reference: Element) -> None:
    """Add the title and the values of a chart. A chart that cannot be read is left out and counted."""
    target = _target(canvas, reference, "r:id")
    root = canvas.package.part(target)
    if root is None:
        canvas.omit("chart", canvas.package.damaged.pop(target))
        return
    grids = list(tables(root))
    if not grids:
        canvas.omit("chart", "no stored values")
        return
    canvas.builder.add_gap()
    canvas.builder.add_line(title(root))
    for grid in grids:
        canvas.builder.add_table(grid)
        canvas.builder.add_gap()
    for shapes in canvas.package.related(target, "chartUserShapes"):
        for paragraph in shapes.iter(full("a:p")):
            canvas.builder.add_line(paragraph_text(paragraph))
    canvas.builder.add_gap()


def add_diagram(canvas: Canvas, reference: Element) -> None:
    """Add the texts of a SmartArt diagram."""
    target = _target(canvas, reference, "r:dm")
    root = canvas.package.part(target)
    if root is None:
        canvas.omit("diagram", canvas.package.damaged.pop(target))
        return
    canvas.builder.add_gap()
    for line in diagram_lines(root):
        canvas.builder.add_line(line)
    canvas.builder.add_gap()


def add_picture(canvas: Canvas, text: str) -> None:
    """Add the description of a picture. A picture without one is left out and counted."""
    if text:
        canvas.builder.add_paragraph(f"Picture: {text}")
    else:
        canvas.omit("picture", "no description")


REFERENCES: dict[str, Callable[[Canvas, Element], None]] = {
    "c:chart": add_chart,
    "cx:chart": add_chart,
    "dgm:relIds": add_diagram,
}
"""The elements that refer to a graphic in a part of its own."""


def _target(canvas: Canvas, reference: Element, attribute: str) -> str:
    """Return the name of the part to which an element refers, or a name of no part."""
    relation = canvas.package.relations(canvas.part).get(reference.get(full(attribute), ""))
    return relation.target if relation is not None else f"{canvas.part}: {short(reference.tag)}"
