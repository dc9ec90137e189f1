"""Stories of DOCX files: the main text, page headers and footers, notes, comments and text boxes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element

from hiercomp.loaders._blocks import TextBuilder
from hiercomp.loaders._docx_graphics import add_graphic
from hiercomp.loaders._docx_notes import Notes
from hiercomp.loaders._docx_numbering import Numbering
from hiercomp.loaders._docx_styles import Styles
from hiercomp.loaders._docx_tables import grid, rows_of
from hiercomp.loaders._docx_text import Attached, ParagraphReader
from hiercomp.loaders._ooxml import Omissions, Package, find, full, is_on, short
from hiercomp.loaders._ooxml_graphics import Canvas

_DELETED = ("w:del", "w:moveFrom")
_UNREAD = {"w:altChunk": "document inserted as a whole", "w:subDoc": "document inserted by reference"}
# A table whose cell has several paragraphs and more characters than this arranges a page and is no grid of data.
_MAX_CELL_CHARACTERS = 1500
# What is left of a page number when the number itself is left out.
_PAGE_WORDS = re.compile(
    r"\W*(?:(?:page|pg|p|seite|side|sida|página|pagina|pág|strona|страница|of|von|de|di|sur|van|av|z|из|第|页|頁)\W*){0,3}",
    re.IGNORECASE,
)


class File(NamedTuple):
    """What all stories of a file share."""

    package: Package
    builder: TextBuilder
    styles: Styles
    numbering: Numbering
    notes: Notes
    omissions: Omissions

    @classmethod
    def of(cls, package: Package, main: str, builder: TextBuilder, properties: list[Element]) -> File:
        """Return the file whose main part is named.

        Args:
            package: the parts.
            main: the name of the main part.
            builder: where the text goes.
            properties: the settings of the file and the properties of its sections.
        """
        styles = Styles(next(package.related(main, "styles"), None))
        numbering = Numbering(next(package.related(main, "numbering"), None), styles)
        return cls(package, builder, styles, numbering, Notes(package, main, properties), Omissions())


class Story:
    """Adds the blocks of a part to the builder.

    Args:
        file: the file.
        part: the name of the part, whose relations name its graphics.
        label: what a page header or footer is called in the text, or "".
    """

    def __init__(self, file: File, part: str, label: str = "") -> None:
        self._file = file
        self._part = part
        self._label = label
        self._carried = ""  # the text of paragraphs whose ends are deleted, so that they go on in the next one

    def add_blocks(self, parent: Element) -> None:
        """Add the paragraphs and tables below an element, also those in content controls and insertions."""
        for block in _blocks(parent):
            name = short(block.tag)
            if name == "w:tbl":
                self._end_carried()
                self._add_table(block)
            elif name == "w:p":
                self._add_paragraph(block)
            else:
                self._file.omissions.add(_UNREAD[name])
        self._end_carried()

    def _add_paragraph(self, paragraph: Element) -> None:
        attached = Attached()
        text = " ".join(filter(None, (self._carried, self._text(paragraph, attached))))
        self._carried = ""
        if _end_is_deleted(paragraph):
            self._carried = text
            self._add_attached(attached)
            return
        number = self._number(paragraph, text)
        depth = self._file.styles.heading_depth(paragraph)
        builder = self._file.builder
        if self._label:
            self._add_furniture(text)
        elif depth is not None:
            builder.add_heading((number or "") + text if text else "", depth)
        elif number is not None:
            builder.add_line(number + text if text else "")
        elif attached.has_text():
            # A paragraph and its notes are lines without a gap between them.
            builder.add_gap()
            builder.add_line(text)
        else:
            builder.add_paragraph(text)
        self._add_attached(attached)

    def _add_attached(self, attached: Attached) -> None:
        """Add notes, comments and graphics."""
        file = self._file
        for label, key in attached.notes:
            self._add_note(file.notes.take_note(key), f"[{label}]" if label else "")
        for key in attached.comments:
            comment = file.notes.take_comment(key)
            author = comment[1].get(full("w:author"), "") if comment is not None else ""
            self._add_note(comment, f"Comment{' by ' * bool(author)}{author}:")
        if attached.has_text():
            file.builder.add_gap()
        canvas = Canvas(file.package, self._part, file.builder, file.omissions)
        for graphic in attached.graphics:
            add_graphic(canvas, graphic, Story(file, self._part, self._label).add_blocks)

    def _add_note(self, note: tuple[str, Element] | None, mark: str) -> None:
        """Add a note or a comment: its mark or author, then its text."""
        if note is None:
            return
        story = Story(self._file, note[0])
        for block in _blocks(note[1]):
            if short(block.tag) == "w:tbl":
                story._add_table(block)
                continue
            attached = Attached()
            text = story._text(block, attached)
            if text:
                self._file.builder.add_line(f"{mark} {text}".strip())
                mark = ""
            story._add_attached(attached)

    def _add_furniture(self, text: str) -> None:
        if text and not _PAGE_WORDS.fullmatch(text):
            self._file.builder.add_paragraph(f"{self._label}: {text}")

    def _end_carried(self) -> None:
        self._file.builder.add_paragraph(self._carried)
        self._carried = ""

    def _text(self, paragraph: Element, attached: Attached) -> str:
        file, is_furniture = self._file, bool(self._label)
        reader = ParagraphReader(
            paragraph, file.styles, file.notes, file.omissions, attached, shows_page_numbers=not is_furniture
        )
        return reader.read()

    def _number(self, paragraph: Element, text: str) -> str | None:
        """Return the number of a list item. A paragraph that is hidden or was moved away is not counted."""
        mark = find(paragraph, "w:pPr/w:rPr")
        is_gone = find(mark, "w:moveFrom") is not None or is_on(find(mark, "w:vanish"))
        return None if is_gone and not text else self._file.numbering.label(paragraph)

    def _add_table(self, table: Element) -> None:
        rows = rows_of(table)
        cells = [cell for row in rows for cell in row]
        if all(len(row) < 2 for row in rows) or any(map(_is_column_of_text, cells)):
            for cell in cells:
                self.add_blocks(cell)
            return
        attached = Attached()
        texts: dict[Element, str] = {}

        def read(cell: Element) -> str:
            texts[cell] = self._cell_text(cell, attached)
            return texts[cell]

        self._file.builder.add_gap()
        self._file.builder.add_table(grid(table, read))
        self._add_attached(attached)
        self._file.builder.add_gap()
        if any(inner is not table for inner in table.iter(full("w:tbl"))):
            for row in rows:
                self._add_nested(row, next(filter(None, (texts.get(cell) for cell in row)), ""))

    def _add_nested(self, row: Sequence[Element], title: str) -> None:
        """Add the tables inside the cells of a row, under the text of its first cell."""
        for cell in row:
            for table in (block for block in _blocks(cell) if block.tag == full("w:tbl")):
                self._file.builder.add_line(title)
                self._add_table(table)

    def _cell_text(self, cell: Element, attached: Attached) -> str:
        """Return the text of a cell, without the tables inside it."""
        texts = []
        for paragraph in (block for block in _blocks(cell) if block.tag == full("w:p")):
            text = self._text(paragraph, attached)
            number = self._number(paragraph, text)
            is_page = bool(self._label and _PAGE_WORDS.fullmatch(text))
            texts.append((number or "") + text if text and not is_page else "")
        return " ".join(filter(None, texts))


def _end_is_deleted(paragraph: Element) -> bool:
    return find(paragraph, "w:pPr/w:rPr/w:del") is not None


def _is_column_of_text(cell: Element) -> bool:
    length = sum(len(text.text or "") for text in cell.iter(full("w:t")))
    return length > _MAX_CELL_CHARACTERS and len(list(cell.iter(full("w:p")))) > 1


def _blocks(parent: Element) -> Iterator[Element]:
    """Yield the paragraphs, the tables and the inserted documents below an element."""
    for child in parent:
        name = short(child.tag)
        if name in ("w:p", "w:tbl") or name in _UNREAD:
            yield child
        elif name not in _DELETED:
            yield from _blocks(child)
