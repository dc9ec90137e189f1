"""Repairs of a line's words where pdfium's spaces or characters are not those that a reader sees."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from hiercomp.loaders._pdf_words import TextPage, Word

# Characters of the presentation forms of Latin ligatures and of Arabic, and of fonts with an encoding of their own.
_PRESENTATION = re.compile("[\ufb00-\ufb06\ufb50-\ufdff\ufe70-\ufefc]")
_ALEF_LAM = re.compile("[\u0622\u0623\u0625\u0627]\u0644")
_SYMBOL_FONT = re.compile(r"dingbat|wingding|webding", re.IGNORECASE)
# The check boxes and ticks of the fonts Wingdings and Wingdings 2, by the number of the character.
_BOXES = {
    **dict.fromkeys((0x6F, 0x71, 0x72, 0xA3, 0xA8), "☐"),
    **dict.fromkeys((0x50, 0xFC), "✓"),
    **dict.fromkeys((0x52, 0xFE), "☑"),
    **dict.fromkeys((0x51, 0x53, 0x54, 0x78, 0xFD), "☒"),
    **dict.fromkeys((0x4F, 0xFB), "✗"),
}
_FIGURE = re.compile(r"[\d.,()%$€£–—-]+")
_LETTER = re.compile(r"[^\W\d_]")
# A figure that is wider than this share of the line's height per character may be several figures. A digit has 0.5.
_MAX_FIGURE_WIDTH = 0.62
_FIGURE_GAP = 0.6
# A word of several lines is higher than words usually are by this factor, and its lines are at least this many font
# sizes apart.
_STEP = 1.6
_MIN_STEP = 0.9
# Characters that are drawn one by one at a fixed distance differ by no more than this share of it.
_PITCH_TOLERANCE = 0.02
# Spaced letters are at least as many as this, and not further apart than this share of the line's height.
_MIN_SPACED_LETTERS = 4
_MAX_SPACING = 0.6


def repaired(words: list[Word], page: TextPage) -> list[Word]:
    """Return the words of a line as a reader sees them."""
    height = words[0].top - words[0].bottom
    if any([word.right - word.left > _MAX_FIGURE_WIDTH * height * len(word.text) for word in words]):
        words = [part for word in words for part in _split_figure(word, height, page)]
    text = " ".join([word.text for word in words])
    if not text.isascii():
        words = _repaired_letters(words, text, page)
    if len(words) > 1 and len(words[0].text) == 1 and not _is_private(words[1].text[0]):
        is_mapped_badly = words[0].text == "‰"  # what fonts call the bullet that is their sign number 137
        words = [words[0]._replace(text="•") if is_mapped_badly else _plain_sign(words[0], page), *words[1:]]
    if sum([len(word.text) == 1 and word.text.isalpha() for word in words]) >= 3:
        words = _without_spacing(_on_one_pitch(words, page))
    return words


def _repaired_letters(words: list[Word], text: str, page: TextPage) -> list[Word]:
    """Return words with the letters of ligatures one by one, and in their order."""
    if _ALEF_LAM.search(text):
        words = [word._replace(text=_lam_first(word, page)) for word in words]
    if _PRESENTATION.search(text):
        words = [word._replace(text=_PRESENTATION.sub(_plain_form, word.text)) for word in words]
    return words


def _lam_first(word: Word, page: TextPage) -> str:
    """Return the text of a word in which lam stands before alef where one glyph shows both.

    pdfium writes text that runs from right to left backwards, and so also the two letters of such a glyph.
    """
    letters = list(word.text)
    characters = page.characters(word) if _ALEF_LAM.search(word.text) else []
    for place, (before, after) in enumerate(pairwise(characters)):
        if before[1:3] == after[1:3] and _ALEF_LAM.fullmatch(before.text + after.text):
            letters[place : place + 2] = after.text, before.text
    return "".join(letters)


def _plain_form(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match[0])


def _plain_sign(word: Word, page: TextPage) -> Word:
    """Return a word of one sign of a symbol font as the sign that it shows: a check box, or else a bullet."""
    number = ord(word.text) & 0xFF
    if not _is_private(word.text):
        is_sign = ord(word.text) <= 0xFF and bool(_SYMBOL_FONT.search(page.font(word.first)))
        if not is_sign or (word.text.isascii() and number not in _BOXES):
            return word
    return word._replace(text=_BOXES.get(number, "•"))


def _is_private(character: str) -> bool:
    """Return whether the meaning of a character depends on its font."""
    return "\ue000" <= character <= "\uf8ff"


def _split_figure(word: Word, height: float, page: TextPage) -> list[Word]:
    """Return a word, or its parts if it is made of figures that stand apart."""
    if len(word.text) == 1 or not _FIGURE.fullmatch(word.text):
        return [word]
    gaps = [after[0] - before[1] for before, after in pairwise(page.sides(word))]
    return _parts(word, [place for place, gap in enumerate(gaps, 1) if gap > _FIGURE_GAP * height], page)


def _parts(word: Word, cuts: Sequence[int], page: TextPage) -> list[Word]:
    """Return the parts of a word between some places."""
    if not cuts:
        return [word]
    return [page.part(word, start, end) for start, end in pairwise([0, *cuts, len(word.text)])]


def split_steps(words: Sequence[Word], page: TextPage) -> list[Word]:
    """Return the words of a page with those cut of which a part is a line higher or lower than the rest.

    pdfium joins short texts that it finds one after the other, such as the figures of a column.
    """
    if all([word.is_level for word in words]):
        return list(words)
    usual = median([word.top - word.bottom for word in words])
    found: list[Word] = []
    for word in words:
        if word.is_level or word.top - word.bottom < _STEP * usual:
            found.append(word)
            continue
        pairs = pairwise(page.characters(word))
        cuts = [
            place
            for place, (before, after) in enumerate(pairs, 1)
            if abs(before.baseline - after.baseline) > _MIN_STEP * min(before.size, after.size)
        ]
        found += _parts(word, cuts, page)
    return found


def _on_one_pitch(words: list[Word], page: TextPage) -> list[Word]:
    """Return the words of a line whose characters are drawn at a fixed distance, without spaces at this distance.

    pdfium takes the gap beside a narrow letter for a space.
    """
    ends = page.ends(words)
    pitches = [
        (last - first) / (len(word.text) - 1)
        for word, (first, last) in zip(words, ends, strict=True)
        if len(word.text) > 1
    ]
    pitch = median(pitches) if len(pitches) > 1 else 0.0
    tolerance = _PITCH_TOLERANCE * pitch
    if not pitch or any(abs(other - pitch) > tolerance for other in pitches):
        return words
    joins = [abs(after[0] - before[1] - pitch) <= tolerance for before, after in pairwise(ends)]
    return _joined(words, joins)


def _without_spacing(words: list[Word]) -> list[Word]:
    """Return the words with the letters of spaced words joined, such as "R E V E N U E"."""
    joins = [False] * (len(words) - 1)
    start = 0
    for place in range(1, len(words) + 1):
        if place < len(words) and _LETTER.fullmatch(words[place].text) and _LETTER.fullmatch(words[start].text):
            continue
        if place - start >= _MIN_SPACED_LETTERS:
            joins[start : place - 1] = _letter_joins(words[start:place])
        start = place
    return _joined(words, joins)


def _letter_joins(letters: Sequence[Word]) -> list[bool]:
    """Return, for each gap between letters, whether the letters belong to one word."""
    gaps = [after.left - before.right for before, after in pairwise(letters)]
    usual = median(gaps)
    height = letters[0].top - letters[0].bottom
    if usual > _MAX_SPACING * height or sum(gap > 1.6 * usual for gap in gaps) * 3 > len(gaps):
        return [False] * len(gaps)
    return [gap <= 1.6 * usual for gap in gaps]


def _joined(words: Sequence[Word], joins: Sequence[bool]) -> list[Word]:
    joined = [words[0]]
    for word, joins_before in zip(words[1:], joins, strict=True):
        if joins_before:
            last = joined[-1]
            joined[-1] = last._replace(text=last.text + word.text, right=word.right, last=word.last)
        else:
            joined.append(word)
    return joined
