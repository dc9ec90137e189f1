"""Markdown, read as it is; ATX and setext headings outside code become headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from hiercomp.loaders._limits import Limits
from hiercomp.loaders._pages import select_pages
from hiercomp.loaders.text import read_text
from hiercomp.types import Document, Heading, Span

if TYPE_CHECKING:
    from hiercomp.ports import Loader

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))??(?:[ \t]+#+)?[ \t]*")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
# a setext underline makes a heading of a paragraph's line, not of these
_NO_PARAGRAPH = re.compile(r"\s*$|    |\t| {0,3}(?:[-*+>|]|\d+[.)] |#{1,6}\s|<)")
_MARKS = re.compile(r"[*_`]+|!?\[([^\]]*)\]\([^)]*\)|<[^>]+>")


class MarkdownLoader:
    """Markdown: `Document.text` is the file's text exactly, marks included."""

    def __init__(self, pages: str | None = None, limits: Limits | None = None) -> None:
        self._pages = pages
        self._limits = limits or Limits()

    def load(self, path: Path, *, source: str, password: str | None = None) -> Document:
        """The text with its headings."""
        text = read_text(path, source, self._limits)
        headings = tuple(find_headings(text))
        title = headings[0].title if headings else Path(source).stem
        return select_pages(Document(text, source, title, headings=headings), self._pages)


def find_headings(text: str) -> Iterator[Heading]:
    """The headings of a Markdown text, in order.

    Source: CommonMark 0.31, sections 4.2, 4.3 and 4.5; headings inside quotes and lists are left out.
    """
    before = Span(0, 0)
    for span in _lines_outside_code(text):
        line = span.of(text)
        atx, setext = _ATX.fullmatch(line), _SETEXT.fullmatch(line)
        if atx and (title := _plain(atx[2] or "")):
            yield Heading(title, len(atx[1]), span)
        elif setext and before.end and not _NO_PARAGRAPH.match(before.of(text)):
            yield Heading(_plain(before.of(text)), 1 if setext[1][0] == "=" else 2, Span(before.start, span.end))
        before = span


def _lines_outside_code(text: str) -> Iterator[Span]:
    fence, position = "", _front_matter(text)
    for line in text[position:].splitlines(keepends=True):
        span = Span(position, position + len(line.rstrip("\r\n")))
        position += len(line)
        match = _FENCE.match(line)
        if fence:
            if match and match[1].startswith(fence) and not line[match.end() :].strip():
                fence = ""
        elif match:
            fence = match[1]
        else:
            yield span
            continue
        yield Span(span.start, span.start)


def _front_matter(text: str) -> int:
    match = re.match(r"---[ \t]*\r?\n.*?^(?:---|\.\.\.)[ \t]*\r?\n", text, re.DOTALL | re.MULTILINE)
    return match.end() if match else 0


def _plain(title: str) -> str:
    return _MARKS.sub(lambda match: match[1] or "", title).strip()


def build(argument: str | None = None, *, limits: Limits | None = None) -> Loader:
    """The loader; the argument is a selection of pages, which Markdown does not have."""
    return MarkdownLoader(argument, limits)
