"""DOCX to document, in the child process: paragraphs and tables in document order, then notes."""

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

_TEXT = {qn("w:t"), qn("m:t")}
_SPACES = {qn("w:tab"): " ", qn("w:br"): " ", qn("w:cr"): " ", qn("w:noBreakHyphen"): "-"}
# deleted text, the second copy of a text box that old readers are given, and a field's own code
_LEFT_OUT = {qn("w:del"), qn("w:moveFrom"), qn("w:instrText"), qn("w:pPr"), qn("w:rPr")}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_HEADING = re.compile(r"heading (\d)|(title)$", re.IGNORECASE)


def parse(job: Job) -> Document:
    """The document in a DOCX file.

    Raises:
        DocumentError: it is damaged, or holds no text.
    """
    check_container(job.path, job.source, job.limits)
    try:
        package = docx.Document(job.path)
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError, etree.XMLSyntaxError) as error:
        raise DocumentError(
            f"{job.source}: not a readable DOCX file ({error}); get it again or save it anew"
        ) from error
    builder = TextBuilder()
    depths = _depths(package)
    for block in _blocks(package.element.body):
        _add(block, builder, depths)
    for part in package.part.rels.values():
        if part.reltype.endswith(("/footnotes", "/endnotes")) and not part.is_external:
            for block in _blocks(etree.fromstring(part.target_part.blob, etree.XMLParser(resolve_entities=False))):
                _add(block, builder, depths)
    named = (package.core_properties.title or "").strip()
    document = builder.build(job.source, named)
    if not document.text.strip():
        raise DocumentError(f"{job.source}: the file holds no text; if its pages are pictures, run OCR first")
    title = named or (document.headings[0].title if document.headings else Path(job.source).stem)
    return select_pages(builder.build(job.source, title), job.pages)


def _depths(package: Package) -> dict[str, int]:
    """The heading depth of each paragraph style that is one, by its outline level or its built-in name."""
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
    """The paragraphs and tables below an element, through content controls and tracked insertions."""
    for child in parent:
        if child.tag in (qn("w:p"), qn("w:tbl")):
            yield child
        elif child.tag not in _LEFT_OUT and child.tag != _FALLBACK:
            yield from _blocks(child)


def _add(block: etree._Element, builder: TextBuilder, depths: dict[str, int]) -> None:
    if block.tag == qn("w:tbl"):
        builder.gap()
        for row in _rows(block):
            builder.row(_cells(row))
        builder.gap()
        return
    text = _text(block)
    style = block.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    name = style.get(qn("w:val")) if style is not None else ""
    if name in depths:
        builder.heading(text, depths[name])
    elif block.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None:
        builder.line(" ".join(text.split()))
    else:
        builder.paragraph(text)
    for box in block.iter(qn("w:txbxContent")):
        if not any(parent.tag == _FALLBACK for parent in box.iterancestors()):
            for inner in _blocks(box):
                _add(inner, builder, depths)


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for child in table:
        if child.tag == qn("w:tr"):
            yield child
        elif child.tag not in _LEFT_OUT:
            yield from _rows(child)


def _cells(row: etree._Element) -> Iterator[str]:
    for child in row:
        if child.tag == qn("w:tc"):
            yield " ".join(_text(paragraph) for paragraph in child.iter(qn("w:p")))
        elif child.tag not in _LEFT_OUT:
            yield from _cells(child)


def _text(element: etree._Element) -> str:
    """The text of a paragraph without that of the text boxes in it."""
    pieces = []
    for child in element:
        if child.tag in _TEXT:
            pieces.append(child.text or "")
        elif child.tag in _SPACES:
            pieces.append(_SPACES[child.tag])
        elif child.tag not in _LEFT_OUT and child.tag not in (_FALLBACK, qn("w:txbxContent")):
            pieces.append(_text(child))
    return "".join(pieces)
