"""Parser of PDF files. It runs in the child process."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium_c  # type: ignore[import-untyped]

from hiercomp.errors import DocumentError
from hiercomp.loaders._ocr import ImageReader, is_installed
from hiercomp.loaders._pages import page_numbers
from hiercomp.loaders._pdf_document import build_document, page_list
from hiercomp.loaders._pdf_outline import read_outline
from hiercomp.loaders._pdf_pages import PageContent, read_page, scan_page
from hiercomp.loaders._wire import Job, OcrNeeded
from hiercomp.types import Document

_XFA = {pdfium_c.FORMTYPE_XFA_FULL, pdfium_c.FORMTYPE_XFA_FOREGROUND}


def parse(job: Job) -> Document:
    """Return the document in a PDF file.

    Raises:
        DocumentError: the file cannot be opened, lacks a selected page, has too many pages, or holds no text.
        OcrNeeded: pages have to be read by OCR, and the job's limits do not allow for it.
    """
    pdf = _open(job)
    numbers = page_numbers(job.pages, len(pdf), job.source)
    if not numbers:
        raise DocumentError(f"{job.source}: the PDF has no pages")
    if len(numbers) > job.limits.pages:
        raise DocumentError(
            f"{job.source}: {len(numbers):,} pages are more than the limit of {job.limits.pages:,}; use --pages"
        )
    contents = [read_page(pdf, number) for number in numbers]
    scanned = [index for index, content in enumerate(contents) if content.has_image]
    unread: list[int] = []
    if not is_installed():
        _refuse_scan(contents, job.source)
        unread = [contents[index].number for index in scanned]
    elif scanned:
        if not job.ocr:
            raise OcrNeeded(len(scanned))
        unread = _read_scans(pdf, contents, scanned, job.limits.ocr_pages)
    if not any(content.lines or content.notes for content in contents):
        raise DocumentError(f"{job.source}: {page_list(numbers)} of the file {_no_text(numbers, scanned)}")
    return build_document(
        job.source,
        contents,
        title=_own_title(pdf),
        outline=read_outline(pdf),
        page_count=len(pdf),
        omissions=[*_file_omissions(pdf, contents), *_unread_omissions(unread, job)],
    )


def _open(job: Job) -> pdfium.PdfDocument:
    try:
        pdf = pdfium.PdfDocument(job.path, password=job.password)
        pdf.init_forms()
    except pdfium.PdfiumError as error:
        if "assword" in str(error):
            reason = (
                "its password is wrong; give the right one" if job.password else "it is encrypted; give its password"
            )
            raise DocumentError(f"{job.source}: {reason} with --password or HIERCOMP_PASSWORD") from error
        if "ecurity" in str(error):
            raise DocumentError(f"{job.source}: its kind of encryption is not supported; save it decrypted") from error
        raise DocumentError(
            f"{job.source}: the file is not a readable PDF, but damaged or cut off; get it again"
        ) from error
    return pdf


def _read_scans(
    pdf: pdfium.PdfDocument, contents: list[PageContent], scanned: Sequence[int], max_pages: int
) -> list[int]:
    """Replace the content of scanned pages with what OCR reads. Return the numbers of the pages beyond the limit."""
    reader = ImageReader()
    for index in scanned[:max_pages]:
        contents[index] = scan_page(pdf, contents[index], reader)
    return [contents[index].number for index in scanned[max_pages:]]


def _refuse_scan(contents: Sequence[PageContent], source: str) -> None:
    textless_count = sum(content.is_textless for content in contents)
    if textless_count * 2 > len(contents):
        amount = "hardly any text" if any(content.lines for content in contents) else "no text"
        raise DocumentError(
            f"{source}: the file looks scanned, because {textless_count} of {len(contents)} pages have {amount}; "
            "pip install 'hiercomp[ocr]' to read it"
        )


def _no_text(numbers: Sequence[int], scanned: Sequence[int]) -> str:
    verb = "have" if len(numbers) > 1 else "has"
    return f"{verb} no text, and OCR finds none" if scanned else f"{verb} no text"


def _own_title(pdf: pdfium.PdfDocument) -> str:
    """Return the title in the file's metadata."""
    try:
        return " ".join(re.sub("[\0\ud800-\udfff]", "", pdf.get_metadata_value("Title")).split())
    except (pdfium.PdfiumError, UnicodeError):
        return ""


def _file_omissions(pdf: pdfium.PdfDocument, contents: Sequence[PageContent]) -> Iterator[str]:
    """Yield what the file holds besides its pages."""
    if pdf.get_formtype() in _XFA and not any(content.has_fields for content in contents):
        yield "the fields of an XFA form; print the form to a PDF to have them read"
    for index in range(pdf.count_attachments()):
        yield f"the attached file {pdf.get_attachment(index).get_name()}"


def _unread_omissions(unread: Sequence[int], job: Job) -> Iterator[str]:
    if unread:
        more = f"more than the limit of {job.limits.ocr_pages} scanned pages; use --pages"
        advice = more if is_installed() else "scanned; pip install 'hiercomp[ocr]' to have it read"
        yield f"{page_list(unread)}: {advice}"
