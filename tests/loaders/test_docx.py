from __future__ import annotations

import pytest
from docx import Document as Package
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from hiercomp.errors import DocumentError
from hiercomp.loaders import load
from hiercomp.loaders._docx import parse


@pytest.fixture
def package(tmp_path):
    document = Package()
    document.core_properties.title = "The anvil report"
    document.add_heading("Sales", 1)
    document.add_paragraph("Before the table.")
    table = document.add_table(rows=2, cols=3)
    for row, values in zip(table.rows, (("Year", "2022", "2021"), ("Anvils", "$55,893", "$51,386")), strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    document.add_heading("Outlook", 2)
    document.add_paragraph("first", style="List Bullet")
    document.add_paragraph("After the table.")
    return document


def test_tables_stand_in_order_with_the_paragraphs(package, tmp_path, job):
    path = tmp_path / "report.docx"
    package.save(path)
    document = parse(job("docx", path))
    assert document.text.startswith(
        "Sales\n\nBefore the table.\n\nYear\t2022\t2021\nAnvils\t$55,893\t$51,386\n\nOutlook\n"
    )
    assert [(heading.title, heading.depth) for heading in document.headings] == [("Sales", 1), ("Outlook", 2)]
    assert document.title == "The anvil report"
    assert document.pages == ()


def test_content_controls_and_insertions_are_read_and_deletions_are_not(package, tmp_path, job):
    body = package.element.body
    for xml in (
        "<w:sdt {}><w:sdtContent><w:p><w:r><w:t>controlled</w:t></w:r></w:p></w:sdtContent></w:sdt>",
        "<w:p {}><w:ins w:id='1' w:author='a'><w:r><w:t>inserted</w:t></w:r></w:ins>"
        "<w:del w:id='2' w:author='a'><w:r><w:delText>deleted</w:delText></w:r></w:del></w:p>",
    ):
        body.insert(len(body) - 1, parse_xml(xml.format(nsdecls("w"))))
    path = tmp_path / "tracked.docx"
    package.save(path)
    text = parse(job("docx", path)).text
    assert "controlled\n" in text
    assert "inserted\n" in text
    assert "deleted" not in text


def test_the_child_reads_it_too(package, tmp_path):
    path = tmp_path / "named.bin"
    package.save(path)
    assert "Anvils\t$55,893\t$51,386\n" in load(path).text


def test_a_file_without_text_and_a_damaged_one_are_errors(tmp_path, job, archive):
    path = tmp_path / "empty.docx"
    Package().save(path)
    with pytest.raises(DocumentError, match="the file holds no text"):
        parse(job("docx", path))
    with pytest.raises(DocumentError, match="not a readable DOCX file"):
        parse(job("docx", archive("broken.docx", {"word/document.xml": "<a/>"})))
