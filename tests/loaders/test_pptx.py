from __future__ import annotations

import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from hiercomp.errors import DocumentError
from hiercomp.loaders import load
from hiercomp.loaders._pptx import parse


@pytest.fixture
def slides(tmp_path):
    deck = Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text = "Results"
    first.placeholders[1].text = "Sales rose\nCosts fell"
    first.notes_slide.notes_text_frame.text = "Say it slowly."
    deck.slides.add_slide(deck.slide_layouts[6])
    third = deck.slides.add_slide(deck.slide_layouts[5])
    third.shapes.title.text = "Figures"
    table = third.shapes.add_table(1, 2, 0, 0, Inches(4), Inches(1)).table
    table.cell(0, 0).text, table.cell(0, 1).text = "Anvils", "55,893"
    data = CategoryChartData()
    data.categories = ["2021", "2022"]
    data.add_series("Tongs", (1.5, 2.5))
    third.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(4), Inches(3), data)
    path = tmp_path / "deck.pptx"
    deck.save(path)
    return path


def test_a_slide_is_a_page_with_its_notes_tables_and_charts(slides, job):
    document = parse(job("pptx", slides))
    assert [page.span.of(document.text) for page in document.pages] == [
        "Results\n\nSales rose\nCosts fell\n\nNotes: Say it slowly.\n",
        "",
        "Figures\n\nAnvils\t55,893\n\n2021\t2022\nTongs\t1.5\t2.5\n",
    ]
    assert [(heading.title, heading.depth) for heading in document.headings] == [("Results", 1), ("Figures", 1)]
    assert document.title == "Results"


def test_pages_choose_slides(slides):
    document = load(slides, pages="3")
    assert [page.number for page in document.pages] == [3]
    assert document.headings[0].span.of(document.text) == "Figures"


def test_slides_without_text_are_an_error(tmp_path, job):
    deck = Presentation()
    deck.slides.add_slide(deck.slide_layouts[6])
    deck.save(tmp_path / "blank.pptx")
    with pytest.raises(DocumentError, match="the slides hold no text"):
        parse(job("pptx", tmp_path / "blank.pptx"))
