"""A LlamaIndex retriever over files, documents or nodes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from llama_index.core.callbacks import CallbackManager
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle

from hiercomp.config import read_settings
from hiercomp.integrations.llama_index._corpus import LazyCorpus, Sources
from hiercomp.integrations.llama_index._nodes import content_with, tokens_of
from hiercomp.integrations.llama_index.events import Compression
from hiercomp.types import Part, TokenBudget


class HiercompRetriever(BaseRetriever):
    """A retriever that finds passages of files and documents, or given nodes, and cuts them to the question.

    The budget bounds the contents that a response synthesizer reads, metadata included. Nodes are returned best first.
    Their score is the calibrated probability that they hold evidence. Sources are read once, at the first question:
    nodes that are added to an index later are not found. `settings` are fields of `hiercomp.Config`.
    """

    def __init__(
        self,
        sources: Sources,
        *,
        budget: TokenBudget,
        settings: Mapping[str, Any] | None = None,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        super().__init__(callback_manager)
        # A node's text must be a span of its document. A summary that a model writes is not.
        self._config = read_settings({**(settings or {}), "budget": budget, "compressor": "extractive"}).config
        self._corpus = LazyCorpus(sources, self._config)

    def close(self) -> None:
        """Close the store."""
        self._corpus.close()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        question, budget = query_bundle.query_str, self._config.budget
        compression = Compression(question, budget)
        corpus = self._corpus()
        if not corpus.units:
            compression.end(0, 0, kept=0, total=0)
            return []
        find, tokenizer = corpus.finder(question), corpus.pipeline.tokenizer

        def measure(text: str, parts: Sequence[Part]) -> int:
            return tokens_of(tokenizer, (content_with(found.unit.node, found.excerpt.text) for found in find(parts)))

        run = corpus.pipeline.fit(question, budget=budget, measure=measure, addressed=True)
        nodes = [found.node(tokenizer) for found in find(run.context.parts)]
        compression.end(run.ledger.source_tokens, run.context.token_count, kept=len(nodes), total=len(corpus.units))
        return nodes

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)
