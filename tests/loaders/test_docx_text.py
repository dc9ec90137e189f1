"""What paragraphs of DOCX files say: scripts, equations, fields, controls, hidden and changed text."""

from __future__ import annotations

import pytest
from office_files import element, write_docx

from hiercomp.loaders._docx import parse


def run(text, properties=""):
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def raised(text):
    return run(text, '<w:vertAlign w:val="superscript"/>')


def lowered(text):
    return run(text, '<w:vertAlign w:val="subscript"/>')


def character(kind, form=""):
    return f'<w:r><w:fldChar w:fldCharType="{kind}">{form}</w:fldChar></w:r>'


def field(instruction, *result, form=""):
    code = f'<w:r><w:instrText xml:space="preserve">{instruction}</w:instrText></w:r>'
    return character("begin", form) + code + (character("separate") + "".join(result)) * bool(result) + character("end")


def math(content):
    return f"<m:oMath>{content}</m:oMath>"


def term(text):
    return f"<m:r><m:t>{text}</m:t></m:r>"


def part(name, *arguments, properties=""):
    inner = "".join(f"<m:{key}>{content}</m:{key}>" for key, content in arguments)
    return f"<m:{name}><m:{name}Pr>{properties}</m:{name}Pr>{inner}</m:{name}>"


@pytest.fixture
def document(tmp_path, job):
    def read(body, **options):
        return parse(job("docx", write_docx(tmp_path / "text.docx", body, **options)))

    return read


@pytest.fixture
def line(document):
    return lambda content, **options: document(f"<w:p>{content}</w:p>", **options).text.rstrip("\n")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (run("2 x 10") + raised("5") + run(" bolts"), "2 x 10^5 bolts"),
        (run("4 x 10") + raised("-") + raised("3") + run(" m"), "4 x 10^-3 m"),
        (run("CO") + lowered("2") + run(" and x") + lowered("i+1"), "CO_2 and x_(i+1)"),
        (run("the 3") + raised("rd") + run(" floor"), "the 3rd floor"),
        (run("of $8.4 million") + raised("2") + run(" in cash"), "of $8.4 million[2] in cash"),
        (run("7 percent", "<w:strike/>") + run("6 percent"), "6 percent"),
        (run("7 percent", "<w:dstrike/>") + run("6 percent", '<w:strike w:val="0"/>'), "6 percent"),
        (run("Shown.") + run(" Not for the buyer.", "<w:vanish/>"), "Shown."),
        ("<w:r><w:t>re</w:t><w:softHyphen/><w:t>turn</w:t><w:noBreakHyphen/><w:t>key</w:t></w:r>", "return-key"),
        (run("co\u00adoperate"), "cooperate"),
        ('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>' + run(" paid"), "☑ paid"),
        (run("5 ") + '<w:r><w:sym w:font="Symbol" w:char="F06D"/></w:r>' + run("m"), "5 μm"),
        (run("x \uf0b3 3"), "x ≥ 3"),
        (run("\uf0fd", '<w:rFonts w:ascii="Wingdings"/>') + run(" no"), "☒ no"),
        (
            "<w:r><w:ruby><w:rubyPr/><w:rt><w:r><w:t>とうきょう</w:t></w:r></w:rt>"
            "<w:rubyBase><w:r><w:t>東京</w:t></w:r></w:rubyBase></w:ruby></w:r>",
            "東京(とうきょう)",
        ),
    ],
)
def test_runs(line, content, expected):
    assert line(content) == expected


def test_styles_raise_hide_and_strike_text(line):
    styles = "".join(
        f'<w:style w:type="character" w:styleId="{name}"><w:name w:val="{name}"/>{base}<w:rPr>{look}</w:rPr></w:style>'
        for name, base, look in (
            ("Power", "", '<w:vertAlign w:val="superscript"/>'),
            ("Derived", '<w:basedOn w:val="Power"/>', ""),
            ("Secret", "", "<w:vanish/>"),
            ("Loop", '<w:basedOn w:val="Loop"/>', "<w:strike/>"),
        )
    )
    content = (
        run("5 x 10")
        + run("7", '<w:rStyle w:val="Derived"/>')
        + run(" cost 3", '<w:rStyle w:val="Secret"/>')
        + run(" old", '<w:rStyle w:val="Loop"/>')
        + run(" new", '<w:rStyle w:val="Loop"/><w:strike w:val="false"/>')
    )
    assert line(content, styles=element("w:styles", styles)) == "5 x 10^7 new"


def test_hidden_and_struck_text_is_counted(document):
    body = f"<w:p>{run('a ')}{run('b', '<w:vanish/>')}{run('c', '<w:vanish/>')}{run('d', '<w:strike/>')}</w:p>"
    assert document(body).omissions == ("2 runs of hidden text", "1 run of struck text")


def test_moved_text_stands_once_and_a_deleted_end_joins_paragraphs(document):
    moved = (
        f'<w:p><w:moveFrom w:id="1">{run("The key is blue.")}</w:moveFrom>{run("First.")}</w:p>'
        f'<w:p><w:moveTo w:id="2">{run("The key is blue.")}</w:moveTo></w:p>'
    )
    joined = f'<w:p><w:pPr><w:rPr><w:del w:id="3"/></w:rPr></w:pPr>{run("One")}</w:p><w:p>{run("sentence.")}</w:p>'
    assert document(moved + joined).text == "First.\n\nThe key is blue.\n\nOne sentence.\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (run("due ") + field(" DATE ", run("5 May")) + run(" at noon"), "due 5 May at noon"),
        (run("see ") + field("IF " + "1 = 1 ", run("clause 4")), "see clause 4"),
        (
            character("begin")
            + "<w:r><w:instrText>IF </w:instrText></w:r>"
            + field("MERGEFIELD sum", run("900"))
            + "<w:r><w:instrText> = 900</w:instrText></w:r>"
            + character("separate")
            + run("large")
            + character("end")
            + run(" order"),
            "large order",
        ),
        (run("Term") + field("XE &quot;Term&quot;") + run(" of lease"), "Term of lease"),
        ('<w:fldSimple w:instr=" AUTHOR ">' + run("Ada") + "</w:fldSimple>", "Ada"),
        (
            field("FORMCHECKBOX", form="<w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData>") + run(" yes"),
            "☒ yes",
        ),
        (
            field(
                "FORMCHECKBOX",
                form='<w:ffData><w:checkBox><w:default w:val="1"/><w:checked w:val="0"/></w:checkBox></w:ffData>',
            )
            + run(" no"),
            "☐ no",
        ),
        (
            field(
                "FORMDROPDOWN",
                form='<w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="gas"/>'
                '<w:listEntry w:val="oil"/></w:ddList></w:ffData>',
            ),
            "oil",
        ),
        (
            run("Name: ") + field("FORMTEXT", run("Grete Holm"), form="<w:ffData><w:textInput/></w:ffData>"),
            "Name: Grete Holm",
        ),
        (run("mix 1") + field(r"EQ \f(3,4)") + run(" cup"), "mix 1 3/4 cup"),
        (run("side ") + field(r"EQ \r(3,8)"), "side root(3, 8)"),
        (run("word") + field("NOTEREF _Ref1", raised("4")) + run(" again"), "word[4] again"),
        (
            '<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="1"/></w14:checkbox></w:sdtPr><w:sdtContent/></w:sdt>'
            + run(" insured"),
            "☒ insured",
        ),
        (
            "<w:sdt><w:sdtPr><w:dropDownList/></w:sdtPr><w:sdtContent>" + run("monthly") + "</w:sdtContent></w:sdt>",
            "monthly",
        ),
        ('<w:hyperlink w:anchor="_ftn3">' + raised("3") + "</w:hyperlink>" + run(" x"), "[3] x"),
    ],
)
def test_fields_and_controls(line, content, expected):
    assert line(content) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (part("f", ("num", term("3")), ("den", term("4"))), "3/4"),
        (part("f", ("num", term("a+b")), ("den", term("2c"))), "(a+b)/2c"),
        (part("sSup", ("e", term("10")), ("sup", term("-9"))), "10^-9"),
        (part("sSup", ("e", term("x")), ("sup", term("n+1"))) + term("y"), "x^(n+1) y"),
        (part("sSup", ("e", part("f", ("num", term("a")), ("den", term("b")))), ("sup", term("2"))), "(a/b)^2"),
        (part("sSup", ("e", part("d", ("e", term("a+b")))), ("sup", term("∞"))), "(a+b)^∞"),
        (part("sSub", ("e", term("v")), ("sub", term("0"))), "v_0"),
        (part("sSubSup", ("e", term("x")), ("sub", term("i")), ("sup", term("2"))), "x_i^2"),
        (part("rad", ("deg", term("3")), ("e", term("27"))), "root(3, 27)"),
        (
            part("nary", ("sub", term("i=1")), ("sup", term("n")), ("e", term("i")), properties='<m:chr m:val="∑"/>'),
            "∑_(i=1)^n i",
        ),
        (part("nary", ("sub", term("0")), ("sup", term("1")), ("e", term("x dx"))), "∫_0^1 x dx"),
        (part("func", ("fName", term("log")), ("e", term("2x"))), "log 2x"),
        (
            part("func", ("fName", part("limLow", ("e", term("lim")), ("lim", term("x→0")))), ("e", term("f"))),
            "lim_(x→0) f",
        ),
        (part("d", ("e", term("a")), ("e", term("b")), properties='<m:sepChr m:val=","/>'), "(a,b)"),
        (
            part(
                "d",
                (
                    "e",
                    "<m:m>"
                    + "".join(f"<m:mr><m:e>{term(a)}</m:e><m:e>{term(b)}</m:e></m:mr>" for a, b in ("12", "34"))
                    + "</m:m>",
                ),
                properties='<m:begChr m:val="["/><m:endChr m:val="]"/>',
            ),
            "[1, 2; 3, 4]",
        ),
        (
            part("d", ("e", part("f", ("num", term("n")), ("den", term("k")), properties='<m:type m:val="noBar"/>'))),
            "(n choose k)",
        ),
        (part("acc", ("e", term("v")), properties='<m:chr m:val="\u20d7"/>'), "v\u20d7"),
        (part("eqArr", ("e", term("x&amp;=1")), ("e", term("y&amp;=2"))), "x=1; y=2"),
        (term("\U0001d465") + term("=4"), "x=4"),
        (term("sin\u2061") + term("θ"), "sin θ"),
        (part("phant", ("e", term("7")), properties='<m:show m:val="0"/>') + term("8"), "8"),
        (f'<w:del w:id="1">{term("5")}</w:del>' + term("6"), "6"),
    ],
)
def test_equations(line, content, expected):
    assert line(math(content)) == expected


def test_an_equation_stands_in_its_sentence_once(line):
    fraction = part("f", ("num", term("1")), ("den", term("2")))
    assert line(run("Take 2") + math(fraction) + run(" spoons.")) == "Take 2 1/2 spoons."
    alternatives = (
        f'<mc:AlternateContent><mc:Choice Requires="m">{math(fraction)}</mc:Choice>'
        f"<mc:Fallback>{run('½')}</mc:Fallback></mc:AlternateContent>"
    )
    assert line(run("Take ") + alternatives) == "Take 1/2"
    assert line(math(term("a=b")) + math(term("c=d"))) == "a=b c=d"


def test_headings_come_from_outline_levels_too(document):
    body = f'<w:p><w:pPr><w:outlineLvl w:val="1"/></w:pPr>{run("Costs")}</w:p><w:p>{run("They rose.")}</w:p>'
    assert [(heading.title, heading.depth) for heading in document(body).headings] == [("Costs", 2)]
