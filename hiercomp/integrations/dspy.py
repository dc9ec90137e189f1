"""DSPy: passages within a token budget, those of any retriever or those found in documents.

    compress = HiercompCompressor(budget=2000)
    retrieve = HiercompRetriever("report.pdf", budget=2000)

The budget bounds the passages as a prompt writes a field of them, numbered or as JSON, whichever takes more.
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
from hiercomp.pipeline import Limit, Pipeline
from hiercomp.ports import Tokenizer
from hiercomp.sources import Source
from hiercomp.types import Part

try:
    import dspy
    from dspy.adapters.utils import format_field_value
except ModuleNotFoundError as error:
    raise MissingExtraError("compressing for DSPy", "dspy") from error

FIELDS = tuple(dspy.Signature("passages, listed: list[str] -> answer").input_fields.values())
"""The two ways to declare passages in a signature, which a prompt writes differently."""


class HiercompCompressor(dspy.Module):  # type: ignore[misc]
    """Shortens passages to what serves a query, within one budget for all of them; those left with nothing go.

    `settings` are fields of `hiercomp.Config`.
    """

    def __init__(self, *, budget: Limit, settings: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self._config = read_settings({**(settings or {}), "budget": budget}).config

    def forward(self, passages: Sequence[str], query: str | None = None) -> dspy.Prediction:
        """`passages`, in the order given, and `kept`: for each its `place` in the input and what of it was kept.

        Raises:
            BudgetError: nothing fits; the error names the least budget that works.
        """
        return self._shortened(passages, query)

    async def aforward(self, passages: Sequence[str], query: str | None = None) -> dspy.Prediction:
        """The same, off the event loop."""
        return await in_thread(self._shortened, passages, query)

    def _shortened(self, passages: Sequence[str], query: str | None) -> dspy.Prediction:
        selection = select(passages, query, budget=self._config.budget, config=self._config, measure=_measured)
        left = [(place, excerpt) for place, excerpt in enumerate(selection.excerpts) if excerpt is not None]
        kept = [
            {"place": place, **provenance(passages[place], excerpt, {}, selection.tokenizer)} for place, excerpt in left
        ]
        return dspy.Prediction(passages=[excerpt.text for _, excerpt in left], kept=kept)


class HiercompRetriever(dspy.Module):  # type: ignore[misc]
    """What documents say about a query, within a budget. They are indexed at the first call.

    `sources` are paths, globs, folders, texts or `hiercomp.Document`; `settings` are fields of `hiercomp.Config`.
    """

    def __init__(
        self, sources: Source | Sequence[Source], *, budget: Limit, settings: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__()
        self._sources = sources
        self._config = read_settings({**(settings or {}), "budget": budget}).config
        self.pipeline = Pipeline(sources, config=self._config)

    def forward(self, query: str | None = None, k: int | None = None) -> dspy.Prediction:
        """`passages` in the order of the documents, their `pages` and `sources`; of more than `k` the best.

        Raises:
            BudgetError: nothing fits; the error names the least budget that works.
            DocumentError: a source cannot be read.
        """
        return self._found(query, k)

    async def aforward(self, query: str | None = None, k: int | None = None) -> dspy.Prediction:
        """The same, off the event loop."""
        return await in_thread(self._found, query, k)

    def _found(self, query: str | None, k: int | None) -> dspy.Prediction:
        tokenizer = self.pipeline.tokenizer

        def measure(text: str, parts: Sequence[Part]) -> int:
            return _tokens(tokenizer, [part.text for part in parts])

        parts = self.pipeline.compress(query, measure=measure).parts
        best = sorted(parts, key=lambda part: -part.value)[:k]
        parts = tuple(part for part in parts if part in best)
        return dspy.Prediction(
            passages=[part.text for part in parts],
            pages=[part.page for part in parts],
            sources=[part.source for part in parts],
        )

    @property
    def rm(self) -> Callable[..., list[dspy.Example]]:
        """The retriever in the shape of `dspy.configure(rm=…)`, which `dspy.Retrieve` asks."""

        def retrieve(query: str, k: int | None = None, **_: object) -> list[dspy.Example]:
            return [dspy.Example(long_text=passage) for passage in self(query, k).passages]

        return retrieve

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """A copy over the same index: optimizers copy the programs that they try."""
        shared = copy.copy(self)
        shared.pipeline = self.pipeline
        return shared

    def __getstate__(self) -> dict[str, Any]:
        """What a saved program has of the retriever: its sources, not their index."""
        return {key: value for key, value in super().__getstate__().items() if key != "pipeline"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """The retriever of a saved program, which indexes its sources at its first call."""
        super().__setstate__(state)
        self.pipeline = Pipeline(self._sources, config=self._config)


def _measured(tokenizer: Tokenizer, kept: Kept) -> int:
    return _tokens(tokenizer, [excerpt.text for excerpt in kept if excerpt is not None])


def _tokens(tokenizer: Tokenizer, passages: Sequence[str]) -> int:
    """The tokens of passages as a prompt has them."""
    return max(tokenizer.count(format_field_value(field, list(passages))) for field in FIELDS)
