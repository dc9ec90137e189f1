"""Justified prose in PDFs: its wide gaps are no borders of table cells."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from drawn_pdf import BODY, PITCH, paragraphs
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

COLUMN = [
    "Larvik had 58",
    "chartered ports in",
    "2010, with four of them over",
    "and 43 over 10,000.",
    "Two of the larger ports",
    "are in Brevik,",
    "Brevik Old Town and Skien,",
    "and 65 percent of",
    "ships stay within",
]


def justify(canvas: Canvas, lines: Sequence[str], top: float, left: float, width: float, indent: float = 0) -> None:
    """Draw lines of one width. The last one is not stretched. `indent` moves the first one."""
    canvas.setFont(*BODY)
    for number, line in enumerate(lines):
        words = line.split()
        start = left + (indent if number == 0 else 0)
        room = left + width - start - sum(stringWidth(word, *BODY) for word in words)
        gap = room / (len(words) - 1) if number < len(lines) - 1 else stringWidth(" ", *BODY)
        for word in words:
            canvas.drawString(start, top - PITCH * number, word)
            start += stringWidth(word, *BODY) + gap


@pytest.mark.parametrize("indent", [0, 12, -12])
def test_the_lines_of_a_narrow_column_stay_prose(read, indent):
    document = read(lambda canvas: justify(canvas, COLUMN, 700, 300, 128, indent))
    assert " ".join(paragraphs(document)) == " ".join(COLUMN)


def test_a_stretched_line_of_a_list_is_no_row(read):
    line = "• The market is said to grow from $7.11 billion in 2017 to $40.99 billion by 2022, at a rate of 42% (see"
    document = read(lambda canvas: justify(canvas, [line, "example.org/market)."], 700, 40, 530))
    assert "\t" not in document.text


def test_rows_of_words_below_a_sentence_stay_rows(read):
    def draw(canvas: Canvas) -> None:
        canvas.setFont(*BODY)
        canvas.drawString(72, 700, "The ports are listed here with their owners and grades.")
        for number, cells in enumerate(
            [("Port", "Owner", "Grade"), ("Brevik", "Town", "High"), ("Skien", "State", "Low")]
        ):
            for left, cell in zip((72, 180, 290), cells, strict=True):
                canvas.drawString(left, 670 - PITCH * number, cell)

    assert "Brevik\tTown\tHigh" in paragraphs(read(draw))
