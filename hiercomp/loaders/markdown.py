"""Loader of Markdown."""

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
# Only a line of a paragraph can be a setext heading. These lines are not part of a paragraph.
_NO_PARAGRAPH = re.compile(r"\s*$|    |\t| {0,3}(?:[-*+>|]|\d+[.)] |#{1,6}\s|<)")
_INLINE_MARKUP = re.compile(r"[*_`]+|!?\[([^\]]*)\]\([^)]*\)|<[^>]+>")


class MarkdownLoader:
    """Loads Markdown. `Document.text` is the file's decoded text with its markup, unchanged."""

    def __init__(self, pages: str | None = None, limits: Limits | None = None) -> None:
        self._pages = pages
        self._limits = limits or Limits()

    def load(self, path: Path, *, source: str, password: str | None = None) -> Document:
        """Return the text of a file with its headings."""
        text = read_text(path, source, self._limits)
        headings = tuple(find_headings(text))
        title = headings[0].title if headings else Path(source).stem
        return select_pages(Document(text, source, title, headings=headings), self._pages)


def find_headings(text: str) -> Iterator[Heading]:
    """Yield the ATX and setext headings of a Markdown text, in order.

    Headings in code, in front matter, in block quotes and in lists are left out.

    Source: CommonMark 0.31, sections 4.2, 4.3 and 4.5.
    """
    previous = Span(0, 0)
    for span in _lines_outside_code(text):
        line = span.of(text)
        atx, setext = _ATX.fullmatch(line), _SETEXT.fullmatch(line)
        if atx and (title := _plain_title(atx[2] or "")):
            yield Heading(title, len(atx[1]), span)
        elif setext and previous.end and not _NO_PARAGRAPH.match(previous.of(text)):
            title = _plain_title(previous.of(text))
            yield Heading(title, 1 if setext[1][0] == "=" else 2, Span(previous.start, span.end))
        previous = span


def _lines_outside_code(text: str) -> Iterator[Span]:
    """Yield the span of each line after the front matter, without its line end. Lines of code give empty spans."""
    fence, position = "", _front_matter_length(text)
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


def _front_matter_length(text: str) -> int:
    match = re.match(r"---[ \t]*\r?\n.*?^(?:---|\.\.\.)[ \t]*\r?\n", text, re.DOTALL | re.MULTILINE)
    return match.end() if match else 0


def _plain_title(title: str) -> str:
    return _INLINE_MARKUP.sub(lambda match: match[1] or "", title).strip()


def build(argument: str | None = None, *, limits: Limits | None = None) -> Loader:
    """Return the loader.

    Args:
        argument: a selection of pages. Markdown has no pages, so loading with one is an error.
        limits: limits on the cost of reading a file.
    """
    return MarkdownLoader(argument, limits)
