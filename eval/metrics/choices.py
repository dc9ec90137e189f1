"""Read the options that an answer to a multiple-choice question chooses."""

from __future__ import annotations

import re
from collections.abc import Mapping

from eval.metrics.words import words


def chosen(answer: str, options: Mapping[str, str]) -> frozenset[str]:
    """Return the letters that an answer chooses. The first of these ways that finds a letter is used.

    1. The letters after the last "answer" of a line.
    2. An answer that consists only of letters.
    3. Letters after "option" or "choice", alone on a line, before the first mark of a line, or in parentheses.
    4. The options whose text the answer contains. An option inside another such option does not count.
    """
    either = "|".join(map(re.escape, options))
    in_order = "".join(f"(?:{re.escape(option)})?" for option in options)
    # A capital letter before a word is usually the article: "A dog", unlike "A is right".
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
    """Return the options whose words occur in sequence in the answer, except options inside another such option."""
    given = f" {' '.join(words(answer))} "
    texts = {letter: f" {' '.join(words(text))} " for letter, text in options.items()}
    contained = {letter: text for letter, text in texts.items() if text.strip() and text in given}
    return frozenset(
        letter
        for letter, text in contained.items()
        if not any(text != other and text in other for other in contained.values())
    )
