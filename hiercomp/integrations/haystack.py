"""A Haystack component that brings the documents of a pipeline within a token budget.

    pipeline.add_component("compressor", HiercompCompressor(budget=2000))
    pipeline.connect("retriever.documents", "compressor.documents")

The budget bounds the contents of all documents, joined by empty lines.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

from hiercomp.cancellation import in_thread
from hiercomp.chat.texts import select
from hiercomp.config import read_settings
from hiercomp.errors import MissingExtraError
from hiercomp.integrations._provenance import KEY, provenance
from hiercomp.pipeline import Pipeline
from hiercomp.types import TokenBudget

try:
    from haystack import Document, component, default_from_dict, default_to_dict
except ModuleNotFoundError as error:
    raise MissingExtraError("compressing for Haystack", "haystack") from error


@component
class HiercompCompressor:
    """A component that cuts documents to the sentences that answer a query, within one budget for all documents.

    Documents without such sentences are dropped. `settings` are fields of `hiercomp.Config`.
    """

    def __init__(self, budget: TokenBudget, settings: dict[str, Any] | None = None) -> None:
        self.budget = budget
        self.settings = settings or {}
        self._config = read_settings({**self.settings, "budget": budget}).config

    def warm_up(self) -> None:
        """Load the tokenizer and the models before the first run."""
        with Pipeline("Two words.", config=self._config.model_copy(update={"cache": False})) as pipeline:
            pipeline.tokenizer.count("Two words.")
            pipeline.rank("Which words?")

    @component.output_types(documents=list[Document])
    def run(self, documents: list[Document], query: str | None = None, budget: int | None = None) -> dict[str, Any]:
        """Return copies of the documents that are kept, in their given order. The content of each is an excerpt.

        The id, the score and the meta are kept. `meta["hiercomp"]` holds the spans of the content that were kept. A
        document without text, such as an image, is kept unchanged. `budget` overrides the component's own budget.

        Raises:
            BudgetError: nothing fits; the error names the least budget that works.
        """
        token_budget = self.budget if budget is None else budget
        texts = [document.content or "" for document in documents]
        selection = select(texts, query, budget=token_budget, config=self._config)
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
        self, documents: list[Document], query: str | None = None, budget: int | None = None
    ) -> dict[str, Any]:
        """Do the same in a thread, so that the event loop stays free."""
        return await in_thread(self.run, documents, query, budget)

    def to_dict(self) -> dict[str, Any]:
        """Return the component as a dictionary for a saved pipeline."""
        return default_to_dict(self, budget=self.budget, settings=self.settings)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> HiercompCompressor:
        """Build the component from the dictionary of a saved pipeline."""
        return default_from_dict(cls, data)
