"""Parser of DOCX files. It runs in the child process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile

from hiercomp.errors import DocumentError, MissingExtraError
from hiercomp.loaders._blocks import TextBuilder
from hiercomp.loaders._containers import check_container
from hiercomp.loaders._pages import select_pages
from hiercomp.loaders._wire import Job
from hiercomp.types import Document

try:
    import docx
    from docx.document import Document as Package
    from docx.opc.exceptions import PackageNotFoundError
    from docx.oxml.ns import qn
    from lxml import etree  # type: ignore[import-untyped]
except ImportError as missing:
    raise MissingExtraError("reading DOCX", "formats") from missing

_TEXT_ELEMENTS = {qn("w:t"), qn("m:t")}
_SUBSTITUTES = {qn("w:tab"): " ", qn("w:br"): " ", qn("w:cr"): " ", qn("w:noBreakHyphen"): "-"}
# Deleted text, text that was moved away, field codes, and properties.
_SKIPPED = {qn("w:del"), qn("w:moveFrom"), qn("w:instrText"), qn("w:pPr"), qn("w:rPr")}
# A second copy of a text box, for old versions of Word.
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_HEADING = re.compile(r"heading (\d)|(title)$", re.IGNORECASE)


def parse(job: Job) -> Document:
    """Return the document in a DOCX file: paragraphs and tables in document order, then footnotes and endnotes.

    Raises:
        DocumentError: the file is damaged or holds no text.
    """
    check_container(job.path, job.source, job.limits)
    try:
        package = docx.Document(job.path)
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError, etree.XMLSyntaxError) as error:
        raise DocumentError(
            f"{job.source}: this is not a readable DOCX file ({error}); get it again or save it anew"
        ) from error
    builder = TextBuilder()
    depths = _heading_depths(package)
    for block in _blocks(package.element.body):
        _add_block(block, builder, depths)
    for part in package.part.rels.values():
        if part.reltype.endswith(("/footnotes", "/endnotes")) and not part.is_external:
            for block in _blocks(etree.fromstring(part.target_part.blob, etree.XMLParser(resolve_entities=False))):
                _add_block(block, builder, depths)
    own_title = (package.core_properties.title or "").strip()
    document = builder.build(job.source, own_title)
    if not document.text.strip():
        raise DocumentError(f"{job.source}: the file holds no text; if its pages are pictures, run OCR first")
    title = own_title or (document.headings[0].title if document.headings else Path(job.source).stem)
    return select_pages(builder.build(job.source, title), job.pages)


def _heading_depths(package: Package) -> dict[str, int]:
    """Return the depth of each heading style, by its built-in name, its outline level or its base style."""
    depths = {}
    for style in package.styles:
        level = next(iter(style.element.iter(qn("w:outlineLvl"))), None)
        name = _HEADING.match(style.name or "")
        if name:
            depths[style.style_id] = int(name[1] or 1)
        elif level is not None and int(level.get(qn("w:val"), 9)) < 9:
            depths[style.style_id] = int(level.get(qn("w:val"))) + 1
        elif style.element.find(qn("w:basedOn")) is not None:
            base = style.element.find(qn("w:basedOn")).get(qn("w:val"))
            if base in depths:
                depths[style.style_id] = depths[base]
    return depths


def _blocks(parent: etree._Element) -> Iterator[etree._Element]:
    """Yield the paragraphs and tables below an element, also those in content controls and tracked insertions."""
    for child in parent:
        if child.tag in (qn("w:p"), qn("w:tbl")):
            yield child
        elif child.tag not in _SKIPPED and child.tag != _FALLBACK:
            yield from _blocks(child)


def _add_block(block: etree._Element, builder: TextBuilder, depths: dict[str, int]) -> None:
    if block.tag == qn("w:tbl"):
        builder.add_gap()
        for row in _rows(block):
            builder.add_row(_cells(row))
        builder.add_gap()
        return
    text = _text(block)
    style = block.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    name = style.get(qn("w:val")) if style is not None else ""
    if name in depths:
        builder.add_heading(text, depths[name])
    elif block.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None:
        builder.add_line(" ".join(text.split()))
    else:
        builder.add_paragraph(text)
    for box in block.iter(qn("w:txbxContent")):
        if not any(parent.tag == _FALLBACK for parent in box.iterancestors()):
            for inner in _blocks(box):
                _add_block(inner, builder, depths)


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for child in table:
        if child.tag == qn("w:tr"):
            yield child
        elif child.tag not in _SKIPPED:
            yield from _rows(child)


def _cells(row: etree._Element) -> Iterator[str]:
    for child in row:
        if child.tag == qn("w:tc"):
            yield " ".join(_text(paragraph) for paragraph in child.iter(qn("w:p")))
        elif child.tag not in _SKIPPED:
            yield from _cells(child)


def _text(element: etree._Element) -> str:
    """Return the text of a paragraph without the text boxes in it."""
    pieces = []
    for child in element:
        if child.tag in _TEXT_ELEMENTS:
            pieces.append(child.text or "")
        elif child.tag in _SUBSTITUTES:
            pieces.append(_SUBSTITUTES[child.tag])
        elif child.tag not in _SKIPPED and child.tag not in (_FALLBACK, qn("w:txbxContent")):
            pieces.append(_text(child))
    return "".join(pieces)
