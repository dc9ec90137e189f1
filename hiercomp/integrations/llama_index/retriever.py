"""A LlamaIndex retriever over files, documents or nodes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.callbacks import CallbackManager
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle

from hiercomp.config import read_settings
from hiercomp.integrations.llama_index._corpus import LazyCorpus, Sources, Stack
from hiercomp.integrations.llama_index._nodes import content_with, tokens_of
from hiercomp.integrations.llama_index._planned import Planning, encoder_of, plan_of, planner_of
from hiercomp.integrations.llama_index.events import Compression
from hiercomp.types import Part, TokenBudget


class HiercompRetriever(BaseRetriever):
    """A retriever that finds passages of files and documents, or given nodes, and cuts them to the question.

    The budget bounds the contents that a response synthesizer reads, metadata included. Nodes are returned best first.
    Their score is the calibrated probability that they hold evidence. Sources are read once, at the first question:
    nodes that are added to an index later are not found. `settings` are fields of `hiercomp.Config`. `planner` writes
    the plan of a question that is no `PlannedQuery`, and `embedding` encodes the passages; both replace those of the
    settings.
    """

    def __init__(
        self,
        sources: Sources,
        *,
        budget: TokenBudget,
        settings: Mapping[str, Any] | None = None,
        planner: Planning | None = None,
        embedding: BaseEmbedding | None = None,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        super().__init__(callback_manager)
        # A node's text must be a span of its document. A summary that a model writes is not.
        self._config = read_settings({**(settings or {}), "budget": budget, "compressor": "extractive"}).config
        stack = Stack(encoder=encoder_of(embedding), planner=planner_of(planner, self._config))
        self._corpus = LazyCorpus(sources, self._config, stack)

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
        pipeline, tokenizer = corpus.pipeline, corpus.pipeline.tokenizer
        plan = plan_of(query_bundle) or pipeline.plan(question)
        find = corpus.finder(pipeline.rank(question, plan=plan))

        def measure(text: str, parts: Sequence[Part]) -> int:
            return tokens_of(tokenizer, (content_with(found.unit.node, found.excerpt.text) for found in find(parts)))

        run = pipeline.fit(question, budget=budget, plan=plan, measure=measure, addressed=True)
        nodes = [found.node(tokenizer) for found in find(run.context.parts)]
        tokens = (run.ledger.source_tokens, run.context.token_count)
        compression.end(*tokens, kept=len(nodes), total=len(corpus.units), plan=run.plan)
        return nodes

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)
