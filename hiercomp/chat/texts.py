"""Texts of a caller, such as the chunks of a retriever, cut to one budget for all of them.

The texts are ranked and cut as the documents of a corpus are. Each text keeps its place in the list and becomes an
excerpt of itself. The budget bounds the tokens that the reader sees. The caller measures them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan

from hiercomp.config import Config
from hiercomp.context import GAP
from hiercomp.errors import BudgetError
from hiercomp.pipeline import Pipeline
from hiercomp.ports import Encoder, Planner, Tokenizer
from hiercomp.ranking.prior import prior_of
from hiercomp.types import Document, Part, Plan, Run, Span, TokenBudget

SEPARATOR = "\n\n"
"""The separator that frameworks put between two texts."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The kept stretches of a text.

    `spans` are their positions in the text, in order. In `text` a line with `…` stands for each gap between them.
    """

    text: str
    spans: tuple[Span, ...]

    @classmethod
    def of(cls, text: str, spans: Sequence[Span]) -> Excerpt:
        """Return the excerpt at some spans. Spans with only white space between them are joined."""
        merged: list[Span] = []
        for span in sorted(spans):
            if merged and not text[merged[-1].end : span.start].strip():
                merged[-1] = Span(merged[-1].start, span.end)
            else:
                merged.append(span)
        if len(merged) == 1 and merged[0].of(text).strip() == text.strip():
            return cls.whole(text)
        return cls(f"\n{GAP}\n".join(span.of(text) for span in merged), tuple(merged))

    @classmethod
    def whole(cls, text: str) -> Excerpt:
        """Return an excerpt that keeps the whole text."""
        return cls(text, (Span(0, len(text)),) if text else ())


@dataclass(frozen=True, slots=True)
class Hints:
    """What the caller of `select` knows besides the texts and the question.

    `scores` are those that the caller's retriever gave to the texts, higher is better; only their order is used. They
    are empty if there are none, and None for a text without a score. `metadata_texts` hold the metadata that the
    reader sees beside each text, if any; their cost is part of the choice. `plan` holds the pieces of evidence to find,
    each in the words that a text would use for it. `planner` writes the plan if there is none, and `encoder` encodes
    the texts; both replace those of the settings.
    """

    scores: Sequence[float | None] = ()
    metadata_texts: Sequence[str] = ()
    plan: Sequence[str] | Plan | None = None
    planner: Planner | None = None
    encoder: Encoder | None = None


NO_HINTS = Hints()
Kept = Sequence[Excerpt | None]
"""The excerpt of each text, or None for a text that is dropped."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The excerpts of a list of texts.

    `original_tokens` and `tokens` are the tokens that the reader sees without and with compression, counted by
    `tokenizer`. `run` is the run that ranked the texts. It is None if nothing was ranked: either all texts fit, or not
    one sentence of them does.
    """

    excerpts: tuple[Excerpt | None, ...]
    original_tokens: int
    tokens: int
    tokenizer: Tokenizer
    run: Run | None


def count_joined(tokenizer: Tokenizer, kept: Kept) -> int:
    """Count the tokens of the kept texts with an empty line between them."""
    return tokenizer.count(SEPARATOR.join(excerpt.text for excerpt in kept if excerpt is not None))


def select(
    texts: Sequence[str],
    question: str | None = None,
    *,
    budget: TokenBudget,
    config: Config,
    hints: Hints = NO_HINTS,
    measure: Callable[[Tokenizer, Kept], int] = count_joined,
) -> Selection:
    """Cut texts to one budget. If they fit, all of them are kept whole.

    If the caller adds fixed text that `measure` counts, and not one sentence fits beside it, all texts are dropped.

    Args:
        texts: the texts in the order in which the reader sees them. A blank text is kept as it is. Of equal texts the
            first is kept.
        question: the question that the texts should answer. Without one an overview is kept.
        budget: the most tokens that `measure` may count.
        config: the settings. The compressor is always `extractive`.
        hints: what is known besides: the plan, the scores of the texts, and more.
        measure: counts the tokens that the reader sees if these excerpts are kept.

    Raises:
        BudgetError: the fixed text does not fit, or there is none and not one sentence fits. The error names the
            smallest budget that works.
    """
    config = config.model_copy(update={"compressor": "extractive"})
    by_index = _documents(texts, hints.metadata_texts or [""] * len(texts))
    indices = {document.id: index for index, document in by_index.items()}
    documents = list(by_index.values())

    def excerpts_of(parts: Sequence[Part]) -> list[Excerpt | None]:
        return _excerpts(texts, [(indices[part.document_id], part.span) for part in parts])

    with Pipeline(documents, config=config, encoder=hints.encoder, planner=hints.planner) as pipeline:
        tokenizer = pipeline.tokenizer

        def selection(excerpts: Kept, run: Run | None) -> Selection:
            return Selection(tuple(excerpts), original_tokens, measure(tokenizer, excerpts), tokenizer, run)

        def count(_text: str, parts: Sequence[Part]) -> int:
            return measure(tokenizer, excerpts_of(parts))

        everything = [Excerpt.whole(text) for text in texts]
        original_tokens = measure(tokenizer, everything)
        if not documents or (budget != "auto" and original_tokens <= budget):
            return _checked(budget, selection(everything, None))
        prior = _prior(texts, documents, hints.scores)
        try:
            run = pipeline.fit(question, budget=budget, plan=hints.plan or None, measure=count, prior=prior)
        except BudgetError:
            smallest = selection(excerpts_of(()), None)
            if not smallest.tokens:
                raise
            return _checked(budget, smallest)
        return _checked(budget, selection(excerpts_of(run.context.parts), run))


def _documents(texts: Sequence[str], metadata_texts: Sequence[str]) -> dict[int, Document]:
    """Return a document for each distinct text that is not blank, by the index of the text."""
    documents: dict[str, tuple[int, Document]] = {}
    for index, (text, metadata) in enumerate(zip(texts, metadata_texts, strict=True)):
        if text.strip():
            documents.setdefault(text, (index, Document(text, source=f"text {index + 1}", title=metadata)))
    return dict(documents.values())


def _prior(texts: Sequence[str], documents: Sequence[Document], scores: Sequence[float | None]) -> dict[str, float]:
    """Return the prior of documents from the scores of their texts. Of equal texts the best score counts."""
    best: dict[str, float] = {}
    for text, score in zip(texts, scores or [None] * len(texts), strict=True):
        if score is not None and not isnan(score):
            best[text] = max(score, best.get(text, score))
    return prior_of({document.id: best[document.text] for document in documents if document.text in best})


def _excerpts(texts: Sequence[str], kept: Sequence[tuple[int, Span]]) -> list[Excerpt | None]:
    """Return the excerpt of each text from the kept spans, given as pairs of the text's index and the span."""
    spans: dict[int, list[Span]] = {}
    for index, span in kept:
        spans.setdefault(index, []).append(span)
    return [
        Excerpt.of(text, spans[index]) if index in spans else None if text.strip() else Excerpt.whole(text)
        for index, text in enumerate(texts)
    ]


def _checked(budget: TokenBudget, selection: Selection) -> Selection:
    """Return a selection if it fits. Fixed text can take more than the whole budget.

    Raises:
        BudgetError: the selection does not fit.
    """
    if budget != "auto" and selection.tokens > budget:
        raise BudgetError(budget, selection.tokens, "the text that cannot be shortened does not fit")
    return selection
