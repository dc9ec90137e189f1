"""Decoding of bytes to text."""

from __future__ import annotations

import codecs
import re

from hiercomp.errors import DocumentError

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # first, because it begins with the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL_CHARACTERS = bytes(set(range(32)) - {0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1A, 0x1B})
_GUESSED_BYTES = 1_000_000
_SAMPLE_BYTES = 65_536


def is_binary(data: bytes) -> bool:
    """Return whether a file cannot be text, judged by its beginning.

    Data is binary if it has no byte order mark and holds a NUL or more than 1 % control characters.
    """
    if data.startswith(tuple(mark for mark, _ in _BYTE_ORDER_MARKS)):
        return False
    sample = data[:_SAMPLE_BYTES]
    control_count = len(sample) - len(sample.translate(None, _CONTROL_CHARACTERS))
    return b"\0" in data or control_count > len(sample) / 100


def decode(data: bytes, source: str) -> str:
    """Return the text of a file, without a byte order mark and with the line ends of the file.

    The encoding is that of the byte order mark, else UTF-8 if the bytes are valid UTF-8, else a guess.

    Raises:
        DocumentError: the data is binary.
    """
    if is_binary(data):
        raise DocumentError(f"{source}: this is binary data, not text; convert it to text or PDF first")
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return replace_surrogates(data[len(mark) :].decode(encoding, "replace"))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return replace_surrogates(data.decode(_guess_encoding(data), "replace"))


def replace_surrogates(text: str) -> str:
    """Return a text that can be encoded as UTF-8. Some codecs, and JSON, have lone surrogates, which cannot."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _guess_encoding(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_GUESSED_BYTES]).best()
    # Western text without a byte order mark is usually Windows-1252. Guesses of other Latin encodings are unreliable.
    return best.encoding if best is not None and best.alphabets and not _is_latin(best.alphabets) else "cp1252"


def _is_latin(alphabets: list[str]) -> bool:
    return all("Latin" in name or name == "Control character" for name in alphabets)
