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
    r"|(?P<number>\d{1,2}(?:\.\d{1,2})*\.?(?=\s+[a-z]))",
    re.IGNORECASE,
)
KINDS = ("part", "item", "note", "number")
_UNNUMBERED = float(len(KINDS))
_WEIGHT = re.compile(r" (\d+)$")
_BOLD = re.compile(r"bold|black|heavy|semib|demi", re.IGNORECASE)
_SLANTED = re.compile(r"italic|oblique", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{3,}")
_CONTENTS = re.compile(r"(?:table\s+of\s+)?contents|index", re.IGNORECASE)
_PERIOD = re.compile(r"(?:fiscal|years?|months?|quarters?)\b", re.IGNORECASE)
_IN_MILLIONS = re.compile(r"\(?(?:\w+ )?in (?:millions|billions|thousands)", re.IGNORECASE)
_LEADERS = re.compile(r"(?:\.\s?){4,}")
_PAGE_NUMBER = re.compile(r"[\t. ](\d{1,4})$")

_MOST_CHARACTERS = 180
# Heights over that of the body; what is between is one class, so that depths stay few.
_SIZES = (1.6, 1.3, 1.09)
_BOLDER = 60
# The heads of a table's columns take at most so many lines before the first row.
_HEAD_LINES = 10

_Look = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Found:
    """A heading: its depth and where it is, as page index and paragraph index."""

    depth: int
    page: int
    paragraph: int


def layout_headings(pages: Sequence[Sequence[Paragraph]], style: Style) -> list[Found]:
    """The headings by size, weight, capitals and numbers, in text order; depths come from the looks that occur."""
    looks: list[tuple[_Look, int, int]] = []
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


def _candidates(paragraphs: Sequence[Paragraph], style: Style) -> Iterator[tuple[int, _Look]]:
    body = [index for index, paragraph in enumerate(paragraphs) if not paragraph.is_furniture]
    looks = [(index, look) for index in body if (look := _look(paragraphs[index], style))]
    edges = _edges(paragraphs) if looks else (0.0, 0.0, [])
    for index, look in looks:
        position = body.index(index)
        before = paragraphs[body[position - 1]] if position else None
        after = [paragraphs[following] for following in body[position + 1 : position + 1 + _HEAD_LINES]]
        sure = look[0] < 0 or look[1] < _UNNUMBERED
        if sure or not (_in_table(paragraphs[index], before, after) or _is_aside(paragraphs[index], edges)):
            yield index, look


def _edges(paragraphs: Sequence[Paragraph]) -> tuple[float, float, list[float]]:
    """The left and right ends of a page's text, and where its full lines begin."""
    lines = [line for paragraph in paragraphs for line in paragraph.lines]
    full = [line.left for line in lines if line.right - line.left > 12 * line.size]
    return min(line.left for line in lines), max(line.right for line in lines), full


def _is_aside(paragraph: Paragraph, edges: tuple[float, float, list[float]]) -> bool:
    """Whether a line neither begins where text begins nor is centred: the head of a table's column."""
    left, right, full = edges
    line = paragraph.lines[0]
    centred = abs((line.left + line.right) - (left + right)) / 2 < 0.04 * (right - left)
    starts = line.left - left < 4 * line.size or sum(abs(edge - line.left) < line.size for edge in full) >= 2
    return not (centred or starts)


def _in_table(paragraph: Paragraph, before: Paragraph | None, after: Sequence[Paragraph]) -> bool:
    """Whether a short line in bold or capitals is a label among rows, or the head of a column above them."""
    if after and after[0].is_row and not after[0].gap:
        return True
    if before is not None and before.is_row and (not paragraph.gap or (after and after[0].is_row)):
        return True
    if not any(following.is_row for following in after):
        return False
    short = [near for near in (before, *after[:1]) if near is not None and not near.is_row and _is_brief(near.text)]
    return bool(_PERIOD.match(paragraph.text)) or (_is_brief(paragraph.text) and bool(short))


def _is_brief(text: str) -> bool:
    return len(text.split()) <= 3 and not NUMBERED.match(text)


def _look(paragraph: Paragraph, style: Style) -> _Look | None:
    """How a heading looks, sorted from high to low: its size, its kind, its emphasis; None when it is none."""
    text, first = paragraph.text, paragraph.lines[0]
    if paragraph.is_row or len(paragraph.lines) > 3 or not _like_title(text):
        return None
    bold = is_bold(first.font, style.font) and is_bold(paragraph.lines[-1].last_font, style.font)
    capitals = text.upper() == text
    words = len(text.split())
    numbered = NUMBERED.match(text)
    if text[-1] in ".;," and not (bold and text[-1] == "." and (numbered or (words <= 12 and text[0] not in '“"'))):
        return None
    size = -next((bound for bound in _SIZES if first.size / style.size >= bound), 0.0)
    if numbered and (size or bold or capitals):
        return size, float(KINDS.index(numbered.lastgroup or "")), 0.0
    if (size and words <= 20) or bold or (capitals and paragraph.gap and words <= 12):
        return size, _UNNUMBERED, float(bool(_SLANTED.search(first.font))) - bold - capitals
    return None


def _like_title(text: str) -> bool:
    start = text.lstrip("“\"'([")[:1]
    return (
        len(text) <= _MOST_CHARACTERS
        and bool(_WORD.search(text))
        and (start.isupper() or start.isdigit() or not start.isascii())
        and not text.endswith((":", ")") if text.startswith("(") else ":")
        and not _LEADERS.search(text)
        and not _IN_MILLIONS.match(text)
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
