"""What is a heading in a PDF without an outline."""

from __future__ import annotations

import pytest
from drawn_pdf import BODY, BOLD, LARGE, MARGIN, MIDDLE, MORE, PROSE, titles, write
from reportlab.pdfgen.canvas import Canvas


def test_a_wrapped_title_is_one_heading(read):
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 16)
        canvas.drawCentredString(MIDDLE, 740, "How the Harbours of the North Were Dredged between")
        canvas.drawCentredString(MIDDLE, 720, "Two Wars")
        write(canvas, PROSE, 680)
        write(canvas, MORE, 620)

    assert titles(read(draw)) == ["How the Harbours of the North Were Dredged between Two Wars"]


def test_two_lines_of_bold_text_are_two_headings(read):
    def draw(canvas: Canvas) -> None:
        write(canvas, ["Statements of the harbour fund", "Town of Bergholm and its villages"], 740, font=BOLD)
        write(canvas, PROSE, 690)

    assert titles(read(draw)) == ["Statements of the harbour fund", "Town of Bergholm and its villages"]


def test_authors_are_no_headings(read):
    def draw(canvas: Canvas) -> None:
        for height, font, text in (
            (740, ("Helvetica-Bold", 16), "Dredging by Night"),
            (715, ("Helvetica-Bold", 12), "Ada Holm, Per Lund and Ruth Vik"),
            (700, ("Helvetica", 12), "University of Bergholm"),
            (670, ("Helvetica-Bold", 12), "Abstract"),
        ):
            canvas.setFont(*font)
            canvas.drawCentredString(MIDDLE, height, text)
        write(canvas, PROSE, 650)
        write(canvas, ["1 Introduction"], 590, font=("Helvetica-Bold", 12))
        write(canvas, MORE, 570)

    assert titles(read(draw)) == ["Dredging by Night", "Abstract", "1 Introduction"]


def test_the_body_is_no_heading_where_most_text_of_the_file_is_smaller(read):
    def draw(canvas: Canvas) -> None:
        write(canvas, ["Harbours"], 740, font=("Times-Bold", 18))
        write(canvas, ["One line of the body stands alone"], 715, font=("Times-Roman", 12))
        write(canvas, PROSE, 680, font=("Times-Roman", 12), pitch=15)
        canvas.showPage()
        write(canvas, MORE * 8, 740, font=("Helvetica", 8), pitch=10)

    assert titles(read(draw)) == ["Harbours"]


def test_a_line_of_a_sentence_is_no_heading(read):
    def draw(canvas: Canvas) -> None:
        write(canvas, PROSE, 740)
        write(canvas, ["Per Holm and the Northern Dredging Company"], 690, font=BOLD)
        write(canvas, ["of Bergholm did the work in two years."], 672, font=BOLD)

    assert titles(read(draw)) == []


@pytest.mark.parametrize(
    "line",
    [
        "• Ships of the fishing company",
        "Northern Ports.[31]",
        "Bergholm. The ferries wait outside",
        "Harbour dues for the",
    ],
)
def test_list_items_citations_and_wrapped_lines_are_no_headings(read, line):
    def draw(canvas: Canvas) -> None:
        write(canvas, PROSE, 740)
        write(canvas, [line], 685, font=("Helvetica", 12))
        write(canvas, MORE, 660)

    assert titles(read(draw)) == []


def test_a_list_of_names_is_no_sequence_of_headings(read):
    def draw(canvas: Canvas) -> None:
        write(canvas, PROSE, 740)
        write(canvas, ["Ada Holm", "Per Lund", "Ruth Vik", "Jon Berg", "Eva Dahl"], 680, font=BOLD, pitch=24)
        write(canvas, MORE, 540)

    assert titles(read(draw)) == []


def test_a_column_head_in_bold_is_no_heading(read):
    def draw(canvas: Canvas) -> None:
        write(canvas, PROSE, 740)
        write(canvas, ["Dues by year"], 680, font=LARGE)
        write(canvas, ["Increase"], 655, left=430, font=BOLD)
        for row in range(4):
            height = 640 - 14 * row
            canvas.setFont(*BODY)
            canvas.drawString(MARGIN, height, f"Ferries of line {row}")
            canvas.drawRightString(380, height, f"{row + 3},120")
            canvas.drawRightString(470, height, f"{row + 1}40")

    assert titles(read(draw)) == ["Dues by year"]


def test_an_item_heading_without_any_emphasis_is_found(read):
    def draw(canvas: Canvas) -> None:
        write(canvas, PROSE, 740)
        write(canvas, ["Item 4. Controls and Procedures."], 685)
        write(canvas, MORE, 660)

    assert titles(read(draw)) == ["Item 4. Controls and Procedures."]


def test_dots_in_a_drawing_make_no_table_of_contents(read):
    def draw(canvas: Canvas) -> None:
        write(canvas, ["Gauges"], 740, font=LARGE)
        write(canvas, PROSE, 715)
        write(canvas, ["h1 ...... hn", "x1 ...... xn", "o1 ...... on", "w1 ...... wn"], 600, left=300, pitch=25)

    assert titles(read(draw)) == ["Gauges"]


def test_a_title_above_a_table_is_a_heading_where_the_file_has_no_other_text(read):
    def draw(canvas: Canvas) -> None:
        write(canvas, ["Harbour dues"], 740, font=("Helvetica-Bold", 18))
        for row in range(6):
            height = 700 - 14 * row
            canvas.setFont(*BODY)
            canvas.drawString(MARGIN, height, f"Ferries of line {row}")
            canvas.drawRightString(380, height, f"{row + 3},120")
            canvas.drawRightString(470, height, f"{row + 1}40")

    assert titles(read(draw)) == ["Harbour dues"]


def test_rotated_text_in_a_margin_is_no_heading(read):
    def draw(canvas: Canvas) -> None:
        write(canvas, ["Harbours"], 740, font=LARGE)
        write(canvas, PROSE, 715)
        canvas.saveState()
        canvas.rotate(90)
        canvas.setFont("Helvetica", 20)
        canvas.drawString(300, -40, "Draft of October")
        canvas.restoreState()

    assert titles(read(draw)) == ["Harbours"]
