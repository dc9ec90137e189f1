"""Splits a document's text into units, and groups units into passages.

The functions are pure, deterministic and lossless: the passages cover the text without gaps.

A unit is a sentence, a table row, a record, a list item or a heading line. No other module cuts a unit. A line is a row
if it contains a tab between cells, stands between pipes, or has columns separated by runs of spaces. The tabs at the
ends of a row stand for empty cells and belong to it. A line of prose continues on the next line if the text is wrapped
to a width and the line is nearly that long. A record, such as a log entry, never joins another one. A passage's units
lie on one page and under one heading, so its page and section are exact. A page without text belongs to the passage
before it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from nupunkt import sent_spans

from hiercomp.text.lines import Kind, Line, lines
from hiercomp.types import Document, Span

PASSAGE_SIZE = 800
"""The greatest size of a passage, in weighted bytes: about 200 tokens of English or 260 Han characters."""
SENTENCE_SIZE = 1200
"""The size above which a sentence is cut, at a line end or between words. The lines below a record join it up to it."""
ENTRY_SIZE = 300
"""The size above which an entry of a listing is split into sentences."""
ROW_SIZE = 6000
"""The size above which a table row is cut. A row with one long cell stays whole."""
CLAUSES = 100
"""The characters of Thai or Lao after which a clause ends a unit: about the length of an English sentence."""
TINY = 40
"""The size below which a unit of prose joins the next one, because it says little alone ("Yes.")."""
WRAP_WIDTHS = range(30, 161)
"""The widths of wrapped prose, in characters. Longer lines are mostly paragraphs, shorter ones lists or cells."""

_ROW_EDGES = "".join(map(chr, (*range(0x0A, 0x0E), *range(0x1C, 0x21), 0x85, 0xA0, *range(0x2000, 0x200B), 0x3000)))
# A number alone, such as that of a page, and signs without a letter or a digit.
_CRUMB = re.compile(r"[\W_]*+\d{0,4}[\W_]*+")
_REFERENCE = re.compile(r"(?:\[\w{1,4}\]\s*)+")
# Sentence ends of scripts that put no space after them, of Arabic and Urdu, of the scripts of India, Burma, Cambodia,
# Tibet and Ethiopia, and of Armenia. The Greek question mark is a semicolon.
_OTHER_END = re.compile(
    r"[。！？｡]+[」』”’）)]*|[؟۔।॥။។៕།༎።፧։]+[»”’\")]*\s*|(?<=[\u0370-\u03ff\u1f00-\u1fff]{2})[;\u037e][»”’\")]*\s+"
)
# Thai and Lao have no mark for the end of a sentence. A blank between two words separates clauses.
_CLAUSE_END = re.compile(r"(?<=[\u0e01-\u0eff»”’\")])\s+(?=[\u0e01-\u0eff«“‘\"(])")
_THAI = re.compile(r"[\u0e01-\u0eff]")
# Greek, Cyrillic, Hebrew, Arabic, the scripts of India and of South-East Asia.
_OTHER_LETTERS = re.compile(r"[\u0370-\u1cff\u1f00-\u1fff]+")
_WORD_END = re.compile(r"\s+|(?<=[,;:、，；：)])")


def weighted_bytes(text: str) -> int:
    """Return the size of a text: its bytes in UTF-8, where a letter of another alphabet counts as one byte.

    The letters are weighted only if they make up more than half of the bytes. Texts of equal size hold about the same
    amount of information in every script, and have a third to a fifth as many tokens.
    """
    if text.isascii():
        return len(text)
    total = len(text.encode("utf-8", "surrogatepass"))
    letters = "".join(_OTHER_LETTERS.findall(text))
    letter_bytes = len(letters.encode())
    return total - letter_bytes + len(letters) if 2 * letter_bytes > total else total


def passages(document: Document) -> list[tuple[Span, tuple[Span, ...]]]:
    """Return each passage's span and its units. The spans cover the text without gaps."""
    groups: list[list[Span]] = []
    breaks = _breaks(document)
    breaks_before = filled = 0
    for unit in units(document):
        weight = weighted_bytes(unit.of(document.text))
        breaks_here = bisect_right(breaks, unit.start)
        if not groups or breaks_here > breaks_before or filled + weight > PASSAGE_SIZE:
            groups.append([])
            filled = 0
        groups[-1].append(unit)
        breaks_before, filled = breaks_here, filled + weight
    if not groups or document.page_at(groups[0][0].start) != document.page_at(0):
        groups.insert(0, [])
    starts = [0, *(_passage_start(document, before, after[0].start) for before, after in pairwise(groups))]
    ends = [*starts[1:], len(document.text)]
    return [(Span(start, end), tuple(group)) for start, end, group in zip(starts, ends, groups, strict=True)]


def _passage_start(document: Document, before: Sequence[Span], unit_start: int) -> int:
    """Return the start of a passage from its first unit's start and the units of the passage before it.

    The passage starts with its page if it is the first one there, or else with its first unit.
    """
    index = bisect_right(document.pages, unit_start, key=lambda page: page.span.start) - 1
    page_start = document.pages[index].span.start if document.pages else 0
    return page_start if page_start and page_start >= (before[-1].end if before else 0) else unit_start


def _breaks(document: Document) -> list[int]:
    """Return the positions that no passage crosses: page starts and headings."""
    pages = (page.span.start for page in document.pages[1:])
    return sorted({*pages, *(heading.span.start for heading in document.headings)})


def units(document: Document) -> list[Span]:
    """Return sentences, rows and heading lines in text order, without surrounding white space and without furniture."""
    text = document.text
    headings = [heading.span for heading in document.headings]
    found = [_strip(text, span) for span in headings]
    width = _wrap_width(text)
    for body in _bodies(document, [*headings, *document.furniture]):
        found += _split(text, body, width)
    return sorted(span for span in found if not span.of(text).isspace() and len(span))


def _bodies(document: Document, excluded: Sequence[Span]) -> Iterator[Span]:
    """Yield the spans between page boundaries and excluded spans."""
    edges = [(page.span.start, page.span.start) for page in document.pages]
    edges += [(span.start, span.end) for span in excluded]
    position = 0
    for start, end in [*sorted(edges), (len(document.text), len(document.text))]:
        if start > position:
            yield Span(position, start)
        position = max(position, end)


def _wrap_width(text: str) -> int:
    """Return the width to which lines are wrapped, or 0 if they are not wrapped."""
    lengths = sorted(len(line) for line in map(str.strip, text.splitlines()) if line)
    width = lengths[int(0.9 * (len(lengths) - 1))] if lengths else 0
    return width if width in WRAP_WIDTHS else 0


class _Paragraph(NamedTuple):
    """Lines that belong together, and the kind of the first one."""

    span: Span
    kind: Kind


def _split(text: str, body: Span, width: int) -> Iterator[Span]:
    """Yield the units of a span: its rows and records, and the sentences of the paragraphs between them."""
    prose: list[Span] = []
    for span, kind in _paragraphs(text, body, width):
        if kind in ("prose", "item"):
            prose.append(span)
            continue
        yield from _join_tiny(text, prose)
        prose = []
        if kind == "row":
            yield from (_strip(text, piece, _ROW_EDGES) for piece in _pieces(text, span, ROW_SIZE))
        elif kind == "entry" and weighted_bytes(span.of(text)) > ENTRY_SIZE:
            yield from _join_tiny(text, [span])
        else:
            yield from (_strip(text, piece) for piece in _pieces(text, _strip(text, span), ROW_SIZE))
    yield from _join_tiny(text, prose)


def _paragraphs(text: str, body: Span, width: int) -> Iterator[_Paragraph]:
    """Yield the rows, records and paragraphs of a span. A line of prose goes on in the next if it fills the width."""
    pending: _Paragraph | None = None
    is_filled = False
    for line in lines(text, body):
        if pending and _goes_on(pending, line, is_filled):
            pending = _Paragraph(Span(pending.span.start, line.span.end), pending.kind)
        else:
            if pending:
                yield pending
            pending = None if line.kind == "blank" else _Paragraph(line.span, line.kind)
        is_filled = line.length >= 0.7 * width > 0
    if pending:
        yield pending


def _goes_on(paragraph: _Paragraph, line: Line, is_filled: bool) -> bool:
    """Return whether a paragraph goes on in the next line. `is_filled`: the line before fills the width."""
    if paragraph.kind == "record":
        return line.kind in ("prose", "item") and line.span.end - paragraph.span.start <= SENTENCE_SIZE
    return line.kind == "prose" and paragraph.kind != "row" and is_filled


def _join_tiny(text: str, paragraphs: Sequence[Span]) -> Iterator[Span]:
    """Yield the sentences of neighbouring paragraphs.

    A tiny sentence joins the next one. The mark of a reference joins the sentence before it, and so do a page number
    and signs at the end.
    """
    held: Span | None = None
    pending: Span | None = None
    for sentence in (sentence for paragraph in paragraphs for sentence in _sentences(text, paragraph)):
        joined = Span(pending.start, sentence.end) if pending else sentence
        if held and not pending and _REFERENCE.fullmatch(text, sentence.start, sentence.end):
            held = Span(held.start, sentence.end)
        elif weighted_bytes(joined.of(text)) < TINY:
            pending = joined
        else:
            if held:
                yield held
            held, pending = joined, None
    if held and pending and _CRUMB.fullmatch(text, pending.start, pending.end):
        held, pending = Span(held.start, pending.end), None
    yield from filter(None, (held, pending))


def _sentences(text: str, paragraph: Span) -> Iterator[Span]:
    """Yield the sentences of a paragraph."""
    prose = paragraph.of(text)
    for start, end in sent_spans(prose):
        cuts = [start, *_other_ends(prose, start, end), end]
        for first, last in pairwise(cuts):
            sentence = _strip(text, Span(paragraph.start + first, paragraph.start + last))
            yield from (_strip(text, piece) for piece in _pieces(text, sentence, SENTENCE_SIZE))


def _other_ends(prose: str, start: int, end: int) -> Iterator[int]:
    """Yield the sentence ends of other scripts. Thai clauses are joined until they are as long as a sentence."""
    thai = _THAI.search(prose, start, end)
    last = start
    for match in (_CLAUSE_END if thai else _OTHER_END).finditer(prose, start, end):
        if not thai or match.end() - last >= CLAUSES:
            last = match.end()
            yield last


def _pieces(text: str, unit: Span, limit: int) -> Iterator[Span]:
    """Yield a unit, cut into pieces of at most the size `limit`."""
    start = unit.start
    while unit.end - start > limit or weighted_bytes(text[start : unit.end]) > limit:
        cut = _cut(text, start, limit)
        yield Span(start, cut)
        start = cut
    if start < unit.end:
        yield Span(start, unit.end)


def _cut(text: str, start: int, limit: int) -> int:
    """Return the end of a piece that starts at `start`.

    It is the last line end within the size `limit`, or else the last word end, or else the limit itself.
    """
    end = start + max(
        1, bisect_right(range(1, limit + 1), limit, key=lambda n: weighted_bytes(text[start : start + n]))
    )
    line = text.rfind("\n", start + 1, end)
    if line > 0:
        return line + 1
    words = [match.end() for match in _WORD_END.finditer(text, start + 1, end)]
    return words[-1] if words else end


def _strip(text: str, span: Span, edges: str | None = None) -> Span:
    """Return a span without the characters `edges` at its ends, by default all white space."""
    part = span.of(text)
    start = span.start + len(part) - len(part.lstrip(edges))
    return Span(start, max(start, span.end - len(part) + len(part.rstrip(edges))))
