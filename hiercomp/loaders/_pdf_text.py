"""Text of a PDF's pages from its paragraphs, with the span of each paragraph."""

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
    """The text of one page.

    `start` is the position of the page in the document's text. `spans` are the start and the end of each paragraph in
    the document's text, without line ends.
    """

    start: int
    text: str
    spans: tuple[tuple[int, int], ...]

    def span(self, index: int) -> Span:
        """Return the span of a paragraph in the document's text."""
        return Span(*self.spans[index])

    def line(self, index: int) -> tuple[str, Span]:
        """Return the text of a paragraph and its span in the document's text."""
        span = self.span(index)
        return self.text[span.start - self.start : span.end - self.start], span


def join_pages(pages: Sequence[Sequence[Paragraph]]) -> list[PageText]:
    """Return the text of each page: one line for each paragraph, and a blank line for each visible gap."""
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
            text = hyphens.resolve(line)
            pieces += [text, "\n"]
            spans.append((position, position + len(text)))
            position += len(text) + 1
        texts.append(PageText(start, "".join(pieces), tuple(spans)))
        start = position
    return texts


class _Hyphens:
    """Resolves hyphens at line ends.

    Such a hyphen is part of a compound such as "long-term", or it splits a word. pdfium marks both in the same way. If
    the document contains the compound elsewhere, the hyphen stays. If it contains the unsplit word, the hyphen goes.
    If it contains both or neither, the majority of the document's other hyphens decides.
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
        self._keeps_by_default = sum(votes) > 0

    def _vote(self, left: str, right: str) -> int:
        """Return 1 if the document contains the compound, -1 if it contains the word, 0 if both or neither."""
        return (f"{left}-{right}" in self._compounds) - (left + right in self._words)

    def resolve(self, line: str) -> str:
        """Return a line with each of pdfium's hyphen marks replaced by a hyphen or removed."""
        return _BROKEN.sub(self._resolve_match, line) if any(mark in line for mark in HYPHENS) else line

    def _resolve_match(self, match: re.Match[str]) -> str:
        left, _, space, right = match.groups()
        vote = self._vote(left.lower(), right.lower())
        # Only a lower-case letter directly after the hyphen can continue a split word.
        continues = bool(left) and right[:1].islower() and not space
        is_compound = vote > 0 or (vote == 0 and self._keeps_by_default)
        return f"{left}{'' if continues and not is_compound else '-'}{space}{right}"
