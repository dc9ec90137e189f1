"""Which options of a multiple choice an answer chooses."""

from __future__ import annotations

import re
from collections.abc import Mapping

from eval.metrics.words import words


def chosen(answer: str, options: Mapping[str, str]) -> frozenset[str]:
    """The letters that an answer chooses, read in the first of these ways that finds one.

    The letters behind the last "answer" of a line; an answer of nothing but letters; letters behind "option" or
    "choice", alone on a line or before its first mark, or in parentheses; the options whose text the answer
    holds, without those that are a part of another.
    """
    either = "|".join(map(re.escape, options))
    in_order = "".join(f"(?:{re.escape(option)})?" for option in options)
    # A capital that a word follows is most often the article: "A dog", unlike "A is right".
    article = r" +(?!(?i:and|or|because|since|as|is|are)\b)[^\W\d_]{2}"
    letters = rf"(?<![\w'’])(?={either}){in_order}(?![\w'’]|{article})"
    several = rf"{letters}(?:(?:[^\w\n]|\b(?i:and|or)\b)*{letters})*"
    marked = re.findall(rf"(?i:\banswers?\b)[^\n]{{0,40}}?({several})", answer)
    if not marked and re.fullmatch(rf"\W*{several}\W*", answer, re.IGNORECASE):
        marked = [answer.upper()]
    if marked:
        return frozenset(each for part in re.findall(letters, marked[-1]) for each in re.findall(either, part))
    placed = rf"(?i:\b(?:option|choice)s?\b)\W*({several})|^\W*({either})(?:[.):]|$)|\(({either})\)"
    parts = [part for groups in re.findall(placed, answer, re.MULTILINE) for part in groups]
    found = frozenset(each for part in parts for text in re.findall(letters, part) for each in re.findall(either, text))
    return found or _by_text(answer, options)


def _by_text(answer: str, options: Mapping[str, str]) -> frozenset[str]:
    """The options whose words stand in a row in the answer, without those that are a part of another such option."""
    given = f" {' '.join(words(answer))} "
    texts = {letter: f" {' '.join(words(text))} " for letter, text in options.items()}
    held = {letter: text for letter, text in texts.items() if text.strip() and text in given}
    return frozenset(
        letter for letter, text in held.items() if not any(text != other and text in other for other in held.values())
    )
