from __future__ import annotations

import pytest

from hiercomp.loaders._blocks import TextBuilder
from hiercomp.loaders._html import add_html


def text_of(html: str) -> str:
    builder = TextBuilder()
    add_html(builder, html.encode(), "page.html")
    return builder.build("page.html", "t").text


PROSE = "The first column of this letter tells its readers in a few sentences what has happened since the last one. "


def test_spans_repeat_labels_and_empty_cells_stay():
    html = (
        "<table><caption>Fees in euro</caption><thead><tr><th rowspan=2>Region<th rowspan=2>Plan<th colspan=2>Fee"
        "<tr><th>Setup<th>Month<tfoot><tr><td colspan=2>Sum<td>90<td>65<tbody>"
        "<tr><td rowspan=0>North<td>Pro<td>90<td>30<tr><td>Lite<td><td>35<tbody><tr><td>South<td>Pro<td>7<td></table>"
    )
    assert text_of(html) == (
        "Fees in euro\n\nRegion\tPlan\tFee\tFee\nRegion\tPlan\tSetup\tMonth\nNorth\tPro\t90\t30\nNorth\tLite\t\t35\n"
        "South\tPro\t7\t\nSum\tSum\t90\t65\n"
    )


def test_spans_are_cut_as_a_browser_cuts_them():
    html = "<table><tr><td rowspan=70000 colspan=5000>a<td>b<tr><td>c<tbody><tr><td colspan=x>d<td colspan=0>e</table>"
    assert text_of(html) == "a\ta\tb\na\ta\tc\nd\te\t\n"


def test_a_line_break_or_a_block_inside_a_cell_leaves_one_cell():
    html = "<table><tr><td>Year<br>ended<td><p>Net</p><p>sales</p><tr><td>2022<td><ul><li>5<li>6</ul></table>"
    assert text_of(html) == "Year ended\tNet sales\n2022\t• 5 • 6\n"


def test_the_marks_of_notes_in_columns_of_their_own_join_their_amounts():
    html = "<table><tr><td>Sales<sup>(1)</sup><td>$<td>5,893<td><sup>2</sup><tr><td>Cost<td><td>24<td></table>"
    assert text_of(html) == "Sales[1]\t$ 5,893[2]\nCost\t24\n"


def test_a_small_table_in_a_cell_is_its_text():
    html = (
        "<table><tr><th>Item<th>Data<tr><td>Pump<td><table><tr><td>mass<td>5 kg<tr><td>power<td>2 kW</table>"
        "<tr><td>Fan<td><table><tr><td>a<td>b<td>c</table></table>"
    )
    assert text_of(html) == "Item\tData\nPump\tmass: 5 kg; power: 2 kW\nFan\ta, b, c\n"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (f"<table><tr><td>{PROSE * 2}<td>{PROSE}</table>", f"{(PROSE * 2).strip()}\n\n{PROSE.strip()}\n"),
        ("<table><tr><td>•<td>Growth in sales<tr><td>(b)<td>Decline</table>", "• Growth in sales\n(b) Decline\n"),
        ("<table><tr><td>menu<td><h2>Head</h2><p>text</table>", "menu\n\nHead\n\ntext\n"),
        ("<table role=presentation><tr><td>one<td>two</table>", "one\n\ntwo\n"),
        ("<table><tr><td>only<tr><td>cells</table>", "only\n\ncells\n"),
        (
            f"<table><tr><td>menu<td><table><tr><td>{PROSE * 5}<td>x</table></table>",
            f"menu\n\n{PROSE * 5}".strip() + "\tx\n",
        ),
    ],
)
def test_a_table_that_lays_out_a_page_becomes_text(html, text):
    assert text_of(html) == text


def test_columns_of_sentences_under_a_head_are_a_table():
    html = f"<table><tr><td>Risk<td>Answer<tr><td>{PROSE}<td>{PROSE}<tr><td>{PROSE}<td>{PROSE}</table>"
    assert [line.count("\t") for line in text_of(html).splitlines()] == [1, 1, 1]


def test_a_bold_section_title_in_two_cells_is_a_heading():
    builder = TextBuilder()
    add_html(builder, b"<table><tr><td><b>Item 1.</b><td><b>Business</b></table><p>We sell anvils.", "page.html")
    assert [heading.title for heading in builder.build("s", "t").headings] == ["Item 1. Business"]


def test_tables_inside_tables_cost_no_more_than_their_text():
    assert text_of("<table><tr><td>a<td>" * 500 + "end").count("a") == 500
