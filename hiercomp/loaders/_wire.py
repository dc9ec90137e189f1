"""Messages between a loader and its parser process, as JSON.

Pickle is not used, because a hostile file that takes over the parser could then run code in the parent process.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from hiercomp.errors import ConfigError, DocumentError, HiercompError, MissingExtraError
from hiercomp.loaders._limits import Limits
from hiercomp.types import Document, Heading, Page, Span


@dataclass(frozen=True, slots=True)
class Job:
    """One file to parse.

    `kind` names the parser module. `source` is the file's name for messages. `pages` is the user's page selection.
    """

    kind: str
    path: str
    source: str
    pages: str | None = None
    password: str | None = field(default=None, repr=False)
    limits: Limits = field(default_factory=Limits)


def encode_job(job: Job) -> bytes:
    """Return a job as JSON."""
    return json.dumps(asdict(job)).encode()


def decode_job(data: bytes) -> Job:
    """Return the job that `encode_job` encoded."""
    fields = json.loads(data)
    return Job(**{**fields, "limits": Limits(**fields["limits"])})


def encode_document(document: Document) -> bytes:
    """Return a document as JSON."""
    fields = {
        "text": document.text,
        "source": document.source,
        "title": document.title,
        "pages": [(page.number, page.span.start, page.span.end) for page in document.pages],
        "headings": [(item.title, item.depth, item.span.start, item.span.end) for item in document.headings],
        "furniture": [(span.start, span.end) for span in document.furniture],
    }
    return json.dumps(fields, ensure_ascii=False).encode()


def encode_error(error: HiercompError) -> bytes:
    """Return an error as JSON."""
    extra = error.extra if isinstance(error, MissingExtraError) else None
    return json.dumps({"error": type(error).__name__, "message": str(error), "extra": extra}).encode()


def decode_reply(data: bytes) -> Document:
    """Return the document of a reply.

    Raises:
        HiercompError: the reply holds an error, which is raised.
    """
    fields = json.loads(data)
    if "error" in fields:
        raise _error(fields)
    return Document(
        text=fields["text"],
        source=fields["source"],
        title=fields["title"],
        pages=tuple(Page(number, Span(start, end)) for number, start, end in fields["pages"]),
        headings=tuple(Heading(title, depth, Span(start, end)) for title, depth, start, end in fields["headings"]),
        furniture=tuple(Span(start, end) for start, end in fields["furniture"]),
    )


def _error(fields: dict[str, str]) -> HiercompError:
    if fields["error"] == "MissingExtraError":
        return MissingExtraError(fields["message"].split(" needs the extra ")[0], fields["extra"])
    return {"ConfigError": ConfigError}.get(fields["error"], DocumentError)(fields["message"])
