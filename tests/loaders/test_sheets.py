from __future__ import annotations

import datetime

import pytest
import xlsxwriter

from hiercomp.errors import DocumentError
from hiercomp.loaders import Limits, load
from hiercomp.loaders._number_format import BUILT_IN, shown_number, shown_text
from hiercomp.loaders._odf import parse as parse_odf
from hiercomp.loaders._sheets import Area, Sheet, lines
from hiercomp.loaders._xls import parse as parse_xls
from hiercomp.loaders._xlsx import parse as parse_xlsx


@pytest.mark.parametrize(
    ("number", "code", "shown"),
    [
        ("1234.5", "#,##0.00", "1,234.50"),
        ("0.1234", "0.0%", "12.3%"),
        ("-1234", "#,##0;(#,##0)", "(1,234)"),
        ("-5", BUILT_IN[44], "($5.00)"),
        ("0", BUILT_IN[43], "-"),
        ("1234.567", '_($* #,##0.00_);_($* \\(#,##0.00\\);_($* "-"??_);_(@_)', "$1,234.57"),
        ("5", "[$€-2] #,##0.00", "€ 5.00"),
        ("1234000", "#,##0,", "1,234"),
        ("1234567", '0.0,,"M"', "1.2M"),
        ("2.675", "0.00", "2.68"),
        ("-0.001", "0.00", "0.00"),
        ("5", "00000", "00005"),
        ("1.50", "0.##", "1.5"),
        ("1", "0.##", "1"),
        ("1.5", "# ?/?", "1 1/2"),
        ("0.75", "?/4", "3/4"),
        ("123456789", "000-00-0000", "123-45-6789"),
        ("12", "[<10]0.0;[>=10]0", "12"),
        ("7", '"Item "0', "Item 7"),
        ("3", ";;;", ""),
    ],
)
def test_a_number_is_shown_by_its_format(number, code, shown):
    assert shown_number(number, code) == shown


@pytest.mark.parametrize(
    ("number", "code", "shown"),
    [
        ("1E-7", "General", "0.0000001"),
        ("1.2345678901234567E+19", "General", "12345678901234600000"),
        ("0.30000000000000004", "General", "0.3"),
        ("1234567", "0.00E+00", "1234567"),
        ("not a number", "0.0", "not a number"),
    ],
)
def test_no_number_has_an_exponent(number, code, shown):
    assert shown_number(number, code) == shown


@pytest.mark.parametrize(
    ("number", "code", "shown"),
    [
        ("45000", BUILT_IN[14], "2023-03-15"),
        ("45000", "[$-407]d. mmmm yyyy;@", "15. March 2023"),
        ("45000.5", "d/m/yy h:mm", "15/3/23 12:00"),
        ("0.75", "h:mm AM/PM", "6:00 PM"),
        ("1.5", "[h]:mm:ss", "36:00:00"),
        ("0.5123", "h:mm:ss.000", "12:17:42.720"),
        ("1", "d.m.yyyy", "1.1.1900"),
        ("-1", "d.m.yyyy", "-1"),
    ],
)
def test_a_date_is_shown_by_its_format(number, code, shown):
    assert shown_number(number, code) == shown


def test_dates_may_count_from_1904():
    assert shown_number("0", "yyyy-mm-dd", is_1904=True) == "1904-01-01"


def test_a_text_has_the_prefix_of_its_format():
    assert shown_text("7b", '"No. "@') == "No. 7b"
    assert shown_text("7b", "0.00") == "7b"


def test_a_merged_cell_stands_in_each_of_its_places():
    sheet = Sheet("Costs", merged=[Area(0, 0, 0, 2), Area(1, 1, 1, 2), Area(2, 3, 0, 0)])
    sheet.add_row(0, [(0, "Costs of the year")])
    sheet.add_row(1, [(0, "Region"), (1, "Amount")])
    sheet.add_row(2, [(0, "North"), (1, "1"), (2, "2")])
    sheet.add_row(3, [(1, "3")])
    sheet.add_row(9, [(0, "Total"), (2, "6")])
    assert lines(sheet) == [
        "Costs of the year",
        "Region\tAmount\tAmount",
        "North\t1\t2",
        "North\t3\t",
        "",
        "Total\t\t6",
    ]


def test_hidden_rows_and_columns_are_left_out_and_named():
    sheet = Sheet("Costs", hidden_rows={1}, hidden_columns={1})
    for row in range(3):
        sheet.add_row(row, [(0, f"a{row}"), (1, f"b{row}"), (2, f"c{row}")])
    assert lines(sheet) == ["a0\tc0", "a2\tc2"]
    assert list(sheet.omissions()) == ["1 hidden row of sheet Costs", "1 hidden column of sheet Costs"]


@pytest.fixture
def workbook(tmp_path):
    """A workbook with formats, merged, hidden, struck and raised text, a chart, and a formula without a value."""
    path = tmp_path / "costs.xlsx"
    book = xlsxwriter.Workbook(str(path))
    style = {code: book.add_format({"num_format": code}) for code in ("#,##0.00", "0.0%", "d mmm yyyy")}
    sheet = book.add_worksheet("Costs 2025")
    sheet.merge_range("B2:E2", "Costs of the year")
    sheet.write_row("B4", ["Region", "Town"])
    sheet.merge_range("D4:E4", "Amount")
    sheet.merge_range("B5:B6", "North")
    sheet.write("C5", "Oslo")
    sheet.write("D5", 1234567.891, style["#,##0.00"])
    sheet.write("E5", 0.1234, style["0.0%"])
    sheet.write("C6", "Bergen")
    sheet.write_datetime("E6", datetime.datetime(2025, 3, 4), style["d mmm yyyy"])
    sheet.write("B7", "secret")
    sheet.set_row(6, None, None, {"hidden": True})
    sheet.write_rich_string("B8", "10", book.add_format({"font_script": 1}), "6", " units")
    sheet.write("C8", "old", book.add_format({"font_strikeout": True}))
    sheet.write("D8", True)
    sheet.write_formula("E8", "=1+1", None, "")
    sheet.insert_chart("H2", _chart(book))
    book.add_worksheet("Rates").write("A1", "hidden")
    book.get_worksheet_by_name("Rates").hide()
    book.add_worksheet("List").write_row("A1", ["id", "n"])
    book.close()
    return path


def _chart(book):
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "='Costs 2025'!$D$5:$D$6"})
    return chart


def test_a_workbook_is_read_as_it_is_shown(workbook, job):
    document = parse_xlsx(job("xlsx", workbook))
    assert document.text == (
        "Costs 2025\n\nCosts of the year\n\nRegion\tTown\tAmount\tAmount\nNorth\tOslo\t1,234,567.89\t12.3%\n"
        "North\tBergen\t\t4 Mar 2025\n10^6 units\t\tTRUE\t\n\nList\n\nid\tn\n"
    )
    assert [heading.title for heading in document.headings] == ["Costs 2025", "List"]
    assert [heading.span.of(document.text) for heading in document.headings] == ["Costs 2025", "List"]
    assert set(document.omissions) == {
        "the hidden sheet Rates",
        "1 chart",
        "1 struck cell",
        "1 hidden row of sheet Costs 2025",
    }
    assert load(workbook).text == document.text


def test_a_workbook_in_the_strict_format_and_without_addresses_is_read(archive, job):
    office = "http://purl.oclc.org/ooxml/officeDocument/relationships"
    main = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    relation = '<Relationship Id="r1" Type="{}/{}" Target="{}"/>'
    package = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    path = archive(
        "strict.xlsx",
        {
            "_rels/.rels": package.format(relation.format(office, "officeDocument", "/xl/workbook.xml")),
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": package.format(relation.format(office, "worksheet", "worksheets/a.xml")),
            "xl/worksheets/a.xml": f'<x:worksheet xmlns:x="{main}"><x:sheetData><x:row>'
            '<x:c t="inlineStr"><x:is><x:t>a_x000D_b</x:t></x:is></x:c><x:c><x:v>4.10</x:v></x:c>'
            "<x:c><x:f>A1</x:f></x:c></x:row></x:sheetData></x:worksheet>",
        },
    )
    document = parse_xlsx(job("xlsx", path))
    assert document.text == "S\n\na b\t4.1\n"
    assert document.omissions == ("1 formula without a stored value",)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"xl/workbook.xml": "<workbook"}, "is damaged"),
        ({"xl/workbook.xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><workbook/>"}, "defines XML entities"),
        ({"xl/workbook.xml": "<workbook/>"}, "holds no text"),
        ({"xl/workbook.xml": "<workbook/>", "xl/media/a.bin": bytes(11_000_000)}, "zip bomb"),
    ],
)
def test_a_hostile_workbook_is_refused_in_one_line(archive, parts, message):
    with pytest.raises(DocumentError, match=message) as error:
        load(archive("bad.xlsx", parts))
    assert "\n" not in str(error.value)


def test_a_workbook_of_many_rows_is_read_within_the_limits(tmp_path):
    path = tmp_path / "long.xlsx"
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    for row in range(20_000):
        sheet.write_row(row, 0, [f"A{row}", row, row * 1.5])
    book.close()
    document = load(path, limits=Limits(seconds=60))
    assert document.text.endswith("A19999\t19999\t29998.5\n")


def test_a_binary_workbook_has_exact_numbers(workbook, job):
    # The reader of XLS and XLSB reads XLSX, too, and no library writes XLSB.
    document = parse_xls(job("xls", workbook))
    assert "North\tOslo\t1234567.891\t0.1234\nNorth\tBergen\t\t2025-03-04\n" in document.text
    assert document.omissions == ("the hidden sheet Rates",)


def test_a_damaged_binary_workbook_is_refused(tmp_path, job):
    path = tmp_path / "bad.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "Workbook\0".encode("utf-16-le"))
    with pytest.raises(DocumentError, match="the workbook is damaged"):
        load(path)


NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office", "style": "style", "text": "text", "table": "table", "draw": "drawing",
    }.items()
)  # fmt: skip
STYLES = (
    '<style:style style:name="up"><style:text-properties style:text-position="super 58%"/></style:style>'
    '<style:style style:name="down"><style:text-properties style:text-position="-33% 58%"/></style:style>'
    '<style:style style:name="struck"><style:text-properties style:text-line-through-style="solid"/></style:style>'
    '<style:style style:name="off"><style:table-properties table:display="false"/></style:style>'
)


@pytest.fixture
def open_document(archive):
    def write(kind, body):
        content = (
            f"<office:document-content {NAMESPACES}><office:automatic-styles>{STYLES}</office:automatic-styles>"
            f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
        )
        mimetype = f"application/vnd.oasis.opendocument.{kind}"
        return archive(
            "file.odf", {"mimetype": mimetype, "META-INF/manifest.xml": "<manifest/>", "content.xml": content}
        )

    return write


def _cells(*texts, **attributes):
    options = " ".join(f'table:{name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return "".join(f"<table:table-cell {options}><text:p>{text}</text:p></table:table-cell>" for text in texts)


def test_a_spreadsheet_shows_the_text_of_its_cells(open_document, job):
    row = "<table:table-row>{}</table:table-row>"
    body = (
        '<table:table table:name="Costs"><table:table-column table:number-columns-repeated="4"/>'
        + row.format(_cells("Region") + _cells("Amount", number_columns_spanned=2) + "<table:covered-table-cell/>")
        + row.format(
            _cells("North", number_rows_spanned=2)
            + _cells("1 234,50 €", "12.3%")
            + '<table:table-cell office:value="1.5E+20"><text:p>1.5E+20</text:p></table:table-cell>'
        )
        + row.format("<table:covered-table-cell/>" + _cells("x", number_columns_repeated=2))
        + '<table:table-row table:visibility="collapse">'
        + _cells("secret")
        + "</table:table-row>"
        + '<table:table-row table:number-rows-repeated="1048570"><table:table-cell/></table:table-row></table:table>'
        + '<table:table table:name="Rates" table:style-name="off">'
        + row.format(_cells("hidden"))
        + "</table:table>"
    )
    document = parse_odf(job("odf", open_document("spreadsheet", body)))
    assert document.text == (
        "Costs\n\nRegion\tAmount\tAmount\t\nNorth\t1 234,50 €\t12.3%\t150000000000000000000\nNorth\tx\tx\t\n"
    )
    assert document.omissions == ("1 hidden sheet (Rates)", "1 hidden row of sheet Costs")


def test_an_open_text_is_read_with_its_marks(open_document):
    note = (
        "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Unaudited.</text:p>"
        "</text:note-body></text:note>"
    )
    body = (
        "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
        '<text:h text:outline-level="2">Sales</text:h>'
        '<text:p>Area 5 m<text:span text:style-name="up">2</text:span> of H<text:span text:style-name="down">2'
        f'</text:span>O<text:span text:style-name="struck">, $5</text:span> in 2025{note}.<draw:frame><draw:image/>'
        "</draw:frame></text:p>"
        "<text:list><text:list-item><text:p>first</text:p><text:list><text:list-item><text:p>inner</text:p>"
        "</text:list-item></text:list></text:list-item></text:list>"
        "<table:table><table:table-row>"
        + _cells("Year", "Sales")
        + "</table:table-row><table:table-row>"
        + _cells("2025")
        + "<table:table-cell/></table:table-row></table:table>"
    )
    document = load(open_document("text", body))
    assert document.text == (
        "Sales\n\nArea 5 m^2 of H_2O in 2025[1].\n\n[1] Unaudited.\n\n• first\n  • inner\n\nYear\tSales\n2025\t\n"
    )
    assert [(heading.title, heading.depth) for heading in document.headings] == [("Sales", 2)]
    assert document.omissions == ("1 picture",)


def test_an_encrypted_open_document_is_refused(archive):
    parts = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "META-INF/manifest.xml": "<manifest><encryption-data/></manifest>",
        "content.xml": "noise",
    }
    with pytest.raises(DocumentError, match="it is encrypted"):
        load(archive("file.odt", parts))
