from __future__ import annotations

import pytest

from hiercomp.errors import DocumentError
from hiercomp.loaders._detect import detect


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.txt", b"%PDF-1.7\n...", "pdf"),
        ("a.pdf", b"junk before it\n%PDF-1.4\n...", "pdf"),
        ("a.pdf", b"<!-- note --><!DOCTYPE html><p>x", "html"),
        ("a.html", b"<div>part of a page</div>", "html"),
        ("README.md", b"<div align=center>\n\n# Title\n", "markdown"),
        ("notes.md", b"no marks at all", "markdown"),
        ("notes.txt", b"# Title\n\n- a\n- b\n", "text"),
        ("run.py", b"# a comment\n# another\n- 1\n", "text"),
        ("stdin", b"# Title\n\nSee [this](http://a.b).\n", "markdown"),
        ("stdin", b"#!/bin/sh\n# Title\n> out\n", "text"),
        ("stdin", b"a line\n", "text"),
    ],
)
def test_the_kind_is_found_by_content_and_ties_are_broken_by_name(tmp_path, name, content, kind):
    path = tmp_path / name
    path.write_bytes(content)
    assert detect(path, name) == kind


def test_containers_are_told_apart_by_their_parts(archive):
    assert detect(archive("a.zip", {"word/document.xml": "<a/>"}), "a") == "docx"
    assert detect(archive("b.zip", {"ppt/presentation.xml": "<a/>"}), "b") == "pptx"
    assert detect(archive("c.zip", {"META-INF/container.xml": "<a/>"}), "c") == "epub"
    with pytest.raises(DocumentError, match="Excel workbook; save it as PDF or CSV"):
        detect(archive("d.zip", {"xl/workbook.xml": "<a/>"}), "d")
    with pytest.raises(DocumentError, match="a zip archive that is no DOCX"):
        detect(archive("e.docx", {"photo.jpg": "x"}), "e")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\x00\x01\x02 noise", "binary data in no known format"),
        (b"{\\rtf1 text}", "an RTF file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old or password-protected Office file"),
        (b"\xff\xd8\xff\xe0", "run OCR first"),
    ],
)
def test_what_no_loader_reads_is_named(tmp_path, content, message):
    path = tmp_path / "file.txt"
    path.write_bytes(content)
    with pytest.raises(DocumentError, match=message) as error:
        detect(path, "file.txt")
    assert str(error.value).startswith("file.txt: ")
