"""Detection of file formats.

The content of a file decides its format. The file's name only decides between text formats. A file that is plain text,
or in a format that no loader of this package reads, goes to the plugin loader that is named like its suffix, if any.
"""

from __future__ import annotations

import re
from pathlib import Path

from hiercomp import registry
from hiercomp.errors import DocumentError
from hiercomp.loaders._decode import is_binary

KINDS = ("pdf", "docx", "pptx", "html", "epub", "markdown", "text")

_HEAD_BYTES = 65_536
# The directory of a zip container is at its end. These bytes hold about 10,000 entries.
_TAIL_BYTES = 1_000_000
_PDF = re.compile(rb"%PDF-\d\.\d[\s%]")
_CONTAINER_PARTS = ((b"META-INF/container.xml", "epub"), (b"word/document", "docx"), (b"ppt/presentation", "pptx"))
_PREFIX = rb"\s*(?:(?:<\?.*?\?>|<!--.*?-->)\s*)*"
_HTML = re.compile(_PREFIX + rb"<(?:!doctype\s+html|html|head|body|title)[\s>]", re.IGNORECASE | re.DOTALL)
_HTML_FRAGMENT = re.compile(
    _PREFIX + rb"<(?:meta|link|script|style|div|p|table|h[1-6]|article|section|main|header|span|ul|ol|a|b)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_MARKDOWN_NAMES = (".md", ".markdown", ".mdown", ".mkd", ".mdx", ".qmd", ".rmd")
_MARKDOWN_HEADING = re.compile(rb"^#{1,6} \S", re.MULTILINE)
_MARKDOWN_MARKUP = re.compile(rb"^(?:```|\s*[-*] \S|> |\|.+\||#{2,6} \S)|\]\(\S+\)|\*\*\S", re.MULTILINE)
_UNSUPPORTED = (
    (b"{\\rtf", "an RTF file; save it as .docx or PDF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or password-protected Office file; save it as .docx, .pptx or PDF"),
    (b"\x89PNG", "an image; run OCR first (for example tesseract)"),
    (b"\xff\xd8\xff", "an image; run OCR first (for example tesseract)"),
    (b"Rar!", "an archive; unpack it first"),
    (b"7z\xbc\xaf", "an archive; unpack it first"),
    (b"\x1f\x8b", "a compressed file; unpack it first"),
)


def detect(path: Path, source: str) -> str:
    """Return the format of a file: one of `KINDS`, or the name of a plugin loader.

    Raises:
        DocumentError: the file is empty, or in a format that no loader reads.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _TAIL_BYTES))
        tail = stream.read()
    if not head:
        raise DocumentError(f"{source}: the file is empty")
    try:
        kind = _builtin_kind(head, tail, path, source)
    except DocumentError:
        plugin = plugin_kind(path)
        if plugin is None:
            raise
        return plugin
    return (plugin_kind(path) if kind == "text" else None) or kind


def plugin_kind(path: Path) -> str | None:
    """Return the name of the plugin loader for a file's suffix, or None. Built-in formats and ".txt" have none."""
    name = path.suffix.lower().removeprefix(".")
    return name if name not in ("", "txt", *KINDS) and registry.knows("loaders", name) else None


def _builtin_kind(head: bytes, tail: bytes, path: Path, source: str) -> str:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _container_kind(head, tail, source)
    if _PDF.search(head[:1024]) or head.startswith(b"%PDF"):
        return "pdf"
    for signature, advice in _UNSUPPORTED:
        if head.startswith(signature):
            raise DocumentError(f"{source}: this is {advice}")
    return _text_kind(head, path, source)


def _container_kind(head: bytes, tail: bytes, source: str) -> str:
    for part, kind in _CONTAINER_PARTS:
        if part in tail or part in head:
            return kind
    if b"xl/workbook" in tail:
        raise DocumentError(f"{source}: this is an Excel workbook; save it as PDF or CSV")
    raise DocumentError(f"{source}: this is a zip archive that is no DOCX, PPTX or EPUB, or a damaged one; unpack it")


def _text_kind(head: bytes, path: Path, source: str) -> str:
    if is_binary(head):
        raise DocumentError(f"{source}: this is binary data in no known format; convert it to text or PDF first")
    head = head.removeprefix(b"\xef\xbb\xbf")
    suffix = path.suffix.lower()
    if _HTML.match(head):
        return "html"
    if suffix in _MARKDOWN_NAMES:
        return "markdown"
    if suffix not in ("", ".html", ".htm", ".xhtml", ".pdf"):
        return "text"
    if _HTML_FRAGMENT.match(head):
        return "html"
    is_script = head.startswith(b"#!")
    is_markdown = _MARKDOWN_HEADING.search(head) and _MARKDOWN_MARKUP.search(head) and not is_script
    return "markdown" if is_markdown else "text"
