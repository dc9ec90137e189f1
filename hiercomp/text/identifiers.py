"""Identifiers and exact values of a question: order numbers, option names, clauses, amounts, dates in figures. Pure.

An identifier is told by its form: letters with digits (A10237), parts joined by signs (P-1073, 12.3(b), 2023-05-01), an
underscore (opt_44), a leading "--", a capital inside a word (maxRetries), decimals, or at least four digits. Years,
fiscal periods, quantities ("7-day", "5kg"), ordinals and the names of forms ("10-K") only look like identifiers.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LONGEST = 80
"""The most characters of an identifier. A longer word is an address or data."""

_LETTER = r"0-9A-Za-z\u00c0-\u024f\u0370-\u052f"
_WORD = re.compile(
    rf"(?:(?<!\S)--)?[{_LETTER}](?:[{_LETTER}_.,:/'’@+#\u2010\u2011-]*[{_LETTER}_])?(?:\([{_LETTER}]{{1,5}}\))*"
)
_POSSESSIVE = re.compile(r"['’]s$")
_NUMBER = re.compile(r"\d+(?:[.,'’]\d+)*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_OPTION = re.compile(r"--|.*[^\W_]_++[^\W_]|[a-z]+[A-Z]")
_CODE = re.compile(r"(?=.*\d)(?=.*[^\W\d_])(?=.*\d.*\d|.*[-./:(])|\d+(?:[-./:]\d+)+|\d[\d.]*\(")
_NO_IDENTIFIER = re.compile(
    r"""(?:(?:fy|cy|[qh][1-4]|[1-4][qh])[-/]?)*['’]?(?:(?:19|20)?\d\d(?:[-/](?:19|20)?\d\d)?)?  # periods
      | \d+(?:[.,]\d+)*[-/]?[^\W\d_]{1,4} | \d+-[^\W\d_]+(?:-[^\W\d_]+)*  # quantities, ordinals, forms
      | [^\W\d_]+(?:[-/][^\W\d_]+)*[-/](?:19|20)\d\d  # "mid-2021"
      | \d[-/]\d
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PIECE = re.compile(r"\d+|[^\W\d_]+|.")
_DASHES = "-_\u2010\u2011"
_LONG_RUN = re.compile(r"\d{4,}")


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier of a question.

    `pattern` matches it in a text as a whole. It is None for a number, which is compared as a search term. `number` is
    its long number alone, such as the 10237 of A10237, or nothing. `is_label` tells whether it is so short, such as
    "5.2", that it identifies a text only if it stands at its beginning.
    """

    text: str
    pattern: re.Pattern[str] | None
    number: str
    is_label: bool


def identifiers(question: str) -> list[Identifier]:
    """Return the identifiers of a question, each once."""
    words = (_POSSESSIVE.sub("", word) for word in _WORD.findall(unicodedata.normalize("NFKC", question)))
    return [_identifier(word) for word in dict.fromkeys(words) if len(word) <= LONGEST and _is_identifier(word)]


def _is_identifier(word: str) -> bool:
    """Return whether a word has the form of an identifier."""
    if _NUMBER.fullmatch(word):
        return not _YEAR.fullmatch(word) and (len(re.sub(r"\D", "", word)) >= 4 or "." in word)
    return bool(_OPTION.match(word)) or bool(_CODE.match(word) and not _NO_IDENTIFIER.fullmatch(word))


def _identifier(word: str) -> Identifier:
    is_label = sum(map(str.isalnum, word)) < 3
    if _NUMBER.fullmatch(word):
        return Identifier(word, None, word, is_label)
    runs = [run for run in _LONG_RUN.findall(word) if not _YEAR.fullmatch(run)]
    return Identifier(word, _pattern(word), runs[0] if len(runs) == 1 else "", is_label)


def _pattern(word: str) -> re.Pattern[str]:
    """Return a pattern in which hyphens and underscores are alike, and so are capitals and small letters.

    It matches no part of a longer identifier. A date in figures may be followed by a time.
    """
    pieces = "".join(map(_piece, _PIECE.findall(word.removeprefix("--"))))
    time = r"(?!T\d)" if word[-1].isdigit() else ""
    return re.compile(rf"(?<!\w)(?<!\w[-_])(?<!\d\.){pieces}(?!{time}[^\W_]|_\w|-\w|\.\d)", re.IGNORECASE)


def _piece(piece: str) -> str:
    if piece in _DASHES:
        return f"[{_DASHES}]"
    return r"\s?\(" if piece == "(" else re.escape(piece)
