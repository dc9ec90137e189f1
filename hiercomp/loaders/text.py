"""Loader of plain text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from hiercomp.errors import DocumentError
from hiercomp.loaders._decode import decode
from hiercomp.loaders._limits import Limits, check_size
from hiercomp.loaders._pages import select_pages
from hiercomp.text.records import is_record
from hiercomp.types import Document, Page, Span

if TYPE_CHECKING:
    from hiercomp.ports import Loader


class TextLoader:
    """Loads plain text. `Document.text` is the file's decoded text, unchanged."""

    def __init__(self, pages: str | None = None, limits: Limits | None = None) -> None:
        self._pages = pages
        self._limits = limits or Limits()

    def load(self, path: Path, *, source: str, password: str | None = None) -> Document:
        """Return the text of a file. Form feeds end pages. There are no headings."""
        text = read_text(path, source, self._limits)
        first_line = next(line.strip() for line in text.splitlines() if line.strip())
        is_title = re.search(r"[^\W\d_]{3}", first_line) and not is_record(first_line)
        title = first_line[:120] if is_title else Path(source).stem
        return select_pages(Document(text, source, title, _pages(text)), self._pages)


def read_text(path: Path, source: str, limits: Limits) -> str:
    """Return the decoded text of a file.

    Raises:
        DocumentError: the file is too large, is binary, or holds only white space.
    """
    check_size(path, source, limits)
    text = decode(path.read_bytes(), source)
    if not text.strip():
        raise DocumentError(f"{source}: the file holds no text, only white space")
    return text


def _pages(text: str) -> tuple[Page, ...]:
    if "\f" not in text:
        return ()
    pages, position = [], 0
    for number, piece in enumerate(text.split("\f"), 1):
        end = min(position + len(piece) + 1, len(text))
        pages.append(Page(number, Span(position, end)))
        position = end
    if text.endswith("\f"):
        pages.pop()  # The last form feed ends a page. No page follows it.
    return tuple(pages)


def build(argument: str | None = None, *, limits: Limits | None = None) -> Loader:
    """Return the loader.

    Args:
        argument: a selection of pages such as "3-9,12".
        limits: limits on the cost of reading a file.
    """
    return TextLoader(argument, limits)
