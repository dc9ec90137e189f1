"""Numbers of lists, clauses and notes in the number formats of Office Open XML, such as `iv`, `(b)` and `Third`."""

from __future__ import annotations

import re
from collections.abc import Callable

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth"}
_NOTE_SIGNS = "*†‡§"
_HAN = "〇一二三四五六七八九"
_LARGEST_ROMAN = 100_000


def numeral(number: int, number_format: str) -> str:
    """Return a number in a format of WordprocessingML, such as "lowerRoman". Unknown formats are decimal."""
    return _FORMATS.get(number_format, str)(number)


def padded(number: int, pattern: str) -> str:
    """Return a number in a format that is given by its first numbers, such as "001, 002, 003, ..."."""
    first = re.match(r"0*\d", pattern)
    return str(number).zfill(len(first[0]) if first else 1)


def _roman(number: int) -> str:
    text = ""
    for size, letters in _ROMAN if number <= _LARGEST_ROMAN else ():
        count, number = divmod(number, size)
        text += letters * count
    return text or str(number)


def _letters(number: int) -> str:
    """Return a..z, then aa, bb, cc and so on."""
    if not 0 < number <= 26 * 100:
        return str(number)
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _ordinal(number: int) -> str:
    ending = "th" if number // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _words(number: int) -> str:
    if not 0 <= number < 100:
        return str(number)
    if number < 20:
        return _ONES[number]
    return _TENS[number // 10 - 2] + (f"-{_ONES[number % 10]}" if number % 10 else "")


def _ordinal_words(number: int) -> str:
    if not 0 < number < 100:
        return _ordinal(number)
    head, hyphen, last = _words(number).rpartition("-")
    regular = f"{last[:-1]}ieth" if last.endswith("y") else f"{last.replace('ve', 'f')}th"
    return head + hyphen + _ORDINALS.get(last, regular)


def _han(number: int) -> str:
    """Return a number as it is counted in Chinese and Japanese, such as 二十一."""
    if not 0 < number < 100:
        return "".join(_HAN[int(digit)] for digit in str(abs(number)))
    tens, ones = divmod(number, 10)
    return (_HAN[tens] if tens > 1 else "") + ("十" if tens else "") + (_HAN[ones] if ones else "")


def _circled(number: int) -> str:
    return chr(0x2460 + number - 1) if 0 < number <= 20 else str(number)


def _note_sign(number: int) -> str:
    return _NOTE_SIGNS[(number - 1) % 4] * ((number - 1) // 4 + 1) if 0 < number <= 400 else str(number)


_FORMATS: dict[str, Callable[[int], str]] = {
    "cardinalText": lambda number: _words(number).capitalize(),
    "chicago": _note_sign,
    "chineseCounting": _han,
    "chineseCountingThousand": _han,
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedFullstop": lambda number: f"{number}.",
    "decimalEnclosedParen": lambda number: f"({number})",
    "decimalZero": lambda number: f"{number:02}",
    "hex": lambda number: f"{number:X}",
    "ideographDigital": lambda number: "".join(_HAN[int(digit)] for digit in str(abs(number))),
    "japaneseCounting": _han,
    "lowerLetter": _letters,
    "lowerRoman": _roman,
    "none": lambda _number: "",
    "numberInDash": lambda number: f"- {number} -",
    "ordinal": _ordinal,
    "ordinalText": lambda number: _ordinal_words(number).capitalize(),
    "taiwaneseCountingThousand": _han,
    "upperLetter": lambda number: _letters(number).upper(),
    "upperRoman": lambda number: _roman(number).upper(),
}
