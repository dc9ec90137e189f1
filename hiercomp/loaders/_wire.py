"""Messages between a loader and its parser process, as JSON.

Pickle is not used, because a hostile file that takes over the parser could then run code in the parent process.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from hiercomp.errors import ConfigError, DocumentError, HiercompError, MissingExtraError
from hiercomp.loaders._limits import Limits
from hiercomp.types import Document, Heading, Page, Span


@dataclass(frozen=True, slots=True)
class Job:
    """One file to parse.

    `kind` names the parser module. `source` is the file's name for messages. `pages` is the user's page selection.
    `ocr` says that the limits allow for OCR.
    """

    kind: str
    path: str
    source: str
    pages: str | None = None
    password: str | None = field(default=None, repr=False)
    limits: Limits = field(default_factory=Limits)
    ocr: bool = False


class OcrNeeded(Exception):
    """A parser's reply to a job whose limits do not allow for OCR. `page_count` pages have no text."""

    def __init__(self, page_count: int) -> None:
        super().__init__(page_count)
        self.page_count = page_count


def encode_job(job: Job) -> bytes:
    """Return a job as JSON."""
    return json.dumps(asdict(job)).encode()


def decode_job(data: bytes) -> Job:
    """Return the job that `encode_job` encoded."""
    fields = json.loads(data)
    return Job(**{**fields, "limits": Limits(**fields["limits"])})


def encode_document(document: Document) -> bytes:
    """Return a document as JSON. Every text is kept exactly, lone surrogates included."""
    return json.dumps(_fields(document), ensure_ascii=False).encode("utf-8", "surrogatepass")


def _fields(document: Document) -> dict[str, object]:
    return {
        "text": document.text,
        "source": document.source,
        "title": document.title,
        "pages": [(page.number, page.span.start, page.span.end, page.label) for page in document.pages],
        "headings": [(item.title, item.depth, item.span.start, item.span.end) for item in document.headings],
        "furniture": [(span.start, span.end) for span in document.furniture],
        "omissions": document.omissions,
        "attachments": [_fields(attachment) for attachment in document.attachments],
    }


def encode_error(error: HiercompError) -> bytes:
    """Return an error as JSON."""
    extra = error.extra if isinstance(error, MissingExtraError) else None
    return json.dumps({"error": type(error).__name__, "message": str(error), "extra": extra}).encode()


def encode_need(need: OcrNeeded) -> bytes:
    """Return the need for OCR as JSON."""
    return json.dumps({"ocr": need.page_count}).encode()


def decode_reply(data: bytes) -> Document:
    """Return the document of a reply.

    Raises:
        HiercompError: the reply holds an error, which is raised.
        OcrNeeded: the job's limits have to allow for OCR.
    """
    fields = json.loads(data)
    if "ocr" in fields:
        raise OcrNeeded(fields["ocr"])
    if "error" in fields:
        raise _error(fields)
    return _document(fields)


def _document(fields: dict[str, Any]) -> Document:
    return Document(
        text=fields["text"],
        source=fields["source"],
        title=fields["title"],
        pages=tuple(Page(number, Span(start, end), label) for number, start, end, label in fields["pages"]),
        headings=tuple(Heading(title, depth, Span(start, end)) for title, depth, start, end in fields["headings"]),
        furniture=tuple(Span(start, end) for start, end in fields["furniture"]),
        omissions=tuple(fields["omissions"]),
        attachments=tuple(map(_document, fields["attachments"])),
    )


def _error(fields: dict[str, str]) -> HiercompError:
    if fields["error"] == "MissingExtraError":
        return MissingExtraError(fields["message"].split(" needs the extra ")[0], fields["extra"])
    return {"ConfigError": ConfigError}.get(fields["error"], DocumentError)(fields["message"])
