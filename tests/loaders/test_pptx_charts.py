"""Charts of slides are tables with the exact values."""

from __future__ import annotations

from datetime import date

import pytest
from office_files import element, write_pptx
from pptx import Presentation
from pptx.chart.data import BubbleChartData, CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from hiercomp.loaders._ooxml_formats import displayed
from hiercomp.loaders._pptx import parse


def cache(name, values, code="General"):
    kind = "num" if name == "val" else "str"
    points = "".join(
        f'<c:pt idx="{place}"><c:v>{value}</c:v></c:pt>' for place, value in enumerate(values) if value is not None
    )
    code = f"<c:formatCode>{code}</c:formatCode>" if kind == "num" else ""
    return f"<c:{name}><c:{kind}Ref><c:{kind}Cache>{code}{points}</c:{kind}Cache></c:{kind}Ref></c:{name}>"


def series(name, categories, values, code="General"):
    tx = f"<c:tx><c:strRef><c:strCache><c:pt idx='0'><c:v>{name}</c:v></c:pt></c:strCache></c:strRef></c:tx>"
    return f"<c:ser>{tx}{cache('cat', categories)}{cache('val', values, code)}</c:ser>"


def chart(*plots, more=""):
    return element("c:chartSpace", f"<c:chart>{more}<c:plotArea>{''.join(plots)}</c:plotArea></c:chart>")


def frame(key="k"):
    inner = f'<a:graphic><a:graphicData><c:chart r:id="{key}"/></a:graphicData></a:graphic>'
    return f"<p:graphicFrame>{inner}</p:graphicFrame>"


@pytest.fixture
def document(tmp_path, job):
    def read(xml, shapes=None):
        links = (("k", "chart", "../charts/chart1.xml"),)
        return parse(
            job("pptx", write_pptx(tmp_path / "deck.pptx", shapes or frame(), links=links, **{"charts/chart1": xml}))
        )

    return read


@pytest.fixture
def made(tmp_path, job):
    def read(kind, data):
        deck = Presentation()
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        slide.shapes.add_chart(kind, 0, 0, Inches(4), Inches(3), data)
        deck.save(tmp_path / "made.pptx")
        return parse(job("pptx", tmp_path / "made.pptx")).text

    return read


@pytest.mark.parametrize(
    "kind",
    ["barChart", "bar3DChart", "line3DChart", "pieChart", "pie3DChart", "ofPieChart", "doughnutChart", "radarChart",
     "area3DChart", "surfaceChart", "surface3DChart", "stockChart"],
)  # fmt: skip
def test_each_kind_of_chart_is_read(document, kind):
    plot = f"<c:{kind}>{series('Loads', ('Mon', 'Tue'), (1234567, '2.5E-2'))}</c:{kind}>"
    assert document(chart(plot)).text == "\tMon\tTue\nLoads\t1234567\t0.025\n"


def test_errors_and_gaps_are_no_values(document):
    plot = f"<c:lineChart>{series('Loads', ('Mon', 'Tue', 'Wed'), ('#N/A', None, 4))}</c:lineChart>"
    assert document(chart(plot)).text == "\tMon\tTue\tWed\nLoads\t–\t–\t4\n"


def test_charts_of_several_kinds_share_a_table_and_values_have_the_unit_of_their_axis(document):
    def axis(kind, key, title):
        text = (
            f"<c:title><c:tx><c:rich><a:p><a:r><a:t>{title}</a:t></a:r></a:p></c:rich></c:tx></c:title>"
            if title
            else ""
        )
        return f'<c:{kind}><c:axId val="{key}"/>{text}</c:{kind}>'

    def plot(kind, name, values, code, *keys):
        ids = "".join(f'<c:axId val="{key}"/>' for key in keys)
        return f"<c:{kind}>{series(name, ('2023', '2024'), values, code)}{ids}</c:{kind}>"

    title = "<c:title><c:tx><c:rich><a:p><a:r><a:t>Mill</a:t></a:r></a:p></c:rich></c:tx></c:title>"
    xml = chart(
        plot("barChart", "Output", (10, 12), "General", 1, 2),
        plot("lineChart", "Margin", (0.125, 0.3), "0.0%", 3, 4),
        axis("catAx", 1, "Year"),
        axis("valAx", 2, "kt"),
        axis("catAx", 3, "Year"),
        axis("valAx", 4, ""),
        more=title,
    )
    assert document(xml).text == "Mill\nYear\t2023\t2024\nOutput (kt)\t10\t12\nMargin\t12.5%\t30.0%\n"


def test_categories_of_several_levels_are_joined(made):
    data = CategoryChartData()
    for year, quarters in (("2023", ("H1", "H2")), ("2024", ("H1", "H2"))):
        parent = data.add_category(year)
        for quarter in quarters:
            parent.add_sub_category(quarter)
    data.add_series("Orders", (5, 6, 7, 8000000))
    assert made(XL_CHART_TYPE.COLUMN_CLUSTERED, data) == (
        "\t2023 H1\t2023 H2\t2024 H1\t2024 H2\nOrders\t5\t6\t7\t8000000\n"
    )


def test_dates_are_dates_and_many_categories_are_rows(made):
    data = CategoryChartData(number_format="0")
    data.categories = [date(2024, 1, day) for day in range(1, 14)]
    data.add_series("Guests", range(13))
    rows = made(XL_CHART_TYPE.LINE, data).splitlines()
    assert rows[:2] + rows[-1:] == ["\tGuests", "2024-01-01\t0", "2024-01-13\t12"]


def test_points_in_a_plane_are_rows(made):
    places = XyChartData()
    run = places.add_series("Trial")
    run.add_data_point(0.5, 12.25)
    run.add_data_point(1.5, 13)
    assert made(XL_CHART_TYPE.XY_SCATTER, places) == "x\tTrial\n0.5\t12.25\n1.5\t13\n"
    bubbles = BubbleChartData()
    bubbles.add_series("Shops").add_data_point(3, 4, 250)
    assert made(XL_CHART_TYPE.BUBBLE, bubbles) == "x\tShops\tShops (size)\n3\t4\t250\n"


def test_the_newer_kinds_of_charts_are_read(document):
    points = "".join(f'<cx:pt idx="{place}">{text}</cx:pt>' for place, text in enumerate(("Start", "Fees")))
    values = "".join(f'<cx:pt idx="{place}">{text}</cx:pt>' for place, text in enumerate((100, -30)))
    xml = element(
        "cx:chartSpace",
        f'<cx:chartData><cx:data id="0"><cx:strDim type="cat"><cx:lvl>{points}</cx:lvl></cx:strDim>'
        f'<cx:numDim type="val"><cx:lvl formatCode="General">{values}</cx:lvl></cx:numDim></cx:data></cx:chartData>'
        "<cx:chart><cx:plotArea><cx:plotAreaRegion><cx:series layoutId='waterfall'><cx:tx><cx:txData><cx:v>Cash</cx:v>"
        "</cx:txData></cx:tx><cx:dataId val='0'/></cx:series></cx:plotAreaRegion></cx:plotArea></cx:chart>",
    )
    assert document(xml, frame().replace("c:chart", "cx:chart")).text == "\tStart\tFees\nCash\t100\t-30\n"


def test_a_chart_without_values_or_with_damage_is_left_out_and_named(document):
    text = "<p:sp><p:txBody><a:p><a:r><a:t>Still here.</a:t></a:r></a:p></p:txBody></p:sp>"
    empty = document(chart("<c:barChart><c:ser/></c:barChart>"), text + frame())
    assert (empty.text, empty.omissions) == ("Still here.\n", ("1 chart of slide 1 (no stored values)",))
    damaged = document("<c:chartSpace>", text + frame() + frame("missing"))
    assert damaged.text == "Still here.\n"
    assert [omission.partition(" (")[0] for omission in damaged.omissions] == ["1 chart of slide 1"] * 2


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("1234567.0", "General", "1234567"),
        ("4.2999999999999997E-2", "General", "0.043"),
        ("1234567", "#,##0", "1,234,567"),
        ("0.1256", "0%", "12.56%"),
        ("0.333333333333333", "0%", "33.3333%"),
        ("-1200", '"$"#,##0_);("$"#,##0)', "-$1,200"),
        ("12.5", "[$€-407] 0.00", "€ 12.50"),
        ("2500000", '0.0,,"M"', "2500000"),
        ("7", '0.0"x"', "7.0x"),
        ("45322", "m/d/yyyy", "1/31/2024"),
        ("45322", r"[$-409]mmm\-yy;@", "Jan-24"),
        ("45322.75", "yyyy-mm-dd h:mm AM/PM", "2024-01-31 6:00 PM"),
        ("99999999999", "m/d/yyyy", "99999999999"),
        ("n/a", "0.0", "n/a"),
    ],
)
def test_number_formats(text, code, expected):
    assert displayed(text, code) == expected
