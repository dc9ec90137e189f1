from __future__ import annotations

import pytest

from hiercomp.loaders._blocks import TextBuilder
from hiercomp.loaders._html import add_html


def line_of(html: str) -> str:
    builder = TextBuilder()
    add_html(builder, f"<p>{html}</p>".encode(), "page.html")
    return builder.build("page.html", "t").text.rstrip("\n")


@pytest.mark.parametrize(
    ("html", "line"),
    [
        ("3 x 10<sup>6</sup> l on 5 m<sup>2</sup>, H<sub>2</sub>O", "3 x 10^6 l on 5 m^2, H_2O"),
        ("2<sup>x<sup>2</sup></sup> and x<sub>i+1</sub>", "2^(x^2) and x_(i+1)"),
        ("$5 million<sup>3</sup> in 2025<sup><a href='#n1'>1</a></sup>", "$5 million[3] in 2025[1]"),
        ("10<a href='#n2'><sup>2</sup></a>, <a href='#s'>10<sup>2</sup> m</a>", "10[2], 10^2 m"),
        ("word<a epub:type='noteref' href='n.xhtml'>4</a> and<a href='#_ftn2'>[2]</a>", "word[4] and[2]"),
        ("<a class='footnote-ref' href='#fn1'><sup>1</sup></a> <a href='#section2'>2</a>", "[1] 2"),
        ("8<span style='vertical-align: super; font-size: 7pt'>(1)</span>", "8[1]"),
        ("Net<font style='position:relative;top:-3pt'>*</font>", "Net[*]"),
        ("x<span style='vertical-align:sub'>1</span>", "x_1"),
        ("a<span style='vertical-align:top'>whole sentence beside it</span>", "awhole sentence beside it"),
        ("2<sup>1</sup>&frasl;<sub>2</sub>, <sup>3</sup>/<sub>4</sub>, 5&frac12;", "2 1/2, 3/4, 5½"),
        ("<del>$90</del> <s>80</s> <strike>70</strike> <ins>$60</ins>", "$60"),
        ("<span style='text-decoration: underline line-through'>9</span>5", "5"),
        ("<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字<rt>じ</rt></ruby>だ", "漢字(かんじ)だ"),
        ("<ruby>base<rt>note</rt></ruby>", "base(note)"),
    ],
)
def test_raised_lowered_and_struck_text(html, line):
    assert line_of(html) == line


@pytest.mark.parametrize(
    ("mathml", "text"),
    [
        ("<semantics><mrow><mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></mrow>"
         "<annotation>E = mc^2</annotation></semantics>", "E = mc^2"),
        ("<mn>2</mn><mo>&#x2064;</mo><mfrac><mn>1</mn><mn>2</mn></mfrac>", "2 1/2"),
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>c</mi></mfrac><mi>x</mi>", "(a + b)/c x"),
        ("<mfrac linethickness='0'><mi>n</mi><mi>k</mi></mfrac>", "binom(n, k)"),
        ("<msqrt><mn>2</mn></msqrt><mo>-</mo><mroot><mi>x</mi><mn>3</mn></mroot>", "sqrt(2) - root(3, x)"),
        ("<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>"
         "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>", "∑_(i=1)^n x_i^2"),
        ("<msup><mn>10</mn><mrow><mo>−</mo><mn>3</mn></mrow></msup>", "10^-3"),
        ("<msup><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></msup>", "(a + b)^2"),
        ("<mi>sin</mi><mo>&#x2061;</mo><mi>x</mi><mo>,</mo><mi>f</mi><mo>(</mo><mi>t</mi><mo>)</mo>", "sin x, f(t)"),
        ("<mn>1</mn><mo separator='false'>,</mo><mn>000</mn><mtext> percent</mtext>", "1,000 percent"),
        ("<msup><mi>f</mi><mo>′</mo></msup><mo>=</mo><msup><mn>90</mn><mo>∘</mo></msup>", "f′ = 90°"),
        ("<mover><mi>x</mi><mo>¯</mo></mover><mover><mi>AB</mi><mo>→</mo></mover>", "x\u0304vec(AB)"),
        ("<munder><mi>a</mi><mo>⏟</mo></munder><mspace/><ms>s</ms>", 'a "s"'),
        ("<mo>(</mo><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr><mtr><mtd><mi>a</mi></mtd>"
         "<mtd><mo>=</mo><mi>b</mi></mtd></mtr></mtable><mo>)</mo>", "(1, 2; a = b)"),
        ("<mmultiscripts><mi>C</mi><mprescripts></mprescripts><mn>6</mn><mn>14</mn></mmultiscripts>", "^14_6C"),
        ("<mfenced><mi>x</mi><mi>y</mi></mfenced>", "(x, y)"),
        ("<mrow>" * 300 + "<mi>deep</mi>", "deep"),
    ],
)  # fmt: skip
def test_a_formula_is_a_line_of_text(mathml, text):
    assert line_of(f"<math>{mathml}</math>") == text


@pytest.mark.parametrize(
    "html",
    [
        "<span class='katex-mathml'>{}</span><span class='katex-html' aria-hidden='true'>0.5</span>",
        "<mjx-math aria-hidden='true'>0.5</mjx-math><mjx-assistive-mml>{}</mjx-assistive-mml>",
        "<span style='display: none;'>{}</span><img src='x.svg' aria-hidden='true' alt='{{\\displaystyle 0.5}}'>",
        "<span><span style='display: none;'>{}</span><img src='x.svg' alt='{{\\displaystyle 0.5}}'></span>",
    ],
)
def test_a_formula_that_a_page_holds_twice_is_read_once(html):
    math = "<math><semantics><mn>0.5</mn><annotation>0.5</annotation></semantics></math>"
    assert line_of(f"Rate {html.format(math)} percent") == "Rate 0.5 percent"


def test_a_formula_with_a_prefix_or_only_a_text_is_read():
    assert line_of("<m:math><m:msup><m:mi>c</m:mi><m:mn>2</m:mn></m:msup></m:math>") == "c^2"
    assert line_of("<math alttext='x+y'></math>") == "x+y"
    assert line_of("a <math display='block'><mi>x</mi></math> b") == "a\n\nx\n\nb"


@pytest.mark.parametrize(
    ("html", "line"),
    [
        (
            "<label>Name<input value='Ann'></label><input type=hidden value=id><input type=submit value=Send>",
            "Name Ann",
        ),
        ("<input type=checkbox checked>Yes <input type=radio>No<input type=checkbox role=button>", "☒ Yes ☐ No"),
        ("Colour<select><option>red<option selected>blue</select>", "Colour blue"),
        ("<select><option>red<option>blue</select><select><option value=''>Choose<option>x</select>", "red"),
        ("<select multiple><option selected>a<option selected>b<option>c</select>", "a, b"),
        ("Note<textarea>\none\ntwo</textarea><input list=d><datalist id=d><option>no</datalist>", "Note one two"),
        ("<img alt='Sales by year'> <img alt='✓'> <img alt='$x^2$'>", "[Image: Sales by year] ✓ $x^2$"),
        ("<svg><text>Label</text><path/></svg><svg role=img aria-label='A map'></svg>", "Label A map"),
    ],
)
def test_forms_and_images_are_what_they_show(html, line):
    assert line_of(html) == line


def test_an_image_in_a_table_reads_as_part_of_its_row():
    assert line_of("<table><tr><td>Plan<td><img alt='included'></table>") == "Plan\tincluded"
