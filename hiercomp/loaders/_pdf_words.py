"""A page's words with their boxes, in pdfium's own order."""

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
"""What pdfium writes for a hyphen at the end of a line; the word goes on in the next line."""

_WORD = re.compile(rf"[^\s{HYPHENS}]+[{HYPHENS}]?|[{HYPHENS}]")
_ODD = re.compile("[\0\ud800-\udfff]")
_SUBSET = re.compile(r"[A-Z]{6}\+")
# A page has thousands of words. Addresses as plain numbers, and no other thread let in between, are three times as fast
# as the library's own declaration of the same function; called through `map`, five times.
_loose_char_box = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(
    ctypes.cast(pdfium_c.FPDFText_GetLooseCharBox, ctypes.c_void_p).value or 0
)
_BOX = 4  # numbers of 4 bytes: left, top, right, bottom


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
        self._address = ctypes.cast(self._page.raw, ctypes.c_void_p).value
        self._name = ctypes.create_string_buffer(256)
        self._flags = ctypes.c_int()

    def close(self) -> None:
        """Frees what pdfium holds for the page's text."""
        self._page.close()

    def words(self) -> list[Word]:
        """The words in reading direction: a page of turned text is turned back."""
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

    def _boxes(self, indices: Sequence[int]) -> list[float]:
        """Left, top, right and bottom of each character in turn."""
        numbers = (ctypes.c_float * (_BOX * len(indices)))()
        start, step = ctypes.addressof(numbers), _BOX * ctypes.sizeof(ctypes.c_float)
        places = range(start, start + step * len(indices), step)
        deque(map(_loose_char_box, repeat(self._address), indices, places), maxlen=0)
        return numbers[:]

    def _turned(self, words: list[Word]) -> list[Word]:
        """The words as if the page's text ran from left to right."""
        long = [word for word in words if word.last - word.first >= 3][:60]
        if sum(word.top - word.bottom > word.right - word.left for word in long) * 2 <= len(long):
            return words
        bottoms = self._boxes([index for word in long for index in (word.first, word.last)])[3::_BOX]
        rising = sum(first <= last or -1 for first, last in zip(bottoms[::2], bottoms[1::2], strict=True))
        if rising > 0:
            return [w._replace(left=w.bottom, right=w.top, bottom=-w.right, top=-w.left) for w in words]
        return [w._replace(left=-w.top, right=-w.bottom, bottom=w.left, top=w.right) for w in words]

    def font(self, index: int) -> str:
        """The name of a character's font with its weight, for example "Arial-BoldMT 380"."""
        pdfium_c.FPDFText_GetFontInfo(self._page, index, self._name, 256, ctypes.byref(self._flags))
        return _font(self._name.value, pdfium_c.FPDFText_GetFontWeight(self._page, index))


@cache
def _font(name: bytes, weight: int) -> str:
    return f"{_SUBSET.sub('', name.decode('utf-8', 'replace'), count=1)} {weight}"
