"""Raised, lowered and struck text in a line of a PDF page: `10^6`, `H_2O`, `million[3]`, `2 1/2`."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from hiercomp.loaders._pdf_rules import Rule
from hiercomp.loaders._pdf_words import Character, TextPage, Word
from hiercomp.loaders._scripts import fraction, lowered, raised

# How far a script's baseline is above or below that of the line, in font sizes of the line, and how large it may be.
_MIN_RAISE = 0.15
_MIN_DROP = 0.08
_MAX_SIZE = 0.88
# A word of which the box differs from the line's box by more than this share of its height may hold scripts.
_BOX_TOLERANCE = 0.06
# The longest script in characters. Longer small text is text of its own.
_MAX_LENGTH = 20
# A script and its neighbour are one word if the gap between them is narrower than this share of the line's height.
_TOUCHING = 0.12
_HIDDEN_SCRIPT = re.compile(r"[A-Za-z)\]]\d{1,2}[A-Za-z(\[+-]")
_CONTENT = re.compile(r"\w|[*†‡§¶#∗+−–-]|[™®℠°]")
# Raised letters after a single capital letter are a power, as in the space R^(mn), unless they end an ordinal number.
_SYMBOL = re.compile(r"(?<![^\W\d_])[A-Z]$")
_DIMENSION = re.compile(r"(?!(?:st|nd|rd|th|er|re|tm|sm)$)[a-z]{2,3}")
# The part of a line's height in which a rule strikes a word out, from the bottom.
_STRIKE = (0.36, 0.64)


_Level = tuple[float, float]  # the height of a baseline, and the size of its font, both in points


class _Piece(NamedTuple):
    """Characters of one word and one level: -1 is lowered, 0 is on the baseline of the line, and 1 is raised."""

    text: str
    level: int
    left: float
    right: float
    word: int


def write_scripts(words: list[Word], page: TextPage) -> list[Word]:
    """Return the words of a line with their raised and lowered characters written in plain text."""
    if _are_level(words):
        return words
    main = _main(words)
    height = main.top - main.bottom
    limit = _BOX_TOLERANCE * height
    suspects = [index for index, word in enumerate(words) if _may_hold_scripts(word, main, limit)]
    suspects = [index for index in suspects if page.has_places(words[index])]
    if not suspects or not page.has_places(main):
        return words
    line = page.baselines([main.first])[0]
    holders = _holders(words, suspects, line, page)
    if not holders:
        return words
    pieces: list[_Piece] = []
    for index, word in enumerate(words):
        if index in holders:
            pieces += _pieces(index, page.characters(word), line)
        else:
            pieces.append(_Piece(word.text, 0, word.left, word.right, index))
    return _write(words, _merged(pieces, words), height) if any(piece.level for piece in pieces) else words


def _are_level(words: Sequence[Word]) -> bool:
    """Return whether all words of a line have the same height and place, which is a quick test for most lines."""
    bottom, top = words[0].bottom, words[0].top
    limit = _BOX_TOLERANCE * (top - bottom)
    lowest, highest, low, high = bottom - limit, bottom + limit, top - limit, top + limit
    for word in words:
        if not (word.is_level and lowest < word.bottom < highest and low < word.top < high):
            return False
    return not _HIDDEN_SCRIPT.search(" ".join([word.text for word in words]))


def _main(words: Sequence[Word]) -> Word:
    """Return the word of median height, where a word counts as often as it has characters."""
    heights = [word.top - word.bottom for word in words]
    rest = sum([len(word.text) for word in words]) / 2
    order = sorted(range(len(words)), key=heights.__getitem__)
    for index in order:
        rest -= len(words[index].text)
        if rest <= 0:
            return words[index]
    return words[order[-1]]


def _may_hold_scripts(word: Word, main: Word, limit: float) -> bool:
    return (
        not word.is_level
        or abs(word.bottom - main.bottom) > limit
        or abs(word.top - main.top) > limit
        or bool(_HIDDEN_SCRIPT.search(word.text))
    )


def _holders(words: Sequence[Word], suspects: Sequence[int], line: _Level, page: TextPage) -> set[int]:
    """Return the indices of the words that begin or end with a script, or may have one inside."""
    ends = page.baselines([end for index in suspects for end in (words[index].first, words[index].last)])
    return {
        index
        for index, first, last in zip(suspects, ends[::2], ends[1::2], strict=True)
        if _level(first, line) or _level(last, line) or _HIDDEN_SCRIPT.search(words[index].text)
    }


def _level(place: _Level, line: _Level) -> int:
    """Return whether a character is raised (1), lowered (-1) or on the line (0)."""
    baseline, size = line
    if place[1] > _MAX_SIZE * size:
        return 0
    shift = (place[0] - baseline) / max(size, 1e-6)
    return (shift >= _MIN_RAISE) - (shift <= -_MIN_DROP)


def _pieces(word: int, characters: Sequence[Character], line: _Level) -> list[_Piece]:
    pieces: list[_Piece] = []
    for level, run in groupby(characters, lambda item: _level((item.baseline, item.size), line)):
        items = list(run)
        pieces.append(_Piece("".join([item.text for item in items]), level, items[0].left, items[-1].right, word))
    return pieces


def _merged(pieces: Sequence[_Piece], words: Sequence[Word]) -> list[_Piece]:
    """Return the pieces with scripts of several words as one piece each, and with stacked fractions as plain text."""
    merged: list[_Piece] = []
    for piece in pieces:
        before = merged[-1] if merged else None
        if before and piece.level and before.level == piece.level:
            space = " " if piece.word != before.word and words[piece.word].has_space_before else ""
            merged[-1] = before._replace(text=before.text + space + piece.text, right=piece.right, word=piece.word)
        elif before and (before.level, piece.level) == (1, -1) and _are_stacked(before, piece):
            text = fraction(before.text, piece.text)
            merged[-1] = _Piece(text, 0, before.left, max(before.right, piece.right), piece.word)
        else:
            merged.append(piece)
    return merged


def _are_stacked(above: _Piece, below: _Piece) -> bool:
    """Return whether two numbers are the parts of a fraction, and not the scripts of a symbol."""
    overlap = min(above.right, below.right) - max(above.left, below.left)
    narrower = min(above.right - above.left, below.right - below.left)
    return above.text.isdigit() and below.text.isdigit() and overlap > narrower / 2


def _write(words: Sequence[Word], pieces: Sequence[_Piece], height: float) -> list[Word]:
    written: list[Word] = []
    before = ""
    for place, piece in enumerate(pieces):
        word, previous = words[piece.word], pieces[place - 1]
        text = _text(piece, before, pieces[place + 1].text if place + 1 < len(pieces) else "")
        is_glued = (
            place > 0
            and not (previous.text[-1].isdigit() and "/" in piece.text)
            and (
                piece.word == previous.word
                or not word.has_space_before
                or (bool(piece.level or previous.level) and piece.left - previous.right < _TOUCHING * height)
            )
        )
        begins_note = place == 1 and previous.level == 1 and before.startswith("[")
        if is_glued and not begins_note:
            last = written[-1]
            right = max(last.right, piece.right)
            written[-1] = last._replace(text=last.text + text, right=right, last=word.last)
        elif text == word.text and not begins_note:
            written.append(word)
            before += " " if place else ""
        else:
            has_space = word.has_space_before or begins_note
            written.append(word._replace(text=text, left=piece.left, right=piece.right, has_space_before=has_space))
            before += " " if place else ""
        before += text
    return written


def _text(piece: _Piece, before: str, after: str) -> str:
    """Return what to write for a piece."""
    if not piece.level or len(piece.text) > _MAX_LENGTH or not _CONTENT.search(piece.text):
        return piece.text
    if piece.level < 0:
        return lowered(piece.text, before=before)
    is_power = _SYMBOL.search(before) and _DIMENSION.fullmatch(piece.text)
    return raised(before, piece.text, is_mark=False if is_power else None, after=after)


class Strikes:
    """The rules of a page that may strike text out."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = sorted((rule for rule in rules if rule.is_horizontal), key=_middle)

    def without_struck(self, words: list[Word]) -> list[Word]:
        """Return the words of a line without those that a rule strikes out."""
        main = words[len(words) // 2]
        height = main.top - main.bottom
        start, end = (bisect_left(self._rules, main.bottom + share * height, key=_middle) for share in _STRIKE)
        for rule in self._rules[start:end]:
            struck = [word for word in words if _crosses(rule, word)]
            if struck and _ends_at(rule, struck):
                words = _without(words, struck)
        return words


def _crosses(rule: Rule, word: Word) -> bool:
    """Return whether a rule runs through the middle of a word, and not below it as for a link."""
    covered = min(rule.right, word.right) - max(rule.left, word.left)
    height = (_middle(rule) - word.bottom) / max(word.top - word.bottom, 1e-6)
    return covered >= 0.8 * (word.right - word.left) and _STRIKE[0] <= height <= _STRIKE[1]


def _middle(rule: Rule) -> float:
    return (rule.bottom + rule.top) / 2


def _without(words: Sequence[Word], struck: Sequence[Word]) -> list[Word]:
    """Return words without some of them. The word before each of these takes its place, so that no gap appears."""
    kept: list[Word] = []
    for word in words:
        if word not in struck:
            kept.append(word)
        elif kept:
            kept[-1] = kept[-1]._replace(right=word.right)
    return kept


def _ends_at(rule: Rule, words: Sequence[Word]) -> bool:
    """Return whether a rule is as long as the words that it crosses. A longer rule belongs to a table or a drawing."""
    height = words[0].top - words[0].bottom
    first, last = min(word.left for word in words), max(word.right for word in words)
    return max(abs(rule.left - first), abs(rule.right - last)) < 0.4 * height
