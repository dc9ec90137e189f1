"""LangChain: retrieved documents within a token budget.

    compressor = HiercompDocumentCompressor(budget=2000)
    retriever = ContextualCompressionRetriever(base_compressor=compressor, base_retriever=retriever)

The budget bounds the contents with an empty line between them, as chains join documents.
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
from hiercomp.pipeline import Limit

try:
    from langchain_core.callbacks import Callbacks
    from langchain_core.documents import BaseDocumentCompressor, Document
    from langchain_core.runnables import Runnable, RunnableLambda
except ModuleNotFoundError as error:
    raise MissingExtraError("compressing for LangChain", "langchain") from error


class HiercompDocumentCompressor(BaseDocumentCompressor):
    """Shortens documents to what serves a query, within one budget for all of them; those left with nothing go.

    `settings` are fields of `hiercomp.Config`.
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True)
    budget: Limit
    settings: dict[str, Any] = Field(default_factory=dict)
    _config: Config = PrivateAttr()

    @model_validator(mode="after")
    def _read(self) -> Self:
        """Reads the settings when they are set, so that a wrong one is refused then."""
        self._config = read_settings({**self.settings, "budget": self.budget}).config
        return self

    def compress_documents(
        self, documents: Sequence[Document], query: str | None = None, callbacks: Callbacks | None = None
    ) -> list[Document]:
        """Copies of the documents that are kept, in the order given, each with an excerpt as its content.

        The id and the metadata are kept; `metadata["hiercomp"]` says what of the content was.

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
        """The same, off the event loop."""
        return await in_thread(self.compress_documents, documents, query, callbacks)

    def as_runnable(self) -> Runnable[Mapping[str, Any], list[Document]]:
        """The compressor as a step of a chain: takes `{"documents": …, "query": …}` and gives documents."""

        def compress(inputs: Mapping[str, Any]) -> list[Document]:
            return self.compress_documents(inputs["documents"], inputs.get("query"))

        async def acompress(inputs: Mapping[str, Any]) -> list[Document]:
            return await self.acompress_documents(inputs["documents"], inputs.get("query"))

        return RunnableLambda(compress, acompress, name=type(self).__name__)
