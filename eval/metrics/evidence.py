"""Measure how much of the gold evidence, pages, figures and answers a context contains, from its text alone.

So methods that rewrite, drop words or give no addresses are measured like any other. A run is five consecutive words (a
shingle), or a whole piece of evidence if the piece is shorter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from eval.metrics.measured import SHINGLE, Measured
from eval.metrics.words import is_number, whole_words, words
from eval.types import Evidence, Question

NAMES: Mapping[str, str] = {
    "evidence_recall": (
        "How much of the gold evidence the context contains: span_recall if every piece has a place in the document, "
        "else the mean of shingle_recall and rare_word_recall (shingle_recall alone if the other is unscored); "
        "unscored without evidence."
    ),
    "span_recall": (
        "The share of the words of the evidence that lie in a run of five of its words, or in a whole shorter piece, "
        "that occurs in the context; unscored unless every piece of evidence has a place in the document."
    ),
    "shingle_recall": (
        "The share of the different five-word runs of the evidence (whole pieces if shorter) that occur in the "
        "context; unscored without evidence."
    ),
    "rare_word_recall": (
        "The share of the evidence's words with one to five occurrences in the document that also occur in the "
        "context; each word counts once; unscored without such words."
    ),
    "evidence_precision": (
        "The share of the words of the context that lie in such runs of the evidence, 0 for an empty context; unscored "
        "without evidence."
    ),
    "page_recall": (
        "The share of the gold pages that the context touches: it contains a five-word run that occurs on no other "
        "page. Pages without such a run are left out; unscored if no page remains."
    ),
    "page_recall_30": (
        "The share of the gold pages of whose evidence at least 30 % is in the context, by evidence_recall. A page "
        "without evidence uses its own words; unscored without gold pages that have words."
    ),
    "figure_recall": (
        "The share of the different numbers that the answer states or is computed from and that occur in the context; "
        "unscored if the set gives no such numbers."
    ),
    "answer_in_context": (
        "1 if an answer occurs in the context word for word, else 0; unscored if none occurs in the whole document "
        "or all are yes, no, maybe or a single letter."
    ),
}
RARE = 5
"""The most occurrences of a rare word in the document."""
ENOUGH = 0.3
"""The share of a page's evidence from which the page counts as recalled."""
_TRIVIAL = re.compile("yes|no|maybe|[a-z]")
Run = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passages:
    """Pieces of text that a context should contain: their words, whether all have a place, and their rare words.

    `runs` are their different runs by length.
    """

    pieces: tuple[Run, ...]
    located: bool
    rare: frozenset[str]
    runs: Mapping[int, frozenset[Run]]


@dataclass(frozen=True, slots=True)
class GoldPage:
    """A gold page: the shingles that only it has, and its evidence. Without evidence it has its own words or None."""

    unique: frozenset[Run]
    passages: Passages | None


@dataclass(frozen=True, slots=True)
class Gold:
    """The gold data of a question, prepared for many contexts. Each answer has a space at either end."""

    evidence: Passages | None
    pages: tuple[GoldPage, ...]
    figures: frozenset[str]
    answers: tuple[str, ...]


def prepare(document: Measured, question: Question) -> Gold:
    """Prepare the gold data of a question."""
    return Gold(
        evidence=_passages(document, question.evidence),
        pages=tuple(_gold_page(document, question, number) for number in dict.fromkeys(question.pages)),
        figures=frozenset(word for figure in question.figures for word in words(figure) if is_number(word)),
        answers=_answers(document, question),
    )


def score(gold: Gold, context: str) -> dict[str, float | None]:
    """Return the metrics of a context. A metric that does not apply is None."""
    parsed = _Context(context)
    metrics = (_recall, _span_recall, _shingle_recall, _rare_word_recall, _precision)
    values = (
        *(metric(gold.evidence, parsed) if gold.evidence else None for metric in metrics),
        _share([not parsed.runs(SHINGLE).isdisjoint(page.unique) for page in gold.pages if page.unique]),
        _share([_recall(page.passages, parsed) >= ENOUGH for page in gold.pages if page.passages]),
        _share([figure in parsed.vocabulary for figure in gold.figures]),
        float(any(answer in parsed.text for answer in gold.answers)) if gold.answers else None,
    )
    return dict(zip(NAMES, values, strict=True))


class _Context:
    """A context's words and runs. The runs of each length are computed on demand."""

    def __init__(self, text: str) -> None:
        self.words = words(text)
        self.text = f" {' '.join(self.words)} "
        self._runs: dict[int, frozenset[Run]] = {}

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        return frozenset(self.words)

    def runs(self, length: int) -> frozenset[Run]:
        if length not in self._runs:
            self._runs[length] = frozenset(_runs(self.words, length))
        return self._runs[length]


def _runs(sequence: Sequence[str], length: int) -> list[Run]:
    """Return all runs of a length, in order."""
    return list(zip(*(sequence[start:] for start in range(length)), strict=False))


def _passages(document: Measured, evidence: Sequence[Evidence]) -> Passages | None:
    """Prepare the evidence that has words. Return None if none has words."""
    pieces = tuple(piece for piece in (_words_of(document, part) for part in evidence) if piece)
    return _of_pieces(document, pieces, located=all(part.span is not None for part in evidence))


def _of_pieces(document: Measured, pieces: tuple[Run, ...], *, located: bool) -> Passages | None:
    if not pieces:
        return None
    rare = frozenset(word for piece in pieces for word in piece if 1 <= document.counts[word] <= RARE)
    runs: dict[int, frozenset[Run]] = {}
    for piece in pieces:
        length = min(SHINGLE, len(piece))
        runs[length] = runs.get(length, frozenset()).union(_runs(piece, length))
    return Passages(pieces, located, rare, runs)


def _words_of(document: Measured, evidence: Evidence) -> Run:
    """Return the words of a piece: those at its place, extended to whole words, or else those of its text."""
    if evidence.span is None:
        return tuple(words(evidence.text))
    return tuple(words(whole_words(document.document.text, evidence.span.start, evidence.span.end)))


def _gold_page(document: Measured, question: Question, number: int) -> GoldPage:
    on_page = [part for part in question.evidence if _page_of(document, part) == number]
    passages = _passages(document, on_page)
    if passages is None:
        own = tuple(document.page_words(number))
        passages = _of_pieces(document, (own,) if own else (), located=True)
    return GoldPage(document.unique_shingles(number), passages)


def _page_of(document: Measured, evidence: Evidence) -> int | None:
    if evidence.page is None and evidence.span is not None:
        return document.document.page_at(evidence.span.start)
    return evidence.page


def _answers(document: Measured, question: Question) -> tuple[str, ...]:
    """Return the searchable answers, each between spaces, or none if the document contains none of them."""
    normalized = dict.fromkeys(" ".join(words(answer)) for answer in question.answers)
    searchable = tuple(f" {answer} " for answer in normalized if answer and not _TRIVIAL.fullmatch(answer))
    return searchable if any(answer in document.text for answer in searchable) else ()


def _recall(passages: Passages, context: _Context) -> float:
    located = _span_recall(passages, context)
    if located is not None:
        return located
    shingles, rare = _shingle_recall(passages, context), _rare_word_recall(passages, context)
    return shingles if rare is None else (shingles + rare) / 2


def _span_recall(passages: Passages, context: _Context) -> float | None:
    if not passages.located:
        return None
    covered = sum(
        _covered(piece, {length: context.runs(length)})
        for piece in passages.pieces
        for length in [min(SHINGLE, len(piece))]
    )
    return covered / sum(map(len, passages.pieces))


def _shingle_recall(passages: Passages, context: _Context) -> float:
    found = sum(len(runs & context.runs(length)) for length, runs in passages.runs.items())
    return found / sum(map(len, passages.runs.values()))


def _rare_word_recall(passages: Passages, context: _Context) -> float | None:
    return _share([word in context.vocabulary for word in passages.rare])


def _precision(passages: Passages, context: _Context) -> float:
    return _covered(context.words, passages.runs) / max(1, len(context.words))


def _covered(sequence: Sequence[str], wanted: Mapping[int, frozenset[Run]]) -> int:
    """Count the words that lie in wanted runs. `wanted` gives the runs by length."""
    marks = bytearray(len(sequence))
    for length, runs in wanted.items():
        for start, run in enumerate(_runs(sequence, length)):
            if run in runs:
                marks[start : start + length] = b"\x01" * length
    return sum(marks)


def _share(found: Sequence[bool]) -> float | None:
    """Return the share of true values, or None if there are no values."""
    return sum(found) / len(found) if found else None
