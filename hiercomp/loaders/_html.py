"""Parser of HTML files. It runs in the child process."""

from __future__ import annotations

import re
from pathlib import Path

from hiercomp.errors import DocumentError
from hiercomp.loaders._blocks import TextBuilder
from hiercomp.loaders._decode import decode
from hiercomp.loaders._html_events import HtmlReader
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
    """Add the blocks of HTML to a builder. Return the HTML title, or "" if there is none."""
    reader = HtmlReader(builder)
    reader.feed(decode_html(data, source))
    reader.finish()
    return reader.title


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
        except LookupError:
            return decode(data, source)
    return decode(data, source)
