"""Answers within a budget for the whole call, as LlamaIndex's responses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator, Mapping
from contextvars import copy_context
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
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

from hiercomp.config import read_settings
from hiercomp.integrations._provenance import KEY
from hiercomp.integrations.llama_index._corpus import LazyCorpus, Sources
from hiercomp.integrations.llama_index._llm import LlamaIndexReader
from hiercomp.integrations.llama_index.events import Compression
from hiercomp.pipeline import Limit
from hiercomp.report import to_dict
from hiercomp.types import Answer, Context


class HiercompQueryEngine(BaseQueryEngine):
    """Answers questions of files, documents or nodes, with citations that are checked.

    The budget bounds prompt, context and answer. The reader is the `llm` given, else the one that `settings`, fields of
    `hiercomp.Config`, name. A response's `source_nodes` are what the reader was shown, best first; its
    `metadata["hiercomp"]` is the run as JSON: citations, tokens, seconds, warnings. A streaming response has both when
    its text is at an end. Sources are read at the first question and kept.
    """

    def __init__(
        self,
        sources: Sources,
        *,
        budget: Limit,
        settings: Mapping[str, Any] | None = None,
        llm: LLM | None = None,
        streaming: bool = False,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        super().__init__(callback_manager)
        config = read_settings({**(settings or {}), "budget": budget}).config
        reader = LlamaIndexReader(llm, config.tokenizer) if llm else None
        if reader and config.answer_tokens is None:
            config = config.model_copy(update={"answer_tokens": reader.answer_tokens})
        self._budget, self._streaming = config.budget, streaming
        self._corpus = LazyCorpus(sources, config, reader)

    def close(self) -> None:
        """Lets go of the store."""
        self._corpus.close()

    def retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        """What the reader would be shown."""
        run = _Run(self._corpus, Compression(query_bundle.query_str, self._budget))
        run.show(self._corpus().pipeline.explain(query_bundle.query_str))
        return run.nodes

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        question, run = query_bundle.query_str, _Run(self._corpus, Compression(query_bundle.query_str, self._budget))
        if self._streaming:
            return StreamingResponse(run.pieces(question), run.nodes, run.metadata)
        return run.end(self._corpus().pipeline.ask(question))

    async def _aquery(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        question, run = query_bundle.query_str, _Run(self._corpus, Compression(query_bundle.query_str, self._budget))
        if self._streaming:
            return AsyncStreamingResponse(run.apieces(question), run.nodes, run.metadata)
        corpus = await asyncio.to_thread(self._corpus)
        answer = await corpus.asynchronous.ask(question)
        return await asyncio.to_thread(run.end, answer)


class _Run:
    """One question: what its response tells besides the text is known at the end, and is added then."""

    def __init__(self, corpus: LazyCorpus, compression: Compression) -> None:
        self._corpus, self._compression = corpus, compression
        self.nodes: list[NodeWithScore] = []
        self.metadata: dict[str, Any] = {}

    def show(self, context: Context) -> None:
        """Takes what the reader is shown as nodes."""
        corpus = self._corpus()
        find = corpus.finder(context.question)
        self.nodes += [found.node(corpus.pipeline.tokenizer) for found in find(context.parts)]
        ledger, seconds = context.ledger, dict(context.ledger.seconds)["total"]
        counts = {"kept": len(self.nodes), "total": len(corpus.units)}
        self._compression.end(ledger.source_tokens, context.token_count, **counts, seconds=seconds)

    def end(self, answer: Answer) -> Response:
        """The whole response."""
        self.show(answer.context)
        self.metadata |= {node.node_id: node.metadata for node in self.nodes} | {KEY: to_dict(answer)}
        return Response(answer.text, self.nodes, self.metadata)

    def pieces(self, question: str) -> Generator[str, None, None]:
        """The answer as it is written, in a thread that ends at its next piece when nobody takes them any more."""
        pieces: SimpleQueue[str | Answer | BaseException] = SimpleQueue()
        left = Event()

        def hand_over(piece: str) -> None:
            if left.is_set():
                raise _LeftError
            pieces.put(piece)

        def ask() -> None:
            try:
                pieces.put(self._corpus().pipeline.ask(question, on_text=hand_over))
            except BaseException as error:  # raised where the pieces are taken
                pieces.put(error)

        Thread(target=copy_context().run, args=(ask,), daemon=True).start()
        try:
            while isinstance(piece := pieces.get(), str):
                yield piece
        finally:
            left.set()
        if isinstance(piece, BaseException):
            raise piece
        self.end(piece)

    async def apieces(self, question: str) -> AsyncGenerator[str, None]:
        """The answer as it is written."""
        corpus = await asyncio.to_thread(self._corpus)
        async for piece in corpus.asynchronous.stream(question):
            if isinstance(piece, str):
                yield piece
            else:
                await asyncio.to_thread(self.end, piece)


class _LeftError(Exception):
    """Ends the thread of an answer that nobody takes; no caller sees it."""
