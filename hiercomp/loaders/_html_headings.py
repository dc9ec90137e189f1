"""Headings of HTML files that mark them only by bold type, as many regulatory filings do."""

from __future__ import annotations

import re

from hiercomp.loaders._blocks import TextBuilder
from hiercomp.types import Span

_KINDS = (
    re.compile(r"part\s+[ivx\d]+\b", re.IGNORECASE),
    re.compile(r"item\s+\d+[a-z]?\b", re.IGNORECASE),
    re.compile(r"(?:note|section|article|chapter)\s+\w+\b|\d+(?:\.\d+)*\.?\s+[A-Z]", re.IGNORECASE),
)
_MAX_CHARACTERS = 180
# A file with this many heading elements marks its headings by elements, so bold type means something else in it.
_ENOUGH_HEADINGS = 3


class BoldLines:
    """The paragraphs of a file that are entirely bold. They become headings if the file has few heading elements."""

    def __init__(self, builder: TextBuilder) -> None:
        self._builder = builder
        self._lines: list[tuple[Span, str]] = []

    def add(self, span: Span, text: str) -> None:
        """Record a bold paragraph, unless it is too long or does not look like a title."""
        if (
            len(text) <= _MAX_CHARACTERS
            and text[:1].isalnum()
            and text[-1] not in ".:;,"
            and re.search(r"[^\W\d]{3}", text)
        ):
            self._lines.append((span, text))

    def finish(self) -> None:
        """Turn the recorded paragraphs into headings, unless the file has enough heading elements."""
        if self._builder.heading_count >= _ENOUGH_HEADINGS:
            return
        for span, text in self._lines:
            depth = next((depth for depth, kind in enumerate(_KINDS, 1) if kind.match(text)), len(_KINDS) + 1)
            self._builder.mark_heading(span, depth, text)
