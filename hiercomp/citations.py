"""An answer's marks: checked against the parts they cite, and shown to people as source and page.

A reader cites the parts of its context by their marks: `[3]`, `[3][5]`, `[3, 5]`. For people each run of marks becomes
one address, `[report.pdf pp. 55, 57]`. What a mark claims is the stretch of its sentence that it ends: back to the
sentence's start or to the mark before. Marks side by side are read together: together they must bear the claim out, and
each must add to it.

Documents bring brackets of their own, such as the references of a paper. `free_marks` gives the context marks that the
documents do not use, so that the two cannot be confused; a bracket that is no mark but stands in the cited parts is the
document's own, and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from nupunkt import sent_spans

from hiercomp.claims import Claim, Evidence
from hiercomp.types import Citation, Part, Span

_BRACKET = r"\[[ \t]*\d+(?:[ \t]*[,;–-][ \t]*\d+)*[ \t]*\]"
_BRACKETS = rf"{_BRACKET}(?:[ \t]*[,;]?[ \t]*{_BRACKET})*"
_RUN = re.compile(rf"[ \t]*{_BRACKETS}")
# The end of a piece that the next piece may make a run of marks, or make longer.
_UNFINISHED = re.compile(rf"[ \t]*(?:{_BRACKETS}[ \t]*[,;]?[ \t]*)?(?:\[[\d \t,;–-]*)?\Z")
_HUGS_NEXT = '([{"“‘—'  # no space is put between these and an address
_BULLET = re.compile(r"\A\s*(?:[-*•]|\d+[.)])\s+")


def free_marks(texts: Iterable[str]) -> Iterator[int]:
    """Numbers from 1 that none of the texts has in brackets."""
    taken = {int(digits) for text in texts for digits in re.findall(r"\[(\d+)\]", text)}
    return (number for number in count(1) if number not in taken)


def cite(
    text: str, parts: Sequence[Part], page_of: Callable[[Part], str] | None = None
) -> tuple[str, tuple[Citation, ...]]:
    """The answer for people, and its citations in the order of the text.

    A mark that no part bears is removed from the text and returned as an unsupported citation without a document.

    Args:
        text: the answer as the reader wrote it.
        parts: what the reader was given.
        page_of: the text of the page that a part stands on, where a claim may be checked against all of it.
    """
    stream = MarkStream(parts)
    shown = stream.feed(text) + stream.close()
    marks = _Marks(parts, page_of)
    citations = (citation for claim in _cited(*_without_marks(text, marks)) for citation in _check(claim, marks))
    return shown, tuple(dict.fromkeys(citations))


def attribute(text: str, parts: Sequence[Part]) -> str:
    """The answer with marks added to sentences that have none and that one mark's parts bear out best.

    Small models forget marks. A sentence that states neither a name nor a number other than a year gets none.
    """
    marks = _Marks(parts)
    plain, runs = _without_marks(text, marks)
    claimed = [claim.span for claim in _cited(plain, runs)]
    result, end = [], 0
    for sentence in _sentences(plain):
        is_cited = any(span.start < sentence.end and sentence.start < span.end for span in claimed)
        mark = None if is_cited else marks.best_for(sentence.of(plain))
        if mark is not None:
            here = _position_in(text, _before_stop(plain, sentence), runs)
            result += [text[end:here], f" [{mark}]"]
            end = here
    return "".join([*result, text[end:]])


class MarkStream:
    """Turns marks into addresses while an answer streams in; a mark may be split over pieces."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._marks = _Marks(parts)
        self._held = ""
        self._last = ""

    def feed(self, piece: str) -> str:
        """What can be shown after one more piece."""
        held = self._held + piece
        unfinished = _UNFINISHED.search(held)
        end = unfinished.start() if unfinished else len(held)
        self._held = held[end:]
        return self._show(held[:end])

    def close(self) -> str:
        """What is left to show after the last piece."""
        held, self._held = self._held, ""
        return self._show(held)

    def _show(self, text: str) -> str:
        before = self._last
        shown = _RUN.sub(lambda run: self._marks.address(run.group(), text[: run.start()][-1:] or before), text)
        self._last = text[-1:] or before
        return shown


@dataclass(frozen=True, slots=True)
class _Run:
    """Marks side by side, and where they stand: `position` in the plain text, `start` and `end` in the answer."""

    numbers: tuple[int, ...]
    position: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Cited:
    """A claim and the marks that it cites."""

    span: Span
    text: str
    claim: Claim
    numbers: tuple[int, ...]


class _Marks:
    """The marks of a context."""

    def __init__(self, parts: Sequence[Part], page_of: Callable[[Part], str] | None = None) -> None:
        self.parts: dict[int, list[Part]] = {}
        self._page_of = page_of or (lambda part: part.text)
        for part in parts:
            self.parts.setdefault(part.mark, []).append(part)
        self._text = "\n".join(part.text for part in parts)
        self._evidence: dict[tuple[int, ...], Evidence] = {}

    def evidence(self, numbers: tuple[int, ...]) -> Evidence:
        """What the parts of some marks hold; a part's own address counts, so that "Boeing" is in BOEING_10K.pdf."""
        if numbers not in self._evidence:
            parts = [part for number in numbers for part in self.parts[number]]
            address = " ".join(part.source for part in parts)
            texts = dict.fromkeys(self._page_of(part) for part in parts)
            self._evidence[numbers] = Evidence.of(list(texts), address=address)
        return self._evidence[numbers]

    def best_for(self, sentence: str) -> int | None:
        """The mark whose parts bear a specific sentence out, and hold more of it than the others that do."""
        claim = Claim.of(sentence)
        if not claim.is_specific:
            return None
        overlaps = {
            number: evidence.overlap(claim)
            for number in self.parts
            if (evidence := self.evidence((number,))).bears_out(claim) and evidence.shares(claim)
        }
        best = [number for number, overlap in overlaps.items() if overlap == max(overlaps.values())]
        return best[0] if len(best) == 1 else None

    def read(self, bracket: str) -> tuple[int, ...] | None:
        """The numbers of a bracket, None where it is not one of ours but the text's own."""
        numbers = tuple(_expand(bracket))
        if any(number in self.parts for number in numbers):
            return numbers
        return None if bracket in self._text or max(numbers) > 999 else numbers

    def address(self, run: str, before: str) -> str:
        """What people are shown in place of a run of marks."""
        brackets = {bracket: self.read(bracket) for bracket in re.findall(_BRACKET, run)}
        own = [bracket for bracket, numbers in brackets.items() if numbers is None]
        if len(own) == len(brackets):
            return run
        cited = [number for numbers in brackets.values() for number in numbers or () if number in self.parts]
        label = [_label([part for number in cited for part in self.parts[number]])] if cited else []
        space = run[: run.index("[")] or (" " if before and not before.isspace() and before not in _HUGS_NEXT else "")
        return "".join(space + shown for shown in [*label, *own])


def _label(parts: Sequence[Part]) -> str:
    pages: dict[str, list[str]] = {}
    for part in parts:
        numbers = pages.setdefault(part.source, [])
        if part.page is not None and str(part.page) not in numbers:
            numbers.append(str(part.page))
    labels = []
    for source, numbers in pages.items():
        prefix = " pp. " if len(numbers) > 1 else " p. "
        labels.append(source + prefix + ", ".join(numbers) if numbers else source)
    return f"[{'; '.join(labels)}]"


def _expand(bracket: str) -> Iterator[int]:
    """The numbers of `[3, 5]`, and of `[3-5]` all three."""
    for item in re.split("[,;]", bracket.strip("[]")):
        ends = [int(digits) for digits in re.findall(r"\d+", item)]
        is_range = len(ends) == 2 and 0 < ends[1] - ends[0] < 20
        yield from range(ends[0], ends[1] + 1) if is_range else ends


def _without_marks(text: str, marks: _Marks) -> tuple[str, list[_Run]]:
    """The answer without its marks, and the runs of marks that were in it."""
    runs: list[_Run] = []
    plain, end = "", 0
    for match in _RUN.finditer(text):
        read = [numbers for bracket in re.findall(_BRACKET, match.group()) if (numbers := marks.read(bracket))]
        if read:
            plain += text[end : match.start()]
            numbers = tuple(dict.fromkeys(number for group in read for number in group))
            runs.append(_Run(numbers, len(plain), match.start(), match.end()))
            end = match.end()
    return plain + text[end:], runs


def _position_in(text: str, position: int, runs: Sequence[_Run]) -> int:
    """The place in the answer of a place in the plain text."""
    return position + sum(run.end - run.start for run in runs if run.position <= position)


def _sentences(text: str) -> list[Span]:
    """The sentences of the answer without the space around them; a line break ends one."""
    spans = []
    for line in re.finditer(r"[^\n]*\S[^\n]*", text):
        for start, end in sent_spans(line.group()):
            sentence = line.group()[start:end]
            left = line.start() + start + len(sentence) - len(sentence.lstrip())
            spans.append(Span(left, left + len(sentence.strip())))
    return spans


def _before_stop(text: str, sentence: Span) -> int:
    """Where a mark goes: before the sentence's full stop."""
    return sentence.start + len(sentence.of(text).rstrip(".!? "))


def _cited(plain: str, runs: Sequence[_Run]) -> Iterator[_Cited]:
    sentences = _sentences(plain)
    last = 0
    for run in runs:
        span = _stretch(plain, sentences, run.position, last)
        opens = any(sentence.start == span.start for sentence in sentences)
        text = _BULLET.sub("", span.of(plain)).strip(" \t\n,;:")
        yield _Cited(span, text, Claim.of(text, opens_sentence=opens), run.numbers)
        last = run.position


def _stretch(plain: str, sentences: Sequence[Span], position: int, last: int) -> Span:
    """What a mark claims: its sentence from the mark before; the next sentence where nothing goes before it."""
    before = [sentence for sentence in sentences if sentence.start < position]
    after = [sentence for sentence in sentences if sentence.start >= position]
    if not before or (after and plain[:position].endswith("\n")):
        return after[0] if after else Span(position, position)
    sentence = before[-1]
    stretch = Span(max(sentence.start, last), max(min(position, sentence.end), last, sentence.start))
    facts = Claim.of(stretch.of(plain), opens_sentence=stretch.start == sentence.start)
    # "According to [3], the rate was 5%": what goes before the mark states nothing.
    return stretch if facts.is_specific or len(facts.words) > 1 else sentence


def _check(cited: _Cited, marks: _Marks) -> Iterator[Citation]:
    known = tuple(number for number in cited.numbers if number in marks.parts)
    borne_out = bool(known) and marks.evidence(known).bears_out(cited.claim)
    for number in cited.numbers:
        if number not in marks.parts:
            yield Citation(number, document="", page=None, quote="", claim=cited.text, supported=False)
            continue
        part, quote = _best_sentence(cited.claim, marks.parts[number])
        adds = marks.evidence((number,)).overlap(cited.claim) > 0
        yield Citation(number, part.source, part.page, quote, cited.text, borne_out and adds)


def _best_sentence(claim: Claim, parts: Sequence[Part]) -> tuple[Part, str]:
    """The sentence or row that holds most of the claim, whole and verbatim; the first of equals."""
    sentences = [
        (part, part.text[span.start - part.span.start : span.end - part.span.start])
        for part in parts
        for span in part.spans or (part.span,)
    ]
    return max(sentences, key=lambda sentence: Evidence.of([sentence[1]]).overlap(claim))
