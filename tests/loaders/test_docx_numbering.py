"""Numbers of clauses and lists, as Word shows them."""

from __future__ import annotations

import pytest
from office_files import element, write_docx

from hiercomp.loaders._docx import parse


def level(depth, text, number_format="decimal", more=""):
    return (
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{number_format}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def definition(key, *levels, more=""):
    return f'<w:abstractNum w:abstractNumId="{key}">{more}{"".join(levels)}</w:abstractNum>'


def used(key, definition_key, override=""):
    return f'<w:num w:numId="{key}"><w:abstractNumId w:val="{definition_key}"/>{override}</w:num>'


def item(text, list_id=1, depth=0, style=""):
    place = f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{list_id}"/></w:numPr>' if list_id is not None else ""
    style = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{style}{place}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


@pytest.fixture
def lines(tmp_path, job):
    def read(body, numbering, styles=""):
        parts = {"numbering": element("w:numbering", numbering), "styles": element("w:styles", styles)}
        path = write_docx(tmp_path / "list.docx", body, **parts)
        return parse(job("docx", path)).text.split("\n")

    return read


CLAUSES = definition(
    7,
    level(0, "%1."),
    level(1, "%1.%2"),
    level(2, "(%3)", "lowerLetter"),
    level(3, "(%4)", "lowerRoman"),
)


def test_clauses_have_the_numbers_of_their_levels(lines):
    body = "".join(
        item(text, 1, depth)
        for text, depth in (
            ("Supply", 0),
            ("The supplier delivers pumps.", 1),
            ("The buyer pays", 1),
            ("by transfer, or", 2),
            ("by cheque", 2),
            ("that is covered", 3),
            ("Term", 0),
            ("One year.", 1),
            ("In writing", 2),
        )
    )
    assert lines(body, CLAUSES + used(1, 7))[:-1] == [
        "1. Supply",
        "1.1 The supplier delivers pumps.",
        "1.2 The buyer pays",
        "1.2(a) by transfer, or",
        "1.2(b) by cheque",
        "1.2(b)(i) that is covered",
        "2. Term",
        "2.1 One year.",
        "2.1(a) In writing",
    ]


def test_lists_of_one_definition_go_on_unless_they_start_anew(lines):
    restart = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    numbering = definition(7, level(0, "%1)")) + used(1, 7) + used(2, 7) + used(3, 7, restart)
    body = item("a", 1) + item("b", 2) + item("c", 3) + item("d", 3) + item("e", 1)
    assert lines(body, numbering)[:-1] == ["1) a", "2) b", "1) c", "2) d", "3) e"]


def test_a_list_counts_on_over_plain_and_empty_paragraphs_and_not_over_deleted_ones(lines):
    deleted = (
        '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr><w:rPr><w:del w:id="3"/></w:rPr></w:pPr>'
        '<w:del w:id="4"><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>'
    )
    body = item("one") + item("plain", None) + item("") + deleted + item("three")
    numbering = definition(7, level(0, "%1.")) + used(1, 7)
    assert [line for line in lines(body, numbering) if line] == ["1. one", "plain", "3. three"]


@pytest.mark.parametrize(
    ("number_format", "expected"),
    [
        ("upperRoman", ["I", "II", "III"]),
        ("lowerRoman", ["i", "ii", "iii"]),
        ("upperLetter", ["A", "B", "C"]),
        ("decimalZero", ["01", "02", "03"]),
        ("ordinal", ["1st", "2nd", "3rd"]),
        ("cardinalText", ["One", "Two", "Three"]),
        ("ordinalText", ["First", "Second", "Third"]),
        ("japaneseCounting", ["一", "二", "三"]),
    ],
)
def test_number_formats(lines, number_format, expected):
    numbering = definition(7, level(0, "Article %1 –", number_format)) + used(1, 7)
    found = lines(item("a") + item("b") + item("c"), numbering)
    assert found[:-1] == [f"Article {number} – {text}" for number, text in zip(expected, "abc", strict=True)]


def test_a_number_can_restart_late_start_high_be_legal_and_join_its_text(lines):
    numbering = definition(
        7,
        level(0, "Part %1", "upperRoman").replace('start w:val="1"', 'start w:val="4"'),
        level(1, "§%2", more='<w:lvlRestart w:val="0"/>'),
        level(2, "%1.%2.%3", more="<w:isLgl/>"),
        level(3, "第%4条", more='<w:suff w:val="nothing"/>'),
    ) + used(1, 7)
    body = "".join(
        item(text, 1, depth) for text, depth in (("A", 0), ("b", 1), ("c", 2), ("D", 0), ("e", 1), ("f", 2), ("本", 3))
    )
    assert lines(body, numbering)[:-1] == ["Part IV A", "§1 b", "4.1.1 c", "Part V D", "§2 e", "5.2.1 f", "第1条本"]


def test_styles_number_headings(lines):
    styles = (
        "".join(
            f'<w:style w:type="paragraph" w:styleId="H{depth}"><w:name w:val="heading {depth}"/>'
            '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
            for depth in (1, 2)
        )
        + '<w:style w:type="paragraph" w:styleId="Own"><w:name w:val="Own"/><w:basedOn w:val="H2"/></w:style>'
    )
    numbering = definition(
        7,
        level(0, "%1", more='<w:pStyle w:val="H1"/>'),
        level(1, "%1.%2", more='<w:pStyle w:val="H2"/>'),
    ) + used(1, 7)
    body = (
        item("Scope", None, style="H1")
        + item("Terms", None, style="H2")
        + item("Words", None, style="Own")
        + item("Unnumbered", 0, style="H1")
    )
    assert [line for line in lines(body, numbering, styles) if line] == [
        "1 Scope",
        "1.1 Terms",
        "1.2 Words",
        "Unnumbered",
    ]


def test_a_definition_can_stand_behind_a_style(lines):
    numbering = (
        definition(1, more='<w:numStyleLink w:val="Legal"/>')
        + definition(2, level(0, "Clause %1:"), more='<w:styleLink w:val="Legal"/>')
        + used(5, 1)
        + used(6, 2)
    )
    styles = (
        '<w:style w:type="numbering" w:styleId="Legal"><w:name w:val="Legal"/>'
        '<w:pPr><w:numPr><w:numId w:val="6"/></w:numPr></w:pPr></w:style>'
    )
    assert lines(item("Rent", 5), numbering, styles)[0] == "Clause 1: Rent"


def test_bullets_are_bullets_and_boxes_are_boxes(lines):
    wingdings = '<w:rPr><w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/></w:rPr>'
    boxes = level(0, "\uf0a8", "bullet").replace("</w:lvl>", f"{wingdings}</w:lvl>")
    numbering = definition(1, level(0, "\uf0b7", "bullet")) + definition(2, boxes) + used(1, 1) + used(2, 2)
    assert lines(item("milk") + item("keys", 2), numbering)[:-1] == ["• milk", "☐ keys"]


def test_items_in_a_table_have_numbers_and_a_list_that_is_not_defined_has_none(lines):
    row = f"<w:tbl><w:tr><w:tc>{item('Fee')}</w:tc><w:tc>{item('9', None)}</w:tc></w:tr></w:tbl>"
    numbering = definition(7, level(0, "%1.")) + used(1, 7)
    assert lines(row + item("After") + item("Lost", 99), numbering)[:-1] == ["1. Fee\t9", "", "2. After", "", "Lost"]
