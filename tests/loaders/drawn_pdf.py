"""Small PDFs that tests draw, and what is read from them."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.pdfgen.canvas import Canvas

from hiercomp.types import Document

BODY = ("Helvetica", 10)
BOLD = ("Helvetica-Bold", 10)
LARGE = ("Helvetica-Bold", 15)
MARGIN = 72
PITCH = 12.5
MIDDLE = 258  # the middle of the text below, which is about 372 points wide

PROSE = (
    "The harbour was dredged twice in the last century, and each time the ferries had to",
    "wait for weeks outside the mole. The town paid for the first work alone, while the",
    "province shared the cost of the second one.",
)
MORE = (
    "A third work is planned for the coming spring. It will make room for the larger ships",
    "that the fishing company has ordered, and it will move the market to the east side of",
    "the old customs house, where the ground is firm enough.",
)

Font = tuple[str, float]


def write(
    canvas: Canvas,
    lines: Sequence[str],
    top: float,
    left: float = MARGIN,
    font: Font = BODY,
    pitch: float = PITCH,
) -> float:
    """Draw lines below each other. Return the height of the next one."""
    canvas.setFont(*font)
    for line in lines:
        canvas.drawString(left, top, line)
        top -= pitch
    return top


def paragraphs(document: Document) -> list[str]:
    return [line for line in document.text.split("\n") if line]


def titles(document: Document) -> list[str]:
    return [heading.title for heading in document.headings]
