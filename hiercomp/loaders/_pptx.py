"""Parser of PPTX files. It runs in the child process."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from zipfile import BadZipFile

from hiercomp.errors import DocumentError, MissingExtraError
from hiercomp.loaders._blocks import TextBuilder
from hiercomp.loaders._containers import check_container
from hiercomp.loaders._pages import select_pages
from hiercomp.loaders._wire import Job
from hiercomp.types import Document

try:
    from lxml import etree  # type: ignore[import-untyped]
    from pptx import Presentation
    from pptx.chart.chart import Chart
    from pptx.exc import PythonPptxError
    from pptx.shapes.base import BaseShape
    from pptx.slide import Slide
except ImportError as missing:
    raise MissingExtraError("reading PPTX", "formats") from missing


def parse(job: Job) -> Document:
    """Return the document in a PPTX file. Each slide is a page.

    Raises:
        DocumentError: the file is damaged or holds no text.
    """
    check_container(job.path, job.source, job.limits)
    try:
        presentation = Presentation(job.path)
        slides = list(presentation.slides)
    except (PythonPptxError, BadZipFile, KeyError, ValueError, etree.XMLSyntaxError) as error:
        raise DocumentError(
            f"{job.source}: this is not a readable PPTX file ({error}); get it again or save it anew"
        ) from error
    builder = TextBuilder()
    titles = []
    for number, slide in enumerate(slides, 1):
        titles.append(_add_slide(slide, builder))
        builder.end_page(number)
    own_title = (presentation.core_properties.title or "").strip()
    if own_title == "PowerPoint Presentation":  # The default of PowerPoint is not a title.
        own_title = ""
    title = own_title or next((title for title in titles if title), Path(job.source).stem)
    document = builder.build(job.source, title)
    if not document.text.strip():
        raise DocumentError(f"{job.source}: the slides hold no text; if they are pictures, run OCR first")
    return select_pages(document, job.pages)


def _add_slide(slide: Slide, builder: TextBuilder) -> str:
    """Add a slide's title, shapes and notes. Return the title, or "" if there is none."""
    title = slide.shapes.title
    text = " ".join(title.text_frame.text.split()) if title is not None else ""
    builder.add_heading(text, 1)
    _add_shapes((shape for shape in slide.shapes if title is None or shape.shape_id != title.shape_id), builder)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        notes = slide.notes_slide.notes_text_frame.text.strip()
        if notes:
            builder.add_paragraph(f"Notes: {notes}")
    return text


def _add_shapes(shapes: Iterable[BaseShape], builder: TextBuilder) -> None:
    for shape in shapes:
        group = getattr(shape, "shapes", None)
        if group is not None:
            _add_shapes(group, builder)
        elif getattr(shape, "has_table", False):
            builder.add_gap()
            for row in shape.table.rows:  # type: ignore[attr-defined]
                builder.add_row(cell.text for cell in row.cells if not cell.is_spanned)
            builder.add_gap()
        elif getattr(shape, "has_chart", False):
            _add_chart(shape.chart, builder)  # type: ignore[attr-defined]
        elif shape.has_text_frame:
            builder.add_gap()
            for paragraph in shape.text_frame.paragraphs:  # type: ignore[attr-defined]
                builder.add_line(" ".join(paragraph.text.split()))
            builder.add_gap()


def _add_chart(chart: Chart, builder: TextBuilder) -> None:
    """Add the values of a chart as a table: a row of categories, then a row for each series."""
    builder.add_gap()
    if chart.has_title and chart.chart_title.has_text_frame:
        builder.add_line(" ".join(chart.chart_title.text_frame.text.split()))
    for plot in chart.plots:
        builder.add_row(["", *(str(category) for category in plot.categories)])
        for series in plot.series:
            builder.add_row([series.name, *(f"{value:g}" if value is not None else "–" for value in series.values)])
    builder.add_gap()
