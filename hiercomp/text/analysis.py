"""Splits text into the terms that lexical search compares. Pure and deterministic.

Terms are case-folded. Numbers have a point before their decimals and no other separators. English words become stems,
and stop words are removed. A word of any other language becomes its 4-grams (runs of four characters). They find more
of the word's other forms and compounds than a stemmer does, and the language need not be known. Han and kana always
become pairs of characters.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain

import Stemmer

# Function words, and words of questions that describe the wanted answer and do not help to find it.
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
# Function words that distinguish English from other languages in Latin letters. No word is in both lists. Their counts
# are only compared with each other, so a table of figures or a language that is missing here counts as English.
_ENGLISH = frozenset("the of and to that with by from this which were have been are".split())  # noqa: SIM905
_FOREIGN = frozenset(
    """der und den von mit sich des auf für ist nicht ein eine als auch dem wird sind bei nach zu het een van dat niet
    zijn voor met aan ook wordt deze de en et og det som på er til af av ikke ikkje blev ble och att är för inte le la
    les une est dans pour que qui sur pas avec il elle au el los las por con para su como más del os da em um uma não
    com ao dos di che è per non della sono nel gli și în cu pe din care este nu pentru sau na się nie że jest oraz
    przez jak je se že jako při byl su za koji az és hogy nem egy volt ja ei että oli joka sekä myös ning kui ve bir bu
    için ile olarak của và là có được trong các cho không người yang dan dengan untuk dari ini itu pada els amb ya wa
    kwa ni katika ir un kā par uz kad buvo ang ng mga sa ay""".split()  # noqa: SIM905
)
SAMPLE = 200
"""The characters of each text that are read to detect the language. A document has many texts."""
# Vowel signs, accents and joiners are parts of words, but not letters. The ranges cover Latin to Arabic, the scripts of
# India (whole blocks without their digits and full stops), and the scripts of South-East Asia.
MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u200c\u200d"
    "\u0900-\u0963\u0971-\u09e5\u09f0-\u0a65\u0a70-\u0ae5\u0af0-\u0b65\u0b70-\u0be5\u0bf0-\u0c65\u0c70-\u0ce5\u0cf0-\u0d65"
    "\u0d70-\u0de5\u0e31-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u1056-\u108d\u17b4-\u17d3"
)
_LETTERS = rf"[^\W\d_]+(?:[{MARKS}]+[^\W\d_]*)*"
# Groups of thousands, in the Western and in the Indian way; a comma before decimals, unless the number stands in a
# list; any other number. Numbers that only a comma separates, as in a line of a CSV file, are not joined.
_NUMBER = (
    r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d++)?|\d{1,2}(?:,\d{2})+,\d{3}(?!\d)(?:\.\d++)?|\d{1,3}(?:\.\d{3})+,\d{1,2}(?!\d)"
    r"|(?<![\d.,])\d++,\d{1,2}(?![.,]?\d)|\d++(?:\.\d++)*+"
)
_TOKEN = re.compile(rf"{_NUMBER}|{_LETTERS}(?:['’]{_LETTERS})?|[^\W_]+")
_DECIMAL_COMMA = re.compile(r",\d{1,2}\Z")
# Soft hyphens, the Arabic stroke that lengthens a word, and marks that join or protect words are not parts of a word.
_INVISIBLE = re.compile("[\u00ad\u0640\u2060\ufeff]")
_WORD = re.compile(_LETTERS)
_LATIN = re.compile(r"[A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff]")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_SYLLABIC = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"
)  # Unspaced, but a character is a letter and not a word.
# A word that is broken at the end of a line. It may have a hyphen of its own, so that its parts are kept as well.
_BROKEN = re.compile(rf"({_LETTERS})[-\u2010]\n\s*({_LETTERS})")
GRAM = 4
LONGEST_RUN = 32
"""The longest run without white space whose terms are cached. Longer runs rarely repeat."""
_stemmers = threading.local()

_Terms = Callable[[str], tuple[str, ...]]
Analysis = Callable[[str], list[str]]
"""A function that returns the terms of a text, in order, with repeats."""


def analysis_for(texts: Iterable[str]) -> Analysis:
    """Return the analysis for texts of one language: `terms` for English, or else `grams`."""
    return terms if is_english(texts) else grams


def is_english(texts: Iterable[str]) -> bool:
    """Return whether texts are in English. Texts without evidence for another language count as English."""
    samples = [text[:SAMPLE] for text in texts]
    if not _is_latin([text for text in samples if not text.isascii()]) and not _is_latin(samples):
        return False
    english = foreign = 0
    for run, count in Counter(chain.from_iterable(text.lower().split() for text in samples)).items():
        for word in _WORD.findall(run):
            english += count * (word in _ENGLISH)
            foreign += count * (word in _FOREIGN)
    return foreign <= english


def _is_latin(texts: Sequence[str]) -> bool:
    """Return whether at least half of the letters are Latin."""
    return 2 * sum(len(_LATIN.findall(text)) for text in texts) >= sum(sum(map(str.isalpha, text)) for text in texts)


def terms(text: str) -> list[str]:
    """Return the terms of an English text, in order, with repeats."""
    return _analyse(text, _terms_of, _terms_of_run)


def grams(text: str) -> list[str]:
    """Return the 4-grams of the words of a text in any language, in order, with repeats."""
    return _analyse(text, _grams_of, _grams_of_run)


def _analyse(text: str, analyse_token: _Terms, analyse_run: _Terms) -> list[str]:
    """Return the terms of all tokens.

    A run is the text between white space. No token extends over two runs, and runs repeat often, so the terms of runs
    are cached.
    """
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
    if "-\n" in text or "\u2010\n" in text:
        text = _BROKEN.sub(r"\g<0> \1\2", text)
    runs = text.split()
    if max(map(len, runs), default=0) > LONGEST_RUN:
        return list(chain.from_iterable(analyse_token(token) for run in runs for token in _TOKEN.findall(run)))
    return list(chain.from_iterable(map(analyse_run, runs)))


def located(text: str) -> Iterator[tuple[int, int]]:
    """Yield the positions of the words and numbers of a text, as half-open ranges of code points."""
    return (token.span() for token in _TOKEN.finditer(text))


def words(text: str) -> frozenset[str]:
    """Return the distinct lower-case words of at least three letters. Unspaced scripts give pairs of characters."""
    long_words = {word for word in _WORD.findall(text.lower()) if len(word) > 2}
    return frozenset(part for word in long_words for part in (_pairs(word) if _UNSPACED.search(word) else [word]))


@lru_cache(maxsize=1 << 16)
def _terms_of_run(run: str) -> tuple[str, ...]:
    return tuple(chain.from_iterable(map(_terms_of, _TOKEN.findall(run))))


@lru_cache(maxsize=1 << 16)
def _grams_of_run(run: str) -> tuple[str, ...]:
    return tuple(chain.from_iterable(map(_grams_of, _TOKEN.findall(run))))


@lru_cache(maxsize=1 << 17)
def _terms_of(token: str) -> tuple[str, ...]:
    """Return the terms of one token: none for a stop word, several for a word of an unspaced script."""
    word = _folded(token)
    if word[0].isdigit():
        return (_number(word),)
    if not word.isascii() and _UNSPACED.search(word):
        return tuple(_pairs(word))
    word = re.split("['’]", word)[0]
    if word in STOP_WORDS or (len(word) == 1 and word.isascii()):
        return ()
    return (_stemmer().stemWord(word),)


@lru_cache(maxsize=1 << 17)
def _grams_of(token: str) -> tuple[str, ...]:
    """Return the 4-grams of one token.

    A word gets a blank at each end, so that the 4-grams there differ from those inside a word.
    """
    word = _folded(token)
    if word[0].isdigit():
        return (_number(word),)
    if _SYLLABIC.search(word):
        return tuple(_character_grams(word))
    if _UNSPACED.search(word):
        return tuple(_pairs(word))
    return tuple(gram for part in re.split("['’]", word) for gram in _character_grams(f" {part} ") if part)


def _folded(token: str) -> str:
    """Return a token without differences of case and of Unicode form."""
    return token.lower() if token.isascii() else unicodedata.normalize("NFKC", token).casefold()


def _number(word: str) -> str:
    """Return a number with ASCII digits, a point before its decimals, and no other separators."""
    if not word.isascii():
        word = "".join(str(unicodedata.decimal(character, character)) for character in word)
    if _DECIMAL_COMMA.search(word):
        word = word.replace(".", "").replace(",", ".")
    return word.replace(",", "")


def _character_grams(word: str) -> Iterator[str]:
    """Yield every substring of `GRAM` characters of a word. A shorter word is yielded whole."""
    for index in range(max(1, len(word) - GRAM + 1)):
        yield word[index : index + GRAM]


def _pairs(word: str) -> Iterator[str]:
    """Yield each pair of neighbouring characters. A word of one character is yielded whole."""
    if len(word) == 1:
        yield word
    for index in range(len(word) - 1):
        yield word[index : index + 2]


def _stemmer() -> Stemmer.Stemmer:
    """Return the English stemmer of this thread. The library's stemmers are not thread-safe."""
    if not hasattr(_stemmers, "english"):
        _stemmers.english = Stemmer.Stemmer("english")
    stemmer: Stemmer.Stemmer = _stemmers.english
    return stemmer
