"""Split text into the words that the metrics compare.

A word is a number, a run of letters with their marks, or one character of a script without spaces. Everything else
separates words, hyphens and apostrophes too. So "long-term" equals "long term", and two layouts of one text have the
same words. But a word that a line end broke in two stays two words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import groupby


def _ranges(points: Iterable[int]) -> str:
    """Write sorted code points as ranges of a character class. Single characters would be four times as slow."""
    runs = (list(run) for _, run in groupby(enumerate(points), key=lambda pair: pair[1] - pair[0]))
    return "".join(f"{chr(run[0][1])}-{chr(run[-1][1])}" for run in runs)


_SOFT_HYPHEN = "\u00ad"
# Vowel signs, accents and tones belong to the letter before them. The two joiners only shape it.
_MARKS = "\u200c\u200d" + _ranges(
    point for point in range(0x300, 0x20000) if unicodedata.category(chr(point)).startswith("M")
)
# Thai and Lao, Burmese, Khmer, kana and bopomofo, Han.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
)
_LETTER = rf"[^\W\d_{_UNSPACED}]"
_NUMBER = r"\d{1,3}(?:,\d{2,3})*,\d{3}(?!\d)(?:\.\d+)?|\d+(?:\.\d+)*"
_WORD = re.compile(rf"{_NUMBER}|(?!\W)[{_UNSPACED}][{_MARKS}]*|{_LETTER}+(?:[{_MARKS}]+{_LETTER}*)*")
_WITHIN = re.compile(rf"\d|{_LETTER}|[{_MARKS}]")


def words(text: str) -> list[str]:
    """Return the words of a text in order: in NFKC form, case folded, and without thousands separators.

    "12,645" becomes "12645", and "24.2%" becomes "24.2". Letters and digits that touch are two words.
    """
    folded = unicodedata.normalize("NFKC", text.replace(_SOFT_HYPHEN, "")).casefold()
    found = _WORD.findall(unicodedata.normalize("NFKC", folded))
    return [word.replace(",", "") for word in found] if "," in folded else found


def whole_words(text: str, start: int, end: int) -> str:
    """Return a part of a text, extended if it begins or ends within a run of letters or digits."""
    end = min(end, len(text))
    if start >= end:
        return ""
    while start > 0 and _WITHIN.match(text[start - 1]) and _WITHIN.match(text[start]):
        start -= 1
    while end < len(text) and _WITHIN.match(text[end - 1]) and _WITHIN.match(text[end]):
        end += 1
    return text[start:end]


def is_number(word: str) -> bool:
    """Return whether a word is a number."""
    return word[0].isdigit()
