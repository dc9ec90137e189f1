"""Parser of OpenDocument texts (ODT) and spreadsheets (ODS). It runs in the child process."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from hiercomp.errors import DocumentError
from hiercomp.loaders._blocks import TextBuilder
from hiercomp.loaders._containers import check_container, open_container
from hiercomp.loaders._grid import Cell
from hiercomp.loaders._odf_sheets import read_sheets
from hiercomp.loaders._odf_text import Reader, Styles, full
from hiercomp.loaders._pages import select_pages
from hiercomp.loaders._sheets import document
from hiercomp.loaders._wire import Job
from hiercomp.types import Document

_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_INDEXES = (full("text:table-of-content"), full("text:alphabetical-index"), full("text:illustration-index"))
_SKIPPED = (full("text:tracked-changes"), full("text:sequence-decls"), full("office:forms"))


def parse(job: Job) -> Document:
    """Return the document in an OpenDocument text, or the sheets of an OpenDocument spreadsheet.

    Raises:
        DocumentError: the file is damaged or encrypted, or holds no text.
    """
    check_container(job.path, job.source, job.limits)
    with open_container(job.path, job.source) as archive:
        if b"encryption-data" in _read(archive, "META-INF/manifest.xml"):
            raise DocumentError(f"{job.source}: it is encrypted; save it without a password")
        roots = {name: _parsed(archive, name, job.source) for name in ("styles.xml", "content.xml", "meta.xml")}
    reader = Reader(Styles(root for root in roots.values() if root is not None))
    content, about = roots["content.xml"], roots["meta.xml"]
    title = " ".join((about.findtext(f".//{_TITLE}") or "").split()) if about is not None else ""
    sheets = content.find(f".//{full('office:spreadsheet')}") if content is not None else None
    body = content.find(f".//{full('office:text')}") if content is not None else None
    if sheets is not None:
        found = document(read_sheets(sheets, reader), job.source, title or Path(job.source).stem, reader.left_out())
    elif body is not None:
        found = _Text(reader).read(body, job.source, title)
    else:
        raise DocumentError(f"{job.source}: this is no OpenDocument text or spreadsheet; save it as PDF")
    if not found.text.strip():
        raise DocumentError(f"{job.source}: the file holds no text; if its pages are pictures, run OCR first")
    return select_pages(found, job.pages)


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    return archive.read(name) if name in archive.namelist() else b""


def _parsed(archive: zipfile.ZipFile, name: str, source: str) -> Element | None:
    data = _read(archive, name)
    try:
        return ElementTree.fromstring(data) if data else None
    except ElementTree.ParseError as error:
        raise DocumentError(f"{source}: its part {name} is damaged ({error}); get the file again") from error


class _Text:
    """Reads the blocks of a text in document order."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._builder = TextBuilder()

    def read(self, body: Element, source: str, title: str) -> Document:
        """Return the document of a body."""
        self._blocks(body)
        for what in self._reader.left_out():
            self._builder.omit(what)
        found = self._builder.build(source, title)
        own = title or (found.headings[0].title if found.headings else Path(source).stem)
        return self._builder.build(source, own)

    def _blocks(self, parent: Element, depth: int = 0) -> None:
        """Add the blocks below an element. `depth` is the number of lists around them."""
        for child in parent:
            if child.tag == full("text:h"):
                level = child.get(full("text:outline-level"), "1")
                self._paragraph(child, int(level) if level.isdigit() else 1, depth)
            elif child.tag == full("text:p"):
                self._paragraph(child, self._outline(child), depth)
            elif child.tag == full("table:table"):
                self._table(child)
            elif child.tag == full("text:list"):
                self._blocks(child, depth + 1)
                self._builder.add_gap() if not depth else None
            elif child.tag not in _SKIPPED and child.tag not in _INDEXES:
                self._blocks(child, depth)

    def _outline(self, paragraph: Element) -> int:
        return self._reader.outlines.get(paragraph.get(full("text:style-name"), ""), 0)

    def _paragraph(self, paragraph: Element, heading_depth: int, list_depth: int) -> None:
        text = " ".join(self._reader.text(paragraph).split())
        if heading_depth:
            self._builder.add_heading(text, heading_depth)
        elif list_depth and text:
            self._builder.add_line(f"{'  ' * (list_depth - 1)}• {text}")
        else:
            self._builder.add_paragraph(text)
        notes, boxes = self._reader.take()
        for note in notes:
            self._builder.add_paragraph(note)
        for box in boxes:
            self._blocks(box)

    def _table(self, table: Element) -> None:
        self._builder.add_gap()
        rows = [
            [self._cell(cell) for cell in row if cell.tag == full("table:table-cell")]
            for row in table.iter(full("table:table-row"))
        ]
        self._builder.add_table(rows)
        notes, boxes = self._reader.take()
        for note in notes:
            self._builder.add_paragraph(note)
        for box in boxes:
            self._blocks(box)
        self._builder.add_gap()

    def _cell(self, cell: Element) -> Cell:
        text = " ".join(self._reader.text(each) for each in cell.iter() if each.tag in (full("text:p"), full("text:h")))
        spans = (int(cell.get(full(f"table:number-{what}-spanned"), 1)) for what in ("columns", "rows"))
        return Cell(text, *spans)
