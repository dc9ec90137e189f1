from __future__ import annotations

import pytest

from hiercomp.errors import DocumentError
from hiercomp.loaders import load
from hiercomp.loaders._epub import parse

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OPS/book.opf"/></rootfiles></container>'
)
PACKAGE = (
    '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<metadata><dc:title>The Anvil</dc:title></metadata><manifest>"
    '<item id="a" href="one%20a.xhtml" media-type="application/xhtml+xml"/>'
    '<item id="b" href="two.xhtml" media-type="application/xhtml+xml"/>'
    '<item id="c" href="cover.svg" media-type="image/svg+xml"/></manifest>'
    '<spine><itemref idref="c"/><itemref idref="b"/><itemref idref="a"/><itemref idref="gone"/></spine></package>'
)


@pytest.fixture
def parts():
    return {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OPS/book.opf": PACKAGE,
        "OPS/one a.xhtml": "<html><head><title>x</title></head><body><h1>Second</h1><p>two</p></body></html>",
        "OPS/two.xhtml": "<html><body><h1>First</h1><p>one</p></body></html>",
    }


def test_chapters_stand_in_the_order_of_the_spine(archive, parts):
    document = load(archive("book.bin", parts))
    assert document.text == "First\n\none\n\nSecond\n\ntwo\n"
    assert [heading.title for heading in document.headings] == ["First", "Second"]
    assert document.title == "The Anvil"


def test_a_protected_book_and_a_damaged_one_are_errors(archive, parts, job):
    with pytest.raises(DocumentError, match="protected against copying"):
        parse(job("epub", archive("a.epub", {**parts, "META-INF/rights.xml": "<a/>"})))
    with pytest.raises(DocumentError, match="damaged"):
        parse(job("epub", archive("b.epub", {**parts, "OPS/book.opf": "<package"})))
    with pytest.raises(DocumentError, match="damaged"):
        parse(job("epub", archive("c.epub", {"META-INF/container.xml": CONTAINER})))
    with pytest.raises(DocumentError, match="lists no contents"):
        parse(job("epub", archive("d.epub", {"META-INF/container.xml": "<container/>"})))


def test_a_book_of_pictures_is_an_error(archive, parts, job):
    blank = {**parts, "OPS/one a.xhtml": "<html/>", "OPS/two.xhtml": "<html><img src='a.png'/></html>"}
    with pytest.raises(DocumentError, match="the book holds no text"):
        parse(job("epub", archive("a.epub", blank)))


def test_a_chapter_that_cannot_be_read_is_noted_and_the_others_are_read(archive, parts, job):
    book = archive(
        "a.epub", {**parts, "OPS/two.xhtml": b"\0\1\2" * 99, "OPS/one a.xhtml": "<p>two<img src='a.png'/></p>"}
    )
    document = parse(job("epub", book))
    assert document.text == "two\n"
    assert document.omissions == ("1 chapter that cannot be read", "1 image without a description")
