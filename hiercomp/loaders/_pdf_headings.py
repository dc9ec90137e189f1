"""Headings found from the layout, for a PDF without an outline that helps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hiercomp.loaders._pdf_paragraphs import Paragraph, Style

NUMBERED = re.compile(
    r"(?P<part>part\s+[ivx\d]+\b)|(?P<item>item\s+\d+[a-z]?\b)"
    r"|(?P<note>(?:note|section|article|chapter|appendix|schedule|exhibit)\s+(?:[ivx]+|\d+(?:\.\d+)*|[a-z])\b)"
    r"|(?P<number>\d{1,2}(?:\.\d{1,2})*\.?)\s+[A-Z]",
    re.IGNORECASE,
)
_WEIGHT = re.compile(r" (\d+)$")
_BOLD = re.compile(r"bold|black|heavy|semib|demi", re.IGNORECASE)
_SLANTED = re.compile(r"italic|oblique", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{3,}")
_SENTENCE = re.compile(r"[.;,]$")
_CONTENTS = re.compile(r"(?:table\s+of\s+)?contents|index", re.IGNORECASE)
_LEADERS = re.compile(r"(?:\.\s?){4,}")
_PAGE_NUMBER = re.compile(r"[\t. ](\d{1,4})$")

_MOST_CHARACTERS = 180
_LARGER = 1.09
_BOLDER = 60


@dataclass(frozen=True, slots=True)
class Found:
    """A heading: its depth and where it is, as page index and paragraph index."""

    depth: int
    page: int
    paragraph: int


def layout_headings(pages: Sequence[Sequence[Paragraph]], style: Style) -> list[Found]:
    """The headings by size, weight, capitals and numbers, in text order; depths come from the styles that occur."""
    looks: list[tuple[tuple[float, ...], int, int]] = []
    for page, paragraphs in enumerate(pages):
        if not is_contents(paragraphs):
            looks += [(look, page, index) for index, look in _candidates(paragraphs, style)]
    ranks = {look: rank for rank, look in enumerate(sorted({look for look, _, _ in looks}), 1)}
    return [Found(min(ranks[look], 6), page, index) for look, page, index in looks]


def is_contents(paragraphs: Sequence[Paragraph]) -> bool:
    """Whether a page is a table of contents: its lines end in page numbers that rise."""
    lines = [paragraph.text for paragraph in paragraphs if not paragraph.is_furniture]
    if sum(bool(_LEADERS.search(line)) for line in lines) >= 4:
        return True
    numbers = [int(match[1]) for line in lines if (match := _PAGE_NUMBER.search(line))]
    rising = sum(before <= after for before, after in pairwise(numbers))
    titled = any(_CONTENTS.fullmatch(line.strip()) for line in lines[:8])
    return len(numbers) >= (4 if titled else 8) and rising >= 0.8 * (len(numbers) - 1) and len(numbers) > len(lines) / 3


def _candidates(paragraphs: Sequence[Paragraph], style: Style) -> Iterator[tuple[int, tuple[float, ...]]]:
    body = [index for index, paragraph in enumerate(paragraphs) if not paragraph.is_furniture]
    for position, index in enumerate(body):
        paragraph = paragraphs[index]
        before = paragraphs[body[position - 1]] if position else None
        after = paragraphs[body[position + 1]] if position + 1 < len(body) else None
        look = _look(paragraph, style)
        if look and (look[0] < 0 or not _in_table(paragraph, before, after)):
            yield index, look


def _in_table(paragraph: Paragraph, before: Paragraph | None, after: Paragraph | None) -> bool:
    """Whether a short line in bold or capitals is a label among rows."""
    if after is not None and after.is_row and not after.gap:
        return True
    return before is not None and before.is_row and (not paragraph.gap or (after is not None and after.is_row))


def _look(paragraph: Paragraph, style: Style) -> tuple[float, ...] | None:
    """The style of a heading, sorted from high to low; None when the paragraph is none.

    A look that begins with a negative number is sure enough to stand next to a table.
    """
    text, first = paragraph.text, paragraph.lines[0]
    if paragraph.is_row or len(paragraph.lines) > 3 or not _like_title(text):
        return None
    larger = first.size / style.size >= _LARGER
    bold = is_bold(first.font, style.font) and is_bold(paragraph.lines[-1].last_font, style.font)
    capitals = text.upper() == text
    numbered = NUMBERED.match(text)
    if _SENTENCE.search(text) and not (bold and (numbered or len(text.split()) <= 12) and text.endswith(".")):
        return None
    if numbered and (larger or bold or capitals):
        return (-1.0, _number_rank(numbered), 0.0)
    if larger and len(text.split()) <= 20:
        return (-0.5, -round(first.size / style.size, 1), -float(bold))
    if bold or (capitals and paragraph.gap and len(text.split()) <= 12):
        return (1.0, -float(bold) - float(capitals), float(bool(_SLANTED.search(first.font))))
    return None


def _number_rank(match: re.Match[str]) -> float:
    kinds = ("part", "item", "note", "number")
    rank = next(index for index, kind in enumerate(kinds) if match[kind])
    return rank + match[0].count(".", 0, len(match[0].rstrip(". ABCDEFGHIJKLMNOPQRSTUVWXYZ"))) / 10


def _like_title(text: str) -> bool:
    start = text.lstrip("“\"'([")[:1]
    return (
        len(text) <= _MOST_CHARACTERS
        and bool(_WORD.search(text))
        and (start.isupper() or start.isdigit() or not start.isascii())
        and not text.endswith(":")
        and not _LEADERS.search(text)
        and 2 * sum(character.isalpha() for character in text) >= len(text.replace(" ", ""))
    )


def is_bold(font: str, body: str) -> bool:
    """Whether a font is bolder than the body's, by its name or its weight."""
    if _BOLD.search(font):
        return not _BOLD.search(body)
    if font.startswith("CIDFont+") and body.startswith("CIDFont+"):
        return font != body  # names without meaning: another font than the body's is emphasis
    weight, usual = _WEIGHT.search(font), _WEIGHT.search(body)
    return bool(weight and usual and int(weight[1]) >= int(usual[1]) + _BOLDER)
