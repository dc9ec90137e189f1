"""Tables of PDF files: drawn with rules, and without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from hiercomp.loaders._pdf_tables import read_lines
from hiercomp.loaders._pdf_words import TextPage

GRID = ("GRID", (0, 0), (-1, -1), 0.5, colors.black)
TOWNS = [
    ["Town", "2021", "2022", "2023", "2024"],
    ["Arendal", "", "", "", "3.5"],
    ["Bodo", "2.5", "", "", ""],
    ["Vardo", "", "1.5", "", "4.0"],
]
# The right ends of the label, of two columns of amounts, and of the page's text.
RIGHT = (400.0, 470.0, 540.0)


def _lines(path: Path, page: int = 0) -> list[str]:
    text = TextPage(pdfium.PdfDocument(path)[page])
    return [line.text for line in read_lines(text)]


def _drawn(path: Path, draw: Callable[[Canvas], None], font: str = "Helvetica", size: float = 10) -> list[str]:
    canvas = Canvas(str(path))
    canvas.setFont(font, size)
    draw(canvas)
    canvas.save()
    return _lines(path)


def _rows(canvas: Canvas, rows: Sequence[Sequence[str]], top: float = 700, pitch: float = 14) -> None:
    """Draw rows of a label and amounts that end at the right ends of the columns."""
    for index, (label, *amounts) in enumerate(rows):
        canvas.drawString(72, top - pitch * index, label)
        for right, amount in zip(RIGHT, amounts, strict=False):
            canvas.drawRightString(right, top - pitch * index, amount)


def _built(path: Path, rows: Sequence[Sequence[object]], *style: tuple[object, ...], **sizes: object) -> list[str]:
    SimpleDocTemplate(str(path), pagesize=A4).build([Table(rows, style=[GRID, *style], **sizes)])
    return _lines(path)


def test_an_empty_cell_of_a_ruled_table_is_kept(tmp_path):
    lines = _built(tmp_path / "ruled.pdf", TOWNS, colWidths=80)
    assert lines == [
        "Town\t2021\t2022\t2023\t2024",
        "Arendal\t\t\t\t3.5",
        "Bodo\t2.5\t\t\t",
        "Vardo\t\t1.5\t\t4.0",
    ]


def test_an_empty_cell_of_a_table_without_rules_is_kept(tmp_path):
    path = tmp_path / "plain.pdf"
    SimpleDocTemplate(str(path)).build([Table(TOWNS, colWidths=80)])
    assert _lines(path) == ["\t".join(row) for row in TOWNS]


def test_a_cell_over_several_rows_or_columns_stands_in_each(tmp_path):
    rows = [
        ["Area", "Fares", ""],
        ["", "Adult", "Child"],
        ["East", "21", "11"],
        ["", "22", "12"],
    ]
    spans = [
        ("SPAN", (1, 0), (2, 0)),
        ("SPAN", (0, 0), (0, 1)),
        ("SPAN", (0, 2), (0, 3)),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ]
    assert _built(tmp_path / "spans.pdf", rows, *spans, colWidths=80) == [
        "Area\tFares\tFares",
        "Area\tAdult\tChild",
        "East\t21\t11",
        "East\t22\t12",
    ]


@pytest.mark.parametrize("is_ruled", [True, False])
def test_a_wrapped_cell_is_one_cell(tmp_path, is_ruled):
    style = getSampleStyleSheet()["BodyText"]
    texts = [
        ["Duty", "Holder", "Remedy"],
        [
            "Breakage of the glass roof above the palm house in a storm",
            "Ms Lind, head of gardens",
            "Nets, checked twice a year",
        ],
        [
            "Late delivery of the seedlings for the spring beds by the nursery",
            "Mr Moe",
            "A second nursery with a contract for half of the order",
        ],
        ["Damage to the pump of the fountain in hard frost", "Ms Nord, head of the waterworks", "Drained in November"],
    ]
    path = tmp_path / "wrapped.pdf"
    table = Table([[Paragraph(cell, style) for cell in row] for row in texts], colWidths=[120, 100, 150])
    if is_ruled:
        table.setStyle([GRID])
    SimpleDocTemplate(str(path)).build([table])
    assert _lines(path) == ["\t".join(row) for row in texts]


def test_figures_that_are_close_are_two_cells(tmp_path):
    def draw(canvas: Canvas) -> None:
        for index, row in enumerate((("Nuts", "4", "1"), ("Pins", "12", "7"))):
            for left, text in zip((72, 172, 197), row, strict=True):
                canvas.drawString(left, 700 - 14 * index, text)

    assert _drawn(tmp_path / "close.pdf", draw) == ["Nuts\t4\t1", "Pins\t12\t7"]


def test_the_parts_of_an_amount_are_one_cell(tmp_path):
    def draw(canvas: Canvas) -> None:
        for top, label, parts in (
            (700, "Gain of the year", ((360, "$"), (378, "1,234"), (450, "1 204"))),
            (686, "Cost of the year", ((360, "("), (386, "815"), (403, ")"), (452, "(27)"))),
        ):
            canvas.drawString(72, top, label)
            for left, text in parts:
                canvas.drawString(left, top, text)

    assert _drawn(tmp_path / "parts.pdf", draw) == [
        "Gain of the year\t$ 1,234\t1 204",
        "Cost of the year\t( 815 )\t(27)",
    ]


def test_a_table_that_is_written_column_by_column_has_its_rows(tmp_path):
    def draw(canvas: Canvas) -> None:
        for left, texts in ((72, ("Tea", "Milk", "Salt")), (200, ("10", "21", "32")), (260, ("", "7", "5"))):
            for index, text in enumerate(texts):
                canvas.drawString(left, 700 - 14 * index, text)

    assert _drawn(tmp_path / "columns.pdf", draw) == ["Tea\t10\t", "Milk\t21\t7", "Salt\t32\t5"]


def test_an_amount_behind_a_long_label_and_one_behind_another_amount_are_cells(tmp_path):
    def draw(canvas: Canvas) -> None:
        _rows(canvas, [("Sales of bells", "$ 41,000,204", "$ 1,786"), ("Sales of horns", "22", "6,204")])
        label = "All sales of instruments and of parts of instruments, net of taxes"
        canvas.drawString(72, 672, label)
        canvas.drawString(77 + canvas.stringWidth(label), 672, "$ 63")
        canvas.drawRightString(470, 672, "$ 7,990")

    assert _drawn(tmp_path / "tight.pdf", draw)[2].count("\t") == 2


def test_stacked_heads_stand_over_their_columns(tmp_path):
    def draw(canvas: Canvas) -> None:
        canvas.drawCentredString(450, 742, "Years ended June 30,")
        for right, lines in zip(
            RIGHT, (("Fair", "value", "2025"), ("Book", "value", "2025"), ("", "Cost", "2024")), strict=True
        ):
            for index, line in enumerate(lines):
                canvas.drawRightString(right, 730 - 12 * index, line)
        _rows(canvas, [("Bonds", "5", "4", "3"), ("Shares", "15", "", "13"), ("Loans", "8", "7", "6")], top=690)

    lines = _drawn(tmp_path / "heads.pdf", draw)
    assert lines[0].split("\t")[1:] == [
        "Years ended June 30, Fair value 2025",
        "Years ended June 30, Book value 2025",
        "Years ended June 30, Cost 2024",
    ]
    assert lines[2] == "Shares\t15\t\t13"


def test_a_rule_below_a_head_shows_what_it_spans(tmp_path):
    def draw(canvas: Canvas) -> None:
        canvas.drawString(375, 726, "Budget")
        canvas.line(360, 723, 470, 723)
        _rows(
            canvas, [("", "East", "West", "Other"), ("Trams", "11", "12", "13"), ("Buses", "21", "22", "23")], top=712
        )

    assert _drawn(tmp_path / "rule.pdf", draw)[0] == "\tBudget East\tBudget West\tOther"


def test_a_label_that_wraps_is_one_cell(tmp_path):
    def draw(canvas: Canvas) -> None:
        _rows(canvas, [("Trade receivables", "10", "11"), ("Inventories", "20", "21")])
        canvas.drawString(72, 672, "Deferred charges and other assets of the company")
        canvas.drawString(80, 661, "and of its branches")
        canvas.drawRightString(400, 661, "30")
        canvas.drawRightString(470, 661, "31")

    assert _drawn(tmp_path / "label.pdf", draw)[2] == (
        "Deferred charges and other assets of the company and of its branches\t30\t31"
    )


def test_a_group_title_is_a_line_without_cells(tmp_path):
    rows = [("Assets", "2024", "2023"), ("Current:", "", ""), ("Cash", "1", "2"), ("Stock", "3", "4")]
    lines = _drawn(tmp_path / "group.pdf", lambda canvas: _rows(canvas, rows))
    assert lines == ["Assets\t2024\t2023", "Current:", "Cash\t1\t2", "Stock\t3\t4"]


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_table_of_figures_is_read_in_its_rows(tmp_path, turn):
    def draw(canvas: Canvas) -> None:
        canvas.translate(300, 400)
        canvas.rotate(turn)
        for index, row in enumerate((("3", "0"), ("4", "1"), ("12", "7"))):
            for left, text in zip((0, 25), row, strict=True):
                canvas.drawString(left, -14 * index, text)

    assert _drawn(tmp_path / "turned.pdf", draw) == ["3\t0", "4\t1", "12\t7"]


def test_justified_prose_with_figures_has_no_cells(tmp_path):
    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 714, "The report for the year says that the harbour has spent the sum of its whole")
        right = 72 + canvas.stringWidth("The report for the year says that the harbour has spent the sum of its whole")
        words = ["income,", "which", "includes", "$18", "billion", "of", "gifts,", "on", "new", "cranes", "and"]
        gap = (right - 72 - sum(map(canvas.stringWidth, words))) / (len(words) - 1)
        left = 72.0
        for word in words:
            canvas.drawString(left, 702, word)
            left += canvas.stringWidth(word) + gap

    lines = _drawn(tmp_path / "prose.pdf", draw)
    assert "\t" not in "".join(lines)


def test_no_character_of_a_page_is_lost(tmp_path):
    path = tmp_path / "kept.pdf"
    rows = [["Area", "Fares\nof 2025", ""], ["East\nand south", "21", ""], ["", "22", "(12)"]]
    _built(path, rows, ("SPAN", (1, 0), (2, 0)), colWidths=80)
    words = TextPage(pdfium.PdfDocument(path)[0]).words()
    lost = Counter("".join(word.text for word in words)) - Counter("".join(_lines(path)))
    assert not lost


def test_a_full_line_of_text_ends_a_table(tmp_path):
    note = "[1] The fees of the ferry are without those of the harbour, which the town took over in spring and has not"

    def draw(canvas: Canvas) -> None:
        _rows(canvas, [["Ferry", "1,200", "1,300", "1,400"], ["Harbour", "2,200", "2,300", "2,400"]])
        canvas.drawString(72, 672, note)
        _rows(canvas, [["Quay", "", "", "70"], ["Pier", "", "", "80"]], top=650)

    lines = _drawn(tmp_path / "note.pdf", draw)
    assert lines == ["Ferry\t1,200\t1,300\t1,400", "Harbour\t2,200\t2,300\t2,400", note, "Quay\t70", "Pier\t80"]


def test_a_head_below_a_sentence_begins_another_table(tmp_path):
    sentence = "The costs of the piers of the town, and where the budget shows them:"

    def draw(canvas: Canvas) -> None:
        _rows(canvas, [["", "2021", "2022"], ["Rent of the harbour and of both of its piers", "1,200", "1,300"]])
        _rows(canvas, [["Fees of the harbour and of both of its piers", "2,200", "2,300"]], top=672)
        canvas.drawString(72, 652, sentence)
        table = [["", "Budget", "2021", "2022"], ["North", "Repairs", "10", "11"], ["South", "Building", "20", "21"]]
        for index, (label, place, *amounts) in enumerate(table):
            canvas.drawString(72, 632 - 14 * index, label)
            canvas.drawString(180, 632 - 14 * index, place)
            _rows(canvas, [["", *amounts]], top=632 - 14 * index)

    lines = _drawn(tmp_path / "sentence.pdf", draw)
    start = lines.index(sentence) + 1
    assert lines[start:] == ["\tBudget\t2021\t2022", "North\tRepairs\t10\t11", "South\tBuilding\t20\t21"]


def test_amounts_in_parentheses_without_a_head_belong_to_the_amounts_before_them(tmp_path):
    def draw(canvas: Canvas) -> None:
        _rows(canvas, [["", "Ferries", "Barges"], ["In stock", "8,132", "1,572"]])
        for top, label, amount, aside, other in [(672, "Built", "387", "(13)", "5"), (658, "Sold", "263", "(16)", "7")]:
            _rows(canvas, [[label, amount]], top=top)
            canvas.drawString(407, top, aside)
            canvas.drawRightString(RIGHT[1], top, other)

    lines = _drawn(tmp_path / "asides.pdf", draw)
    assert lines == ["\tFerries\tBarges", "In stock\t8,132\t1,572", "Built\t387 (13)\t5", "Sold\t263 (16)\t7"]


def test_dashes_that_one_text_writes_far_apart_are_cells(tmp_path):
    def draw(canvas: Canvas) -> None:
        _rows(canvas, [["Rent", "1,200", "1,300"]])
        canvas.drawString(72, 686, "Fees")
        text = canvas.beginText(390, 686)
        text.setCharSpace(60)
        text.textOut("\u2014\u2014")
        canvas.drawText(text)

    assert _drawn(tmp_path / "dashes.pdf", draw) == ["Rent\t1,200\t1,300", "Fees\t\u2014\t\u2014"]
