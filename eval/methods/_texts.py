"""A document as the texts that a peer is given: one, or its paragraphs, as if a retriever had found them."""

from __future__ import annotations

import re

from hiercomp.types import Document

_BREAK = re.compile(r"\n\s*\n|\f")


def whole(document: Document) -> list[str]:
    """The document as it is."""
    return [document.text]


def paragraphs(document: Document) -> list[str]:
    """What blank lines and the ends of pages part, nothing that is blank."""
    pages = [page.span.of(document.text) for page in document.pages] or [document.text]
    return [part for page in pages for part in _BREAK.split(page) if part.strip()]
