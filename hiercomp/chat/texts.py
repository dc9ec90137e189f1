"""Texts that somebody else hands over, such as a retriever's chunks: what is left of each within one budget for all.

The texts are ranked and cut as the documents of a corpus are. What is left of a text stays in its own place and is an
excerpt of it, stretch by stretch. The ceiling is on the whole as its reader sees it, which the caller measures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hiercomp.config import Config
from hiercomp.context import GAP
from hiercomp.errors import BudgetError
from hiercomp.pipeline import Limit, Pipeline
from hiercomp.ports import Tokenizer
from hiercomp.types import Context, Document, Part, Span

SEPARATOR = "\n\n"
"""What frameworks put between two texts."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is left of a text: its `spans`, in order, with `…` on a line of its own where something was left out."""

    text: str
    spans: tuple[Span, ...]

    @classmethod
    def of(cls, text: str, spans: Sequence[Span]) -> Excerpt:
        """The spans of a text; those with nothing but white space between them are one stretch."""
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
        """All of a text."""
        return cls(text, (Span(0, len(text)),) if text else ())


Kept = Sequence[Excerpt | None]
"""What is left of each text, None of one that is dropped."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is left of texts, and the tokens that they take as their reader sees them, before and after.

    They are counted by `tokenizer`; `context` has the run, None where everything fits and nothing was ranked.
    """

    excerpts: tuple[Excerpt | None, ...]
    original_tokens: int
    tokens: int
    tokenizer: Tokenizer
    context: Context | None


def joined(tokenizer: Tokenizer, kept: Kept) -> int:
    """The tokens of texts with an empty line between them."""
    return tokenizer.count(SEPARATOR.join(excerpt.text for excerpt in kept if excerpt is not None))


def select(
    texts: Sequence[str],
    question: str | None = None,
    *,
    budget: Limit,
    config: Config,
    frames: Sequence[str] = (),
    measure: Callable[[Tokenizer, Kept], int] = joined,
) -> Selection:
    """What is left of texts within a budget for all of them: everything where that fits.

    Args:
        texts: in the order in which a reader sees them. A blank one is kept as it is; of equal ones the first is kept.
        question: what they are for; an overview is kept without one.
        budget: the most tokens that `measure` may count.
        config: the tokenizer, the retriever, the allocator and the store.
        frames: what stands beside each text, such as its metadata; where given it is reckoned with in the choice.
        measure: the tokens of what a reader sees of what is kept, by the tokenizer that is set.

    Where no sentence fits beside what stays anyway, by `measure`, that is all that is left.

    Raises:
        BudgetError: what stays anyway does not fit, or there is none and not even one sentence fits; the error names
            the least budget that works.
    """
    config = config.model_copy(update={"compressor": "extractive"})
    documents = _documents(texts, frames or [""] * len(texts))

    def kept(parts: Sequence[Part]) -> list[Excerpt | None]:
        spans: dict[int, list[Span]] = {}
        for part in parts:
            spans.setdefault(int(part.source), []).append(part.span)
        return [
            Excerpt.of(text, spans[place]) if place in spans else None if text.strip() else Excerpt.whole(text)
            for place, text in enumerate(texts)
        ]

    with Pipeline(documents, config=config) as pipeline:
        tokenizer = pipeline.tokenizer

        def selection(excerpts: Kept, context: Context | None) -> Selection:
            return Selection(tuple(excerpts), original, measure(tokenizer, excerpts), tokenizer, context)

        everything = [Excerpt.whole(text) for text in texts]
        original = measure(tokenizer, everything)
        if not documents or (budget != "auto" and original <= budget):
            return _within(budget, selection(everything, None))
        try:
            context = pipeline.compress(
                question, budget=budget, measure=lambda text, parts: measure(tokenizer, kept(parts))
            )
        except BudgetError:
            least = selection(kept(()), None)
            if not least.tokens:
                raise
            return _within(budget, least)
        return _within(budget, selection(kept(context.parts), context))


def _documents(texts: Sequence[str], frames: Sequence[str]) -> list[Document]:
    """Texts that are not blank, each once; a document's source is the place of its text."""
    documents: dict[str, Document] = {}
    for place, (text, frame) in enumerate(zip(texts, frames, strict=True)):
        if text.strip():
            documents.setdefault(text, Document(text, source=str(place), title=frame))
    return list(documents.values())


def _within(budget: Limit, selection: Selection) -> Selection:
    """A selection that is within its budget: what is no text, or must stay, can be over it."""
    if budget != "auto" and selection.tokens > budget:
        raise BudgetError(budget, selection.tokens, "what cannot be shortened does not fit")
    return selection
