"""Headings from the layout of a PDF, for files whose outline is missing or too short."""

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

_MAX_CHARACTERS = 180
# Lower bounds of the size classes of headings, as ratios to the height of body text. Classes keep the depths few.
_SIZE_RATIOS = (1.6, 1.3, 1.09)
_MIN_WEIGHT_DIFFERENCE = 60
# The column heads of a table take at most this many lines before the first row.
_MAX_COLUMN_HEAD_LINES = 10

# The look of a heading: its size class, its kind of number, and its emphasis. Looks sort from high to low headings.
_Look = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class FoundHeading:
    """A heading: its depth, the index of its page, and the index of its paragraph on that page."""

    depth: int
    page: int
    paragraph: int


def layout_headings(pages: Sequence[Sequence[Paragraph]], style: Style) -> list[FoundHeading]:
    """Return the headings of a document in text order.

    Size, weight, capitals and numbers make a heading. Its depth, 1 to 6, is the rank of its look among those that occur
    in the document. Tables of contents have no headings.
    """
    looks: list[tuple[_Look, int, int]] = []
    for page, paragraphs in enumerate(pages):
        if not is_contents(paragraphs):
            looks += [(look, page, index) for index, look in _candidates(paragraphs, style)]
    ranks = {look: rank for rank, look in enumerate(sorted({look for look, _, _ in looks}), 1)}
    return [FoundHeading(min(ranks[look], 6), page, index) for look, page, index in looks]


def is_contents(paragraphs: Sequence[Paragraph]) -> bool:
    """Return whether a page is a table of contents: it has dot leaders, or its lines end in ascending page numbers."""
    lines = [paragraph.text for paragraph in paragraphs if not paragraph.is_furniture]
    if sum(bool(_LEADERS.search(line)) for line in lines) >= 4:
        return True
    numbers = [int(match[1]) for line in lines if (match := _PAGE_NUMBER.search(line))]
    ascending = sum(before <= after for before, after in pairwise(numbers))
    min_numbers = 4 if any(_CONTENTS.fullmatch(line.strip()) for line in lines[:8]) else 8
    is_ascending = ascending >= 0.8 * (len(numbers) - 1)
    return len(numbers) >= min_numbers and is_ascending and len(numbers) > len(lines) / 3


def _candidates(paragraphs: Sequence[Paragraph], style: Style) -> Iterator[tuple[int, _Look]]:
    """Yield the index and the look of each heading of a page."""
    body = [index for index, paragraph in enumerate(paragraphs) if not paragraph.is_furniture]
    looks = [(index, look) for index in body if (look := _look(paragraphs[index], style))]
    edges = _text_edges(paragraphs) if looks else (0.0, 0.0, [])
    for index, look in looks:
        position = body.index(index)
        before = paragraphs[body[position - 1]] if position else None
        after = [paragraphs[following] for following in body[position + 1 : position + 1 + _MAX_COLUMN_HEAD_LINES]]
        is_certain = look[0] < 0 or look[1] < _UNNUMBERED
        if is_certain or not (_in_table(paragraphs[index], before, after) or _is_off_edge(paragraphs[index], edges)):
            yield index, look


def _text_edges(paragraphs: Sequence[Paragraph]) -> tuple[float, float, list[float]]:
    """Return the left end and the right end of a page's text, and the left ends of its long lines."""
    lines = [line for paragraph in paragraphs for line in paragraph.lines]
    long_line_starts = [line.left for line in lines if line.right - line.left > 12 * line.size]
    return min(line.left for line in lines), max(line.right for line in lines), long_line_starts


def _is_off_edge(paragraph: Paragraph, edges: tuple[float, float, list[float]]) -> bool:
    """Return whether a line is neither at an edge of the text nor centred. Such a line is a column head of a table."""
    left, right, long_line_starts = edges
    line = paragraph.lines[0]
    is_centred = abs((line.left + line.right) - (left + right)) / 2 < 0.04 * (right - left)
    aligned_lines = sum(abs(start - line.left) < line.size for start in long_line_starts)
    is_at_edge = line.left - left < 4 * line.size or aligned_lines >= 2
    return not (is_centred or is_at_edge)


def _in_table(paragraph: Paragraph, before: Paragraph | None, after: Sequence[Paragraph]) -> bool:
    """Return whether a short line in bold or capitals is a label between table rows, or a column head above them.

    Args:
        paragraph: the line.
        before: the paragraph before it, if any.
        after: the paragraphs after it, nearest first.
    """
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
    """Return the look of a heading, or None if the paragraph does not look like one."""
    text, first = paragraph.text, paragraph.lines[0]
    if paragraph.is_row or len(paragraph.lines) > 3 or not _could_be_title(text):
        return None
    bold = is_bold(first.font, style.font) and is_bold(paragraph.lines[-1].last_font, style.font)
    capitals = text.upper() == text
    words = len(text.split())
    numbered = NUMBERED.match(text)
    if text[-1] in ".;," and not (bold and text[-1] == "." and (numbered or (words <= 12 and text[0] not in '“"'))):
        return None
    size = -next((ratio for ratio in _SIZE_RATIOS if first.size / style.size >= ratio), 0.0)
    if numbered and (size or bold or capitals):
        return size, float(KINDS.index(numbered.lastgroup or "")), 0.0
    if (size and words <= 20) or bold or (capitals and paragraph.gap and words <= 12):
        return size, _UNNUMBERED, float(bool(_SLANTED.search(first.font))) - bold - capitals
    return None


def _could_be_title(text: str) -> bool:
    start = text.lstrip("“\"'([")[:1]
    return (
        len(text) <= _MAX_CHARACTERS
        and bool(_WORD.search(text))
        and (start.isupper() or start.isdigit() or not start.isascii())
        and not text.endswith((":", ")") if text.startswith("(") else ":")
        and not _LEADERS.search(text)
        and not _IN_MILLIONS.match(text)
        and 2 * sum(character.isalpha() for character in text) >= len(text.replace(" ", ""))
    )


def is_bold(font: str, body: str) -> bool:
    """Return whether a font is bolder than the font of the body, by its name or its weight."""
    if _BOLD.search(font):
        return not _BOLD.search(body)
    if font.startswith("CIDFont+") and body.startswith("CIDFont+"):
        return font != body  # Such names say nothing about the weight, so any other font counts as emphasis.
    weight, body_weight = _WEIGHT.search(font), _WEIGHT.search(body)
    return bool(weight and body_weight and int(weight[1]) >= int(body_weight[1]) + _MIN_WEIGHT_DIFFERENCE)
