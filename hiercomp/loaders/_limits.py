"""Limits on the cost of reading one file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from hiercomp.errors import DocumentError


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on the cost of reading one file. A file that exceeds one is refused with an error that names the limit.

    Attributes:
        input_bytes: size of the file.
        unpacked_bytes: size of all parts of a zip container after decompression.
        unpacked_ratio: decompressed size of a zip container divided by its compressed size.
        pages: number of pages of a PDF.
        memory_bytes: address space of the parser process. Windows cannot limit it.
        seconds: processor time and wall time of the parser process. Windows limits only the wall time.
        characters: code points of the extracted text.
        ocr_pages: number of pages of a document that OCR reads. More pages are not read, which the document names.
        ocr_seconds: what OCR adds to `seconds` for each page.
        ocr_memory_bytes: what OCR adds to `memory_bytes`.
    """

    input_bytes: int = 200 * 1000**2
    unpacked_bytes: int = 1000**3
    unpacked_ratio: int = 1000
    pages: int = 20_000
    memory_bytes: int = 2 * 1024**3
    seconds: float = 120.0
    # This is 20,000 pages of 5,000 characters. The parent process holds the whole text in memory.
    characters: int = 100_000_000
    ocr_pages: int = 500
    # A full page takes 5 to 15 s of processor time. A page that is turned is read up to three times.
    ocr_seconds: float = 90.0
    ocr_memory_bytes: int = 4 * 1024**3

    def with_ocr(self, page_count: int) -> Limits:
        """Return the limits for a file of which OCR reads so many pages."""
        seconds = self.seconds + self.ocr_seconds * min(page_count, self.ocr_pages)
        return replace(self, seconds=seconds, memory_bytes=self.memory_bytes + self.ocr_memory_bytes)


def check_size(path: Path, source: str, limits: Limits) -> None:
    """Check the size of a file.

    Raises:
        DocumentError: the file is larger than `limits.input_bytes`.
    """
    size, limit = path.stat().st_size, limits.input_bytes
    if size > limit:
        raise DocumentError(f"{source}: {size / 1e6:,.1f} MB is more than the limit of {limit / 1e6:,.1f} MB; split it")
