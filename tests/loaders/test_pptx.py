from __future__ import annotations

import pytest
from office_files import deck_slide, element, write_pptx
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from hiercomp.errors import DocumentError
from hiercomp.loaders import load
from hiercomp.loaders._pptx import parse


@pytest.fixture
def slides(tmp_path):
    deck = Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text = "Results"
    first.placeholders[1].text = "Sales rose\nCosts fell"
    first.notes_slide.notes_text_frame.text = "Say it slowly."
    deck.slides.add_slide(deck.slide_layouts[6])
    third = deck.slides.add_slide(deck.slide_layouts[5])
    third.shapes.title.text = "Figures"
    table = third.shapes.add_table(1, 2, 0, 0, Inches(4), Inches(1)).table
    table.cell(0, 0).text, table.cell(0, 1).text = "Anvils", "55,893"
    data = CategoryChartData()
    data.categories = ["2021", "2022"]
    data.add_series("Tongs", (1.5, 2.5))
    third.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(4), Inches(3), data)
    path = tmp_path / "deck.pptx"
    deck.save(path)
    return path


def test_a_slide_is_a_page_with_its_notes_tables_and_charts(slides, job):
    document = parse(job("pptx", slides))
    assert [page.span.of(document.text) for page in document.pages] == [
        "Results\n\nSales rose\nCosts fell\n\nNotes: Say it slowly.\n",
        "",
        "Figures\n\nAnvils\t55,893\n\n\t2021\t2022\nTongs\t1.5\t2.5\n",
    ]
    assert [(heading.title, heading.depth) for heading in document.headings] == [("Results", 1), ("Figures", 1)]
    assert document.title == "Results"


def test_pages_choose_slides(slides):
    document = load(slides, pages="3")
    assert [page.number for page in document.pages] == [3]
    assert document.headings[0].span.of(document.text) == "Figures"


def test_slides_without_text_are_an_error(tmp_path, job):
    deck = Presentation()
    deck.slides.add_slide(deck.slide_layouts[6])
    deck.save(tmp_path / "blank.pptx")
    with pytest.raises(DocumentError, match="the slides hold no text"):
        parse(job("pptx", tmp_path / "blank.pptx"))


def shape(content, properties="", mark=""):
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="x" {properties}/><p:nvPr>{mark}</p:nvPr></p:nvSpPr><p:spPr/>'
        f"<p:txBody>{content}</p:txBody></p:sp>"
    )


def graphic(content):
    inner = f"<a:graphic><a:graphicData>{content}</a:graphicData></a:graphic>"
    return f"<p:graphicFrame>{inner}</p:graphicFrame>"


def paragraph(*runs, properties=""):
    return f"<a:p>{properties}{''.join(runs)}</a:p>"


def run(text, look=""):
    return f"<a:r><a:rPr {look}/><a:t>{text}</a:t></a:r>"


@pytest.fixture
def document(tmp_path, job):
    def read(*slides, **options):
        return parse(job("pptx", write_pptx(tmp_path / "deck.pptx", *slides, **options)))

    return read


@pytest.mark.parametrize("strict", [False, True])
def test_scripts_struck_text_and_equations(document, strict):
    two, three = "<m:r><m:t>2</m:t></m:r>", "<m:r><m:t>3</m:t></m:r>"
    formula = f"<a14:m><m:oMath><m:f><m:num>{two}</m:num><m:den>{three}</m:den></m:f></m:oMath></a14:m>"
    body = paragraph(
        run("6 x 10"),
        run("4", 'baseline="30%"' if strict else 'baseline="30000"'),
        run(" of H"),
        run("2", 'baseline="-25000"'),
        run("O, 9 kg", 'strike="sngStrike"'),
        "<a:br/>",
        formula,
    )
    assert document(shape(body), strict=strict).text == "6 x 10^4 of H_2 2/3\n"


def test_numbered_paragraphs_have_their_numbers(document):
    def item(text, kind, level=0, start=""):
        numbering = f'<a:pPr lvl="{level}"><a:buAutoNum type="{kind}" {start}/></a:pPr>'
        return paragraph(run(text), properties=numbering)

    body = (
        item("open", "arabicPeriod") + item("left", "alphaLcParenR", 1) + item("right", "alphaLcParenR", 1)
        + item("close", "arabicPeriod") + item("again", "alphaLcParenR", 1) + paragraph(run("Note"))
        + item("four", "romanUcParenBoth", start='startAt="4"')
    )  # fmt: skip
    assert document(shape(body)).text == "1. open\na) left\nb) right\n2. close\na) again\nNote\n(IV) four\n"


def test_tables_keep_empty_and_merged_cells(tmp_path, job):
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    table = slide.shapes.add_table(3, 3, 0, 0, Inches(4), Inches(2)).table
    for at, text in {
        (0, 0): "Crew",
        (0, 1): "Shifts",
        (1, 1): "day",
        (1, 2): "night",
        (2, 0): "Red",
        (2, 2): "4",
    }.items():
        table.cell(*at).text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 0).merge(table.cell(1, 0))
    deck.save(tmp_path / "crew.pptx")
    assert parse(job("pptx", tmp_path / "crew.pptx")).text == "Crew\tShifts\tShifts\nCrew\tday\tnight\nRed\t\t4\n"


def test_a_hidden_slide_says_so_and_a_hidden_shape_is_left_out(document):
    shapes = shape(paragraph(run("Plan B")), mark='<p:ph type="title"/>') + shape(paragraph(run("Old")), 'hidden="1"')
    read = document(deck_slide(shapes, 'show="0"'))
    assert (read.text, read.omissions) == ("Plan B\n\n(hidden slide)\n", ("1 shape of slide 1 (hidden)",))


def test_footers_stand_once_and_slide_numbers_not_at_all(document):
    def slide(text):
        return shape(paragraph(run(text))) + "".join(
            shape(paragraph(run(furniture)), mark=f'<p:ph type="{kind}"/>')
            for furniture, kind in (("Acme, internal", "ftr"), ("12", "sldNum"))
        )

    read = document(slide("One"), slide("Two"))
    assert [page.span.of(read.text) for page in read.pages] == ["One\n\nAcme, internal\n", "Two\n"]


def test_pictures_have_their_descriptions_and_media_are_counted(document):
    def picture(description="", media=""):
        properties = f'<p:cNvPr id="3" name="p" descr="{description}"/>'
        return f"<p:pic><p:nvPicPr>{properties}<p:nvPr>{media}</p:nvPr></p:nvPicPr></p:pic>"

    slide = picture("A crane over the harbour") + picture("photo.jpg") + picture("", '<a:videoFile r:link="v"/>')
    sheet = graphic('<p:oleObj progId="Excel.Sheet.12"/>')
    read = document(slide, picture() + picture() + sheet)
    assert read.text == "Picture: A crane over the harbour\n"
    assert read.omissions == (
        "3 pictures of slides 1, 2 (no description)",
        "1 video of slide 1",
        "1 embedded object of slide 2 (Excel.Sheet.12)",
    )


def test_smartart_is_read_in_the_order_of_its_nodes(document):
    def point(key, text, kind="node"):
        return f'<dgm:pt modelId="{key}" type="{kind}"><dgm:t>{paragraph(run(text))}</dgm:t></dgm:pt>'

    links = "".join(
        f'<dgm:cxn modelId="{parent}{child}" srcId="{parent}" destId="{child}" srcOrd="{place}"/>'
        for parent, child, place in (("d", "b", 1), ("d", "a", 0), ("a", "c", 0))
    )
    points = '<dgm:pt modelId="d" type="doc"/>' + point("b", "Ship") + point("c", "Saw") + point("a", "Build")
    data = element("dgm:dataModel", f"<dgm:ptLst>{points}</dgm:ptLst><dgm:cxnLst>{links}</dgm:cxnLst>")
    frame = graphic('<dgm:relIds r:dm="d"/>')
    read = document(frame, links=(("d", "diagramData", "../diagrams/data1.xml"),), **{"diagrams/data1": data})
    assert read.text == "Build\nSaw\nShip\n"


def test_comments_of_both_kinds_name_their_authors(document):
    old = element("p:cmLst", '<p:cm authorId="0"><p:text>Check the sum.</p:text></p:cm>')
    answer = f'<p188:reply authorId="{{A}}"><p188:txBody>{paragraph(run("Done."))}</p188:txBody></p188:reply>'
    new = element(
        "p188:cmLst",
        f'<p188:cm authorId="{{A}}"><p188:replyLst>{answer}</p188:replyLst>'
        f"<p188:txBody>{paragraph(run('Source?'))}</p188:txBody></p188:cm>",
    )
    read = document(
        shape(paragraph(run("Text"))),
        links=(("c", "comments", "../comments/comment1.xml"), ("m", "comments", "../comments/modern.xml")),
        **{
            "comments/comment1": old,
            "comments/modern": new,
            "commentAuthors": element("p:cmAuthorLst", '<p:cmAuthor id="0" name="Ola Berg"/>'),
            "authors": element("p188:authorLst", '<p188:author id="{A}" name="Mia Lind"/>'),
        },
    )
    assert read.text == (
        "Text\n\nComment by Ola Berg: Check the sum.\n\nComment by Mia Lind: Source?\n\nComment by Mia Lind: Done.\n"
    )


def test_a_damaged_slide_is_left_out_and_keeps_its_number(document):
    read = document(shape(paragraph(run("One"))), "<p:sld <", shape(paragraph(run("Three"))))
    assert [page.span.of(read.text) for page in read.pages] == ["One\n", "", "Three\n"]
    assert read.omissions[0].startswith("the damaged part ppt/slides/slide2.xml")
