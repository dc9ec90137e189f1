"""Shared parts of LlamaIndex's methods: chunks in a vector index, with this evaluation's encoder and tokenizer."""

from __future__ import annotations

import warnings
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

from eval.ports import Unavailable
from hiercomp.ports import Encoder, Tokenizer
from hiercomp.types import Document

if TYPE_CHECKING:
    from llama_index.core import Document as LlamaIndexDocument
    from llama_index.core import VectorStoreIndex
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.node_parser import SentenceSplitter

CHUNK_TOKENS = 256
"""Tokens of a chunk. The framework's default of 1,024 exceeds the smallest budgets, and the encoder reads only 256."""
OVERLAP_TOKENS = 20
"""Tokens that adjacent chunks share: the default of the framework's hierarchical parser."""
EMBEDDED_AT_ONCE = 2048
"""The most texts that the encoder is given at once: the framework's maximum."""


def check() -> None:
    """Import the framework.

    Raises:
        Unavailable: it is not installed, or its data for splitting sentences cannot be read.
    """
    try:
        from llama_index.core.node_parser.text.utils import split_by_sentence_tokenizer
    except ImportError as error:
        raise Unavailable("llama-index-core is not installed: pip install 'hiercomp[eval]'") from error
    # With LangChain installed, LlamaIndex imports it for the first index, and LangChain warns of its own package.
    with warnings.catch_warnings(), suppress(ImportError):
        warnings.filterwarnings("ignore", "`langchain-community` is being sunset", DeprecationWarning)
        import_module("llama_index.core.bridge.langchain")
    try:
        split_by_sentence_tokenizer()("One. Two.")
    except (OSError, LookupError) as error:  # nltk refuses hard-linked files, which some installers make.
        raise Unavailable(
            f"nltk cannot read what llama-index-core ships ({error}): install that package as copies, not as links"
        ) from error


def chunked(document: Document, embedding: BaseEmbedding, tokenizer: Tokenizer) -> VectorStoreIndex:
    """Split a document into chunks and encode them."""
    from llama_index.core import VectorStoreIndex

    nodes = splitter(CHUNK_TOKENS, tokenizer).get_nodes_from_documents([document_of(document)])
    return VectorStoreIndex(nodes, embed_model=embedding)


def splitter(tokens: int, tokenizer: Tokenizer) -> SentenceSplitter:
    """Return a splitter whose chunks end at sentences. The tokenizer counts them."""
    from llama_index.core.node_parser import SentenceSplitter

    return SentenceSplitter(
        chunk_size=tokens,
        chunk_overlap=OVERLAP_TOKENS,
        # The splitter only uses the number of tokens.
        tokenizer=lambda text: range(tokenizer.count(text)),
        # Random ids, the default, would order nodes of equal score differently in each process.
        id_func=lambda index, source: f"{source.node_id}/{index:06}",
    )


def document_of(document: Document) -> LlamaIndexDocument:
    """Convert a document's text. Metadata is left out, because its tokens would be subtracted from each chunk."""
    from llama_index.core import Document as LlamaIndexDocument

    return LlamaIndexDocument(text=document.text.encode("utf-8", "replace").decode(), id_=document.id)


def embedding_of(encoder: Encoder) -> BaseEmbedding:
    """Wrap an encoder for the framework."""
    from llama_index.core.base.embeddings.base import BaseEmbedding

    class EncoderEmbedding(BaseEmbedding):
        def _get_query_embedding(self, query: str) -> list[float]:
            vector: list[float] = encoder.encode_query(query).vector.tolist()
            return vector

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            vectors: list[list[float]] = [tokens.vector.tolist() for tokens in encoder.encode_passages(texts)]
            return vectors

    return EncoderEmbedding(model_name=encoder.name, embed_batch_size=EMBEDDED_AT_ONCE)
