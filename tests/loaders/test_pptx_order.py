"""The text of a slide stands in the order in which it is read."""

from __future__ import annotations

import pytest
from office_files import element, relations, write_pptx

from hiercomp.loaders._pptx import parse

INCH = 914_400


def box(text, left, top, width, height):
    frame = (
        f'<a:xfrm><a:off x="{int(left * INCH)}" y="{int(top * INCH)}"/>'
        f'<a:ext cx="{int(width * INCH)}" cy="{int(height * INCH)}"/></a:xfrm>'
    )
    return f"<p:sp><p:spPr>{frame}</p:spPr><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"


def holder(text, kind, index=""):
    mark = f'<p:ph type="{kind}" {index}/>'
    return (
        f"<p:sp><p:nvSpPr><p:nvPr>{mark}</p:nvPr></p:nvSpPr><p:spPr/>"
        f"<p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


@pytest.fixture
def lines(tmp_path, job):
    def read(shapes, **options):
        text = parse(job("pptx", write_pptx(tmp_path / "order.pptx", shapes, **options))).text
        return [line for line in text.split("\n") if line]

    return read


def test_from_top_to_bottom_and_the_title_first(lines):
    shapes = box("third", 1, 5, 4, 1) + box("second", 1, 3, 4, 1) + box("first", 1, 1, 4, 1) + holder("Title", "title")
    assert lines(shapes) == ["Title", "first", "second", "third"]


def test_columns_are_read_one_after_the_other(lines):
    shapes = (
        box("right body", 5.5, 2.05, 4, 3)
        + box("left body", 0.5, 2.05, 4, 3)
        + box("right head", 5.5, 1.5, 4, 0.5)
        + box("left head", 0.5, 1.5, 4, 0.5)
    )
    assert lines(shapes) == ["left head", "left body", "right head", "right body"]


def test_rows_are_read_one_after_the_other(lines):
    rows = ((text, 2 * row) for row, text in enumerate(("a", "b", "c")))
    shapes = "".join(box(f"{text} value", 3.1, top, 5, 1) + box(f"{text} name", 1, top, 2, 1) for text, top in rows)
    assert lines(shapes) == ["a name", "a value", "b name", "b value", "c name", "c value"]


def test_boxes_that_overlap_are_read_from_the_top(lines):
    assert lines(box("low", 1, 1.6, 4, 2) + box("high", 1.5, 1, 4, 2)) == ["high", "low"]


def test_the_shapes_of_a_group_stay_together(lines):
    frame = (
        f'<a:xfrm><a:off x="{5 * INCH}" y="{INCH}"/><a:ext cx="{4 * INCH}" cy="{5 * INCH}"/>'
        '<a:chOff x="0" y="0"/><a:chExt cx="100" cy="100"/></a:xfrm>'
    )
    inner = box("group below", 0, 3, 1, 1) + box("group above", 0, 0, 1, 1)
    group = f"<p:grpSp><p:grpSpPr>{frame}</p:grpSpPr>{inner}</p:grpSp>"
    assert lines(group + box("left below", 0.5, 4, 4, 1) + box("left above", 0.5, 1.1, 4, 1)) == [
        "left above",
        "left below",
        "group above",
        "group below",
    ]


def test_a_placeholder_without_a_place_has_that_of_its_layout_or_master(lines):
    def layout(name, *boxes):
        marked = "".join(
            box("Click", *place).replace("<p:spPr>", f"<p:nvSpPr><p:nvPr><p:ph {mark}/></p:nvPr></p:nvSpPr><p:spPr>")
            for mark, place in boxes
        )
        return element(name, f"<p:cSld><p:spTree>{marked}</p:spTree></p:cSld>")

    parts = {
        "slideLayouts/layout1": layout("p:sldLayout", ('type="body" idx="7"', (0.5, 5, 9, 1))),
        "slideMasters/master1": layout("p:sldMaster", ('type="body"', (0.5, 1, 9, 1))),
        "slideLayouts/_rels/layout1.xml.rels": relations(("m", "slideMaster", "../slideMasters/master1.xml")),
    }
    links = (("l", "slideLayout", "/ppt/slideLayouts/layout1.xml"),)
    shapes = holder("low", "body", 'idx="7"') + box("middle", 0.5, 3, 9, 1) + holder("high", "body", 'idx="3"')
    assert lines(shapes, links=links, **parts) == ["high", "middle", "low"]


def test_what_a_layout_prints_stands_once_and_what_lies_beside_the_slide_is_left_out(tmp_path, job):
    printed = box("Ref. 77-C", 1, 7, 3, 0.3) + box("Paste the title here", -4, 1, 3, 1)
    parts = {
        "presentation": element(
            "p:presentation",
            '<p:sldIdLst><p:sldId id="256" r:id="s1"/><p:sldId id="257" r:id="s2"/></p:sldIdLst>'
            f'<p:sldSz cx="{10 * INCH}" cy="{8 * INCH}"/>',
        ),
        "slideLayouts/layout1": element("p:sldLayout", f"<p:cSld><p:spTree>{printed}</p:spTree></p:cSld>"),
    }
    links = (("l", "slideLayout", "/ppt/slideLayouts/layout1.xml"),)
    slides = (box("One", 1, 1, 3, 1) + box("Draft wording", 11, 1, 3, 1), box("Two", 1, 1, 3, 1))
    document = parse(job("pptx", write_pptx(tmp_path / "layout.pptx", *slides, links=links, **parts)))
    assert document.text == "One\n\nRef. 77-C\nTwo\n"
    assert document.omissions == ("1 shape of slide 1 (outside the slide)",)
