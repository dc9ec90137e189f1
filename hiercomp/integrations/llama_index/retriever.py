"""What serves a question, of files, documents or nodes, as LlamaIndex's nodes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from llama_index.core.callbacks import CallbackManager
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle

from hiercomp.config import read_settings
from hiercomp.integrations.llama_index._corpus import LazyCorpus, Sources
from hiercomp.integrations.llama_index._nodes import shown, tokens_of
from hiercomp.integrations.llama_index.events import Compression
from hiercomp.pipeline import Limit
from hiercomp.types import Part


class HiercompRetriever(BaseRetriever):
    """Finds the passages of files and documents, or the nodes given, and cuts them to what serves the question.

    The budget bounds what a response synthesizer reads of all that is returned, metadata included. Nodes come best
    first; their score is the calibrated probability that they hold evidence. Sources are read at the first question
    and kept: what is added to an index later is not seen. `settings` are fields of `hiercomp.Config`.
    """

    def __init__(
        self,
        sources: Sources,
        *,
        budget: Limit,
        settings: Mapping[str, Any] | None = None,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        super().__init__(callback_manager)
        # Nodes hold stretches of their documents: a summary that a model writes would be none.
        self._config = read_settings({**(settings or {}), "budget": budget, "compressor": "extractive"}).config
        self._corpus = LazyCorpus(sources, self._config)

    def close(self) -> None:
        """Lets go of the store."""
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
            return tokens_of(tokenizer, (shown(found.unit.node, found.excerpt.text) for found in find(parts)))

        context = corpus.pipeline.compress(question, budget=budget, measure=measure)
        nodes = [found.node(tokenizer) for found in find(context.parts)]
        compression.end(context.ledger.source_tokens, context.token_count, kept=len(nodes), total=len(corpus.units))
        return nodes

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)
