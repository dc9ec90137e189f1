"""Raised, lowered and struck text of PDF files, and repairs of what pdfium reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate

from hiercomp.loaders._pdf_tables import read_lines
from hiercomp.loaders._pdf_words import TextPage


def _lines(path: Path) -> list[str]:
    return [line.text for line in read_lines(TextPage(pdfium.PdfDocument(path)[0]))]


def _drawn(path: Path, draw: Callable[[Canvas], None]) -> list[str]:
    canvas = Canvas(str(path))
    canvas.setFont("Helvetica", 12)
    draw(canvas)
    canvas.save()
    return _lines(path)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("It holds 4 x 10<super>9</super> grains on 88 km<super>2</super>.", "It holds 4 x 10^9 grains on 88 km^2."),
        ("A flow of 10<super>-4</super> mol of CO<sub>2</sub> a day.", "A flow of 10^-4 mol of CO_2 a day."),
        ("Sales of $7.5 billion<super>2</super> in 2019<super>4</super>", "Sales of $7.5 billion[2] in 2019[4]"),
        ("The fee is <strike>$250</strike> $190 a month.", "The fee is $190 a month."),
        ("The rule <u>underlined words</u> is no strike.", "The rule underlined words is no strike."),
        ("It is the 3<super>rd</super> of May.", "It is the 3rd of May."),
    ],
)
def test_raised_lowered_and_struck_text_is_written_as_it_is_meant(tmp_path, markup, expected):
    path = tmp_path / "scripts.pdf"
    SimpleDocTemplate(str(path)).build([Paragraph(markup, getSampleStyleSheet()["BodyText"])])
    assert _lines(path) == [expected]


def test_a_raised_mark_at_the_beginning_of_a_note_is_in_brackets(tmp_path):
    path = tmp_path / "note.pdf"
    markup = "<super>1</super>Without the harbour, which was sold."
    SimpleDocTemplate(str(path)).build([Paragraph(markup, getSampleStyleSheet()["BodyText"])])
    assert _lines(path) == ["[1] Without the harbour, which was sold."]


def test_smaller_text_on_the_same_line_stays_as_it_is(tmp_path):
    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "Great")
        canvas.setFont("Helvetica", 8)
        canvas.drawString(106, 700, "and small 12")

    assert _drawn(tmp_path / "small.pdf", draw) == ["Great and small 12"]


def test_a_stacked_fraction_is_written_with_a_slash(tmp_path):
    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "Mix 2")
        canvas.setFont("Helvetica", 7)
        canvas.drawString(104, 705, "1")
        canvas.drawString(104, 697, "3")
        canvas.setFont("Helvetica", 12)
        canvas.drawString(112, 700, "cups of flour")

    assert _drawn(tmp_path / "fraction.pdf", draw) == ["Mix 2 1/3 cups of flour"]


def test_letters_at_a_fixed_distance_make_words(tmp_path):
    def draw(canvas: Canvas) -> None:
        for index, letter in enumerate("Willing Pilot"):
            for offset in (0.0, 0.3):  # twice, to look bold
                canvas.drawString(72 + 7 * index + offset, 700 + offset, letter)

    assert _drawn(tmp_path / "pitch.pdf", draw) == ["Willing Pilot"]


def test_spaced_letters_make_words(tmp_path):
    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "C O N T E N T S")
        canvas.drawString(72, 660, "Plan A and plan B")

    assert _drawn(tmp_path / "spaced.pdf", draw) == ["CONTENTS", "Plan A and plan B"]


@pytest.mark.parametrize(("unicode", "expected"), [("<F0B7>", "•"), ("<2030>", "•"), ("<F0FE>", "☑"), ("<2611>", "☑")])
def test_a_sign_of_a_symbol_font_before_text_is_what_it_shows(tmp_path, unicode, expected):
    path = tmp_path / "sign.pdf"
    path.write_bytes(_pdf_with_names(f"<73> {unicode} <20> <0020>", content="s bread"))
    assert _lines(path) == [f"{expected} bread"]


def test_text_of_figures_that_pdfium_joins_is_cut_where_a_new_line_begins(tmp_path):
    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "Oats")
        canvas.drawString(72, 686, "Rye")
        canvas.drawString(200, 700, "7")
        canvas.drawString(200, 686, "5")

    assert _drawn(tmp_path / "column.pdf", draw) == ["Oats\t7", "Rye\t5"]


@pytest.mark.parametrize(("unicode", "expected"), [("<06440627>", "سلام"), ("<FEFB>", "سلام"), ("<FEFC>", "سلام")])
def test_lam_stands_before_alef(tmp_path, unicode, expected):
    path = tmp_path / "arabic.pdf"
    path.write_bytes(_pdf_with_names(f"<73> <0633> <4c> {unicode} <6d> <0645>"))
    assert _lines(path) == [expected]


def test_a_ligature_is_its_letters(tmp_path):
    path = tmp_path / "ligature.pdf"
    path.write_bytes(_pdf_with_names("<73> <FB01> <4c> <006E> <6d> <0064>", content="sLm"))
    assert _lines(path) == ["find"]


def _pdf_with_names(names: str, content: str = "mLs") -> bytes:
    """Return a PDF with a text whose letters stand for other characters."""
    count = len(names.split()) // 2
    to_unicode = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def 1 begincodespacerange <00> <ff> "
        f"endcodespacerange {count} beginbfchar {names} endbfchar endcmap end end"
    )
    text = f"BT /F1 12 Tf 72 700 Td ({content}) Tj ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(text)} >> stream\n{text}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R >>",
        f"<< /Length {len(to_unicode)} >> stream\n{to_unicode}\nendstream",
    ]
    body = "".join(f"{number} 0 obj\n{item}\nendobj\n" for number, item in enumerate(objects, 1))
    return f"%PDF-1.4\n{body}trailer << /Root 1 0 R >>\n%%EOF".encode("latin-1")


def test_raised_letters_after_a_capital_letter_are_a_power(tmp_path):
    path = tmp_path / "space.pdf"
    markup = "The vector c lies in R<super>dk</super> for the N<super>th</super> time."
    SimpleDocTemplate(str(path)).build([Paragraph(markup, getSampleStyleSheet()["BodyText"])])
    assert _lines(path) == ["The vector c lies in R^(dk) for the Nth time."]


def test_turned_text_in_a_margin_is_one_line(tmp_path):
    def draw(canvas: Canvas) -> None:
        for index in range(4):
            canvas.drawString(72, 700 - 14 * index, "The harbour of the town has two long piers of old stone.")
        canvas.rotate(90)
        canvas.drawString(300, -30, "Deposited by the harbour office on 16 May 2018")

    assert _drawn(tmp_path / "margin.pdf", draw)[-1] == "Deposited by the harbour office on 16 May 2018"
