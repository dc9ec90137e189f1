"""The reading order and the paragraphs of PDFs."""

from __future__ import annotations

from drawn_pdf import BODY, LARGE, MARGIN, MIDDLE, MORE, PITCH, PROSE, paragraphs, titles, write
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas


def test_a_heading_that_is_drawn_after_the_text_stands_above_it(read):
    def draw(canvas: Canvas) -> None:
        write(canvas, PROSE, 680)
        write(canvas, MORE, 580)
        write(canvas, ["Past works"], 710, font=LARGE)
        write(canvas, ["Future works"], 610, font=LARGE)

    document = read(draw)
    assert [text[:12] for text in paragraphs(document)] == [
        "Past works",
        "The harbour ",
        "Future works",
        "A third work",
    ]
    assert titles(document) == ["Past works", "Future works"]


def test_a_heading_beside_a_picture_stands_above_the_text_on_its_right(read):
    def draw(canvas: Canvas) -> None:
        write(canvas, PROSE, 690)
        write(canvas, [line[:50] for line in MORE], 610, left=240)
        write(canvas, MORE, 500)
        write(canvas, ["Future works"], 640, font=LARGE)

    assert [text[:12] for text in paragraphs(read(draw))][1] == "Future works"


def test_columns_stay_in_the_order_of_the_file(read):
    def draw(canvas: Canvas) -> None:
        write(canvas, ["Left is the first column, and it ends", "with a full stop."], 600)
        write(canvas, ["Right is the second column, which begins", "higher than the first."], 700, left=330)

    assert [text.split()[0] for text in paragraphs(read(draw))] == ["Left", "Right"]


def test_a_paragraph_goes_on_in_the_next_column(read):
    def draw(canvas: Canvas) -> None:
        write(canvas, ["The tide reaches the upper basin only when", "the wind has blown from the west for some"], 500)
        write(canvas, ["days, which happens twice a year. Then the", "gates stay open for the night."], 700, left=330)

    assert len(paragraphs(read(draw))) == 1


def test_a_paragraph_goes_on_behind_a_figure_a_caption_and_a_footnote(read):
    def draw(canvas: Canvas) -> None:
        write(canvas, ["The tide reaches the upper basin only when", "the wind has blown from the west for some"], 300)
        write(canvas, ["1 Measured at the old mole."], 100, font=("Helvetica", 8))
        write(canvas, ["Figure 3: The basin at low water"], 600, left=330, font=("Helvetica", 8))
        write(canvas, ["days, which happens twice a year. Then the", "gates stay open for the night."], 560, left=330)
        write(canvas, PROSE, 760)

    texts = paragraphs(read(draw))
    assert any("for some days, which happens" in text for text in texts)
    assert "Figure 3: The basin at low water" in texts
    assert "1 Measured at the old mole." in texts


def test_a_caption_does_not_go_on_in_the_body(read):
    def draw(canvas: Canvas) -> None:
        write(canvas, ["Figure 4: The mole with the two ferries that wait"], 600)
        write(canvas, ["outside of the harbour there is a bank of sand."], 560)

    assert len(paragraphs(read(draw))) == 2


def test_paragraphs_of_a_wider_pitch_than_the_usual_one_are_whole(read):
    def draw(canvas: Canvas) -> None:
        top = write(canvas, PROSE * 4, 750)
        write(canvas, MORE, top - 40, pitch=19)

    assert sum("A third work is planned" in text and "firm enough" in text for text in paragraphs(read(draw))) == 1


def test_a_line_with_a_higher_box_is_no_paragraph_of_its_own(read):
    def draw(canvas: Canvas) -> None:
        top = write(canvas, PROSE[:2], 700)
        canvas.setFont("Times-Roman", 13)
        canvas.drawString(MARGIN, top, "province shared the cost.")

    assert len(paragraphs(read(draw))) == 1


def test_text_beside_a_picture_goes_on_below_it(read):
    def draw(canvas: Canvas) -> None:
        narrow = [
            "The old customs house was built by two brothers",
            "who had made their money with salt. In the flood",
            "Bergholm lost the roof, and the town never had",
            "the funds to replace it before the last war.",
        ]
        top = write(canvas, narrow[:3], 700)
        write(canvas, [f"{narrow[3]} Later it was a school for the children of pilots.", *MORE], top)

    assert len(paragraphs(read(draw))) == 1


def test_text_that_begins_right_of_a_picture_goes_on_below_it(read):
    def draw(canvas: Canvas) -> None:
        top = write(canvas, ["The customs house was built by two brothers who had made"], 700, left=240)
        write(canvas, ["their money with salt, and it stands on the east side of the harbour to this day, empty."], top)

    assert len(paragraphs(read(draw))) == 1


def test_centred_prose_is_one_paragraph(read):
    def draw(canvas: Canvas) -> None:
        canvas.setFont(*BODY)
        for index, line in enumerate(
            ("The heart of this town is the harbour, and whoever", "comes by sea", "sees it first.")
        ):
            canvas.drawCentredString(MIDDLE, 700 - PITCH * index, line)

    assert len(paragraphs(read(draw))) == 1


def test_wrapped_lines_of_chinese_are_joined_without_blanks(read):
    def draw(canvas: Canvas) -> None:
        pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
        lines = ["港口在上个世纪疏浚过两次每次渡轮都要在防波堤外等候好几个星期市镇独自支付", "了第一次工程的费用"]
        write(canvas, lines, 700, font=("STSong-Light", 10))

    assert "独自支付了第一次" in read(draw).text


def test_short_lines_of_chinese_stay_apart(read):
    def draw(canvas: Canvas) -> None:
        pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
        lines = ["港口的大门", "市镇的费用", "第二次工程", "渡轮在防波堤外等候好几个星期"]
        write(canvas, lines, 700, font=("STSong-Light", 10))

    assert len(paragraphs(read(draw))) == 4


def test_the_rows_of_a_table_stand_close_together(read):
    def draw(canvas: Canvas) -> None:
        write(canvas, PROSE, 700)
        for row, (label, *amounts) in enumerate([["Ferry", "1,200", "1,300"], ["Quay", "2,200", "2,300"]]):
            canvas.drawString(72, 500 - 30 * row, label)
            for right, amount in zip((300, 400), amounts, strict=True):
                canvas.drawRightString(right, 500 - 30 * row, amount)

    assert "Ferry\t1,200\t1,300\nQuay\t2,200\t2,300" in read(draw).text
