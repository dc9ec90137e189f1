"""The words of a PDF page with their boxes, in pdfium's order."""

from __future__ import annotations

import ctypes
import re
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain, repeat
from typing import NamedTuple

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium_c  # type: ignore[import-untyped]

HYPHENS = "\ufffe\x02"
"""The characters that pdfium writes for a hyphen at the end of a line, if the word continues on the next line."""

_WORD = re.compile(rf"[^\s{HYPHENS}]+[{HYPHENS}]?|[{HYPHENS}]")
_NUL_OR_SURROGATE = re.compile("[\0\ud800-\udfff]")
_SUBSET = re.compile(r"[A-Z]{6}\+")
# A page has thousands of words, so these calls take most of the time. This declaration passes addresses as integers and
# keeps the interpreter lock. It is three times as fast as the declaration in pypdfium2, and five times through `map`.
_loose_char_box = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(
    ctypes.cast(pdfium_c.FPDFText_GetLooseCharBox, ctypes.c_void_p).value or 0
)
_BOX = 4  # the number of floats of a box: left, top, right, bottom


class Word(NamedTuple):
    """A word of a page.

    The box is in points. `first` and `last` are pdfium's indices of its first and last character. `begins_line` says
    that pdfium has a line break before the word, and `has_space_before` that it has white space there.
    """

    text: str
    left: float
    right: float
    bottom: float
    top: float
    first: int
    last: int
    begins_line: bool
    has_space_before: bool


class TextPage:
    """The text of one page. Call `close` to free its memory."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        self._page = page.get_textpage()
        self._address = ctypes.cast(self._page.raw, ctypes.c_void_p).value
        self._name = ctypes.create_string_buffer(256)
        self._flags = ctypes.c_int()

    def close(self) -> None:
        """Free the memory of pdfium for the text of the page."""
        self._page.close()

    def words(self) -> list[Word]:
        """Return the words. If the text is rotated, their boxes are rotated back so that it runs from left to right."""
        text, indices = self._text()
        found = list(_WORD.finditer(text))
        ends = [(indices[match.start()], indices[match.end() - 1]) for match in found]
        numbers = self._boxes(list(chain.from_iterable(ends)))
        words, end = [], 0
        for match, (first, last), *box in zip(found, ends, *(numbers[place::8] for place in range(8)), strict=True):
            left, top, right, bottom, last_left, last_top, last_right, last_bottom = box
            between, end = text[end : match.start()], match.end()
            words.append(
                Word(
                    match[0],
                    left if left < last_left else last_left,
                    right if right > last_right else last_right,
                    bottom if bottom < last_bottom else last_bottom,
                    top if top > last_top else last_top,
                    first,
                    last,
                    "\n" in between or "\r" in between,
                    bool(between),
                )
            )
        return self._upright(words)

    def _text(self) -> tuple[str, Sequence[int]]:
        """Return the text of the page, and pdfium's index of each of its characters."""
        count = self._page.count_chars()
        if count <= 0:
            return "", ()
        text: str = self._page.get_text_range()
        if len(text) == count and not _NUL_OR_SURROGATE.search(text):
            return text, range(count)
        # The UTF-16 of pdfium loses characters outside the basic plane, so the code points are read one by one.
        pairs = list(self._code_points(count))
        return "".join(character for character, _ in pairs), [index for _, index in pairs]

    def _code_points(self, count: int) -> Iterator[tuple[str, int]]:
        high = 0
        for index in range(count):
            code = pdfium_c.FPDFText_GetUnicode(self._page, index)
            if high and 0xDC00 <= code < 0xE000:  # On some platforms, pdfium returns the halves of a surrogate pair.
                code = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00
            high = code if 0xD800 <= code < 0xDC00 else 0
            if code and not 0xD800 <= code < 0xE000:
                yield chr(code), index

    def _boxes(self, indices: Sequence[int]) -> list[float]:
        """Return the left, top, right and bottom of each character, one after the other."""
        numbers = (ctypes.c_float * (_BOX * len(indices)))()
        start, step = ctypes.addressof(numbers), _BOX * ctypes.sizeof(ctypes.c_float)
        places = range(start, start + step * len(indices), step)
        deque(map(_loose_char_box, repeat(self._address), indices, places), maxlen=0)
        return numbers[:]

    def _upright(self, words: list[Word]) -> list[Word]:
        """Return the words with boxes as if the text ran from left to right.

        The text is rotated if most of a sample of 60 long words are higher than wide. It runs upwards if the last
        characters of most of these words are above the first.
        """
        sample = [word for word in words if word.last - word.first >= 3][:60]
        if sum(word.top - word.bottom > word.right - word.left for word in sample) * 2 <= len(sample):
            return words
        bottoms = self._boxes([index for word in sample for index in (word.first, word.last)])[3::_BOX]
        upward_votes = sum(first <= last or -1 for first, last in zip(bottoms[::2], bottoms[1::2], strict=True))
        if upward_votes > 0:
            return [
                word._replace(left=word.bottom, right=word.top, bottom=-word.right, top=-word.left) for word in words
            ]
        return [word._replace(left=-word.top, right=-word.bottom, bottom=word.left, top=word.right) for word in words]

    def font(self, index: int) -> str:
        """Return the font of a character by name and weight, for example "Arial-BoldMT 380"."""
        pdfium_c.FPDFText_GetFontInfo(self._page, index, self._name, 256, ctypes.byref(self._flags))
        return _font(self._name.value, pdfium_c.FPDFText_GetFontWeight(self._page, index))


@cache
def _font(name: bytes, weight: int) -> str:
    return f"{_SUBSET.sub('', name.decode('utf-8', 'replace'), count=1)} {weight}"
