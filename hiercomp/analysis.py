"""Text to the terms that lexical search compares: case folded, stop words out, stems, numbers without separators.

Scripts that are written without spaces between words become pairs of characters. Pure and deterministic.
"""

from __future__ import annotations

import re
import threading
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
_TOKEN = re.compile(r"\d+(?:[.,]\d+)+|\d+|[^\W\d_]+(?:['’][^\W\d_]+)?|[^\W_]+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_stemmers = threading.local()


def terms(text: str) -> list[str]:
    """The terms of a text, in order, with repeats."""
    return [term for token in _TOKEN.findall(text) for term in _terms_of(token)]


@lru_cache(maxsize=1 << 17)
def _terms_of(token: str) -> tuple[str, ...]:
    """The terms of one token: none for a stop word, several for a run of an unspaced script."""
    word = token.casefold()
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
