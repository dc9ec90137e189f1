from __future__ import annotations

import pytest

from hiercomp.errors import DocumentError
from hiercomp.loaders._html import parse


@pytest.fixture
def read(tmp_path, job):
    def read_html(html):
        path = tmp_path / "page.html"
        path.write_bytes(html if isinstance(html, bytes) else html.encode())
        return parse(job("html", path))

    return read_html


def test_paragraphs_lists_and_headings_keep_their_order(read):
    document = read("<title>The page</title><h1>One</h1><p>a<br>b</p><ul><li>x<li>y</ul><ol><li>z</ol><h2>Two</h2>c")
    assert document.text == "One\n\na\nb\n\n• x\n• y\n\n1. z\n\nTwo\n\nc\n"
    assert [(heading.title, heading.depth) for heading in document.headings] == [("One", 1), ("Two", 2)]
    assert all(heading.span.of(document.text) == heading.title for heading in document.headings)
    assert document.title == "The page"


def test_a_table_row_is_a_line_with_tabs_among_the_paragraphs(read):
    document = read(
        "<p>before</p><table><tr><th>Year<th></th><th colspan=2>2022<th colspan=2>2021</tr><tr><td>Sales</td><td></td>"
        "<td>$</td><td>5,893</td><td>(24</td><td>)</td></tr></table><p>after</p>"
    )
    assert document.text == "before\n\nYear\t2022\t2021\nSales\t$ 5,893\t(24)\n\nafter\n"


def test_a_table_that_lays_a_page_out_is_ordinary_text(read):
    document = read(
        "<table><tr><td><p>menu</p></td><td><h1>Title</h1><p>text</p>"
        "<table><tr><td>a</td><td>b</td></tr></table></td></tr><tr><td>only cell</td></tr></table>"
    )
    assert document.text == "menu\n\nTitle\n\ntext\n\na\tb\n\nonly cell\n"


def test_what_a_browser_hides_is_left_out(read):
    document = read(
        "<style>p{}</style><script>if (a<b) {}</script><div style='display: none'>no<div>no</div></div>"
        "<ix:header><ix:hidden>no</ix:hidden></ix:header><p hidden>no</p><p>yes &amp; <b>bold</b></p>"
        "<dialog>no</dialog><span aria-hidden=true>no</span><div aria-hidden=true>seen</div>"
    )
    assert document.text == "yes & bold\n\nseen\n"


def test_bold_lines_are_headings_where_there_are_no_others(read):
    document = read(
        "<p><b>PART I</b></p><div><span style='font-weight:700'>Item 1. Business</span></div>"
        "<p><b>We sell</b> anvils.</p>"
    )
    assert [(heading.title, heading.depth) for heading in document.headings] == [("PART I", 1), ("Item 1. Business", 2)]


def test_preformatted_lines_stay_lines(read):
    assert read("<pre>a\n  b\tc\n</pre>").text == "a\n  b c\n"


@pytest.mark.parametrize(
    "html",
    [
        "<meta charset='windows-1252'><p>Caf\u00e9".encode("cp1252"),
        "<?xml version='1.0' encoding='utf-16'?><p>Caf\u00e9".encode("utf-16"),
        "<meta charset='no-such'><p>Caf\u00e9".encode("latin-1"),
        "<meta charset='undefined'><p>Caf\u00e9".encode("latin-1"),
        "<p>Caf\u00e9".encode(),
    ],
)
def test_the_encoding_is_the_one_that_the_page_names(read, html):
    assert read(html).text == "Café\n"


def test_deeply_nested_elements_are_read(read):
    assert read("<div>" * 20_000 + "deep" + "</div>" * 20_000).text == "deep\n"


def test_a_page_without_text_is_an_error(read):
    with pytest.raises(DocumentError, match="the page holds no text; if a script writes it"):
        read("<html><body><script>x</script></body></html>")


def test_list_items_have_the_numbers_that_the_page_shows(read):
    html = (
        "<ol start=3><li>a<li><p>b<p>more<ol type=a><li>x<li>y</ol><li value=9>c</ol><ol reversed><li>p<li>q</ol>"
        "<ol type=I><li>r<li>s<li>t<li>u</ol><ol style='list-style-type: lower-roman' start=0><li>v</ol>"
        "<ul style='list-style: none'><li>w</ul><li>z"
    )
    assert read(html).text.split("\n\n") == [
        "3. a\n4. b",
        "more",
        "a. x\nb. y\n9. c",
        "2. p\n1. q",
        "I. r\nII. s\nIII. t\nIV. u",
        "0. v",
        "w",
        "• z\n",
    ]


def test_a_term_stands_before_its_description(read):
    html = "<dl><dt>Fee<dd><p>5 euro<p>a month<dt>Why?<dd>Costs.<dt>Open<dt>Days<dd><ul><li>Monday<li>Friday</ul></dl>"
    assert read(html).text == "Fee: 5 euro\n\na month\n\nWhy? Costs.\nOpen\nDays: • Monday\n• Friday\n"


def test_two_line_breaks_separate_paragraphs_and_a_heading_stays_one(read):
    document = read("<h1>One<br>head</h1>a<br>b<br><br>c")
    assert document.text == "One head\n\na\nb\n\nc\n"
    assert [heading.title for heading in document.headings] == ["One head"]


def test_xhtml_elements_that_close_themselves_hold_nothing(read):
    document = read(
        "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><head><title/></head>"
        "<body><a id='x'/><p>text<script src='x'/></p><![CDATA[a<b]]></body></html>"
    )
    assert document.text == "text\n\na<b\n"


def test_the_text_tables_of_old_filings_keep_their_lines(read):
    document = read("<pre>x\n<TABLE>\n<CAPTION>\n     1997\n<S>  <C>\nCost 5\n</TABLE>\n</pre><p>after")
    assert document.text == "x\n     1997\nCost 5\n\nafter\n"


def test_unseen_characters_are_left_out(read):
    assert read("<p>Donau&shy;dampf\u200bschiff <q>x</q>").text == "Donaudampfschiff “x”\n"


def test_what_is_lost_is_counted_by_kind(read):
    document = read(
        "<p>text<img src=a.png><img alt='img_3.jpg'><img alt=''><img width=1><canvas>no</canvas><svg></svg>"
        "<iframe></iframe><del>old</del><select><option selected>a<option>b</select><video></video>"
    )
    assert document.omissions == (
        "1 drawing of a script",
        "1 drawing without text",
        "1 frame with another page",
        "2 images without a description",
        "1 option not chosen",
        "1 struck passage",
        "1 video",
    )
