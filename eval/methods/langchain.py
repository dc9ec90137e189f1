"""LangChain's contextual compression: split, drop near-duplicates, and rank with an embeddings filter.

This is the pipeline of the framework's guide, with the framework's classes. The redundancy filter embeds the chunks
once for each document and passes the vectors on, so the embeddings filter only embeds the question.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

from eval.methods._filling import Unit, fill
from eval.ports import Index, Method, Parts, Select, Unavailable
from eval.types import Question
from hiercomp.ports import Encoder, Tokenizer
from hiercomp.types import Document

if TYPE_CHECKING:
    from langchain_core.documents import Document as LangChainDocument
    from langchain_core.embeddings import Embeddings

NAMES = ("langchain/embeddings-filter",)

CHUNK_TOKENS = 200
"""Tokens of a chunk. Chunks do not overlap, as in the guide."""
REDUNDANT = 0.95
"""The cosine above which one of two chunks is dropped: the redundancy filter's default."""
PACKAGES = ("langchain-classic", "langchain-community", "langchain-text-splitters")


def build(name: str, parts: Parts) -> Method:
    """Build the method.

    Raises:
        Unavailable: a package of the framework is not installed.
    """
    check()
    return _Compression(parts)


def check() -> None:
    """Import the framework.

    Raises:
        Unavailable: one of its packages is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "`langchain-community` is being sunset", DeprecationWarning)
            for package in PACKAGES:
                import_module(package.replace("-", "_"))
    except ImportError as error:
        raise Unavailable(f"{error.name} is not installed: pip install 'hiercomp[eval]'") from error


@dataclass(frozen=True, slots=True)
class _Compression:
    """The first two steps of the pipeline, which do not depend on the question."""

    parts: Parts
    budgeted: bool = True

    @property
    def settings(self) -> dict[str, object]:
        """The versions and the parameters."""
        return {
            **{package: version(package) for package in PACKAGES},
            "encoder": self.parts.encoder.name,
            "chunk_tokens": CHUNK_TOKENS,
            "redundant": REDUNDANT,
        }

    def index(self, document: Document) -> Index:
        """Split the document, drop near-duplicate chunks, and embed the others."""
        from langchain_community.document_transformers import EmbeddingsRedundantFilter
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        splitter = RecursiveCharacterTextSplitter(
            chunk_size=CHUNK_TOKENS,
            chunk_overlap=0,
            length_function=self.parts.tokenizer.count,
            add_start_index=True,
        )
        embedded = embeddings(self.parts.encoder)
        chunks = splitter.create_documents([document.text.encode("utf-8", "replace").decode()])
        distinct = EmbeddingsRedundantFilter(embeddings=embedded, similarity_threshold=REDUNDANT)
        return _Chunks(distinct.transform_documents(chunks), embedded, self.parts.tokenizer)


@dataclass(frozen=True, slots=True)
class _Chunks:
    """Chunks and their vectors."""

    chunks: Sequence[LangChainDocument]
    embeddings: Embeddings
    tokenizer: Tokenizer

    def find(self, question: Question) -> Select:
        """Rank all chunks with the embeddings filter. The budget decides how many are used."""
        from langchain_classic.retrievers.document_compressors import EmbeddingsFilter

        ranking = EmbeddingsFilter(embeddings=self.embeddings, k=len(self.chunks))
        # The filter fails on an empty list.
        found = ranking.compress_documents(self.chunks, question.query) if self.chunks else []
        ranked = [Unit(chunk.page_content, chunk.metadata["start_index"]) for chunk in found]
        return lambda budget: fill(ranked, budget, self.tokenizer)


def embeddings(encoder: Encoder) -> Embeddings:
    """Wrap an encoder for the framework."""
    from langchain_core.embeddings import Embeddings

    class EncoderEmbeddings(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [tokens.vector.tolist() for tokens in encoder.encode_passages(texts)]

        def embed_query(self, text: str) -> list[float]:
            vector: list[float] = encoder.encode_query(text).vector.tolist()
            return vector

    return EncoderEmbeddings()
