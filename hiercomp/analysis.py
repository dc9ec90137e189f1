"""Text to the terms that lexical search compares: case folded, stop words out, stems, numbers without separators.

Scripts that are written without spaces between words become pairs of characters. Pure and deterministic.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import Stemmer

# Function words, and the words of asking: they say what kind of answer is wanted, not where it stands.
STOP_WORDS = frozenset(
    """a about above after again against all also am an and any are as at be because been before being below between
    both but by can cannot could did do does doing down during each either few for from further had has have having he
    her here hers herself him himself his how however i if in into is it its itself just may me might more most must my
    myself no nor not of off on once only or other our ours out over own please same shall she should so some such than
    that the their theirs them themselves then there these they this those through to too under until up upon us use
    using very was we were what when where whether which while who whom whose why will with within would you your yours
    yourself answer question give given tell explain describe based according considering relying mention mentioned
    respond response discuss discussed""".split()  # noqa: SIM905 - a list of words reads best as words
)
# Vowel signs, accents and joiners, which belong to a word and are no letters: of Latin to Arabic, of the scripts of
# India (whole blocks but for their digits and full stops), and of those of South-East Asia.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u200c\u200d"
    "\u0900-\u0963\u0971-\u09e5\u09f0-\u0a65\u0a70-\u0ae5\u0af0-\u0b65\u0b70-\u0be5\u0bf0-\u0c65\u0c70-\u0ce5\u0cf0-\u0d65"
    "\u0d70-\u0de5\u0e31-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u1056-\u108d\u17b4-\u17d3"
)
_LETTERS = rf"[^\W\d_]+(?:[{_MARKS}]+[^\W\d_]*)*"
_TOKEN = re.compile(rf"\d+(?:[.,]\d+)+|\d+|{_LETTERS}(?:['’]{_LETTERS})?|[^\W_]+")
_WORD = re.compile(_LETTERS)
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_stemmers = threading.local()


def terms(text: str) -> list[str]:
    """The terms of a text, in order, with repeats."""
    return [term for token in _TOKEN.findall(text) for term in _terms_of(token)]


def words(text: str) -> frozenset[str]:
    """The different words of three letters or more, as they stand, and the pairs of characters of unspaced scripts."""
    long = {word for word in _WORD.findall(text.lower()) if len(word) > 2}
    return frozenset(part for word in long for part in (_pairs(word) if _UNSPACED.search(word) else [word]))


@lru_cache(maxsize=1 << 17)
def _terms_of(token: str) -> tuple[str, ...]:
    """The terms of one token: none for a stop word, several for a run of an unspaced script."""
    word = unicodedata.normalize("NFKC", token).casefold()
    if word[0].isdigit():
        return (word.replace(",", ""),)
    if _UNSPACED.search(word):
        return tuple(_pairs(word))
    word = re.split("['’]", word)[0]
    if word in STOP_WORDS or (len(word) == 1 and word.isascii()):
        return ()
    return (_stemmer().stemWord(word),)


def _pairs(word: str) -> Iterator[str]:
    """Neighbouring characters, two by two; a single one stands alone."""
    if len(word) == 1:
        yield word
    for index in range(len(word) - 1):
        yield word[index : index + 2]


def _stemmer() -> Stemmer.Stemmer:
    """The English stemmer of this thread: the library's objects are not safe to share."""
    if not hasattr(_stemmers, "english"):
        _stemmers.english = Stemmer.Stemmer("english")
    stemmer: Stemmer.Stemmer = _stemmers.english
    return stemmer
