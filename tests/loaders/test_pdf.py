from __future__ import annotations

import re
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from reportlab.pdfgen.canvas import Canvas

from hiercomp.errors import ConfigError, DocumentError
from hiercomp.loaders import Limits, load
from hiercomp.loaders._pdf import parse


def test_pages_tile_the_text_and_have_their_physical_numbers(report, job):
    document = parse(job("pdf", report))
    assert [page.number for page in document.pages] == [1, 2, 3, 4]
    assert document.pages[0].span.start == 0
    assert document.pages[-1].span.end == len(document.text)
    assert all(page.span.of(document.text).endswith("\n") for page in document.pages)


def test_a_table_row_is_one_line_with_a_tab_between_cells(report, job):
    lines = parse(job("pdf", report)).text.split("\n")
    assert "Sales of anvils\t$55,893\t$51,386" in lines
    assert "Years ended December 31,\t2022\t2021" in lines
    assert sum("\t" in line for line in lines) == 4 * 4  # four rows on each of four pages


def test_the_wrapped_lines_of_a_paragraph_are_one_line(report, job):
    lines = parse(job("pdf", report)).text.split("\n")
    paragraphs = [line for line in lines if line.startswith("The company")]
    assert len(paragraphs) == 4
    assert "long-term plan holds that" in paragraphs[0]
    assert paragraphs[0].endswith("since the foundation.")


def test_nothing_but_white_space_and_order_differs_from_what_pdfium_reads(report, job):
    document = parse(job("pdf", report))
    pdf = pdfium.PdfDocument(report)
    for page in document.pages:
        raw = pdf[page.number - 1].get_textpage().get_text_range()
        assert sorted(re.sub(r"\s", "", page.span.of(document.text))) == sorted(re.sub(r"\s", "", raw))


def test_repeated_headers_and_page_numbers_are_furniture_and_stay_in_the_text(report, job):
    document = parse(job("pdf", report))
    assert [span.of(document.text) for span in document.furniture[:2]] == ["Acme Annual Report", "1"]
    assert len(document.furniture) == 2 * 4


def test_text_that_repeats_at_the_end_of_each_page_is_no_furniture(tmp_path, job):
    path = tmp_path / "same.pdf"
    canvas = Canvas(str(path))
    for number in range(4):
        canvas.drawString(72, 700, f"Page {number} begins with a sentence of its own and then")
        canvas.drawString(72, 686, "ends in the same words.")
        canvas.showPage()
    canvas.save()
    assert parse(job("pdf", path)).furniture == ()


def test_headings_are_found_by_their_look(report, job):
    document = parse(job("pdf", report))
    assert [heading.title for heading in document.headings] == [f"Item {n}. Results of the year" for n in range(1, 5)]
    assert all(heading.span.of(document.text) == heading.title for heading in document.headings)
    assert {heading.depth for heading in document.headings} == {1}


def test_headings_of_an_outline_are_found_on_their_pages(tmp_path, draw, job):
    document = parse(job("pdf", draw(tmp_path / "outlined.pdf", outline=True)))
    assert [document.page_at(heading.span.start) for heading in document.headings] == [1, 2, 3, 4]
    assert document.headings[2].span.of(document.text) == "Item 3. Results of the year"


def test_an_outline_entry_that_is_not_printed_has_an_empty_span(tmp_path, job):
    path = tmp_path / "named.pdf"
    canvas = Canvas(str(path))
    for number in range(3):
        canvas.drawString(72, 700, f"Only this sentence stands on page {number + 1} of the file.")
        canvas.bookmarkPage(f"p{number}", fit="XYZ", left=0, top=720)
        canvas.addOutlineEntry(f"Chapter {'ABC'[number]}", f"p{number}", 0)
        canvas.showPage()
    canvas.save()
    document = parse(job("pdf", path))
    assert [heading.title for heading in document.headings] == ["Chapter A", "Chapter B", "Chapter C"]
    assert all(len(heading.span) == 0 for heading in document.headings)


def test_a_table_of_contents_makes_no_headings(tmp_path, job):
    path = tmp_path / "contents.pdf"
    canvas = Canvas(str(path))
    canvas.setFont("Helvetica-Bold", 12)
    canvas.drawString(72, 740, "Table of Contents")
    for number in range(1, 9):
        canvas.drawString(72, 720 - 16 * number, f"Item {number}. A chapter of it")
        canvas.drawRightString(500, 720 - 16 * number, str(number * 7))
    canvas.showPage()
    canvas.save()
    assert parse(job("pdf", path)).headings == ()


def test_a_numbered_heading_with_a_wide_gap_is_no_row(tmp_path, job):
    path = tmp_path / "numbered.pdf"
    canvas = Canvas(str(path))
    canvas.setFont("Helvetica-Bold", 14)
    canvas.drawString(72, 720, "3.2")
    canvas.drawString(120, 720, "Methods")
    canvas.setFont("Helvetica", 10)
    canvas.drawString(72, 690, "A sentence of the body that is long enough to be the usual text of the page.")
    canvas.save()
    document = parse(job("pdf", path))
    assert [heading.title for heading in document.headings] == ["3.2 Methods"]


def test_columns_are_not_joined(tmp_path, job):
    path = tmp_path / "columns.pdf"
    canvas = Canvas(str(path))
    canvas.setFont("Helvetica", 10)
    for left, word in ((72, "The left"), (320, "The right")):
        for index in range(4):
            canvas.drawString(left, 700 - 12 * index, f"{word} column goes on for four lines of")
    canvas.save()
    lines = [line for line in parse(job("pdf", path)).text.split("\n") if line]
    assert [line.split()[1] for line in lines] == ["left", "right"]
    assert all(line.count("column") == 4 for line in lines)


def test_only_the_chosen_pages_are_read(report, job):
    document = parse(job("pdf", report, pages="2,4"))
    assert [page.number for page in document.pages] == [2, 4]
    assert "Item 4." in document.pages[1].span.of(document.text)
    assert "Item 1." not in document.text


def test_a_page_past_the_end_is_an_error_that_names_the_last(report, job):
    with pytest.raises(DocumentError, match="no page 9; the last page is 4"):
        parse(job("pdf", report, pages="3-9"))


def test_a_selection_that_cannot_be_read_is_a_setting_to_change(report):
    with pytest.raises(ConfigError, match="cannot be read at 'x'"):
        load(report, pages="x")


def test_an_encrypted_file_asks_for_its_password(tmp_path, draw, job):
    path = draw(tmp_path / "secret.pdf", password="albatross")
    with pytest.raises(DocumentError, match="it is encrypted; give its password with --password or HIERCOMP_PASSWORD"):
        parse(job("pdf", path))
    with pytest.raises(DocumentError, match="its password is wrong"):
        parse(job("pdf", path, password="gull"))
    assert "Sales of anvils" in load(path, password="albatross").text


def test_a_file_with_restrictions_but_no_password_opens(tmp_path, draw, job):
    path = draw(tmp_path / "restricted.pdf", password="")
    assert len(parse(job("pdf", path)).pages) == 4


def test_a_file_without_text_is_refused(tmp_path, job):
    path = tmp_path / "scan.pdf"
    canvas = Canvas(str(path))
    for _ in range(3):
        canvas.rect(72, 72, 400, 600, fill=1)
        canvas.showPage()
    canvas.save()
    with pytest.raises(DocumentError, match="pages 1-3 of the file have no text"):
        parse(job("pdf", path))


def test_a_short_text_is_no_scan(tmp_path, job):
    path = tmp_path / "short.pdf"
    canvas = Canvas(str(path))
    canvas.drawString(72, 700, "Hello World")
    canvas.save()
    assert parse(job("pdf", path)).text == "Hello World\n"


def test_a_damaged_file_is_one_clear_line(report):
    report.write_bytes(report.read_bytes()[:900])
    with pytest.raises(DocumentError, match="not a readable PDF") as error:
        load(report)
    assert "\n" not in str(error.value)


def test_more_pages_than_the_limit_are_refused(report):
    with pytest.raises(DocumentError, match="4 pages are more than the limit of 3"):
        load(report, limits=Limits(pages=3))


def test_characters_outside_the_basic_plane_are_one_code_point(tmp_path, job):
    path = tmp_path / "clef.pdf"
    path.write_bytes(_pdf_with_clef())
    document = parse(job("pdf", path))
    assert document.text == "music \N{MUSICAL SYMBOL G CLEF} on a whole page\n"


def _pdf_with_clef() -> bytes:
    """Return a PDF with a font that maps the letter Q to U+1D11E."""
    to_unicode = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def "
        b"1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfchar <51> <D834DD1E> endbfchar "
        b"1 beginbfrange <20> <50> <0020> endbfrange 1 beginbfrange <52> <7e> <0052> endbfrange endcmap end end"
    )
    content = b"BT /F1 12 Tf 72 700 Td (music Q on a whole page) Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >> stream\n%b\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R >>",
        b"<< /Length %d >> stream\n%b\nendstream" % (len(to_unicode), to_unicode),
    ]
    body, offsets = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return body + b"xref\n0 7\n0000000000 65535 f \n%btrailer << /Size 7 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(body),
    )


def test_turned_text_is_read_as_if_it_were_upright(tmp_path, job):
    path = tmp_path / "landscape.pdf"
    canvas = Canvas(str(path), pagesize=(612, 792))
    canvas.rotate(90)
    canvas.setFont("Helvetica", 10)
    for index in range(3):
        canvas.drawString(72, -100 - 14 * index, f"Sales of anvils {index}")
        canvas.drawRightString(380, -100 - 14 * index, "55,893")
        canvas.drawRightString(460, -100 - 14 * index, "51,386")
    canvas.save()
    assert parse(job("pdf", path)).text.count("\t55,893\t51,386\n") == 3


def test_the_title_is_the_one_in_the_file_unless_it_is_a_file_name(tmp_path, job):
    for title, expected in (("The anvil year", "The anvil year"), ("report_v2.docx", "Hello and welcome")):
        path = Path(tmp_path, "titled.pdf")
        canvas = Canvas(str(path))
        canvas.setTitle(title)
        canvas.setFont("Helvetica", 20)
        canvas.drawString(72, 700, "Hello and welcome")
        canvas.setFont("Helvetica", 10)
        canvas.drawString(72, 600, "A sentence of the body, which is smaller.")
        canvas.save()
        assert parse(job("pdf", path)).title == expected
