from __future__ import annotations

import pytest

from hiercomp.errors import ConfigError, DocumentError
from hiercomp.loaders._pages import page_numbers, select_pages
from hiercomp.types import Document, Heading, Page, Span


@pytest.mark.parametrize(
    ("selection", "numbers"),
    [(None, [1, 2, 3, 4, 5]), ("2-3,5", [2, 3, 5]), ("4-", [4, 5]), ("-2", [1, 2]), (" 3 , 1 - 2,3", [1, 2, 3])],
)
def test_a_selection_names_pages_in_order_each_once(selection, numbers):
    assert page_numbers(selection, 5, "a.pdf") == numbers


@pytest.mark.parametrize("selection", ["", "a", "3-2", "0", "1,,2", "-", "1-2-3"])
def test_a_selection_that_cannot_be_read_is_a_config_error(selection):
    with pytest.raises(ConfigError, match="--pages"):
        page_numbers(selection, 5, "a.pdf")


@pytest.mark.parametrize("selection", ["6", "3-9", "6-"])
def test_a_page_that_is_not_there_is_a_document_error(selection):
    with pytest.raises(DocumentError, match="the last page is 5"):
        page_numbers(selection, 5, "a.pdf")


def test_spans_move_with_their_pages():
    document = Document(
        "ab\ncd\nef\n",
        "s",
        "t",
        (Page(1, Span(0, 3)), Page(2, Span(3, 6)), Page(3, Span(6, 9))),
        (Heading("ab", 1, Span(0, 2)), Heading("ef", 1, Span(6, 8))),
        (Span(3, 5), Span(8, 9)),
    )
    chosen = select_pages(document, "1,3")
    assert chosen.text == "ab\nef\n"
    assert [(page.number, page.span) for page in chosen.pages] == [(1, Span(0, 3)), (3, Span(3, 6))]
    assert [heading.span for heading in chosen.headings] == [Span(0, 2), Span(3, 5)]
    assert chosen.furniture == (Span(5, 6),)
