"""Headings from the layout of a PDF, for files whose outline is missing or too short.

A heading has the form of a heading (see `_pdf_looks`) and the place of one: it stands alone above text, neither inside
a table, a sentence or a list nor between the title and the text of the first page, where the authors are named.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from hiercomp.loaders._pdf_lines import Line
from hiercomp.loaders._pdf_looks import UNNUMBERED, Look, find_body, find_look, is_numbered
from hiercomp.loaders._pdf_paragraphs import Paragraph, Style
from hiercomp.loaders._pdf_wrap import ends_sentence, is_wide

_CONTENTS = re.compile(r"(?:table\s+of\s+)?contents|index", re.IGNORECASE)
_PERIOD = re.compile(r"(?:fiscal|years?|months?|quarters?)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{3}")
_PAGE_NUMBER = re.compile(r"[\t. ](\d{1,4})$")

# The column heads of a table take at most this many lines before the first row.
_MAX_COLUMN_HEAD_LINES = 10
# A table of contents has so many lines with dots that lead to page numbers.
_MIN_LEADERS = 4
# So many lines of one look without text between them are a list.
_LIST = 4
# Sizes that differ by less than this part are equal.
_SAME_SIZE = 0.06
# A paragraph of this many characters that ends as a sentence is text.
_MIN_TEXT = 80
# So many rows in sequence are a table.
_TABLE = 3


@dataclass(frozen=True, slots=True)
class FoundHeading:
    """A heading: its depth, the index of its page, and the index of its paragraph on that page."""

    depth: int
    page: int
    paragraph: int


# A heading that was found: its look, the index of its page, and its index among the page's paragraphs.
_Candidate = tuple[Look, int, int]


def layout_headings(pages: Sequence[Sequence[Paragraph]], style: Style) -> list[FoundHeading]:
    """Return the headings of a document in text order.

    The depth of a heading, 1 to 6, is the rank of its look among those that occur in the document. Tables of contents
    have no headings.
    """
    found: list[_Candidate] = []
    body = find_body(pages, style)
    for page, paragraphs in enumerate(pages):
        if not is_contents(paragraphs):
            looks = [(index, look) for index, item in enumerate(paragraphs) if (look := find_look(item, body, page))]
            candidates = [(look, page, index) for index, look in _placed(paragraphs, looks)]
            found += _without_authors(candidates, paragraphs) if page == 0 else candidates
    found = list(_without_lists(found))
    ranks = {look: rank for rank, look in enumerate(sorted({look for look, _, _ in found}), 1)}
    return [FoundHeading(min(ranks[look], 6), page, index) for look, page, index in found]


def is_contents(paragraphs: Sequence[Paragraph]) -> bool:
    """Return whether a page is a table of contents: it has dot leaders, or its lines end in ascending page numbers."""
    lines = [paragraph.text for paragraph in paragraphs if not paragraph.is_furniture]
    if sum(map(_has_leaders, lines)) >= _MIN_LEADERS:
        return True
    numbers = [int(match[1]) for line in lines if (match := _PAGE_NUMBER.search(line))]
    ascending = sum(before <= after for before, after in pairwise(numbers))
    min_numbers = 4 if any(_CONTENTS.fullmatch(line.strip()) for line in lines[:8]) else 8
    is_ascending = ascending >= 0.8 * (len(numbers) - 1)
    return len(numbers) >= min_numbers and is_ascending and len(numbers) > len(lines) / 3


def _has_leaders(line: str) -> bool:
    """Return whether a line is a word with dots behind it that lead to a page number, if there is one."""
    stem = line.rstrip("0123456789ivxlc \t")
    return stem.endswith(".") and stem[-12:].replace(" ", "").endswith("....") and bool(_WORD.search(stem))


def _without_authors(candidates: Sequence[_Candidate], paragraphs: Sequence[Paragraph]) -> list[_Candidate]:
    """Return the headings of the first page without the lines between the title and the text, such as authors.

    The title is the first of the largest lines, and larger than the body. The last line before the text is the heading
    of the text.
    """
    title = min(candidates, key=lambda candidate: candidate[0].size, default=None)
    if title is None or title[0].size == 0:
        return list(candidates)
    text = next((index for index in range(title[2] + 1, len(paragraphs)) if _begins_text(paragraphs, index)), None)
    between = [index for _, _, index in candidates if title[2] < index < (len(paragraphs) if text is None else text)]
    authors = between[:-1]
    return [found for found in candidates if found[2] not in authors or found[0].number < UNNUMBERED]


def _begins_text(paragraphs: Sequence[Paragraph], index: int) -> bool:
    """Return whether text or a table begins at a paragraph."""
    text = paragraphs[index].text
    is_text = len(text) >= _MIN_TEXT and ends_sentence(text)
    rows = paragraphs[index : index + _TABLE]
    return is_text or (len(rows) == _TABLE and all(paragraph.is_row for paragraph in rows))


def _without_lists(candidates: Sequence[_Candidate]) -> Iterator[_Candidate]:
    """Yield the headings without those that follow each other like the items of a list."""
    run_ids: list[int] = []
    for before, candidate in zip((None, *candidates), candidates, strict=False):
        follows = before is not None and (before[0], before[1], before[2] + 1) == candidate
        run_ids.append(run_ids[-1] if follows else len(run_ids))
    for _, members in groupby(zip(run_ids, candidates, strict=True), key=lambda pair: pair[0]):
        run = [candidate for _, candidate in members]
        if len(run) < _LIST or run[0][0].number < UNNUMBERED:
            yield from run


def _placed(paragraphs: Sequence[Paragraph], looks: Sequence[tuple[int, Look]]) -> Iterator[tuple[int, Look]]:
    """Yield those of the paragraphs with the form of a heading that have the place of one, with their looks."""
    if not looks:
        return
    body = [index for index, paragraph in enumerate(paragraphs) if not paragraph.is_furniture]
    edges = _text_edges(paragraphs)
    rows = {(line.font, line.size) for paragraph in paragraphs if paragraph.is_row for line in paragraph.lines[:1]}
    for index, look in looks:
        position = body.index(index)
        paragraph = paragraphs[index]
        before = paragraphs[body[position - 1]] if position else None
        after = [paragraphs[following] for following in body[position + 1 : position + 1 + _MAX_COLUMN_HEAD_LINES]]
        if _in_sentence(paragraph, before, after):
            continue
        if look.number < UNNUMBERED or not (
            _is_off_edge(paragraph, after, edges)
            or (look.size == 0 and _is_column_head(paragraph, before, after))
            or ((look.size == 0 or _is_like(paragraph.lines[0], rows)) and _is_label(paragraph, before, after))
        ):
            yield index, look


def _in_sentence(paragraph: Paragraph, before: Paragraph | None, after: Sequence[Paragraph]) -> bool:
    """Return whether a line continues the text before it, or the text after it continues the line."""
    last, first = paragraph.lines[-1], paragraph.lines[0]
    if after and not after[0].is_row and after[0].text[0].islower():
        return (
            abs(after[0].lines[0].size - last.size) < _SAME_SIZE * last.size
            and after[0].lines[0].font == last.last_font
        )
    if before is None or before.is_row or paragraph.gap:
        return False
    is_open = len(before.lines) > 1 and not ends_sentence(before.lines[-1].text)
    return is_open and before.lines[-1].last_font == first.font


def _text_edges(paragraphs: Sequence[Paragraph]) -> tuple[float, float, list[float]]:
    """Return the left end and the right end of a page's text, and the left ends of its long lines."""
    lines = [line for paragraph in paragraphs for line in paragraph.lines]
    long_line_starts = [line.left for line in lines if line.right - line.left > 12 * line.size]
    return min(line.left for line in lines), max(line.right for line in lines), long_line_starts


def _is_off_edge(paragraph: Paragraph, after: Sequence[Paragraph], edges: tuple[float, float, list[float]]) -> bool:
    """Return whether a line is neither at an edge of the text below it or of the page, nor centred there.

    Such a line is a column head of a table.
    """
    left, right, long_line_starts = edges
    line = paragraph.lines[0]
    middle, tolerance = line.left + line.right, 0.08 * (right - left)
    below = [other for following in after[:2] for other in following.lines[:2] if is_wide(other)]
    is_centred = any(abs(middle - other) < tolerance for other in (left + right, *(o.left + o.right for o in below)))
    is_aligned = sum(abs(start - line.left) < line.size for start in long_line_starts) >= 2
    return not (is_centred or is_aligned or line.left - left < 4 * line.size)


def _is_like(line: Line, rows: Collection[tuple[str, float]]) -> bool:
    """Return whether a line has the font and the size of a table row."""
    return any(line.font == font and abs(line.size - size) < _SAME_SIZE * size for font, size in rows)


def _is_label(paragraph: Paragraph, before: Paragraph | None, after: Sequence[Paragraph]) -> bool:
    """Return whether a line is a label between the rows of a table."""
    if after and after[0].is_row and not after[0].gap:
        return True
    return before is not None and before.is_row and bool(not paragraph.gap or (after and after[0].is_row))


def _is_column_head(paragraph: Paragraph, before: Paragraph | None, after: Sequence[Paragraph]) -> bool:
    """Return whether a short line is among the column heads above a table."""
    if not any(following.is_row for following in after):
        return False
    short = [near for near in (before, *after[:1]) if near is not None and not near.is_row and _is_brief(near.text)]
    return bool(_PERIOD.match(paragraph.text)) or (_is_brief(paragraph.text) and bool(short))


def _is_brief(text: str) -> bool:
    return len(text.split()) <= 3 and not is_numbered(text)
