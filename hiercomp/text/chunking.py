"""A document's text as units, and units as passages. Pure, deterministic and lossless: passages tile the text.

A unit is a sentence, a table row, a list item or a heading line; nothing downstream ever cuts one. A line with a tab,
between pipes, or with columns set off by runs of spaces is a row. A line of prose runs on to the next where the text is
wrapped to a width and the line fills it. The text of a passage never crosses a page or a heading: its page and section
are exact. A page without text goes with the passage before it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from nupunkt import sent_spans

from hiercomp.types import Document, Span

PASSAGE_SIZE = 800
"""The `size` that a passage is filled to: about 200 tokens of English or 260 Han characters."""
SENTENCE_SIZE = 1200
"""The size after which prose without a sentence end is cut, at a line end or between words."""
ROW_SIZE = 6000
"""The same for a table row: a long cell is no reason to cut a row, a megabyte is."""
CLAUSES = 100
"""Characters of Thai or Lao from which clauses are taken for a sentence: an English one has as many."""
TINY = 40
"""The size below which a unit of prose says little alone ("Yes.", a cell on a line) and joins the one after it."""
WRAP_WIDTHS = range(30, 161)
"""Characters of wrapped lines: longer ones are mostly paragraphs, shorter ones lists, verse or cells."""

_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")
_ROW = re.compile(r"\S *\t|^\s*\|.*\||\S(?: {3,}\S+){2}")
_ITEM = re.compile(r"\s*(?:[-*+•·▪◦‣–—]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)])\s")
# Sentence ends of scripts that leave no space after them; those of Arabic and Urdu, of India, Burma, Cambodia, Tibet,
# Ethiopia and Armenia; and the Greek question mark, which is a semicolon.
_OTHER_END = re.compile(
    r"[。！？｡]+[」』”’）)]*|[؟۔।॥။។៕།༎።፧։]+[»”’\")]*\s*|(?<=[\u0370-\u03ff\u1f00-\u1fff]{2})[;\u037e][»”’\")]*\s+"
)
# Thai and Lao mark no end: a blank between two words parts clauses.
_CLAUSE_END = re.compile(r"(?<=[\u0e01-\u0eff»”’\")])\s+(?=[\u0e01-\u0eff«“‘\"(])")
_THAI = re.compile(r"[\u0e01-\u0eff]")
# Greek, Cyrillic, Hebrew, Arabic, the scripts of India and of South-East Asia.
_OTHER_LETTERS = re.compile(r"[\u0370-\u1cff\u1f00-\u1fff]+")
_WORD_END = re.compile(r"\s+|(?<=[,;:、，；：)])")


def size(text: str) -> int:
    """The length of a text in bytes of UTF-8; one mostly in letters of another alphabet as if they were Latin ones.

    Texts of one size say about as much in whatever script, and have a third to a fifth as many tokens.
    """
    if text.isascii():
        return len(text)
    total = len(text.encode("utf-8", "surrogatepass"))
    letters = "".join(_OTHER_LETTERS.findall(text))
    spelled = len(letters.encode())
    return total - spelled + len(letters) if 2 * spelled > total else total


def passages(document: Document) -> list[tuple[Span, tuple[Span, ...]]]:
    """Each passage's span and its units; spans tile the text."""
    groups: list[list[Span]] = []
    breaks = _breaks(document)
    passed = filled = 0
    for unit in units(document):
        weight = size(unit.of(document.text))
        reached = bisect_right(breaks, unit.start)
        if not groups or reached > passed or filled + weight > PASSAGE_SIZE:
            groups.append([])
            filled = 0
        groups[-1].append(unit)
        passed, filled = reached, filled + weight
    if not groups or document.page_at(groups[0][0].start) != document.page_at(0):
        groups.insert(0, [])
    starts = [0, *(_start(document, before, after[0].start) for before, after in pairwise(groups))]
    ends = [*starts[1:], len(document.text)]
    return [(Span(start, end), tuple(group)) for start, end, group in zip(starts, ends, groups, strict=True)]


def _start(document: Document, before: Sequence[Span], after: int) -> int:
    """Where a passage begins: with the page of its first unit, unless another passage does, else with that unit."""
    index = bisect_right(document.pages, after, key=lambda page: page.span.start) - 1
    page = document.pages[index].span.start if document.pages else 0
    return page if page and page >= (before[-1].end if before else 0) else after


def _breaks(document: Document) -> list[int]:
    """Where a passage must not run on: page starts and headings."""
    pages = (page.span.start for page in document.pages[1:])
    return sorted({*pages, *(heading.span.start for heading in document.headings)})


def units(document: Document) -> list[Span]:
    """Sentences, rows and heading lines in text order, without surrounding white space; furniture is left out."""
    text = document.text
    headings = [heading.span for heading in document.headings]
    found = [_strip(text, span) for span in headings]
    width = _wrap_width(text)
    for stretch in _stretches(document, [*headings, *document.furniture]):
        found += _split(text, stretch, width)
    return sorted(span for span in found if len(span))


def _stretches(document: Document, fixed: Sequence[Span]) -> Iterator[Span]:
    """What lies between page boundaries, headings and furniture."""
    edges = [(page.span.start, page.span.start) for page in document.pages]
    edges += [(span.start, span.end) for span in fixed]
    position = 0
    for start, end in [*sorted(edges), (len(document.text), len(document.text))]:
        if start > position:
            yield Span(position, start)
        position = max(position, end)


def _wrap_width(text: str) -> int:
    """The width to which lines are wrapped, 0 where they are not."""
    lengths = sorted(len(line) for line in map(str.strip, text.splitlines()) if line)
    width = lengths[int(0.9 * (len(lengths) - 1))] if lengths else 0
    return width if width in WRAP_WIDTHS else 0


def _split(text: str, stretch: Span, width: int) -> Iterator[Span]:
    """The units of a stretch: its rows, and the sentences of the paragraphs between them."""
    paragraphs: list[Span] = []
    runs_on = False
    for match in _LINE.finditer(text, stretch.start, stretch.end):
        line = match[0].rstrip()
        if _ROW.search(line):
            yield from _join_tiny(text, paragraphs)
            yield from _pieces(text, _strip(text, Span(*match.span())), ROW_SIZE)
            paragraphs, runs_on = [], False
        elif line:
            start = paragraphs.pop().start if runs_on and not _ITEM.match(line) else match.start()
            paragraphs.append(Span(start, match.end()))
            runs_on = len(line) >= 0.7 * width > 0
        else:
            runs_on = False
    yield from _join_tiny(text, paragraphs)


def _join_tiny(text: str, paragraphs: Sequence[Span]) -> Iterator[Span]:
    """The sentences of neighbouring paragraphs, tiny ones joined to what follows."""
    pending: Span | None = None
    for paragraph in paragraphs:
        for sentence in _sentences(text, paragraph):
            joined = Span(pending.start, sentence.end) if pending else sentence
            tiny = size(joined.of(text)) < TINY
            if not tiny:
                yield joined
            pending = joined if tiny else None
    if pending:
        yield pending


def _sentences(text: str, paragraph: Span) -> Iterator[Span]:
    """The sentences of a paragraph."""
    prose = paragraph.of(text)
    for start, end in sent_spans(prose):
        cuts = [start, *_other_ends(prose, start, end), end]
        for first, last in pairwise(cuts):
            yield from _pieces(text, _strip(text, Span(paragraph.start + first, paragraph.start + last)), SENTENCE_SIZE)


def _other_ends(prose: str, start: int, end: int) -> Iterator[int]:
    """Where sentences end that have no end in English; of Thai, clauses that are together as long as a sentence."""
    thai = _THAI.search(prose, start, end)
    last = start
    for match in (_CLAUSE_END if thai else _OTHER_END).finditer(prose, start, end):
        if not thai or match.end() - last >= CLAUSES:
            last = match.end()
            yield last


def _pieces(text: str, unit: Span, limit: int) -> Iterator[Span]:
    """A unit, cut where it is too long to be one."""
    start = unit.start
    while unit.end - start > limit or size(text[start : unit.end]) > limit:
        cut = _cut(text, start, limit)
        yield _strip(text, Span(start, cut))
        start = cut
    if start < unit.end:
        yield _strip(text, Span(start, unit.end))


def _cut(text: str, start: int, limit: int) -> int:
    """The last good place to cut within the first part of size `limit`: a line end, else a word end, else anywhere."""
    end = start + max(1, bisect_right(range(1, limit + 1), limit, key=lambda n: size(text[start : start + n])))
    line = text.rfind("\n", start + 1, end)
    if line > 0:
        return line + 1
    words = [match.end() for match in _WORD_END.finditer(text, start + 1, end)]
    return words[-1] if words else end


def _strip(text: str, span: Span) -> Span:
    """A span without white space at its ends."""
    part = span.of(text)
    start = span.start + len(part) - len(part.lstrip())
    return Span(start, max(start, span.end - len(part) + len(part.rstrip())))
