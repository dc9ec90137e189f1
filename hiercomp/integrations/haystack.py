"""A Haystack component that brings the documents of a pipeline within a token budget.

    pipeline.add_component("compressor", HiercompCompressor(budget=2000))
    pipeline.connect("retriever.documents", "compressor.documents")

The budget bounds the contents of all documents, joined by empty lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

from hiercomp.cancellation import in_thread
from hiercomp.chat.texts import Hints, select
from hiercomp.config import Config, read_settings
from hiercomp.errors import MissingExtraError
from hiercomp.integrations._embedding import StackEncoder, label_of, model_name
from hiercomp.integrations._planning import Lines, StackReader, function_planner, model_planner
from hiercomp.integrations._provenance import KEY, provenance
from hiercomp.pipeline import Pipeline
from hiercomp.ports import Planner
from hiercomp.types import Message, TokenBudget

try:
    from haystack import Document, component, default_from_dict, default_to_dict
    from haystack.components.embedders.types import DocumentEmbedder, TextEmbedder
    from haystack.components.generators.chat.types import ChatGenerator
    from haystack.core.serialization import component_to_dict
    from haystack.dataclasses import ChatMessage
    from haystack.utils import deserialize_callable, serialize_callable
    from haystack.utils.deserialization import deserialize_component_inplace
except ModuleNotFoundError as error:
    raise MissingExtraError("compressing for Haystack", "haystack") from error


Embedders = tuple[TextEmbedder, DocumentEmbedder]
"""An embedder for the query and one for the documents, of the same model."""
_ROLES = {"system": ChatMessage.from_system, "user": ChatMessage.from_user, "assistant": ChatMessage.from_assistant}


@runtime_checkable
class Runs(Protocol):
    """A component, as opposed to a function."""

    def run(self, messages: list[ChatMessage]) -> dict[str, Any]:
        """Return the replies to messages."""
        ...


@component
class HiercompCompressor:
    """A component that cuts documents to the sentences that answer a query, within one budget for all documents.

    Documents without such sentences are dropped. The documents' scores count: the better its rank, the more probably a
    document holds evidence. `settings` are fields of `hiercomp.Config`. `planner` writes the plan of a query that comes
    without one: it is a chat generator, or a function from a query to a list of lines. `embedding` encodes the
    documents: it is a text embedder for the query and a document embedder of the same model. Both replace those of the
    settings.
    """

    def __init__(
        self,
        budget: TokenBudget,
        settings: dict[str, Any] | None = None,
        *,
        planner: Lines | ChatGenerator | None = None,
        embedding: Embedders | None = None,
    ) -> None:
        self.budget = budget
        self.settings = settings or {}
        self.planner = planner
        self.embedding = embedding
        self._config = read_settings({**self.settings, "budget": budget}).config
        self._planner = planner_of(planner, self._config)
        self._encoder = _encoder_of(embedding)

    def warm_up(self) -> None:
        """Load the tokenizer and the models before the first run."""
        for model in (self.planner, *(self.embedding or ())):
            _warm_up(model)
        with Pipeline("Two words.", config=self._config.model_copy(update={"cache": False})) as pipeline:
            pipeline.tokenizer.count("Two words.")
            pipeline.rank("Which words?")

    @component.output_types(documents=list[Document])
    def run(
        self,
        documents: list[Document],
        query: str | None = None,
        budget: int | None = None,
        plan: list[str] | None = None,
    ) -> dict[str, Any]:
        """Return copies of the documents that are kept, in their given order. The content of each is an excerpt.

        The id, the score and the meta are kept. `meta["hiercomp"]` holds the spans of the content that were kept. A
        document without text, such as an image, is kept unchanged. `budget` overrides the component's own budget.
        `plan` names the evidence to find, line by line, in the words that a document would use for it.

        Raises:
            BudgetError: nothing fits; the error names the least budget that works.
        """
        token_budget = self.budget if budget is None else budget
        texts = [document.content or "" for document in documents]
        hints = Hints(
            scores=[document.score for document in documents],
            plan=plan,
            planner=self._planner,
            encoder=self._encoder,
        )
        selection = select(texts, query, budget=token_budget, config=self._config, hints=hints)
        kept = []
        for document, text, excerpt in zip(documents, texts, selection.excerpts, strict=True):
            if excerpt is None:
                continue
            copy = deepcopy(document)
            if text:
                meta = {**copy.meta, KEY: provenance(text, excerpt, document.meta, selection.tokenizer)}
                copy = replace(copy, content=excerpt.text, meta=meta)
                if excerpt.text != text:  # the embeddings describe the whole text
                    copy = replace(copy, embedding=None, sparse_embedding=None)
            kept.append(copy)
        return {"documents": kept}

    @component.output_types(documents=list[Document])
    async def run_async(
        self,
        documents: list[Document],
        query: str | None = None,
        budget: int | None = None,
        plan: list[str] | None = None,
    ) -> dict[str, Any]:
        """Do the same in a thread, so that the event loop stays free."""
        return await in_thread(self.run, documents, query, budget, plan)

    def to_dict(self) -> dict[str, Any]:
        """Return the component as a dictionary for a saved pipeline. A planner that is saved is a named function."""
        planner = planner_to_dict(self.planner)
        embedding = [component_to_dict(embedder, "embedding") for embedder in self.embedding or ()]
        return default_to_dict(
            self, budget=self.budget, settings=self.settings, planner=planner, embedding=embedding or None
        )

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> HiercompCompressor:
        """Build the component from the dictionary of a saved pipeline."""
        options = dict(data["init_parameters"])
        options["planner"] = planner_from_dict(options.get("planner"))
        if embedding := options.get("embedding"):
            options["embedding"] = tuple(_component(embedder) for embedder in embedding)
        return default_from_dict(cls, {**data, "init_parameters": options})


def planner_to_dict(planner: Lines | ChatGenerator | None) -> object:
    """Return a planner for a saved pipeline: the dictionary of a chat generator, or the name of a function."""
    if planner is None:
        return None
    return component_to_dict(planner, "planner") if isinstance(planner, Runs) else serialize_callable(planner)


def planner_from_dict(saved: object) -> object:
    """Return the planner of a saved pipeline."""
    if isinstance(saved, str):
        return deserialize_callable(saved)
    return _component(saved) if isinstance(saved, dict) else None


def _component(data: dict[str, Any]) -> object:
    """Build a component from its dictionary."""
    holder: dict[str, Any] = {"component": data}
    deserialize_component_inplace(holder, "component")
    built: object = holder["component"]
    return built


def _warm_up(component: object) -> None:
    """Load the models of a component, if it has models to load."""
    warm_up = getattr(component, "warm_up", None)
    if warm_up is not None:
        warm_up()


def planner_of(planner: Lines | ChatGenerator | None, config: Config) -> Planner | None:
    """Return the planner of an adapter, or None for the planner of the settings."""
    if planner is None:
        return None
    if not isinstance(planner, Runs):
        return function_planner(planner, config)
    generator = planner

    def call(messages: Sequence[Message]) -> str:
        _warm_up(generator)
        written = generator.run(messages=[_ROLES[message.role](message.content) for message in messages])["replies"]
        return written[0].text or ""

    return model_planner(lambda: StackReader(model_name(generator) or type(generator).__name__, call, config), config)


def _encoder_of(embedding: Embedders | None) -> StackEncoder | None:
    if embedding is None:
        return None
    of_query, of_documents = embedding

    def encode_query(text: str) -> list[float]:
        _warm_up(of_query)
        found: list[float] = of_query.run(text=text)["embedding"]
        return found

    def encode_passages(texts: list[str]) -> list[list[float]]:
        _warm_up(of_documents)
        found = of_documents.run(documents=[Document(content=text) for text in texts])["documents"]
        return [document.embedding for document in found]

    return StackEncoder(label_of(of_documents), encode_query, encode_passages)
