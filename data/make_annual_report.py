"""Write the demo documents: an annual report as PDF, and the transcript of a call with analysts as Markdown.

Every run writes the same bytes. The words are in `source/`, the figures are computed in `figures.py`, and the tables
are built in `statements.py`, `segments.py` and `notes.py`.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from xml.sax.saxutils import escape

from figures import SEGMENTS, YEARS, Money, Rate, Year, accounts
from notes import notes
from reportlab import rl_config
from reportlab.graphics.charts.barcharts import VerticalBarChart
from reportlab.graphics.shapes import Drawing
from reportlab.lib import colors
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageBreak, PageTemplate, Paragraph, Spacer, Table
from reportlab.platypus.doctemplate import KeepTogether
from reportlab.platypus.tableofcontents import TableOfContents
from segments import segment_tables
from statements import Row, head, statements

HERE = Path(__file__).parent
COMPANY, TITLE = "Tarnholt Instruments Corporation", "2025 Annual Report"
INK, LINE = colors.HexColor("#16324f"), colors.HexColor("#8fa3b5")
WIDTH = letter[0] - 2 * inch

BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=11, leading=15.5, spaceAfter=8)
CHAPTER = ParagraphStyle("chapter", fontName="Helvetica-Bold", fontSize=20, leading=25, spaceAfter=14, textColor=INK)
SECTION = ParagraphStyle("section", fontName="Helvetica-Bold", fontSize=13, leading=17, spaceBefore=10, spaceAfter=6)
SUBSECTION = ParagraphStyle(
    "subsection", fontName="Helvetica-Bold", fontSize=11, leading=15, spaceBefore=6, spaceAfter=4
)
CAPTION = ParagraphStyle("caption", fontName="Helvetica-Bold", fontSize=9.5, leading=12, spaceBefore=6)
UNITS = ParagraphStyle("units", fontName="Helvetica-Oblique", fontSize=8.5, leading=11, spaceAfter=4)
CELL = ParagraphStyle("cell", fontName="Helvetica", fontSize=8.5, leading=11)
HEADINGS = {"#": (CHAPTER, 0), "##": (SECTION, 1), "###": (SUBSECTION, 2)}


class Report(BaseDocTemplate):
    """A PDF document that adds its headings to the table of contents and to the outline."""

    def afterFlowable(self, flowable: Flowable) -> None:
        """Record the page of a heading, for the table of contents and the outline."""
        depth = getattr(flowable, "depth", None)
        if depth is None or depth > 1:
            return
        title = flowable.getPlainText()
        key = re.sub(r"\W+", "-", f"{self.page} {title}")
        self.canv.bookmarkPage(key)
        self.canv.addOutlineEntry(title, key, depth, closed=depth == 0)
        self.notify("TOCEntry", (depth, escape(title), self.page, key))


def main() -> None:
    """Write both documents."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE, help="the folder to write to")
    out: Path = parser.parse_args().out
    years = accounts()
    words = _words(years)
    report = (HERE / "source" / "annual_report.md").read_text(encoding="utf-8").format(**words)
    _write_pdf(report, years, out / "tarnholt_2025_annual_report.pdf")
    call = (HERE / "source" / "earnings_call.md").read_text(encoding="utf-8").format(**words)
    (out / "tarnholt_q4_2025_call.md").write_text(call, encoding="utf-8", newline="\n")


def _words(years: dict[int, Year]) -> dict[str, object]:
    """Return the figures that the text refers to, by their names in the text."""
    now, last = years[2025], years[2024]
    change = {key: Money(value - last.v[key]) for key, value in now.v.items()}
    change |= {name: Money(now.revenue[name] - last.revenue[name]) for name in SEGMENTS}
    change |= {f"{name}_income": Money(now.income[name] - last.income[name]) for name in SEGMENTS}
    without = (now.v["operating_income"] + now.v["restructuring"]) / last.v["operating_income"] - 1
    variable = Money(now.v["term_loan"] + now.v["revolver"])
    quarters = {row.cells[0]: SimpleNamespace(last=row.cells[4]) for row in segment_tables(years)["quarters"]}
    return {
        "now": now,
        "last": last,
        "prior": years[2023],
        "first": years[2021],
        "change": change,
        "growth": {key: Rate(value / last.v[key] - 1) for key, value in now.v.items() if last.v[key]},
        "share": {name: Rate(now.revenue[name] / now.v["revenue"]) for name in SEGMENTS},
        "growth_without": Rate(without),
        "points_quality": _points(now.rate["quality"], last.rate["quality"]),
        "points_flow": _points(now.rate["flow"], last.rate["flow"]),
        "points_services": _points(now.rate["services"], last.rate["services"]),
        "repaid": Money(last.v["debt"] - now.v["debt"]),
        "released": last.tax["allowance"],
        "pellbrook": last.v["acquired"],
        "variable": variable,
        "sensitivity": Money(variable // 100),
        "inventory_2023": years[2023].v["change_inventories"],
        "inventory_2025": now.v["change_inventories"],
        "bought": round(now.v["buybacks"] / 29.80),
        "remaining": Money(60_000 - sum(years[y].v["buybacks"] for y in (2023, 2024, 2025))),
        "fourth": {key: Money(int(row.last.replace(",", ""))) for key, row in quarters.items() if key != "2025"},
    }


def _points(after: float, before: float) -> str:
    """Return the difference of two rates in percentage points, computed from their printed values."""
    return f"{abs(round(after * 100, 1) - round(before * 100, 1)):.1f}"


def _write_pdf(text: str, years: dict[int, Year], path: Path) -> None:
    rl_config.invariant = 1
    # Compressed bytes would depend on the version of zlib.
    document = Report(
        str(path),
        pagesize=letter,
        title=f"{COMPANY} {TITLE}",
        author=COMPANY,
        invariant=1,
        pageCompression=0,
        leftMargin=inch,
        rightMargin=inch,
    )
    frame = Frame(inch, 0.9 * inch, WIDTH, letter[1] - 1.9 * inch, leftPadding=0, rightPadding=0, id="body")
    document.addPageTemplates(PageTemplate("page", [frame], onPage=_furniture))
    document.multiBuild([*_cover(), *_contents(), *_story(text, years)])


def _furniture(canvas: Canvas, document: BaseDocTemplate) -> None:
    """Draw the page header and the page number."""
    canvas.saveState()
    canvas.setFont("Helvetica", 8)
    canvas.setFillColor(INK)
    canvas.drawString(inch, letter[1] - 0.6 * inch, COMPANY)
    canvas.drawRightString(letter[0] - inch, letter[1] - 0.6 * inch, TITLE)
    canvas.drawCentredString(letter[0] / 2, 0.55 * inch, f"Page {document.page}")
    canvas.setStrokeColor(LINE)
    canvas.line(inch, letter[1] - 0.67 * inch, letter[0] - inch, letter[1] - 0.67 * inch)
    canvas.restoreState()


def _cover() -> Iterator[Flowable]:
    large = ParagraphStyle("cover", parent=CHAPTER, fontSize=34, leading=42)
    yield Spacer(1, 2.4 * inch)
    yield Paragraph(COMPANY, large)
    yield Paragraph(TITLE, ParagraphStyle("subtitle", parent=CHAPTER, fontName="Helvetica", fontSize=24, leading=30))
    yield Spacer(1, 0.3 * inch)
    yield Paragraph("For the fiscal year ended December 31, 2025", BODY)
    yield Paragraph("400 Lakehead Avenue, Duluth, Minnesota", BODY)
    yield PageBreak()


def _contents() -> Iterator[Flowable]:
    contents = TableOfContents(dotsMinLevel=0)
    contents.levelStyles = [
        ParagraphStyle("contents0", fontName="Helvetica-Bold", fontSize=9.5, leading=12.5, spaceBefore=4),
        ParagraphStyle("contents1", fontName="Helvetica", fontSize=8.5, leading=11, leftIndent=14),
    ]
    yield Paragraph("Contents", CHAPTER)
    yield contents


def _story(text: str, years: dict[int, Year]) -> Iterator[Flowable]:
    tables = {**statements(years), **segment_tables(years), **notes(years)}
    headings: list[Flowable] = []  # the headings since the last block, which must be on the page of the next one
    for block in text.strip().split("\n\n"):
        first, _, rest = block.partition(" ")
        if first in HEADINGS:
            headings += _heading(first, rest)
            continue
        if first == "@table":
            name, caption, *units = (part.strip() for part in rest.split("|"))
            body = _table(tables[name], caption, "".join(units))
        elif first == "@chart":
            body = [_chart(years)]
        elif first == "@page":
            body = [PageBreak()]
        elif first == "|":
            rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in block.splitlines()]
            body = _table([head(*rows[0]), *(Row(tuple(row)) for row in rows[1:])], "", "")
        else:
            body = [Paragraph(re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(block)), BODY)]
        yield from _together(headings, body)
        headings = []


def _together(headings: list[Flowable], body: list[Flowable]) -> Iterator[Flowable]:
    """Yield headings and the block below them as one unit, so that a page break cannot separate them."""
    if headings and isinstance(headings[0], PageBreak):
        yield headings.pop(0)
    yield KeepTogether([*headings, *body]) if headings or len(body) > 1 else body[0]


def _heading(mark: str, title: str) -> list[Flowable]:
    style, depth = HEADINGS[mark]
    paragraph = Paragraph(escape(title), style)
    paragraph.depth = depth
    return [PageBreak(), paragraph] if depth == 0 else [paragraph]


def _table(rows: list[Row], caption: str, units: str) -> list[Flowable]:
    columns = max(len(row.cells) for row in rows)
    in_words = not caption
    commands: list[tuple[object, ...]] = [
        ("FONT", (0, 0), (-1, -1), "Helvetica", 8.5),
        ("LEADING", (0, 0), (-1, -1), 11),
        ("ALIGN", (1, 0), (-1, -1), "LEFT" if in_words else "RIGHT"),
        ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
    ]
    figures = [_width(rows, column) for column in range(1, columns)]
    label_width = WIDTH - sum(figures)
    cells: list[list[object]] = []
    for index, row in enumerate(rows):
        place = ((0, index), (-1, index))
        if row.kind in {"head", "group", "total"}:
            commands.append(("FONT", *place, "Helvetica-Bold", 8.5))
        if row.kind in {"head", "total"}:
            commands.append(("LINEBELOW" if row.kind == "head" else "LINEABOVE", *place, 0.6, LINE))
        wraps = row.kind == "plain" and stringWidth(row.cells[0], "Helvetica", 8.5) > label_width - 6
        label: object = Paragraph(escape(row.cells[0]), CELL) if wraps else row.cells[0]
        cells.append([label, *row.cells[1:], *[""] * (columns - len(row.cells))])
    widths = None if in_words else [label_width, *figures]
    table = Table(cells, colWidths=widths, style=commands, repeatRows=1, hAlign="LEFT", spaceAfter=12)
    titles = [Paragraph(escape(text), style) for text, style in ((caption, CAPTION), (units, UNITS)) if text]
    return [*titles, table]


def _width(rows: list[Row], column: int) -> float:
    """Return the width of a column of figures in points."""
    widest = max(stringWidth(row.cells[column], "Helvetica-Bold", 8.5) for row in rows if column < len(row.cells))
    return max(float(widest) + 14, 52.0)


def _chart(years: dict[int, Year]) -> Drawing:
    """Return a chart of revenue by segment as stacked bars."""
    drawing = Drawing(WIDTH, 190)
    chart = VerticalBarChart()
    chart.x, chart.y, chart.width, chart.height = 40, 20, WIDTH - 60, 160
    chart.data = [tuple(years[year].revenue[name] / 1000 for year in YEARS) for name in SEGMENTS]
    chart.categoryAxis.style = "stacked"
    chart.categoryAxis.categoryNames = [str(year) for year in YEARS]
    chart.valueAxis.valueMin, chart.valueAxis.valueMax, chart.valueAxis.valueStep = 0, 700, 100
    for index, shade in enumerate(("#16324f", "#4d7ea8", "#b6ccdf")):
        chart.bars[index].fillColor = colors.HexColor(shade)
    drawing.add(chart)
    return drawing


if __name__ == "__main__":
    main()
