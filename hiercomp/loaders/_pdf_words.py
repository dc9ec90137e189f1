"""A page's words with their boxes, in pdfium's own order."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium_c  # type: ignore[import-untyped]

HYPHENS = "\ufffe\x02"
"""What pdfium writes for a hyphen at the end of a line; the word goes on in the next line."""

_WORD = re.compile(rf"[^\s{HYPHENS}]+[{HYPHENS}]?|[{HYPHENS}]")
_ODD = re.compile("[\0\ud800-\udfff]")
_SUBSET = re.compile(r"[A-Z]{6}\+")


class Word(NamedTuple):
    """A word, its box, and the indices of its first and last character.

    `breaks` when pdfium begins a line with it, `spaced` when white space is before it.
    """

    text: str
    left: float
    right: float
    bottom: float
    top: float
    first: int
    last: int
    breaks: bool
    spaced: bool


class TextPage:
    """The text of one page, closed by `close`."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        self._page = page.get_textpage()
        self._box = pdfium_c.FS_RECTF()
        self._reference = ctypes.byref(self._box)
        self._name = ctypes.create_string_buffer(256)
        self._flags = ctypes.c_int()

    def close(self) -> None:
        """Frees what pdfium holds for the page's text."""
        self._page.close()

    def words(self) -> list[Word]:
        """The words in reading direction: a page of turned text is turned back."""
        text, indices = self._text()
        words, end = [], 0
        for match in _WORD.finditer(text):
            start, between, end = match.start(), text[end : match.start()], match.end()
            first, last = indices[start], indices[end - 1]
            left, right, bottom, top = self._extent(first, last)
            breaks = "\n" in between or "\r" in between
            words.append(Word(match[0], left, right, bottom, top, first, last, breaks, bool(between)))
        return self._turned(words)

    def _text(self) -> tuple[str, Sequence[int]]:
        count = self._page.count_chars()
        if count <= 0:
            return "", ()
        text: str = self._page.get_text_range()
        if len(text) == count and not _ODD.search(text):
            return text, range(count)
        # pdfium's UTF-16 loses what is outside the basic plane: the code points one by one, with their indices
        pairs = list(self._code_points(count))
        return "".join(character for character, _ in pairs), [index for _, index in pairs]

    def _code_points(self, count: int) -> Iterator[tuple[str, int]]:
        high = 0
        for index in range(count):
            code = pdfium_c.FPDFText_GetUnicode(self._page, index)
            if high and 0xDC00 <= code < 0xE000:  # where a code unit has 16 bits, two make a character
                code = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00
            high = code if 0xD800 <= code < 0xDC00 else 0
            if code and not 0xD800 <= code < 0xE000:
                yield chr(code), index

    def _extent(self, first: int, last: int) -> tuple[float, float, float, float]:
        box, page, reference = self._box, self._page.raw, self._reference
        pdfium_c.FPDFText_GetLooseCharBox(page, first, reference)
        left, right, bottom, top = box.left, box.right, box.bottom, box.top
        if last == first:
            return left, right, bottom, top
        pdfium_c.FPDFText_GetLooseCharBox(page, last, reference)
        return (
            left if left < box.left else box.left,
            right if right > box.right else box.right,
            bottom if bottom < box.bottom else box.bottom,
            top if top > box.top else box.top,
        )

    def _turned(self, words: list[Word]) -> list[Word]:
        """The words as if the page's text ran from left to right."""
        long = [word for word in words if word.last - word.first >= 3][:60]
        if sum(word.top - word.bottom > word.right - word.left for word in long) * 2 <= len(long):
            return words
        rising = 0
        for word in long:
            rising += self._extent(word.first, word.first)[2] <= self._extent(word.last, word.last)[2] or -1
        if rising > 0:
            return [w._replace(left=w.bottom, right=w.top, bottom=-w.right, top=-w.left) for w in words]
        return [w._replace(left=-w.top, right=-w.bottom, bottom=w.left, top=w.right) for w in words]

    def font(self, index: int) -> str:
        """The name of a character's font with its weight, for example "Arial-BoldMT 380"."""
        pdfium_c.FPDFText_GetFontInfo(self._page, index, self._name, 256, ctypes.byref(self._flags))
        name = _SUBSET.sub("", self._name.value.decode("utf-8", "replace"), count=1)
        return f"{name} {pdfium_c.FPDFText_GetFontWeight(self._page, index)}"
