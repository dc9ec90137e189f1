"""A LangChain document compressor that brings retrieved documents within a token budget.

    compressor = HiercompDocumentCompressor(budget=2000)
    retriever = ContextualCompressionRetriever(base_compressor=compressor, base_retriever=retriever)

The budget bounds the contents of all documents, joined by empty lines as chains join them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, Self

from pydantic import ConfigDict, Field, PrivateAttr, model_validator

from hiercomp.cancellation import in_thread
from hiercomp.chat.texts import Hints, select
from hiercomp.config import Config, read_settings
from hiercomp.errors import MissingExtraError
from hiercomp.integrations._embedding import StackEncoder, label_of, model_name
from hiercomp.integrations._planning import Lines, StackReader, function_planner, model_planner
from hiercomp.integrations._provenance import KEY, provenance
from hiercomp.ports import Planner
from hiercomp.types import Message, TokenBudget

try:
    from langchain_core.callbacks import BaseCallbackManager, Callbacks
    from langchain_core.documents import BaseDocumentCompressor, Document
    from langchain_core.embeddings import Embeddings
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import Runnable, RunnableLambda
except ModuleNotFoundError as error:
    raise MissingExtraError("compressing for LangChain", "langchain") from error


PLAN_KEY = "hiercomp_plan"
"""The key of a plan in the metadata of a call: `retriever.invoke(query, config={"metadata": {"hiercomp_plan": …}})`."""
SCORE_KEY = "relevance_score"
"""The metadata key under which the rerankers of LangChain store their score."""


class HiercompDocumentCompressor(BaseDocumentCompressor):
    """A compressor that cuts documents to the sentences that answer a query, within one budget for all documents.

    Documents without such sentences are dropped. `settings` are fields of `hiercomp.Config`. `planner` writes the plan
    of a query: it is a chat model, or a function from a query to a list of lines. `embedding` encodes the documents.
    Both replace those of the settings. `ranked` says that the documents come best first, as retrievers return them:
    the better its rank, the more probably a document holds evidence.
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True, arbitrary_types_allowed=True)
    budget: TokenBudget
    settings: dict[str, Any] = Field(default_factory=dict)
    planner: BaseChatModel | Lines | None = Field(default=None, exclude=True)
    embedding: Embeddings | None = Field(default=None, exclude=True)
    ranked: bool = True
    _config: Config = PrivateAttr()
    _planner: Planner | None = PrivateAttr()
    _encoder: StackEncoder | None = PrivateAttr()

    @model_validator(mode="after")
    def _read(self) -> Self:
        """Validate the settings when they are set, not when they are first used."""
        self._config = read_settings({**self.settings, "budget": self.budget}).config
        self._planner = planner_of(self.planner, self._config)
        self._encoder = _encoder_of(self.embedding)
        return self

    def compress_documents(
        self,
        documents: Sequence[Document],
        query: str | None = None,
        callbacks: Callbacks | None = None,
        *,
        plan: Sequence[str] | None = None,
    ) -> list[Document]:
        """Return copies of the documents that are kept, in their given order. The content of each is an excerpt.

        The id and the metadata are kept. `metadata["hiercomp"]` holds the spans of the content that were kept. `plan`
        names the evidence to find, in the words that a document would use for it. A retriever that calls the compressor
        takes it in the metadata of its call, under the key `hiercomp_plan`.

        Raises:
            BudgetError: nothing fits; the error names the least budget that works.
        """
        texts = [document.page_content for document in documents]
        hints = Hints(
            scores=_scores(documents) if self.ranked else (),
            plan=plan or _plan_in(callbacks),
            planner=self._planner,
            encoder=self._encoder,
        )
        selection = select(texts, query, budget=self._config.budget, config=self._config, hints=hints)
        kept = []
        for document, excerpt in zip(documents, selection.excerpts, strict=True):
            if excerpt is not None:
                found = provenance(document.page_content, excerpt, document.metadata, selection.tokenizer)
                metadata = {**deepcopy(document.metadata), KEY: found}
                kept.append(document.model_copy(update={"page_content": excerpt.text, "metadata": metadata}))
        return kept

    async def acompress_documents(
        self,
        documents: Sequence[Document],
        query: str | None = None,
        callbacks: Callbacks | None = None,
        *,
        plan: Sequence[str] | None = None,
    ) -> list[Document]:
        """Do the same in a thread, so that the event loop stays free."""
        return await in_thread(self.compress_documents, documents, query, callbacks, plan=plan)

    def as_runnable(self) -> Runnable[Mapping[str, Any], list[Document]]:
        """Return the compressor as a step of a chain, from `{"documents": …, "query": …, "plan": …}` to documents.

        `query` and `plan` may be missing.
        """

        def compress(inputs: Mapping[str, Any]) -> list[Document]:
            return self.compress_documents(inputs["documents"], inputs.get("query"), plan=inputs.get("plan"))

        async def acompress(inputs: Mapping[str, Any]) -> list[Document]:
            return await self.acompress_documents(inputs["documents"], inputs.get("query"), plan=inputs.get("plan"))

        return RunnableLambda(compress, acompress, name=type(self).__name__)


def _plan_in(callbacks: Callbacks | None) -> Sequence[str] | None:
    """Return the plan in the metadata of the call that the compressor is a part of, if there is one."""
    plan = callbacks.metadata.get(PLAN_KEY) if isinstance(callbacks, BaseCallbackManager) else None
    return plan or None


def _scores(documents: Sequence[Document]) -> list[float]:
    """Return the scores that a reranker wrote into the metadata of all documents, or else scores for their order."""
    written = [document.metadata.get(SCORE_KEY) for document in documents]
    scores = [float(score) for score in written if isinstance(score, int | float)]
    return scores if len(scores) == len(documents) else [-float(place) for place in range(len(documents))]


def planner_of(planner: BaseChatModel | Lines | None, config: Config) -> Planner | None:
    """Return the planner of an adapter, or None for the planner of the settings."""
    if planner is None:
        return None
    if not isinstance(planner, BaseChatModel):
        return function_planner(planner, config)
    model = planner

    def call(messages: Sequence[Message]) -> str:
        return str(model.invoke([(message.role, message.content) for message in messages]).text)

    return model_planner(lambda: StackReader(model_name(model) or type(model).__name__, call, config), config)


def _encoder_of(embedding: Embeddings | None) -> StackEncoder | None:
    if embedding is None:
        return None
    return StackEncoder(label_of(embedding), embedding.embed_query, embedding.embed_documents)
