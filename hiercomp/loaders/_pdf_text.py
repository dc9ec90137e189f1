"""Paragraphs to the text of pages, with the place of each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hiercomp.loaders._pdf_paragraphs import Paragraph
from hiercomp.loaders._pdf_words import HYPHENS
from hiercomp.types import Span

_BROKEN = re.compile(rf"([^\W\d_]*)([{HYPHENS}])(\s*)([^\W\d_]*)")
_COMPOUND = re.compile(r"[^\W\d_]+-[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of one page, which begins at `start`, and the spans of its paragraphs."""

    start: int
    text: str
    spans: tuple[tuple[int, int], ...]

    def span(self, index: int) -> Span:
        """Where a paragraph is in the document's text, without its line end."""
        return Span(*self.spans[index])

    def line(self, index: int) -> tuple[str, Span]:
        """A paragraph's text and where it is."""
        span = self.span(index)
        return self.text[span.start - self.start : span.end - self.start], span


def join_pages(pages: Sequence[Sequence[Paragraph]]) -> list[PageText]:
    """The text of each page: a paragraph a line, a blank line where the page has a gap."""
    raw = [[paragraph.text for paragraph in page] for page in pages]
    hyphens = _Hyphens(text for page in raw for text in page)
    texts, start = [], 0
    for page, lines in zip(pages, raw, strict=True):
        pieces: list[str] = []
        spans, position = [], start
        for index, (paragraph, line) in enumerate(zip(page, lines, strict=True)):
            if index and paragraph.gap:
                pieces.append("\n")
                position += 1
            text = hyphens.mend(line)
            pieces += [text, "\n"]
            spans.append((position, position + len(text)))
            position += len(text) + 1
        texts.append(PageText(start, "".join(pieces), tuple(spans)))
        start = position
    return texts


class _Hyphens:
    """Decides what a hyphen at a line end was: part of a compound such as "long-term", or a break in a word.

    pdfium marks both alike; the document's other lines tell them apart. A compound keeps its hyphen.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._compounds: set[str] = set()
        self._words: set[str] = set()
        breaks: list[tuple[str, str]] = []
        for line in lines:
            self._words.update(_WORD.findall(line.lower()))
            if "-" in line:
                self._compounds.update(_COMPOUND.findall(line.lower()))
            if any(mark in line for mark in HYPHENS):
                breaks += [(match[1].lower(), match[4].lower()) for match in _BROKEN.finditer(line)]
        votes = [self._vote(left, right) for left, right in breaks]
        self._keeps = sum(votes) > 0

    def _vote(self, left: str, right: str) -> int:
        return (f"{left}-{right}" in self._compounds) - (left + right in self._words)

    def mend(self, line: str) -> str:
        """The line with each mark replaced by a hyphen or by nothing."""
        return _BROKEN.sub(self._mended, line) if any(mark in line for mark in HYPHENS) else line

    def _mended(self, match: re.Match[str]) -> str:
        left, _, space, right = match.groups()
        vote = self._vote(left.lower(), right.lower())
        keeps = not left or not right[:1].islower() or bool(space) or vote > 0 or (vote == 0 and self._keeps)
        return f"{left}{'-' if keeps else ''}{space}{right}"
