"""Headings that HTML sets in bold only, as filings do."""

from __future__ import annotations

import re

from hiercomp.loaders._blocks import TextBuilder
from hiercomp.types import Span

_KINDS = (
    re.compile(r"part\s+[ivx\d]+\b", re.IGNORECASE),
    re.compile(r"item\s+\d+[a-z]?\b", re.IGNORECASE),
    re.compile(r"(?:note|section|article|chapter)\s+\w+\b|\d+(?:\.\d+)*\.?\s+[A-Z]", re.IGNORECASE),
)
_MOST_CHARACTERS = 180
# With this many headings of its own, a page has said what its headings are.
_ENOUGH = 3


class BoldLines:
    """Paragraphs in bold, which become headings when the document has hardly any of its own."""

    def __init__(self, builder: TextBuilder) -> None:
        self._builder = builder
        self._lines: list[tuple[Span, str]] = []

    def add(self, span: Span, text: str) -> None:
        """Notes a paragraph that is all bold."""
        if (
            len(text) <= _MOST_CHARACTERS
            and text[:1].isalnum()
            and text[-1] not in ".:;,"
            and re.search(r"[^\W\d]{3}", text)
        ):
            self._lines.append((span, text))

    def finish(self) -> None:
        """Makes headings of the noted lines where the document needs them."""
        if self._builder.headings >= _ENOUGH:
            return
        for span, text in self._lines:
            depth = next((depth for depth, kind in enumerate(_KINDS, 1) if kind.match(text)), len(_KINDS) + 1)
            self._builder.mark(span, depth, text)
