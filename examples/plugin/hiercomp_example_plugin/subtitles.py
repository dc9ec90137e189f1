"""A loader for subtitles (.srt). Each minute is a page, so that a citation names the minute."""

import re
from pathlib import Path

from hiercomp.errors import DocumentError
from hiercomp.loaders import Limits, select_pages
from hiercomp.types import Document, Page, Span

CUE = re.compile(r"(\d+):(\d\d):\d\d[,.]\d+ --> .*\n((?:.+\n?)*)")


class Subtitles:
    """The loader. `pages` selects pages, and `limits` bound the cost of reading a file."""

    def __init__(self, pages: str | None, limits: Limits) -> None:
        self._pages = pages
        self._limits = limits

    def load(self, path: Path, *, source: str, password: str | None = None) -> Document:
        """Read the captions. Page 1 is the first minute. A minute without captions has no page."""
        if path.stat().st_size > self._limits.input_bytes:
            raise DocumentError(f"{source}: the file is too large; split it")
        minutes: dict[int, list[str]] = {}
        for hour, minute, caption in CUE.findall(path.read_text(encoding="utf-8-sig", errors="replace")):
            minutes.setdefault(60 * int(hour) + int(minute) + 1, []).append(" ".join(caption.split()))
        if not any(caption for captions in minutes.values() for caption in captions):
            raise DocumentError(f"{source}: the file has no captions; check that it is a subtitle file")
        text, pages = "", []
        for number, captions in sorted(minutes.items()):
            start = len(text)
            text += " ".join(captions) + "\n"
            pages.append(Page(number, Span(start, len(text))))
        return select_pages(Document(text, source, Path(source).stem, tuple(pages)), self._pages)


def build(argument: str | None = None, *, limits: Limits | None = None) -> Subtitles:
    """Build the loader. The argument is a selection of pages such as "3-9,12"."""
    return Subtitles(argument, limits or Limits())
