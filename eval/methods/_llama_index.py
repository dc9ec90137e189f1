"""What LlamaIndex's methods share: chunks in a vector index, by our encoder and our tokenizer."""

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
"""Tokens of a chunk. The framework's default of 1,024 is above the smallest budgets, and the encoder reads 256."""
OVERLAP_TOKENS = 20
"""Tokens that neighbours share: the default of the framework's hierarchical parser."""
EMBEDDED_AT_ONCE = 2048
"""Texts that the encoder is given at once: the most that the framework allows."""


def check() -> None:
    """Loads the framework.

    Raises:
        Unavailable: it is not installed, or what it ships for splitting sentences cannot be read.
    """
    try:
        from llama_index.core.node_parser.text.utils import split_by_sentence_tokenizer
    except ImportError as error:
        raise Unavailable("llama-index-core is not installed: pip install 'hiercomp[eval]'") from error
    # Where LangChain is installed, LlamaIndex loads it with the first index, and it warns of one of its own packages.
    with warnings.catch_warnings(), suppress(ImportError):
        warnings.filterwarnings("ignore", "`langchain-community` is being sunset", DeprecationWarning)
        import_module("llama_index.core.bridge.langchain")
    try:
        split_by_sentence_tokenizer()("One. Two.")
    except (OSError, LookupError) as error:  # nltk refuses files that have hard links, as some installers make them
        raise Unavailable(
            f"nltk cannot read what llama-index-core ships ({error}): install that package as copies, not as links"
        ) from error


def chunked(document: Document, embedding: BaseEmbedding, tokenizer: Tokenizer) -> VectorStoreIndex:
    """The chunks of a document, embedded."""
    from llama_index.core import VectorStoreIndex

    nodes = splitter(CHUNK_TOKENS, tokenizer).get_nodes_from_documents([document_of(document)])
    return VectorStoreIndex(nodes, embed_model=embedding)


def splitter(tokens: int, tokenizer: Tokenizer) -> SentenceSplitter:
    """Chunks that end with sentences, counted by the tokenizer."""
    from llama_index.core.node_parser import SentenceSplitter

    return SentenceSplitter(
        chunk_size=tokens,
        chunk_overlap=OVERLAP_TOKENS,
        # The splitter asks only for how many there are.
        tokenizer=lambda text: range(tokenizer.count(text)),
        # Random ids, the default, would order nodes of the same score differently in each process.
        id_func=lambda index, source: f"{source.node_id}/{index:06}",
    )


def document_of(document: Document) -> LlamaIndexDocument:
    """The text alone: metadata would be taken from each chunk's size."""
    from llama_index.core import Document as LlamaIndexDocument

    return LlamaIndexDocument(text=document.text.encode("utf-8", "replace").decode(), id_=document.id)


def embedding_of(encoder: Encoder) -> BaseEmbedding:
    """The encoder as the framework takes one."""
    from llama_index.core.base.embeddings.base import BaseEmbedding

    class EncoderEmbedding(BaseEmbedding):
        def _get_query_embedding(self, query: str) -> list[float]:
            vector: list[float] = encoder.encode_query(query).tolist()
            return vector

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            vectors: list[list[float]] = encoder.encode_passages(texts).tolist()
            return vectors

    return EncoderEmbedding(model_name=encoder.name, embed_batch_size=EMBEDDED_AT_ONCE)
