"""Methods of LangChain: a retriever over chunks in a vector store, with different document compressors."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from eval.methods import langchain as classic
from eval.ports import Index, Method, Parts, Select
from eval.stacks._shared import CANDIDATES, SETTINGS, joined, whole
from eval.types import Question
from hiercomp.types import Document

if TYPE_CHECKING:
    from langchain_core.documents import BaseDocumentCompressor
    from langchain_core.embeddings import Embeddings
    from langchain_core.retrievers import BaseRetriever
    from langchain_core.vectorstores import VectorStoreRetriever

CHUNK_TOKENS = 256
PIECE_CHARACTERS = 300
"""The size of the pieces in the framework's guide to compressor pipelines. Pieces end at a full stop."""

Compressors = Callable[[int], "BaseDocumentCompressor | None"]


def build(name: str, parts: Parts) -> Method:
    """Build one of the methods of `stack`.

    Raises:
        Unavailable: a required package is not installed.
    """
    classic.check()
    embeddings = classic.embeddings(parts.encoder)
    settings = {
        **{package: version(package) for package in (*classic.PACKAGES, "langchain-core")},
        "encoder": parts.encoder.name,
        "chunk_tokens": CHUNK_TOKENS,
        "candidates": CANDIDATES,
    }
    compressors: dict[str, Compressors] = {
        "langchain": lambda budget: None,
        "langchain+hiercomp": _hiercomp,
        "langchain+embeddings-filter": lambda budget: _filter(embeddings),
        "langchain+compressor-pipeline": lambda budget: _pipeline(embeddings),
    }
    return _Retriever(parts, embeddings, compressors[name], name == "langchain+hiercomp", settings)


def _hiercomp(budget: int) -> BaseDocumentCompressor:
    from hiercomp.integrations.langchain import HiercompDocumentCompressor

    return HiercompDocumentCompressor(budget=budget, settings=dict(SETTINGS))


def _filter(embeddings: Embeddings) -> BaseDocumentCompressor:
    """Return the filter with its defaults: it keeps the 20 chunks that are closest to the question."""
    from langchain_classic.retrievers.document_compressors import EmbeddingsFilter

    return EmbeddingsFilter(embeddings=embeddings)


def _pipeline(embeddings: Embeddings) -> BaseDocumentCompressor:
    """Return the guide's pipeline: split, drop near-duplicates, rank the rest. The budget decides how many are used."""
    from langchain_classic.retrievers.document_compressors import DocumentCompressorPipeline, EmbeddingsFilter
    from langchain_community.document_transformers import EmbeddingsRedundantFilter
    from langchain_text_splitters import CharacterTextSplitter

    # The splitter warns of each piece without a full stop.
    logging.getLogger("langchain_text_splitters.base").setLevel(logging.ERROR)
    splitter = CharacterTextSplitter(chunk_size=PIECE_CHARACTERS, chunk_overlap=0, separator=". ")
    return DocumentCompressorPipeline(
        transformers=[
            splitter,
            EmbeddingsRedundantFilter(embeddings=embeddings),
            EmbeddingsFilter(embeddings=embeddings, k=CANDIDATES * CHUNK_TOKENS),  # keeps all
        ]
    )


@dataclass(frozen=True, slots=True)
class _Retriever:
    """A retriever with a compressor. `keeps` tells whether the compressor itself keeps to the budget."""

    parts: Parts
    embeddings: Embeddings
    compressor: Compressors
    keeps: bool
    settings: dict[str, object]
    budgeted: bool = True

    def index(self, document: Document) -> Index:
        """Store the chunks of a document with their vectors."""
        from langchain_core.vectorstores import InMemoryVectorStore
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        splitter = RecursiveCharacterTextSplitter(
            chunk_size=CHUNK_TOKENS, chunk_overlap=0, length_function=self.parts.tokenizer.count
        )
        chunks = splitter.create_documents([document.text.encode("utf-8", "replace").decode()])
        store = InMemoryVectorStore.from_documents(chunks, self.embeddings)
        return _Indexed(self, store.as_retriever(search_kwargs={"k": CANDIDATES}))


@dataclass(frozen=True, slots=True)
class _Indexed:
    stack: _Retriever
    retriever: VectorStoreRetriever

    def find(self, question: Question) -> Select:
        """Return the text that the retriever would give a model."""
        return lambda budget: self._text(question.text, budget)

    def _text(self, question: str, budget: int) -> str:
        from langchain_classic.retrievers import ContextualCompressionRetriever

        compressor = self.stack.compressor(budget)
        retriever: BaseRetriever = self.retriever
        if compressor:
            retriever = ContextualCompressionRetriever(base_compressor=compressor, base_retriever=retriever)
        texts = [found.page_content for found in retriever.invoke(question)]
        return joined(texts) if self.stack.keeps else whole(texts, budget, self.stack.parts.tokenizer)
