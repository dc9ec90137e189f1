"""DSPy modules: compress the passages of any retriever, or retrieve passages from documents, within a token budget.

    compress = HiercompCompressor(budget=2000)
    retrieve = HiercompRetriever("report.pdf", budget=2000)

The budget bounds the passages as DSPy writes them into a prompt. A signature can declare them as text (a numbered list)
or as a list (JSON); the budget holds for both.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Self, TypedDict, Unpack

from hiercomp.cancellation import in_thread
from hiercomp.chat.texts import Hints, Kept, select
from hiercomp.config import Config, read_settings
from hiercomp.errors import ConfigError, MissingExtraError
from hiercomp.integrations._embedding import StackEncoder, label_of, model_name
from hiercomp.integrations._planning import Lines, StackReader, function_planner, model_planner
from hiercomp.integrations._provenance import provenance
from hiercomp.pipeline import Pipeline
from hiercomp.ports import Planner, Tokenizer
from hiercomp.sources import Source
from hiercomp.types import Message, Part, TokenBudget

try:
    import dspy
    from dspy.adapters.utils import format_field_value
except ModuleNotFoundError as error:
    raise MissingExtraError("compressing for DSPy", "dspy") from error

FIELDS = tuple(dspy.Signature("passages, listed: list[str] -> answer").input_fields.values())
"""The two ways to declare passages in a signature. A prompt formats them differently."""


class Models(TypedDict, total=False):
    """The models of the stack that a module uses instead of those of its settings.

    `planner` writes the plan of a query that comes without one: it is a function from a query to a list of lines, a
    `dspy.LM`, or `llm` for the model that DSPy is configured with. `embedding` encodes the passages.
    """

    planner: Lines | dspy.BaseLM | Literal["llm"] | None
    embedding: dspy.Embedder | None


class _Stack:
    """The models of the user's stack as hiercomp uses them. A saved program contains the models themselves."""

    def __init__(self, config: Config, **models: Unpack[Models]) -> None:
        if unknown := set(models) - set(Models.__annotations__):
            raise TypeError(f"the modules of hiercomp have no option {min(unknown)!r}")
        self._config, self._models = config, models
        self.planner = _planner_of(models.get("planner"), config)
        self.encoder = _encoder_of(models.get("embedding"))

    def __getstate__(self) -> tuple[Config, Models]:
        """Return the settings and the models."""
        return self._config, self._models

    def __setstate__(self, state: tuple[Config, Models]) -> None:
        """Restore the models of a saved program."""
        config, models = state
        _Stack.__init__(self, config, **models)


class HiercompCompressor(dspy.Module):  # type: ignore[misc]
    """A module that cuts passages to the sentences that answer a query, within one budget for all passages.

    Passages without such sentences are dropped. `ranked` says that the passages come best first, as retrievers return
    them: the better its rank, the more probably a passage holds evidence. `models` are described at `Models`.
    `settings` are fields of `hiercomp.Config`.
    """

    def __init__(
        self,
        *,
        budget: TokenBudget,
        settings: Mapping[str, Any] | None = None,
        ranked: bool = True,
        **models: Unpack[Models],
    ) -> None:
        super().__init__()
        self._config = read_settings({**(settings or {}), "budget": budget}).config
        self._stack = _Stack(self._config, **models)
        self._ranked = ranked

    def forward(
        self, passages: Sequence[str], query: str | None = None, plan: Sequence[str] | None = None
    ) -> dspy.Prediction:
        """Return a prediction with `passages` in their given order, and `kept`.

        For each passage, `kept` holds its `place` in the input and the spans that were kept.

        Args:
            passages: The passages.
            query: The query.
            plan: The evidence to find, line by line, in the words that a passage would use for it.

        Raises:
            BudgetError: nothing fits; the error names the least budget that works.
        """
        return self._compress(passages, query, plan)

    async def aforward(
        self, passages: Sequence[str], query: str | None = None, plan: Sequence[str] | None = None
    ) -> dspy.Prediction:
        """Do the same in a thread, so that the event loop stays free."""
        return await in_thread(self._compress, passages, query, plan)

    def _compress(self, passages: Sequence[str], query: str | None, plan: Sequence[str] | None) -> dspy.Prediction:
        hints = Hints(
            scores=[-float(place) for place in range(len(passages))] if self._ranked else (),
            plan=plan,
            planner=self._stack.planner,
            encoder=self._stack.encoder,
        )
        selection = select(
            passages, query, budget=self._config.budget, config=self._config, hints=hints, measure=_measure
        )
        excerpts = [(place, excerpt) for place, excerpt in enumerate(selection.excerpts) if excerpt is not None]
        kept = [
            {"place": place, **provenance(passages[place], excerpt, {}, selection.tokenizer)}
            for place, excerpt in excerpts
        ]
        return dspy.Prediction(passages=[excerpt.text for _, excerpt in excerpts], kept=kept)


class HiercompRetriever(dspy.Module):  # type: ignore[misc]
    """A module that retrieves passages about a query from documents, within a budget.

    `sources` are paths, globs, folders, texts or `hiercomp.Document`s. They are indexed at the first call. `models` are
    described at `Models`. `settings` are fields of `hiercomp.Config`.
    """

    def __init__(
        self,
        sources: Source | Sequence[Source],
        *,
        budget: TokenBudget,
        settings: Mapping[str, Any] | None = None,
        **models: Unpack[Models],
    ) -> None:
        super().__init__()
        self._sources = sources
        # A passage must be the document's own text. A summary that a model writes is not.
        self._config = read_settings({**(settings or {}), "budget": budget, "compressor": "extractive"}).config
        self._stack = _Stack(self._config, **models)
        self.pipeline = self._pipeline()

    def forward(
        self, query: str | None = None, k: int | None = None, plan: Sequence[str] | None = None
    ) -> dspy.Prediction:
        """Return a prediction with `passages` in document order, and their `pages` and `sources`.

        If there are more than `k` passages, the prediction has the `k` most valuable ones. `plan` names the evidence to
        find, line by line, in the words that a document would use for it.

        Raises:
            BudgetError: nothing fits; the error names the least budget that works.
            DocumentError: a source cannot be read.
        """
        return self._retrieve(query, k, plan)

    async def aforward(
        self, query: str | None = None, k: int | None = None, plan: Sequence[str] | None = None
    ) -> dspy.Prediction:
        """Do the same in a thread, so that the event loop stays free."""
        return await in_thread(self._retrieve, query, k, plan)

    def _retrieve(self, query: str | None, k: int | None, plan: Sequence[str] | None) -> dspy.Prediction:
        tokenizer = self.pipeline.tokenizer

        def measure(text: str, parts: Sequence[Part]) -> int:
            return _count(tokenizer, [part.text for part in parts])

        parts = self.pipeline.compress(query, plan=plan or None, measure=measure, addressed=True).parts
        best = sorted(parts, key=lambda part: -part.value)[:k]
        parts = tuple(part for part in parts if part in best)
        return dspy.Prediction(
            passages=[part.text for part in parts],
            pages=[part.page for part in parts],
            sources=[part.source for part in parts],
        )

    def _pipeline(self) -> Pipeline:
        stack = self._stack
        return Pipeline(self._sources, config=self._config, encoder=stack.encoder, planner=stack.planner)

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
        self.pipeline = self._pipeline()


def _measure(tokenizer: Tokenizer, kept: Kept) -> int:
    return _count(tokenizer, [excerpt.text for excerpt in kept if excerpt is not None])


def _count(tokenizer: Tokenizer, passages: Sequence[str]) -> int:
    """Count the tokens of passages as a prompt contains them."""
    return max(tokenizer.count(format_field_value(field, list(passages))) for field in FIELDS)


def _planner_of(planner: Lines | dspy.BaseLM | Literal["llm"] | None, config: Config) -> Planner | None:
    if planner is None:
        return None
    if planner == "llm" or isinstance(planner, dspy.BaseLM):
        return model_planner(lambda: _reader_of(dspy.settings.lm if planner == "llm" else planner, config), config)
    return function_planner(planner, config)


def _reader_of(model: dspy.BaseLM | None, config: Config) -> StackReader:
    """Return a model of DSPy as a reader.

    Raises:
        ConfigError: there is no model.
    """
    if model is None:
        raise ConfigError("DSPy has no model to plan with; call dspy.configure(lm=…)")

    def call(messages: Sequence[Message]) -> str:
        written = model(messages=[{"role": message.role, "content": message.content} for message in messages])[0]
        return str(written["text"] if isinstance(written, dict) else written)

    return StackReader(model_name(model) or type(model).__name__, call, config)


def _encoder_of(embedding: dspy.Embedder | None) -> StackEncoder | None:
    if embedding is None:
        return None
    return StackEncoder(label_of(embedding), embedding, embedding)
