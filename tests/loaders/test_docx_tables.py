"""Tables of DOCX files are grids."""

from __future__ import annotations

import pytest
from docx import Document as Package
from office_files import write_docx

from hiercomp.loaders._docx import parse


def paragraph(text):
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def cell(text="", properties=""):
    inner = text if text.startswith("<") else paragraph(text)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def row(*cells, properties=""):
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def table(*rows):
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


@pytest.fixture
def text(tmp_path, job):
    return lambda body: parse(job("docx", write_docx(tmp_path / "table.docx", body))).text


def test_empty_cells_stay_and_merged_cells_stand_in_each_row_and_column(tmp_path, job):
    document = Package()
    rows = document.add_table(rows=4, cols=4)
    for at, value in {(0, 0): "Port", (0, 2): "2023", (0, 3): "2024", (1, 0): "Kiel", (1, 1): "in", (1, 3): "61",
                      (2, 1): "out", (2, 2): "58", (3, 0): "Rates are provisional"}.items():  # fmt: skip
        rows.cell(*at).text = value
    rows.cell(0, 0).merge(rows.cell(0, 1))
    rows.cell(1, 0).merge(rows.cell(2, 0))
    rows.cell(3, 0).merge(rows.cell(3, 3))
    document.save(tmp_path / "ports.docx")
    assert parse(job("docx", tmp_path / "ports.docx")).text == (
        "Port\tPort\t2023\t2024\nKiel\tin\t\t61\nKiel\tout\t58\t\nRates are provisional\n"
    )


def test_cells_before_and_after_a_row_and_old_merges_keep_the_columns(text):
    first = row(cell("Head"), cell("Q1"), cell("Q2"), cell("Q3"))
    late = row(cell("5"), cell("6"), properties='<w:gridBefore w:val="2"/>')
    early = row(cell("Sum"), cell("7"), properties='<w:gridAfter w:val="2"/>')
    old = row(cell("All", '<w:hMerge w:val="restart"/>'), cell("", "<w:hMerge/>"), cell("8"), cell("9"))
    assert text(table(first, late, early, old)) == "Head\tQ1\tQ2\tQ3\n\t\t5\t6\nSum\t7\t\t\nAll\tAll\t8\t9\n"


def test_deleted_rows_are_left_out_and_wrapped_rows_and_cells_are_found(text):
    gone = row(cell("Old"), cell("1"), properties='<w:del w:id="1" w:author="a"/>')
    control = f"<w:sdt><w:sdtContent>{row(cell('New'), cell('2'))}</w:sdtContent></w:sdt>"
    inner = f"<w:sdt><w:sdtContent>{cell('3')}</w:sdtContent></w:sdt>"
    assert text(table(gone, control, row(cell("More"), inner))) == "New\t2\nMore\t3\n"


def test_the_paragraphs_of_a_cell_are_one_line_with_its_scripts(text):
    struck = "<w:p><w:r><w:rPr><w:strike/></w:rPr><w:t>8</w:t></w:r><w:r><w:t>9</w:t></w:r></w:p>"
    two = "<w:r><w:rPr><w:vertAlign w:val='superscript'/></w:rPr><w:t>2</w:t></w:r>"
    power = f"<w:p><w:r><w:t>area, m</w:t></w:r>{two}</w:p>"
    body = table(row(cell(power + paragraph("net")), cell(struck)))
    assert text(body) == "area, m^2 net\t9\n"


def test_a_table_in_a_cell_follows_under_the_label_of_its_row(text):
    inner = table(row(cell("Base"), cell("10")), row(cell("Tax"), cell("2")))
    outer = table(row(cell("Plan"), cell("Fees")), row(cell("Pro"), cell(paragraph("see below") + inner)))
    assert text(outer) == "Plan\tFees\nPro\tsee below\n\nPro\n\nBase\t10\nTax\t2\n"


def test_a_table_of_one_column_and_one_with_long_columns_of_text_are_no_grids(text):
    note = table(row(cell(paragraph("Warning") + paragraph("Close the valve first."))))
    assert text(note) == "Warning\n\nClose the valve first.\n"
    long = "The lease ends when the owner sells the house. " * 20
    columns = table(row(cell(paragraph(long) + paragraph(long)), cell(paragraph("Side") + paragraph("note"))))
    assert "\t" not in text(columns)
