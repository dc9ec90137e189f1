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
from hiercomp.loaders._detect_text import text_kind

_MARKED_KINDS = ("pdf", "docx", "pptx", "xlsx", "xls", "odf", "html", "epub", "markdown", "image")
_PLAIN_KINDS = ("text", "csv", "json", "subtitles", "mail", "notebook", "rst", "latex")
"""The formats of plain text. A plugin loader that is named like the suffix is preferred to theirs."""
KINDS = (*_MARKED_KINDS, *_PLAIN_KINDS)

_HEAD_BYTES = 65_536
# The directory of a zip container is at its end. These bytes hold about 10,000 entries.
_TAIL_BYTES = 1_000_000
_PDF = re.compile(rb"%PDF-\d\.\d[\s%]")
# PNG, JPEG, TIFF, WebP, and BMP with the size of its second header
_IMAGE = re.compile(
    rb"\x89PNG|\xff\xd8\xff|II\*\0|MM\0\*|RIFF....WEBP|BM.{4}\0{4}.{4}[\x0c\x28\x38\x40\x6c\x7c]\0{3}", re.DOTALL
)
_CONTAINER_PARTS = (
    (b"META-INF/container.xml", "epub"),
    (b"word/document", "docx"),
    (b"ppt/presentation", "pptx"),
    (b"xl/workbook.bin", "xls"),
    (b"xl/workbook", "xlsx"),
    (b"META-INF/manifest.xml", "odf"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Streams of the container of old Office files, and what they tell.
_WORKBOOK_STREAMS = tuple(name.encode("utf-16-le") for name in ("Workbook\0", "Book\0"))
_OLE_STREAMS = (
    ("EncryptedPackage", "a password-protected Office file; save it without a password"),
    ("__properties_version", "an Outlook message; save it as .eml"),
    ("WordDocument", "an old Word file; save it as .docx"),
    ("PowerPoint Document", "an old PowerPoint file; save it as .pptx"),
    ("", "an old or password-protected Office file; save it as .docx, .pptx, .xlsx or PDF"),
)
_UNSUPPORTED = (
    (b"{\\rtf", "an RTF file; save it as .docx or PDF"),
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
    return (plugin_kind(path) if kind in _PLAIN_KINDS else None) or kind


def plugin_kind(path: Path) -> str | None:
    """Return the name of the plugin loader for a file's suffix, or None. Built-in formats and ".txt" have none."""
    name = path.suffix.lower().removeprefix(".")
    return name if name not in ("", "txt", *KINDS) and registry.knows("loaders", name) else None


def _builtin_kind(head: bytes, tail: bytes, path: Path, source: str) -> str:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _container_kind(head, tail, source)
    if head.startswith(_OLE):
        return _ole_kind(head + tail, source)
    if _PDF.search(head[:1024]) or head.startswith(b"%PDF"):
        return "pdf"
    if _IMAGE.match(head):
        return "image"
    for signature, advice in _UNSUPPORTED:
        if head.startswith(signature):
            raise DocumentError(f"{source}: this is {advice}")
    if is_binary(head):
        raise DocumentError(f"{source}: this is binary data in no known format; convert it to text or PDF first")
    return text_kind(head.removeprefix(b"\xef\xbb\xbf"), path.suffix.lower())


def _ole_kind(data: bytes, source: str) -> str:
    if any(name in data for name in _WORKBOOK_STREAMS):
        return "xls"
    advice = next(advice for name, advice in _OLE_STREAMS if name.encode("utf-16-le") in data)
    raise DocumentError(f"{source}: this is {advice}")


def _container_kind(head: bytes, tail: bytes, source: str) -> str:
    for part, kind in _CONTAINER_PARTS:
        if part in tail or part in head:
            return kind
    raise DocumentError(
        f"{source}: this is a zip archive that is no DOCX, PPTX, XLSX, ODT, ODS or EPUB, or a damaged one; unpack it"
    )
