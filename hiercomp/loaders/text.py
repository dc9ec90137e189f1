"""Plain text, read as it is; form feeds separate pages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from hiercomp.errors import DocumentError
from hiercomp.loaders._decode import decode
from hiercomp.loaders._limits import Limits, check_size
from hiercomp.loaders._pages import select_pages
from hiercomp.types import Document, Page, Span

if TYPE_CHECKING:
    from hiercomp.ports import Loader


class TextLoader:
    """Plain text: `Document.text` is the file's text exactly, so that positions are true in the file."""

    def __init__(self, pages: str | None = None, limits: Limits | None = None) -> None:
        self._pages = pages
        self._limits = limits or Limits()

    def load(self, path: Path, *, source: str, password: str | None = None) -> Document:
        """The text, with a page for each stretch that a form feed ends; no headings."""
        text = read_text(path, source, self._limits)
        first = next(line.strip() for line in text.splitlines() if line.strip())
        title = first[:120] if re.search(r"[^\W\d_]{3}", first) else Path(source).stem
        return select_pages(Document(text, source, title, _pages(text)), self._pages)


def read_text(path: Path, source: str, limits: Limits) -> str:
    """The decoded text of a file.

    Raises:
        DocumentError: the file is too large, binary, or holds nothing but white space.
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
        pages.pop()  # the last form feed closes a page and opens none
    return tuple(pages)


def build(argument: str | None = None, *, limits: Limits | None = None) -> Loader:
    """The loader; the argument is a selection of pages such as "3-9,12"."""
    return TextLoader(argument, limits)
