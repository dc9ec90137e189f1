"""The check of an answer's citations, and the search for claims without a citation.

A mark cites a claim: the text of its sentence before it, back to the previous mark or to the start of the sentence.
Marks side by side are checked together. Together they must support the claim, and each must add to the support. Text
without a mark is an uncited claim if it states figures or names that the context does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from nupunkt import sent_spans

from hiercomp.answer.claims import Claim, Evidence
from hiercomp.answer.marks import MarkRun, MarkStream
from hiercomp.answer.part_evidence import DocumentLookup, MarkEvidence, original_text, page_text
from hiercomp.answer.periods import is_of_other_years
from hiercomp.answer.statements import answer_claim
from hiercomp.types import Citation, Part, Run, Span

_BULLET = re.compile(r"\A\s*(?:[-*•]|\d+[.)])\s+")
_ACRONYM = re.compile(r"\b([A-Z]{2,6})s?\b")
# The boundaries between the facts of a sentence. Each cell of a table is a fact.
_CLAUSE_END = re.compile(r"[,;]\s|[|\t]|\s(?:and|but|while|whereas|versus|compared)\s")


def cite(answer_text: str, parts: Sequence[Part], document_of: DocumentLookup) -> tuple[str, tuple[Citation, ...]]:
    """Return an answer with addresses instead of marks, and its citations in text order.

    A mark that no part has is removed from the text. It is returned as an unsupported citation without a document.

    Args:
        answer_text: the answer as the reader wrote it.
        parts: the parts of the reader's context.
        document_of: returns the document with an id. Claims are checked against its pages, and quotes come from it.
    """
    stream = MarkStream(parts)
    addressed = stream.feed(answer_text) + stream.close()
    evidence = MarkEvidence(parts, partial(page_text, document_of=document_of))
    cited = _cited_claims(*evidence.marks.remove(answer_text))
    citations = (citation for claim in cited for citation in _check(claim, evidence, document_of))
    return addressed, tuple(dict.fromkeys(citations))


def attribute(answer_text: str, parts: Sequence[Part], document_of: DocumentLookup) -> str:
    """Return an answer in which unmarked sentences have the mark that supports them best.

    Small models forget marks. A sentence gets none if several marks support it equally well, or if it states neither a
    name nor a number other than a year.
    """
    evidence = MarkEvidence(parts, partial(original_text, document_of=document_of))
    plain, runs = evidence.marks.remove(answer_text)
    cited_spans = [cited.span for cited in _cited_claims(plain, runs)]
    result, end = [], 0
    for sentence in _sentences(plain):
        is_cited = any(span.start < sentence.end and sentence.start < span.end for span in cited_spans)
        mark = None if is_cited else evidence.best_mark(sentence.of(plain))
        if mark is not None:
            position = _position_in_answer(_before_full_stop(plain, sentence), runs)
            result += [answer_text[end:position], f" [{mark}]"]
            end = position
    return "".join([*result, answer_text[end:]])


def uncited(answer_text: str, run: Run) -> tuple[str, ...]:
    """Return the claims of an answer that have no mark and that the context does not support, in text order.

    The names of a claim may stand anywhere in the context. Its figures must stand under one mark, or those of each
    clause must. Figures and names of the question are not claims. In 187 sentences that people wrote about filings,
    contracts, papers, meetings and encyclopedia pages, with their figures in the context, 1 claim is returned. In 151
    sentences with one figure changed at random, 137 are.
    """
    evidence = MarkEvidence(run.context.parts, partial(original_text, document_of=run.hierarchy.document))
    plain, runs = evidence.marks.remove(answer_text)
    cited_spans = [cited.span for cited in _cited_claims(plain, runs)]
    context = _ContextEvidence(run, evidence)
    claims = []
    for sentence in _sentences(plain):
        cited_end = max((span.end for span in cited_spans if span.start < sentence.end), default=0)
        rest = Span(min(max(cited_end, sentence.start), sentence.end), sentence.end).of(plain)
        if not context.supports(rest, opens_sentence=cited_end <= sentence.start):
            claims.append(_trimmed(rest))
    return tuple(dict.fromkeys(claims))


@dataclass(frozen=True, slots=True)
class _CitedClaim:
    """A claim, its place in the plain text, and the marks that it cites."""

    span: Span
    text: str
    claim: Claim
    marks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Quote:
    """A sentence of a document and its address."""

    document: str
    page: int | None
    label: str | None
    text: str


class _ContextEvidence:
    """The evidence in a whole context, for claims that cite no part of it."""

    def __init__(self, run: Run, evidence: MarkEvidence) -> None:
        parts = run.context.parts
        text = run.context.text
        originals = []
        for part in parts:
            if part.detail == "written":
                text = text.replace(part.text, "", 1)
                originals.append(original_text(part, run.hierarchy.document))
        text = "\n".join([text, *originals])
        self._question = Claim.of(run.question)
        self._whole = Evidence.of([text], address=" ".join(part.source for part in parts))
        self._initials = "".join(word[0] for word in re.findall(r"[^\W\d_]+", text)).casefold()
        self._by_mark = [evidence.of(mark) for mark in evidence.marks.parts]

    def supports(self, text: str, *, opens_sentence: bool) -> bool:
        """Tell whether the context supports all figures and names in a stretch of an answer."""
        text = _ACRONYM.sub(self._drop_if_spelled_out, text)
        claim = answer_claim(text, opens_sentence=opens_sentence).minus(self._question)
        if not claim.names <= self._whole.words:
            return False
        if not claim.numbers or any(evidence.has_numbers_of(claim) for evidence in self._by_mark):
            return True
        return all(self._has(answer_claim(clause).minus(self._question)) for clause in _CLAUSE_END.split(text))

    def _has(self, clause: Claim) -> bool:
        """Tell whether one mark has the numbers of a clause and enough of its words."""
        return not clause.numbers or any(
            evidence.has_numbers_of(clause) and evidence.shares_words_of(clause) for evidence in self._by_mark
        )

    def _drop_if_spelled_out(self, acronym: re.Match[str]) -> str:
        """Return an acronym, or nothing if its letters are the initials of adjacent words in the context."""
        return "" if acronym[1].casefold() in self._initials else acronym[1]


def _position_in_answer(position: int, runs: Sequence[MarkRun]) -> int:
    """Return the position in the answer of a position in the plain text."""
    return position + sum(run.end - run.start for run in runs if run.position <= position)


def _sentences(text: str) -> list[Span]:
    """Return the sentences of a text without the white space around them.

    A line break ends a sentence. A quotation is one sentence.
    """
    spans = []
    for line in re.finditer(r"[^\n]*\S[^\n]*", text):
        start: int | None = None
        for sentence_start, end in sent_spans(line.group()):
            start = sentence_start if start is None else start
            sentence = line.group()[start:end]
            if has_open_quotation(sentence) and end < len(line.group().rstrip()):
                continue
            first = line.start() + start + len(sentence) - len(sentence.lstrip())
            spans.append(Span(first, first + len(sentence.strip())))
            start = None
    return spans


def has_open_quotation(text: str) -> bool:
    """Tell whether a text ends inside a quotation."""
    return text.rfind("“") > text.rfind("”")


def _before_full_stop(text: str, sentence: Span) -> int:
    """Return the position for a new mark: before the full stop of a sentence."""
    return sentence.start + len(sentence.of(text).rstrip(".!? "))


def _cited_claims(plain: str, runs: Sequence[MarkRun]) -> Iterator[_CitedClaim]:
    sentences = _sentences(plain)
    previous = 0
    for run in runs:
        span = _claim_span(plain, sentences, run.position, previous)
        opens_sentence = any(sentence.start == span.start for sentence in sentences)
        text = _trimmed(span.of(plain))
        yield _CitedClaim(span, text, Claim.of(text, opens_sentence=opens_sentence), run.marks)
        previous = run.position


def _trimmed(text: str) -> str:
    """Return a stretch of an answer without its bullet and the punctuation around it."""
    return _BULLET.sub("", text).strip(" \t\n,;:")


def _claim_span(plain: str, sentences: Sequence[Span], position: int, previous: int) -> Span:
    """Return the span that marks at a position cite. `previous` is the position of the marks before them.

    The span is the sentence from the previous marks on. If nothing stands before the marks, it is the next sentence.
    """
    before = [sentence for sentence in sentences if sentence.start < position]
    after = [sentence for sentence in sentences if sentence.start >= position]
    if not before or (after and plain[:position].endswith("\n")):
        return after[0] if after else Span(position, position)
    sentence = before[-1]
    start = max(sentence.start, previous)
    span = Span(start, max(min(position, sentence.end), start))
    claim = Claim.of(span.of(plain), opens_sentence=span.start == sentence.start)
    # In "According to [3], the rate was 5%" the words before the mark state nothing.
    return span if claim.is_specific or len(claim.words) > 1 else sentence


def _check(cited: _CitedClaim, evidence: MarkEvidence, document_of: DocumentLookup) -> Iterator[Citation]:
    """Yield a citation for each mark of a claim."""
    known = [mark for mark in cited.marks if mark in evidence.marks.parts]
    is_supported = bool(known) and evidence.of(*known).supports(cited.claim)
    if is_supported:
        pages = [page_text(part, document_of) for mark in known for part in evidence.marks.parts[mark]]
        is_supported = not is_of_other_years(cited.text, pages)
    for mark in cited.marks:
        if mark not in known:
            yield Citation(mark, document="", page=None, quote="", claim=cited.text, supported=False)
            continue
        quote = _best_quote(cited.claim, evidence.marks.parts[mark], document_of)
        adds_support = evidence.of(mark).overlap(cited.claim) > 0
        supported = is_supported and adds_support
        yield Citation(mark, quote.document, quote.page, quote.text, cited.text, supported, quote.label)


def _best_quote(claim: Claim, parts: Sequence[Part], document_of: DocumentLookup) -> _Quote:
    """Return the sentence or row that states most of a claim, whole and verbatim. The first of equals is returned."""
    quotes = [quote for part in parts for quote in _quotes(part, document_of)]
    nothing = _Quote(parts[0].source, parts[0].page, parts[0].label, "")
    return max(quotes, key=lambda quote: Evidence.of([quote.text]).overlap(claim), default=nothing)


def _quotes(part: Part, document_of: DocumentLookup) -> Iterator[_Quote]:
    """Yield the document's sentences that a part shows, or that a written part was made from."""
    if part.detail != "written":
        for span in part.spans or (part.span,):
            text = part.text[span.start - part.span.start : span.end - part.span.start]
            yield _Quote(part.source, part.page, part.label, text)
        return
    document = document_of(part.document_id)
    for span in part.spans:
        stretch = span.of(document.text)
        for sentence in _sentences(stretch):
            start = span.start + sentence.start
            yield _Quote(part.source, document.page_at(start), document.label_at(start), sentence.of(stretch))
