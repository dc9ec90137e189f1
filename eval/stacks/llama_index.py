"""Methods of LlamaIndex: a query engine over chunks in a vector index, with different postprocessors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from eval.methods import llmlingua
from eval.methods._llama_index import CHUNK_TOKENS, check, chunked, embedding_of
from eval.methods.llama_index import optimizer
from eval.ports import Index, Method, Parts, Select
from eval.stacks._shared import CANDIDATES, SETTINGS, joined, whole
from eval.types import Question
from hiercomp.types import Document

if TYPE_CHECKING:
    from llama_index.core import VectorStoreIndex
    from llama_index.core.postprocessor.types import BaseNodePostprocessor
    from llama_index.core.schema import QueryBundle

Cut = Callable[[Sequence[str], str, int], str]
"""Cuts texts for a question to a budget."""


def build(name: str, parts: Parts) -> Method:
    """Build one of the methods of `stack`.

    Raises:
        Unavailable: a required package is not installed.
    """
    check()
    settings = {
        "llama-index-core": version("llama-index-core"),
        "encoder": parts.encoder.name,
        "chunk_tokens": CHUNK_TOKENS,
        "candidates": CANDIDATES,
    }

    def none(budget: int) -> list[BaseNodePostprocessor]:
        return []

    def hiercomp(budget: int) -> list[BaseNodePostprocessor]:
        from hiercomp.integrations.llama_index import HiercompPostprocessor

        return [HiercompPostprocessor(budget=budget, settings=dict(SETTINGS))]

    def sentences(budget: int) -> list[BaseNodePostprocessor]:
        return [optimizer(parts.encoder)]

    def uncut(texts: Sequence[str], question: str, budget: int) -> str:
        return whole(texts, budget, parts.tokenizer)

    chosen = {"llama-index+hiercomp": hiercomp, "llama-index+sentence-optimizer": sentences}.get(name, none)
    if name == "llama-index+longllmlingua":
        longllmlingua = llmlingua.build("longllmlingua", parts)
        return _Engine(parts, chosen, longllmlingua.compress, settings | longllmlingua.settings)
    if name == "llama-index+hiercomp":  # hiercomp keeps to the budget itself
        return _Engine(parts, chosen, lambda texts, question, budget: joined(texts), settings)
    return _Engine(parts, chosen, uncut, settings)


@dataclass(frozen=True, slots=True)
class _Engine:
    """A query engine with postprocessors for each budget, and a function that cuts the nodes it returns."""

    parts: Parts
    postprocessors: Callable[[int], list[BaseNodePostprocessor]]
    cut: Cut
    settings: dict[str, object]
    budgeted: bool = True

    def index(self, document: Document) -> Index:
        """Encode the chunks of a document."""
        return _Indexed(self, chunked(document, embedding_of(self.parts.encoder), self.parts.tokenizer))


@dataclass(frozen=True, slots=True)
class _Indexed:
    engine: _Engine
    chunks: VectorStoreIndex

    def find(self, question: Question) -> Select:
        """Return the text that the engine would give its model."""
        from llama_index.core.schema import QueryBundle

        bundle = QueryBundle(question.text)  # It keeps its embedding after the first retrieval.
        return lambda budget: self.engine.cut(self._texts(bundle, budget), question.text, budget)

    def _texts(self, bundle: QueryBundle, budget: int) -> list[str]:
        from llama_index.core.llms import MockLLM
        from llama_index.core.schema import MetadataMode

        engine = self.chunks.as_query_engine(
            llm=MockLLM(),  # Only the retrieved nodes count; nothing is written.
            similarity_top_k=CANDIDATES,
            node_postprocessors=self.engine.postprocessors(budget),
        )
        return [node.get_content(MetadataMode.LLM) for node in engine.retrieve(bundle)]
