"""DSPy modules: compress the passages of any retriever, or retrieve passages from documents, within a token budget.

    compress = HiercompCompressor(budget=2000)
    retrieve = HiercompRetriever("report.pdf", budget=2000)

The budget bounds the passages as DSPy writes them into a prompt. A signature can declare them as text (a numbered list)
or as a list (JSON); the budget holds for both.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from hiercomp.cancellation import in_thread
from hiercomp.chat.texts import Kept, select
from hiercomp.config import read_settings
from hiercomp.errors import MissingExtraError
from hiercomp.integrations._provenance import provenance
from hiercomp.pipeline import Pipeline
from hiercomp.ports import Tokenizer
from hiercomp.sources import Source
from hiercomp.types import Part, TokenBudget

try:
    import dspy
    from dspy.adapters.utils import format_field_value
except ModuleNotFoundError as error:
    raise MissingExtraError("compressing for DSPy", "dspy") from error

FIELDS = tuple(dspy.Signature("passages, listed: list[str] -> answer").input_fields.values())
"""The two ways to declare passages in a signature. A prompt formats them differently."""


class HiercompCompressor(dspy.Module):  # type: ignore[misc]
    """A module that cuts passages to the sentences that answer a query, within one budget for all passages.

    Passages without such sentences are dropped. `settings` are fields of `hiercomp.Config`.
    """

    def __init__(self, *, budget: TokenBudget, settings: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self._config = read_settings({**(settings or {}), "budget": budget}).config

    def forward(self, passages: Sequence[str], query: str | None = None) -> dspy.Prediction:
        """Return a prediction with `passages` in their given order, and `kept`.

        For each passage, `kept` holds its `place` in the input and the spans that were kept.

        Raises:
            BudgetError: nothing fits; the error names the least budget that works.
        """
        return self._compress(passages, query)

    async def aforward(self, passages: Sequence[str], query: str | None = None) -> dspy.Prediction:
        """Do the same in a thread, so that the event loop stays free."""
        return await in_thread(self._compress, passages, query)

    def _compress(self, passages: Sequence[str], query: str | None) -> dspy.Prediction:
        selection = select(passages, query, budget=self._config.budget, config=self._config, measure=_measure)
        excerpts = [(place, excerpt) for place, excerpt in enumerate(selection.excerpts) if excerpt is not None]
        kept = [
            {"place": place, **provenance(passages[place], excerpt, {}, selection.tokenizer)}
            for place, excerpt in excerpts
        ]
        return dspy.Prediction(passages=[excerpt.text for _, excerpt in excerpts], kept=kept)


class HiercompRetriever(dspy.Module):  # type: ignore[misc]
    """A module that retrieves passages about a query from documents, within a budget.

    `sources` are paths, globs, folders, texts or `hiercomp.Document`s. They are indexed at the first call. `settings`
    are fields of `hiercomp.Config`.
    """

    def __init__(
        self, sources: Source | Sequence[Source], *, budget: TokenBudget, settings: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__()
        self._sources = sources
        # A passage must be the document's own text. A summary that a model writes is not.
        self._config = read_settings({**(settings or {}), "budget": budget, "compressor": "extractive"}).config
        self.pipeline = Pipeline(sources, config=self._config)

    def forward(self, query: str | None = None, k: int | None = None) -> dspy.Prediction:
        """Return a prediction with `passages` in document order, and their `pages` and `sources`.

        If there are more than `k` passages, the prediction has the `k` most valuable ones.

        Raises:
            BudgetError: nothing fits; the error names the least budget that works.
            DocumentError: a source cannot be read.
        """
        return self._retrieve(query, k)

    async def aforward(self, query: str | None = None, k: int | None = None) -> dspy.Prediction:
        """Do the same in a thread, so that the event loop stays free."""
        return await in_thread(self._retrieve, query, k)

    def _retrieve(self, query: str | None, k: int | None) -> dspy.Prediction:
        tokenizer = self.pipeline.tokenizer

        def measure(text: str, parts: Sequence[Part]) -> int:
            return _count(tokenizer, [part.text for part in parts])

        parts = self.pipeline.compress(query, measure=measure, addressed=True).parts
        best = sorted(parts, key=lambda part: -part.value)[:k]
        parts = tuple(part for part in parts if part in best)
        return dspy.Prediction(
            passages=[part.text for part in parts],
            pages=[part.page for part in parts],
            sources=[part.source for part in parts],
        )

    @property
    def rm(self) -> Callable[..., list[dspy.Example]]:
        """The retriever as a function for `dspy.configure(rm=…)`, which `dspy.Retrieve` calls."""

        def retrieve(query: str, k: int | None = None, **_: object) -> list[dspy.Example]:
            return [dspy.Example(long_text=passage) for passage in self(query, k).passages]

        return retrieve

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a copy that shares the index, because optimizers copy the programs that they try."""
        shared = copy.copy(self)
        shared.pipeline = self.pipeline
        return shared

    def __getstate__(self) -> dict[str, Any]:
        """Return the state for a saved program: the sources without their index."""
        return {key: value for key, value in super().__getstate__().items() if key != "pipeline"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore the retriever of a saved program. It indexes its sources at the first call."""
        super().__setstate__(state)
        self.pipeline = Pipeline(self._sources, config=self._config)


def _measure(tokenizer: Tokenizer, kept: Kept) -> int:
    return _count(tokenizer, [excerpt.text for excerpt in kept if excerpt is not None])


def _count(tokenizer: Tokenizer, passages: Sequence[str]) -> int:
    """Count the tokens of passages as a prompt contains them."""
    return max(tokenizer.count(format_field_value(field, list(passages))) for field in FIELDS)
