"""Convert a document to the texts that a peer is given: the whole text, or paragraphs like a retriever's results."""

from __future__ import annotations

import re

from hiercomp.types import Document

_BREAK = re.compile(r"\n\s*\n|\f")


def whole(document: Document) -> list[str]:
    """Return the whole text."""
    return [document.text]


def paragraphs(document: Document) -> list[str]:
    """Split the text at blank lines and page ends. Blank paragraphs are left out."""
    pages = [page.span.of(document.text) for page in document.pages] or [document.text]
    return [part for page in pages for part in _BREAK.split(page) if part.strip()]
