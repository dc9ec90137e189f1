"""The annotations of a PDF page: notes, comments on marked text, free text and stamps."""

from __future__ import annotations

import ctypes
import html
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium_c  # type: ignore[import-untyped]

_MARKINGS = {
    pdfium_c.FPDF_ANNOT_HIGHLIGHT: "Note",
    pdfium_c.FPDF_ANNOT_UNDERLINE: "Note",
    pdfium_c.FPDF_ANNOT_SQUIGGLY: "Note",
    pdfium_c.FPDF_ANNOT_STRIKEOUT: "Struck out",
}
_WITHOUT_NOTE = {pdfium_c.FPDF_ANNOT_POPUP, pdfium_c.FPDF_ANNOT_LINK, pdfium_c.FPDF_ANNOT_WIDGET}
# A popup repeats the text of its note. A widget is a form field.
_HIDDEN = 0x01 | 0x02 | 0x20  # the flags "invisible", "hidden" and "no view"
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_STAMP_NAME = re.compile(r"[A-Z][A-Za-z]+")
_TAG = re.compile(r"<[^>]*>")


class Box(NamedTuple):
    """A box of a page in points."""

    left: float
    right: float
    bottom: float
    top: float


class Note(NamedTuple):
    """A note: its line of text, and the place on the page that it belongs to."""

    text: str
    box: Box


class Annotation:
    """One annotation of a page."""

    def __init__(self, page: pdfium.PdfPage, index: int) -> None:
        self.raw = pdfium_c.FPDFPage_GetAnnot(page, index)
        self.kind: int = pdfium_c.FPDFAnnot_GetSubtype(self.raw)

    @property
    def is_hidden(self) -> bool:
        """Whether viewers do not show the annotation."""
        return bool(pdfium_c.FPDFAnnot_GetFlags(self.raw) & _HIDDEN)

    @property
    def box(self) -> Box:
        """The box of the annotation. Its corners may be in any order in the file."""
        rectangle = pdfium_c.FS_RECTF()
        pdfium_c.FPDFAnnot_GetRect(self.raw, rectangle)
        left, right = sorted((rectangle.left, rectangle.right))
        bottom, top = sorted((rectangle.bottom, rectangle.top))
        return Box(left, right, bottom, top)

    def string(self, key: str) -> str:
        """Return a string or a name of the annotation's dictionary. It is empty if there is none."""
        return read_string(pdfium_c.FPDFAnnot_GetStringValue, self.raw, key.encode())

    def close(self) -> None:
        """Free the memory of pdfium for the annotation."""
        pdfium_c.FPDFPage_CloseAnnot(self.raw)


def read_string(function: Callable[..., int], *arguments: object) -> str:
    """Return the text of a function of pdfium that fills a buffer of UTF-16 and returns the buffer's size in bytes."""
    size = function(*arguments, None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    function(*arguments, ctypes.cast(buffer, ctypes.POINTER(pdfium_c.FPDF_WCHAR)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace")


def page_annotations(page: pdfium.PdfPage) -> Iterator[Annotation]:
    """Yield the annotations of a page that viewers show. Each is closed when the next one is taken."""
    for index in range(pdfium_c.FPDFPage_GetAnnotCount(page)):
        annotation = Annotation(page, index)
        try:
            if annotation.raw and not annotation.is_hidden:
                yield annotation
        finally:
            annotation.close()


def read_notes(page: pdfium.PdfPage) -> tuple[list[Note], list[str]]:
    """Return the notes of a page, and what they leave out: attached files, and stamps without text."""
    notes: list[Note] = []
    omissions: list[str] = []
    for annotation in page_annotations(page):
        if annotation.kind == pdfium_c.FPDF_ANNOT_FILEATTACHMENT:
            omissions.append(f"the attached file {_file_name(annotation)}")
        elif annotation.kind not in _WITHOUT_NOTE and not annotation.string("StateModel"):
            text = _note(annotation, page)
            if text:
                notes.append(Note(text, annotation.box))
            elif annotation.kind == pdfium_c.FPDF_ANNOT_STAMP:
                omissions.append("a stamp that is a drawing")
    return notes, omissions


def _file_name(annotation: Annotation) -> str:
    file = pdfium_c.FPDFAnnot_GetFileAttachment(annotation.raw)
    name = read_string(pdfium_c.FPDFAttachment_GetName, file) if file else ""
    return _one_line(name or annotation.string("Contents")) or "without a name"


def _note(annotation: Annotation, page: pdfium.PdfPage) -> str:
    """Return an annotation as one line such as "Note by Ida: …". It is empty if the annotation has no text."""
    comment = _one_line(annotation.string("Contents") or _plain(annotation.string("RC")))
    kind = "Stamp" if annotation.kind == pdfium_c.FPDF_ANNOT_STAMP else _MARKINGS.get(annotation.kind, "Note")
    if kind == "Stamp" and not comment and _STAMP_NAME.fullmatch(name := annotation.string("Name")):
        comment = _CAPITAL.sub(" ", name)
    marked = _marked_text(annotation, page) if annotation.kind in _MARKINGS else ""
    if comment == marked and kind == "Note":
        return ""  # Some viewers store the marked text as the comment.
    shown = ": ".join(dict.fromkeys(filter(None, [f"“{marked}”" if marked else "", comment])))
    has_text = bool(comment) or (kind == "Struck out" and bool(marked))
    author = _one_line(annotation.string("T"))
    return f"{kind}{f' by {author}' if author else ''}: {shown}" if has_text else ""


def _marked_text(annotation: Annotation, page: pdfium.PdfPage) -> str:
    """Return the text under the quadrilaterals of a highlight, an underline or a strike-out."""
    text_page = page.get_textpage()
    pieces = []
    for index in range(pdfium_c.FPDFAnnot_CountAttachmentPoints(annotation.raw)):
        quad = pdfium_c.FS_QUADPOINTSF()
        if pdfium_c.FPDFAnnot_GetAttachmentPoints(annotation.raw, index, quad):
            across, along = (quad.x1, quad.x2, quad.x3, quad.x4), (quad.y1, quad.y2, quad.y3, quad.y4)
            pieces.append(text_page.get_text_bounded(min(across), min(along), max(across), max(along)))
    text_page.close()
    return _one_line(" ".join(pieces))


def _plain(rich_text: str) -> str:
    return html.unescape(_TAG.sub(" ", rich_text))


def _one_line(text: str) -> str:
    """Return a text without control characters, with single blanks."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
