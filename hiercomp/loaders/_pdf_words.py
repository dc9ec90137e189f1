"""The words of a PDF page with their boxes, in pdfium's order."""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby, repeat
from typing import NamedTuple

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium_c  # type: ignore[import-untyped]

from hiercomp.loaders import _pdf_calls as calls
from hiercomp.loaders._pdf_rules import Rule, find_rules

HYPHENS = "\ufffe\x02"
"""The characters that pdfium writes for a hyphen at the end of a line, if the word continues on the next line."""

_WORD = re.compile(rf"[^\s{HYPHENS}]+[{HYPHENS}]?|[{HYPHENS}]")
_NUL_OR_SURROGATE = re.compile("[\0\ud800-\udfff]")
_SUBSET = re.compile(r"[A-Z]{6}\+")
_BOX = 4  # the number of floats of a box: left, top, right, bottom
_UNLEVEL = 0.2  # the least distance, in points, of the edges of two boxes that are not level
_SAMPLE = 40  # the number of words that tell how the text of a page is turned


class Word(NamedTuple):
    """A word of a page.

    The box is in points. `first` and `last` are pdfium's indices of its first and last character. `begins_line` says
    that pdfium has a line break before the word, and `has_space_before` that it has white space there. `is_level` says
    that the boxes of the first and the last character have the same height and place.
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
    is_level: bool = True


class Character(NamedTuple):
    """A character of a page: its place from left to right in points, the height of its baseline, and its font size."""

    text: str
    left: float
    right: float
    baseline: float
    size: float


class TextPage:
    """The text of one page. Call `close` to free its memory.

    If the text is turned, all boxes are turned back so that it runs from left to right.
    """

    def __init__(self, page: pdfium.PdfPage) -> None:
        self._drawn_page = page
        self._page = page.get_textpage()
        self._turn = 0
        self._address = ctypes.cast(self._page.raw, ctypes.c_void_p).value
        self._count = self._page.count_chars()
        self._name = ctypes.create_string_buffer(256)

    def close(self) -> None:
        """Free the memory of pdfium for the text of the page."""
        self._page.close()

    def words(self) -> list[Word]:
        """Return the words."""
        text, indices = self._text()
        spans = [match.span() for match in _WORD.finditer(text)]
        ends = [index for start, stop in spans for index in (indices[start], indices[stop - 1])]
        numbers = self._boxes(ends)
        boxes = zip(*(numbers[place :: 2 * _BOX] for place in range(2 * _BOX)), strict=True)
        words, end = [], 0
        for (start, stop), first, last, box in zip(spans, ends[::2], ends[1::2], boxes, strict=True):
            left, top, right, bottom, last_left, last_top, last_right, last_bottom = box
            between, end = text[end:start], stop
            words.append(
                Word(
                    text[start:stop],
                    left if left < last_left else last_left,
                    right if right > last_right else last_right,
                    bottom if bottom < last_bottom else last_bottom,
                    top if top > last_top else last_top,
                    first,
                    last,
                    between != " " and ("\n" in between or "\r" in between),
                    bool(between),
                    (bottom == last_bottom and top == last_top)
                    or (-_UNLEVEL < bottom - last_bottom < _UNLEVEL and -_UNLEVEL < top - last_top < _UNLEVEL),
                )
            )
        return self._upright(words)

    def _text(self) -> tuple[str, Sequence[int]]:
        """Return the text of the page, and pdfium's index of each of its characters."""
        count = self._count
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
        deque(map(calls.loose_box, repeat(self._address), indices, calls.places(numbers, _BOX)), maxlen=0)
        return numbers[:]

    def _upright(self, words: list[Word]) -> list[Word]:
        self._turn = self._find_turn([word.first for word in words[:: len(words) // _SAMPLE + 1]])
        if not self._turn:
            return words
        upright = []
        for word in words:
            left, right, bottom, top = self._turned(word.left, word.right, word.bottom, word.top)
            upright.append(word._replace(left=left, right=right, bottom=bottom, top=top))
        return _in_order(upright) if self._turn == 2 else upright

    def _find_turn(self, indices: Iterable[int]) -> int:
        """Return by how many quarter turns most of the characters are turned clockwise."""
        angles = [pdfium_c.FPDFText_GetCharAngle(self._page, index) for index in indices]
        turns = Counter(round(angle / math.pi * 2) % 4 for angle in angles)
        return max(turns, key=lambda turn: turns[turn], default=0)

    def _turned(self, left: float, right: float, bottom: float, top: float) -> tuple[float, float, float, float]:
        """Return the left, right, bottom and top of a box after the turn of the page's text is undone."""
        if self._turn == 1:
            return -top, -bottom, left, right
        if self._turn == 2:
            return -right, -left, -top, -bottom
        return (bottom, top, -right, -left) if self._turn == 3 else (left, right, bottom, top)

    def has_places(self, word: Word) -> bool:
        """Return whether the file has a place for each character of a word."""
        return word.last - word.first + 1 == len(word.text) and word.last < self._count

    def characters(self, word: Word) -> list[Character]:
        """Return the characters of a word, or none if the file has no places for them. Call `words` first."""
        if not self.has_places(word):
            return []
        sides = self.sides(word)
        baselines = self.baselines(range(word.first, word.last + 1)) if sides else []
        return [Character(text, *ends, *level) for text, ends, level in zip(word.text, sides, baselines, strict=False)]

    def sides(self, word: Word) -> list[tuple[float, float]]:
        """Return the left and the right end of each character of a word, or none as for `characters`."""
        if not self.has_places(word):
            return []
        numbers = self._boxes(range(word.first, word.last + 1))
        boxes = zip(*(numbers[place::_BOX] for place in range(_BOX)), strict=True)
        return [self._turned(left, right, bottom, top)[:2] for left, top, right, bottom in boxes]

    def baselines(self, indices: Sequence[int]) -> list[tuple[float, float]]:
        """Return the height of each character's baseline and its font size, both in points. Call `words` first."""
        origins, matrices = (ctypes.c_double * (2 * len(indices)))(), (ctypes.c_float * (6 * len(indices)))()
        places = (calls.places(origins, 2), calls.places(origins, 2, 1))
        deque(map(calls.origin, repeat(self._address), indices, *places), maxlen=0)
        deque(map(calls.text_matrix, repeat(self._address), indices, calls.places(matrices, 6)), maxlen=0)
        sizes = map(calls.font_size, repeat(self._address), indices)
        scales = map(math.hypot, matrices[2::6], matrices[3::6])
        ends = zip(origins[::2], origins[1::2], strict=True)
        heights = [self._turned(x, x, y, y)[2] for x, y in ends] if self._turn else origins[1::2]
        return [(height, size * scale) for height, size, scale in zip(heights, sizes, scales, strict=True)]

    def part(self, word: Word, start: int, end: int) -> Word:
        """Return the characters of a word from one place to another as a word of their own. Call `words` first."""
        first, last = word.first + start, word.first + end - 1
        numbers = self._boxes(range(first, last + 1))
        left, top, right, bottom = (choose(numbers[place::_BOX]) for place, choose in enumerate((min, max, max, min)))
        box = self._turned(left, right, bottom, top)
        return Word(word.text[start:end], *box, first, last, word.begins_line or start > 0, True)

    def ends(self, words: Sequence[Word]) -> list[tuple[float, float]]:
        """Return the left end of the first and of the last character of each word. Call `words` first."""
        numbers = self._boxes([index for word in words for index in (word.first, word.last)])
        boxes = zip(*(numbers[place::_BOX] for place in range(_BOX)), strict=True)
        lefts = [self._turned(left, right, bottom, top)[0] for left, top, right, bottom in boxes]
        return list(zip(lefts[::2], lefts[1::2], strict=True))

    def rules(self) -> list[Rule]:
        """Return the straight lines that the page draws. Call `words` first."""
        return [Rule(*self._turned(*rule)) for rule in find_rules(self._drawn_page.raw)]

    def font(self, index: int) -> str:
        """Return the font of a character by name and weight, for example "Arial-BoldMT 380"."""
        calls.font_info(self._address, index, ctypes.addressof(self._name), len(self._name), None)
        return _font(self._name.value, calls.font_weight(self._address, index))


def _in_order(words: Sequence[Word]) -> list[Word]:
    """Return words from left to right in each line. pdfium turns the order of short words that are upside down."""
    ordered: list[Word] = []
    for _, line in groupby(words, lambda word: round(word.bottom)):
        first, *others = sorted(line, key=lambda word: word.left)
        ordered.append(first._replace(begins_line=True, has_space_before=True))
        ordered += [word._replace(begins_line=False, has_space_before=True) for word in others]
    return ordered


@cache
def _font(name: bytes, weight: int) -> str:
    return f"{_SUBSET.sub('', name.decode('utf-8', 'replace'), count=1)} {weight}"
