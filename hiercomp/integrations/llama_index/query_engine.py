"""A LlamaIndex query engine whose budget bounds the whole call of the model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator, Mapping
from contextvars import copy_context
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any, TypedDict, Unpack

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.base.response.schema import (
    RESPONSE_TYPE,
    AsyncStreamingResponse,
    Response,
    StreamingResponse,
)
from llama_index.core.callbacks import CallbackManager
from llama_index.core.llms import LLM
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import NodeWithScore, QueryBundle

from hiercomp.config import Config, read_settings
from hiercomp.integrations._provenance import KEY
from hiercomp.integrations.llama_index._corpus import LazyCorpus, Sources, Stack
from hiercomp.integrations.llama_index._llm import LlamaIndexReader
from hiercomp.integrations.llama_index._planned import Planning, encoder_of, plan_of, planner_of
from hiercomp.integrations.llama_index.events import Compression
from hiercomp.planning import RULES
from hiercomp.report import to_dict
from hiercomp.types import Answer, Run, TokenBudget


class Models(TypedDict, total=False):
    """The models of the stack that an engine uses instead of those of its settings.

    `llm` answers. `planner` writes the plan of a question that is no `PlannedQuery`. `embedding` encodes the passages.
    """

    llm: LLM | None
    planner: Planning | None
    embedding: BaseEmbedding | None


class HiercompQueryEngine(BaseQueryEngine):
    """A query engine that answers questions about files, documents or nodes, with checked citations.

    The budget bounds prompt, context and answer together. The reader is `llm`, or else the model that `settings` name.
    `settings` are fields of `hiercomp.Config`. The `source_nodes` of a response are the passages that the reader was
    given, best first. Its `metadata["hiercomp"]` is the run as JSON: citations, tokens, seconds, warnings. A streaming
    response has both when its text is complete. Sources are read once, at the first question.
    """

    def __init__(
        self,
        sources: Sources,
        *,
        budget: TokenBudget,
        settings: Mapping[str, Any] | None = None,
        streaming: bool = False,
        callback_manager: CallbackManager | None = None,
        **models: Unpack[Models],
    ) -> None:
        super().__init__(callback_manager)
        # A node's text must be a span of its document. A summary that a model writes is not.
        config = read_settings({**(settings or {}), "budget": budget, "compressor": "extractive"}).config
        config, stack = _stack(config, **models)
        self._budget, self._streaming = config.budget, streaming
        self._corpus = LazyCorpus(sources, config, stack)

    def close(self) -> None:
        """Close the store."""
        self._corpus.close()

    def retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        """Return the nodes that the reader would be given."""
        query = self._start(query_bundle)
        query.set_nodes(self._corpus().pipeline.explain(query.question, plan=query.plan))
        return query.nodes

    def _start(self, query_bundle: QueryBundle) -> _Query:
        return _Query(self._corpus, query_bundle, self._budget)

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        query = self._start(query_bundle)
        if self._streaming:
            return StreamingResponse(query.stream(), query.nodes, query.metadata)
        return query.finish(self._corpus().pipeline.ask(query.question, plan=query.plan))

    async def _aquery(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        query = self._start(query_bundle)
        if self._streaming:
            return AsyncStreamingResponse(query.astream(), query.nodes, query.metadata)
        corpus = await asyncio.to_thread(self._corpus)
        answer = await corpus.asynchronous.ask(query.question, plan=query.plan)
        return await asyncio.to_thread(query.finish, answer)


class _Query:
    """One question. Its nodes and metadata are filled in when the answer is complete."""

    def __init__(self, corpus: LazyCorpus, query_bundle: QueryBundle, budget: TokenBudget) -> None:
        self.question, self.plan = query_bundle.query_str, plan_of(query_bundle)
        self._corpus, self._compression = corpus, Compression(self.question, budget)
        self.nodes: list[NodeWithScore] = []
        self.metadata: dict[str, Any] = {}

    def set_nodes(self, run: Run) -> None:
        """Add the passages of a run's context as nodes."""
        corpus = self._corpus()
        find = corpus.finder(run.ranking)
        self.nodes += [found.node(corpus.pipeline.tokenizer) for found in find(run.context.parts)]
        ledger, seconds = run.ledger, dict(run.ledger.seconds)["total"]
        counts = {"kept": len(self.nodes), "total": len(corpus.units)}
        self._compression.end(ledger.source_tokens, run.context.token_count, **counts, seconds=seconds, plan=run.plan)

    def finish(self, answer: Answer) -> Response:
        """Return the complete response."""
        self.set_nodes(answer.run)
        self.metadata |= {node.node_id: node.metadata for node in self.nodes} | {KEY: to_dict(answer)}
        return Response(answer.text, self.nodes, self.metadata)

    def stream(self) -> Generator[str, None, None]:
        """Yield the answer as it is written.

        A thread asks the reader. If the caller closes the generator, the thread stops at the next piece.
        """
        pieces: SimpleQueue[str | Answer | BaseException] = SimpleQueue()
        is_closed = Event()

        def hand_over(piece: str) -> None:
            if is_closed.is_set():
                raise _GeneratorClosedError
            pieces.put(piece)

        def ask() -> None:
            try:
                pieces.put(self._corpus().pipeline.ask(self.question, plan=self.plan, on_text=hand_over))
            except BaseException as error:  # raised again in the thread of the caller
                pieces.put(error)

        Thread(target=copy_context().run, args=(ask,), daemon=True).start()
        try:
            while isinstance(piece := pieces.get(), str):
                yield piece
        finally:
            is_closed.set()
        if isinstance(piece, BaseException):
            raise piece
        self.finish(piece)

    async def astream(self) -> AsyncGenerator[str, None]:
        """Yield the answer as it is written."""
        corpus = await asyncio.to_thread(self._corpus)
        async for piece in corpus.asynchronous.stream(self.question, plan=self.plan):
            if isinstance(piece, str):
                yield piece
            else:
                await asyncio.to_thread(self.finish, piece)


def _stack(
    config: Config,
    *,
    llm: LLM | None = None,
    planner: Planning | None = None,
    embedding: BaseEmbedding | None = None,
) -> tuple[Config, Stack]:
    """Return the settings that fit the models of the stack, and the models as hiercomp uses them."""
    reader = LlamaIndexReader(llm, config) if llm else None
    if reader and config.answer_tokens is None:
        config = config.model_copy(update={"answer_tokens": reader.answer_tokens})
    if reader and config.planner is None:  # the model can be of any size, so that it plans only if it is asked to
        config = config.model_copy(update={"planner": RULES})
    return config, Stack(reader, encoder_of(embedding), planner_of(planner, config, llm))


class _GeneratorClosedError(Exception):
    """The caller closed the generator of an answer. This error ends the thread, and no caller sees it."""
