from __future__ import annotations

import pytest
from docx import Document as Package
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from office_files import element, write_docx

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


def note(kind, key, text):
    return f'<w:{kind} w:id="{key}"><w:p><w:r><w:{kind}Ref/></w:r><w:r><w:t> {text}</w:t></w:r></w:p></w:{kind}>'


def paragraph(text, *more):
    return f'<w:p><w:r><w:t xml:space="preserve">{text}</w:t></w:r>{"".join(more)}</w:p>'


def reference(kind, key, more=""):
    return f'<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:{kind}Reference w:id="{key}" {more}/></w:r>'


def test_notes_stand_after_the_paragraph_of_their_mark(tmp_path, job):
    footnotes = element(
        "w:footnotes",
        '<w:footnote w:type="separator" w:id="0"><w:p><w:r><w:t>line</w:t></w:r></w:p></w:footnote>'
        + note("footnote", 9, "Without tax.")
        + note("footnote", 4, "In euro.")
        + note("footnote", 5, "Nobody refers to this one."),
    )
    endnotes = element("w:endnotes", note("endnote", 1, "See the annex."))
    body = (
        paragraph("Rent was 800", reference("footnote", 9), reference("footnote", 4), "<w:r><w:t> a month.</w:t></w:r>")
        + paragraph("Heating was 90.", reference("endnote", 1))
        + "<w:tbl><w:tr>"
        + "".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in ("Water", "12"))
        + "</w:tr></w:tbl>"
    )
    path = write_docx(tmp_path / "notes.docx", body, footnotes=footnotes, endnotes=endnotes)
    assert parse(job("docx", path)).text == (
        "Rent was 800[1][2] a month.\n[1] Without tax.\n[2] In euro.\n\nHeating was 90.[i]\n[i] See the annex.\n\n"
        "Water\t12\n"
    )


def test_a_note_of_a_table_stands_after_it_and_a_note_can_have_its_own_mark(tmp_path, job):
    custom = reference("footnote", 2, 'w:customMarkFollows="1"').replace("/></w:r>", "/><w:t>†</w:t></w:r>")
    cells = "".join(f"<w:tc>{content}</w:tc>" for content in (paragraph("Oats"), paragraph("41", custom)))
    own = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>†</w:t></w:r><w:r><w:t> Dry.</w:t></w:r>'
    footnotes = element("w:footnotes", f'<w:footnote w:id="2"><w:p>{own}</w:p></w:footnote>')
    body = f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>" + paragraph("End.")
    path = write_docx(tmp_path / "mark.docx", body, footnotes=footnotes)
    assert parse(job("docx", path)).text == "Oats\t41[†]\n[†] Dry.\n\nEnd.\n"


def test_comments_name_their_author(tmp_path, job):
    comments = element(
        "w:comments", f'<w:comment w:id="3" w:author="Ina Vogt">{paragraph("Ask the bank.")}</w:comment>'
    )
    body = paragraph("The loan is fixed.", '<w:r><w:commentReference w:id="3"/></w:r>') + paragraph("Next.")
    path = write_docx(tmp_path / "comment.docx", body, comments=comments)
    assert parse(job("docx", path)).text == "The loan is fixed.\nComment by Ina Vogt: Ask the bank.\n\nNext.\n"


def test_page_headers_and_footers_stand_once_without_page_numbers(tmp_path, job):
    page = '<w:fldSimple w:instr="PAGE"><w:r><w:t>7</w:t></w:r></w:fldSimple>'
    section = (
        '<w:sectPr><w:headerReference w:type="default" r:id="p0"/><w:headerReference w:type="first" r:id="p1"/>'
        '<w:footerReference w:type="default" r:id="p2"/></w:sectPr>'
    )
    body = f"<w:p><w:pPr>{section}</w:pPr><w:r><w:t>Part one.</w:t></w:r></w:p>" + paragraph("Part two.") + section
    watermark = '<w:p><w:r><w:pict><v:shape><v:textpath string="DRAFT"/></v:shape></w:pict></w:r></w:p>'
    path = write_docx(
        tmp_path / "header.docx",
        body,
        header1=element("w:hdr", paragraph("Order K-218") + watermark),
        header2=element("w:hdr", paragraph("Only on a title page that is not there")),
        footer1=element("w:ftr", paragraph("Page ", page) + paragraph("Secret")),
    )
    assert parse(job("docx", path)).text == (
        "Page header: Order K-218\n\nDRAFT\n\nPart one.\n\nPart two.\n\nPage footer: Secret\n"
    )


def test_text_boxes_pictures_and_objects(tmp_path, job):
    def drawing(content, description=""):
        return (
            f'<w:p><w:r><w:drawing><wp:inline><wp:docPr id="1" name="x" descr="{description}"/>'
            f"<a:graphic><a:graphicData>{content}</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
        )

    picture = '<pic:pic><pic:nvPicPr><pic:cNvPr id="0" name="a.png"/></pic:nvPicPr></pic:pic>'
    box = f"<wps:wsp><wps:txbx><w:txbxContent>{paragraph('In a box.')}</w:txbxContent></wps:txbx></wps:wsp>"
    both = (
        f"<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing>{box}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox><w:txbxContent>{paragraph('In a box.')}</w:txbxContent></v:textbox>"
        "</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    shown = "<v:shape><v:imagedata/></v:shape>"
    sheet = f'<w:p><w:r><w:object>{shown}<o:OLEObject ProgID="Excel.Sheet.12"/></w:object></w:r></w:p>'
    body = both + drawing(picture, "A map of the site") + drawing(picture) + drawing(picture, "IMG_1.jpg") + sheet
    document = parse(job("docx", write_docx(tmp_path / "box.docx", body + '<w:altChunk r:id="x"/>')))
    assert document.text == "In a box.\n\nPicture: A map of the site\n"
    assert document.omissions == (
        "2 pictures (no description)",
        "1 embedded object (Excel.Sheet.12)",
        "1 document inserted as a whole",
    )


def test_a_chart_is_a_table_and_a_damaged_part_is_left_out(tmp_path, job):
    series = (
        "<c:ser><c:tx><c:v>Visits</c:v></c:tx><c:cat><c:strLit><c:pt idx='0'><c:v>May</c:v></c:pt></c:strLit></c:cat>"
        "<c:val><c:numLit><c:pt idx='0'><c:v>1204000</c:v></c:pt></c:numLit></c:val></c:ser>"
    )
    chart = element("c:chartSpace", f"<c:chart><c:plotArea><c:areaChart>{series}</c:areaChart></c:plotArea></c:chart>")

    def graphic(key):
        return f'<w:p><w:r><w:drawing><a:graphic><c:chart r:id="{key}"/></a:graphic></w:drawing></w:r></w:p>'

    body = paragraph("Before.") + graphic("p0") + graphic("p1") + graphic("p9") + paragraph("After.")
    document = parse(
        job("docx", write_docx(tmp_path / "chart.docx", body, chart1=chart, chart2="<c:chartSpace", comments="<w:x>"))
    )
    assert document.text == "Before.\n\n\tMay\nVisits\t1204000\n\nAfter.\n"
    reasons = [omission.partition(" (")[0] for omission in document.omissions]
    assert reasons == ["1 chart", "1 chart", "the damaged part word/comments.xml"]


def test_strict_open_xml_is_read(tmp_path, job):
    body = paragraph("Strict ", "<m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath>", reference("footnote", 1))
    footnotes = element("w:footnotes", note("footnote", 1, "Also strict."))
    path = write_docx(tmp_path / "strict.docx", body, strict=True, footnotes=footnotes)
    assert parse(job("docx", path)).text == "Strict x=1[1]\n[1] Also strict.\n"
