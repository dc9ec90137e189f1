"""The look of a heading on a PDF page: its size, weight, capitals and number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from hiercomp.loaders._pdf_paragraphs import Paragraph, Style
from hiercomp.loaders._pdf_wrap import is_unfinished

_Value = TypeVar("_Value", float, str)

_NUMBERED = re.compile(
    r"(?P<part>part\s+[ivx\d]+\b)|(?P<item>item\s+\d+[a-z]?\b)"
    r"|(?P<note>(?:note|section|article|chapter|appendix|schedule|exhibit)\s+(?:[ivx]+|\d+(?:\.\d+)*|[a-z])\b)"
    r"|(?P<number>\d{1,2}(?:\.\d{1,2})*\.?(?=\s+[a-z]))",
    re.IGNORECASE,
)
_KINDS = ("part", "item", "note", "number")
UNNUMBERED = float(len(_KINDS))
"""The kind of number in the look of a heading without one."""

_WEIGHT = re.compile(r" (\d+)$")
_BOLD = re.compile(r"bold|black|heavy|semib|demi", re.IGNORECASE)
_SLANTED = re.compile(r"ital|oblique|slant", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_ITEM = re.compile(r"(?:[•●▪■◦‣·○☐☒☑*†‡–—-]|\(\d{1,2}\)|\[\w\])\s")
_CITATION = re.compile(r"\[\d{1,3}\]")
_SENTENCES = re.compile(r"[^\W\d_]{3,}[.!?]\s+[^\W\d_]")
_LEADERS = re.compile(r"(?:\.\s?){4,}")
_IN_MILLIONS = re.compile(r"\(?(?:\w+ )?in (?:millions|billions|thousands)", re.IGNORECASE)

_MAX_CHARACTERS = 180
# Lower bounds of the size classes of headings, as ratios to the height of body text. Classes keep the depths few.
_SIZE_RATIOS = (1.6, 1.3, 1.09)
# A bold heading that is a whole sentence has at most this many words, and fewer if it is not larger than the body.
_MAX_WORDS_OF_SENTENCE = 40
_MAX_WORDS_OF_BOLD_SENTENCE = 12
_MIN_WEIGHT_DIFFERENCE = 60
# A size or a font with this share of a document's running text is one of its body.
_BODY_SHARE = 0.1
# Running text has at least this many lines in a paragraph.
_MIN_LINES = 3


class Look(NamedTuple):
    """The look of a heading: its size class, its kind of number, and its emphasis. Looks sort from high to low."""

    size: float
    number: float
    emphasis: float


class Body(NamedTuple):
    """The look of body text: its height on each page, its fonts, and the most frequent of these.

    The height is the largest one of running text on the page, or in the document if that is larger, so that the smaller
    text of long notes does not make the body look like headings.
    """

    sizes: tuple[float, ...]
    fonts: frozenset[str]
    font: str


def find_body(pages: Sequence[Sequence[Paragraph]], style: Style) -> Body:
    """Return the look of the body text of a document."""
    sizes: Counter[float] = Counter()
    fonts: Counter[str] = Counter()
    largest: list[float] = []
    for paragraphs in pages:
        page_sizes: Counter[float] = Counter()
        for paragraph in paragraphs:
            if len(paragraph.lines) >= _MIN_LINES and not paragraph.is_row:
                page_sizes[round(paragraph.lines[1].size, 1)] += len(paragraph.lines)
                fonts.update(line.font for line in paragraph.lines)
        sizes += page_sizes
        largest.append(max(page_sizes, default=0.0))
    usual = max(_frequent(sizes), default=style.size)
    return Body(tuple(max(size, usual) for size in largest), frozenset({*_frequent(fonts), style.font}), style.font)


def _frequent(counts: Counter[_Value]) -> list[_Value]:
    """Return the values with a large enough share of the lines of running text."""
    return [value for value, count in counts.items() if count >= _BODY_SHARE * counts.total()]


def find_look(paragraph: Paragraph, body: Body, page: int) -> Look | None:
    """Return the look of a heading, or None if a paragraph has not the form of one.

    Args:
        paragraph: the paragraph.
        body: the look of the body text of the document.
        page: the index of the page of the paragraph.
    """
    text, first = paragraph.text, paragraph.lines[0]
    if paragraph.is_furniture or paragraph.is_row or len(paragraph.lines) > 3 or not _could_be_title(text):
        return None
    if first.right - first.left < first.size and len(text) > 2:
        return None  # Rotated text, for example in a margin, is higher than wide.
    fonts = (first.font, paragraph.lines[-1].last_font)
    bold = all(is_bold(name, body.font) and name not in body.fonts for name in fonts)
    slanted = all(_SLANTED.search(name) for name in fonts)
    capitals = text.upper() == text
    words = len(text.split())
    numbered = _numbered(text)
    size_class = -next((ratio for ratio in _SIZE_RATIOS if first.size / body.sizes[page] > ratio - 0.005), 0.0)
    max_words = _MAX_WORDS_OF_SENTENCE if size_class else _MAX_WORDS_OF_BOLD_SENTENCE
    is_title = bold and (numbered or (words <= max_words and text[0] not in '“"'))
    if text[-1] in ";," or (text[-1] == "." and not (is_title or numbered)):
        return None
    has_form = size_class or bold or capitals
    if numbered and (has_form or (paragraph.gap and (_is_title_case(text, numbered) or slanted))):
        return Look(size_class, float(_KINDS.index(numbered.lastgroup or "")), 0.0)
    is_large = size_class and words <= 20 and not (_SENTENCES.search(text) or is_unfinished(text))
    if is_large or bold or (capitals and paragraph.gap and words <= 12):
        return Look(size_class, UNNUMBERED, float(slanted) - bold - capitals)
    return None


def is_numbered(text: str) -> bool:
    """Return whether a text begins with the number of a heading, such as "Item 7" or "2.1"."""
    return _numbered(text) is not None


def _numbered(text: str) -> re.Match[str] | None:
    """Return the number at the start of a heading. A bare number has a title in upper case after it."""
    match = _NUMBERED.match(text)
    if match is None or (match["number"] and text[match.end() :].lstrip()[:1].islower()):
        return None
    return match


def _is_title_case(text: str, number: re.Match[str]) -> bool:
    """Return whether a heading such as "Item 4. Controls and Procedures." shows by its capitals that it is one."""
    words = [word for word in text[number.end() :].split() if len(word) > 3 and word[0].isalpha()]
    return bool(words) and not number["number"] and all(word[0].isupper() for word in words)


def _could_be_title(text: str) -> bool:
    start = text.lstrip("“\"'([")[:1]
    return (
        len(text) <= _MAX_CHARACTERS
        and any(map(_is_word, _LETTERS.findall(text)))
        and (start.isupper() or start.isdigit() or not start.isascii())
        and not text.endswith((":", ")") if text.startswith("(") else ":")
        and not (_ITEM.match(text) or _CITATION.search(text) or _LEADERS.search(text) or _IN_MILLIONS.match(text))
        and 2 * sum(character.isalpha() for character in text) >= len(text.replace(" ", ""))
    )


def _is_word(letters: str) -> bool:
    """Return whether letters look like a word, unlike the names in formulas, such as "PNk"."""
    return letters[1:].islower() or letters.isupper() or not letters.isascii()


def is_bold(font: str, body: str) -> bool:
    """Return whether a font is bolder than the font of the body, by its name or its weight."""
    if _BOLD.search(font):
        return not _BOLD.search(body)
    if font.startswith("CIDFont+") and body.startswith("CIDFont+"):
        return font != body  # Such names say nothing about the weight, so any other font counts as emphasis.
    weight, body_weight = _WEIGHT.search(font), _WEIGHT.search(body)
    return bool(weight and body_weight and int(weight[1]) >= int(body_weight[1]) + _MIN_WEIGHT_DIFFERENCE)
