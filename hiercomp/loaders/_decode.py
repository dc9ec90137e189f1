"""Bytes to text: by byte order mark, else UTF-8, else a guess; binary data is refused."""

from __future__ import annotations

import codecs
import re

from hiercomp.errors import DocumentError

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = bytes(set(range(32)) - {0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1A, 0x1B})
# encodings in which East Asian and European text without a mark is found, where the guess is among them
_GUESSED_BYTES = 1_000_000
_SAMPLE_BYTES = 65_536


def is_binary(data: bytes) -> bool:
    """Whether the beginning of a file cannot be text: it has NULs, or more than 1 % control characters."""
    if data.startswith(tuple(mark for mark, _ in _MARKS)):
        return False
    sample = data[:_SAMPLE_BYTES]
    controls = len(sample) - len(sample.translate(None, _CONTROL))
    return b"\0" in data or controls > len(sample) / 100


def decode(data: bytes, source: str) -> str:
    """The text of a file, without its byte order mark; line ends stay as they are.

    Raises:
        DocumentError: the data is binary.
    """
    if is_binary(data):
        raise DocumentError(f"{source}: this is binary data, not text; convert it to text or PDF first")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _scrub(data[len(mark) :].decode(encoding, "replace"))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _scrub(data.decode(_guess(data), "replace"))


def _scrub(text: str) -> str:
    # some codecs let halves of surrogate pairs through, which no UTF-8 output can hold
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_GUESSED_BYTES]).best()
    # Windows Latin is what Western text without a mark is; a guess at another Latin page is no better
    return best.encoding if best is not None and best.alphabets and not _latin(best.alphabets) else "cp1252"


def _latin(alphabets: list[str]) -> bool:
    return all("Latin" in name or name == "Control character" for name in alphabets)
