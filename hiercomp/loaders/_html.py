"""Parser of HTML files. It runs in the child process."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from hiercomp.errors import DocumentError
from hiercomp.loaders._blocks import TextBuilder
from hiercomp.loaders._decode import decode
from hiercomp.loaders._html_headings import BoldLines
from hiercomp.loaders._html_reader import HtmlReader
from hiercomp.loaders._html_tables import emit
from hiercomp.loaders._html_tree import parse as parse_tree
from hiercomp.loaders._html_tree import text_of
from hiercomp.loaders._pages import select_pages
from hiercomp.loaders._wire import Job
from hiercomp.types import Document

_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_HEAD_BYTES = 4096


def parse(job: Job) -> Document:
    """Return the document in an HTML file.

    Raises:
        DocumentError: the file is binary or holds no text.
    """
    builder = TextBuilder()
    title = add_html(builder, Path(job.path).read_bytes(), job.source)
    document = builder.build(job.source, title or Path(job.source).stem)
    if not document.text.strip():
        raise DocumentError(f"{job.source}: the page holds no text; if a script writes it, save it from a browser")
    return select_pages(document, job.pages)


def add_html(builder: TextBuilder, data: bytes, source: str) -> str:
    """Add the blocks of HTML to a builder, and what they leave out. Return the HTML title, or "" if there is none."""
    omissions: Counter[str] = Counter()
    title = read_html(builder, data, source, omissions)
    note_omissions(builder, omissions)
    return title


def read_html(builder: TextBuilder, data: bytes, source: str, omissions: Counter[str]) -> str:
    """Add the blocks of HTML to a builder, and count what they leave out. Return the HTML title."""
    root = parse_tree(decode_html(data, source))
    if root is None:
        return ""
    reader = HtmlReader()
    reader.read(root)
    bold_lines = BoldLines(builder)
    emit(reader.blocks, builder, bold_lines)
    bold_lines.finish()
    omissions += reader.omissions
    title = root.css_first("head > title")
    return " ".join(text_of(title).split()) if title is not None else ""


def note_omissions(builder: TextBuilder, omissions: Counter[str]) -> None:
    """Note what is left out, one line for each kind."""
    for what, count in sorted(omissions.items()):
        builder.omit(f"{count} {what.format(s='' if count == 1 else 's')}")


def decode_html(data: bytes, source: str) -> str:
    """Decode HTML.

    The encoding is that of the byte order mark, else UTF-8 if the bytes are valid UTF-8, else the encoding that the
    HTML declares, else a guess.
    """
    declared = _CHARSET.search(data[:_HEAD_BYTES])
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            pass
        try:
            return data.decode(declared[1].decode("ascii"), "replace")
        except (LookupError, UnicodeError):
            return decode(data, source)
    return decode(data, source)
