from __future__ import annotations

import pytest

from hiercomp.errors import DocumentError
from hiercomp.loaders._blocks import row_text
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
        "<p>before</p><table><tr><th>Year<th>2022</tr><tr><td>Sales</td><td></td><td>$</td><td>5,893</td>"
        "<td>(24</td><td>)</td></tr></table><p>after</p>"
    )
    assert document.text == "before\n\nYear\t2022\nSales\t$ 5,893\t(24)\n\nafter\n"


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
    )
    assert document.text == "yes & bold\n"


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


def test_empty_cells_are_left_out_and_a_currency_joins_its_amount():
    assert row_text(["Total", "", "€", " 1,5 ", "%", "", "("]) == "Total\t€ 1,5 %\t("
