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
from hiercomp.chat.texts import select
from hiercomp.config import Config, read_settings
from hiercomp.errors import MissingExtraError
from hiercomp.integrations._provenance import KEY, provenance
from hiercomp.types import TokenBudget

try:
    from langchain_core.callbacks import Callbacks
    from langchain_core.documents import BaseDocumentCompressor, Document
    from langchain_core.runnables import Runnable, RunnableLambda
except ModuleNotFoundError as error:
    raise MissingExtraError("compressing for LangChain", "langchain") from error


class HiercompDocumentCompressor(BaseDocumentCompressor):
    """A compressor that cuts documents to the sentences that answer a query, within one budget for all documents.

    Documents without such sentences are dropped. `settings` are fields of `hiercomp.Config`.
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True)
    budget: TokenBudget
    settings: dict[str, Any] = Field(default_factory=dict)
    _config: Config = PrivateAttr()

    @model_validator(mode="after")
    def _read(self) -> Self:
        """Validate the settings when they are set, not when they are first used."""
        self._config = read_settings({**self.settings, "budget": self.budget}).config
        return self

    def compress_documents(
        self, documents: Sequence[Document], query: str | None = None, callbacks: Callbacks | None = None
    ) -> list[Document]:
        """Return copies of the documents that are kept, in their given order. The content of each is an excerpt.

        The id and the metadata are kept. `metadata["hiercomp"]` holds the spans of the content that were kept.

        Raises:
            BudgetError: nothing fits; the error names the least budget that works.
        """
        texts = [document.page_content for document in documents]
        selection = select(texts, query, budget=self._config.budget, config=self._config)
        kept = []
        for document, excerpt in zip(documents, selection.excerpts, strict=True):
            if excerpt is not None:
                found = provenance(document.page_content, excerpt, document.metadata, selection.tokenizer)
                metadata = {**deepcopy(document.metadata), KEY: found}
                kept.append(document.model_copy(update={"page_content": excerpt.text, "metadata": metadata}))
        return kept

    async def acompress_documents(
        self, documents: Sequence[Document], query: str | None = None, callbacks: Callbacks | None = None
    ) -> list[Document]:
        """Do the same in a thread, so that the event loop stays free."""
        return await in_thread(self.compress_documents, documents, query, callbacks)

    def as_runnable(self) -> Runnable[Mapping[str, Any], list[Document]]:
        """Return the compressor as a step of a chain. It takes `{"documents": …, "query": …}` and returns documents."""

        def compress(inputs: Mapping[str, Any]) -> list[Document]:
            return self.compress_documents(inputs["documents"], inputs.get("query"))

        async def acompress(inputs: Mapping[str, Any]) -> list[Document]:
            return await self.acompress_documents(inputs["documents"], inputs.get("query"))

        return RunnableLambda(compress, acompress, name=type(self).__name__)
