"""An answer's claims against the parts that they cite, and those that cite none.

What a mark claims is the stretch of its sentence that it ends: back to the sentence's start or to the mark before.
Marks side by side are read together: together they must bear the claim out, and each must add to it. A stretch without
a mark that states figures or names is an uncited claim, unless what was shown bears it out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from nupunkt import sent_spans

from hiercomp.answer.claims import Claim, Evidence
from hiercomp.answer.marks import Marks, MarkStream, Run
from hiercomp.answer.statements import stated
from hiercomp.types import Citation, Context, Part, Span

_BULLET = re.compile(r"\A\s*(?:[-*•]|\d+[.)])\s+")
_ACRONYM = re.compile(r"\b([A-Z]{2,6})s?\b")
# Where one fact of a sentence ends and the next begins; a table's cells are facts of their own.
_CLAUSE_END = re.compile(r"[,;]\s|[|\t]|\s(?:and|but|while|whereas|versus|compared)\s")


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
    pages = _Pages(parts, page_of)
    citations = (citation for claim in _cited(*pages.marks.without(text)) for citation in _check(claim, pages))
    return shown, tuple(dict.fromkeys(citations))


def attribute(text: str, parts: Sequence[Part]) -> str:
    """The answer with marks added to sentences that have none and that one mark's parts bear out best.

    Small models forget marks. A sentence that states neither a name nor a number other than a year gets none.
    """
    pages = _Pages(parts)
    plain, runs = pages.marks.without(text)
    claimed = [claim.span for claim in _cited(plain, runs)]
    result, end = [], 0
    for sentence in _sentences(plain):
        is_cited = any(span.start < sentence.end and sentence.start < span.end for span in claimed)
        mark = None if is_cited else pages.best_for(sentence.of(plain))
        if mark is not None:
            here = _position_in(text, _before_stop(plain, sentence), runs)
            result += [text[end:here], f" [{mark}]"]
            end = here
    return "".join([*result, text[end:]])


def uncited(text: str, context: Context) -> tuple[str, ...]:
    """The claims of an answer that have no mark and that nothing shown bears out, in the order of the text.

    The names of such a claim must stand anywhere in the context, its figures under one mark: all of them, or those of
    each clause. What the question states is no claim of the answer. Of sentences that people wrote about filings,
    contracts, papers, meetings and encyclopedia pages, and whose figures were shown, this returns 1 of 187; of 151 in
    which one figure was changed at random, 137.
    """
    pages = _Pages(context.parts)
    plain, runs = pages.marks.without(text)
    claimed = [claim.span for claim in _cited(plain, runs)]
    shown = _Shown(context, pages)
    claims = []
    for sentence in _sentences(plain):
        covered = max((span.end for span in claimed if span.start < sentence.end), default=0)
        rest = Span(min(max(covered, sentence.start), sentence.end), sentence.end).of(plain)
        if not shown.bears_out(rest, opens_sentence=covered <= sentence.start):
            claims.append(_bare(rest))
    return tuple(dict.fromkeys(claims))


@dataclass(frozen=True, slots=True)
class _Cited:
    """A claim and the marks that it cites."""

    span: Span
    text: str
    claim: Claim
    numbers: tuple[int, ...]


class _Pages:
    """What the parts of a context's marks bear out."""

    def __init__(self, parts: Sequence[Part], page_of: Callable[[Part], str] | None = None) -> None:
        self.marks = Marks(parts)
        self._page_of = page_of or (lambda part: part.text)
        self._evidence: dict[tuple[int, ...], Evidence] = {}

    def evidence(self, *numbers: int) -> Evidence:
        """What the parts of some marks hold; a part's own address counts, so that "Boeing" is in BOEING_10K.pdf."""
        if numbers not in self._evidence:
            parts = [part for number in numbers for part in self.marks.parts[number]]
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
            for number in self.marks.parts
            if (evidence := self.evidence(number)).bears_out(claim) and evidence.shares(claim)
        }
        best = [number for number, overlap in overlaps.items() if overlap == max(overlaps.values())]
        return best[0] if len(best) == 1 else None


class _Shown:
    """All that a context shows, for claims that cite no part of it."""

    def __init__(self, context: Context, pages: _Pages) -> None:
        self._asked = Claim.of(context.question)
        self._whole = Evidence.of([context.text], address=" ".join(part.source for part in context.parts))
        self._initials = "".join(word[0] for word in re.findall(r"[^\W\d_]+", context.text)).casefold()
        self._evidence = [pages.evidence(number) for number in pages.marks.parts]

    def bears_out(self, text: str, *, opens_sentence: bool) -> bool:
        """Whether a stretch of an answer states nothing that the context lacks."""
        text = _ACRONYM.sub(self._spelled_out, text)
        claim = stated(text, opens_sentence=opens_sentence).beyond(self._asked)
        if not claim.names <= self._whole.words:
            return False
        if not claim.numbers or any(evidence.holds_all(claim) for evidence in self._evidence):
            return True
        return all(self._holds(stated(clause).beyond(self._asked)) for clause in _CLAUSE_END.split(text))

    def _holds(self, clause: Claim) -> bool:
        """Whether a mark's parts hold the numbers of a clause, and are about the same."""
        return not clause.numbers or any(
            evidence.holds_all(clause) and evidence.shares(clause) for evidence in self._evidence
        )

    def _spelled_out(self, acronym: re.Match[str]) -> str:
        """Nothing in place of an acronym that the context may spell out: its letters open words side by side."""
        return "" if acronym[1].casefold() in self._initials else acronym[1]


def _position_in(text: str, position: int, runs: Sequence[Run]) -> int:
    """The place in the answer of a place in the plain text."""
    return position + sum(run.end - run.start for run in runs if run.position <= position)


def _sentences(text: str) -> list[Span]:
    """The sentences of the answer without the space around them; a line break ends one, and a quotation is one."""
    spans = []
    for line in re.finditer(r"[^\n]*\S[^\n]*", text):
        begins = None
        for start, end in sent_spans(line.group()):
            begins = start if begins is None else begins
            sentence = line.group()[begins:end]
            if is_open(sentence) and end < len(line.group().rstrip()):
                continue
            left = line.start() + begins + len(sentence) - len(sentence.lstrip())
            spans.append(Span(left, left + len(sentence.strip())))
            begins = None
    return spans


def is_open(text: str) -> bool:
    """Whether a quotation begins in a text and does not end there."""
    return text.rfind("“") > text.rfind("”")


def _before_stop(text: str, sentence: Span) -> int:
    """Where a mark goes: before the sentence's full stop."""
    return sentence.start + len(sentence.of(text).rstrip(".!? "))


def _cited(plain: str, runs: Sequence[Run]) -> Iterator[_Cited]:
    sentences = _sentences(plain)
    last = 0
    for run in runs:
        span = _stretch(plain, sentences, run.position, last)
        opens = any(sentence.start == span.start for sentence in sentences)
        text = _bare(span.of(plain))
        yield _Cited(span, text, Claim.of(text, opens_sentence=opens), run.numbers)
        last = run.position


def _bare(stretch: str) -> str:
    """A stretch of an answer without its bullet and the punctuation around it."""
    return _BULLET.sub("", stretch).strip(" \t\n,;:")


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


def _check(cited: _Cited, pages: _Pages) -> Iterator[Citation]:
    known = [number for number in cited.numbers if number in pages.marks.parts]
    borne_out = bool(known) and pages.evidence(*known).bears_out(cited.claim)
    for number in cited.numbers:
        if number not in known:
            yield Citation(number, document="", page=None, quote="", claim=cited.text, supported=False)
            continue
        part, quote = _best_sentence(cited.claim, pages.marks.parts[number])
        adds = pages.evidence(number).overlap(cited.claim) > 0
        yield Citation(number, part.source, part.page, quote, cited.text, borne_out and adds)


def _best_sentence(claim: Claim, parts: Sequence[Part]) -> tuple[Part, str]:
    """The sentence or row that holds most of the claim, whole and verbatim; the first of equals."""
    sentences = [
        (part, part.text[span.start - part.span.start : span.end - part.span.start])
        for part in parts
        for span in part.spans or (part.span,)
    ]
    return max(sentences, key=lambda sentence: Evidence.of([sentence[1]]).overlap(claim))
