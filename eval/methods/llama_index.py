"""LlamaIndex's retrieval, from its own classes: top-k chunks, merged chunks, and chunks cut to their best sentences.

Nodes come in the framework's own order and with its own texts; only the encoder is ours. The number of nodes is never
what limits a method: each is asked for as many as the budget can hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from eval.methods._filling import Unit, fill, most
from eval.methods._llama_index import (
    CHUNK_TOKENS,
    OVERLAP_TOKENS,
    check,
    chunked,
    document_of,
    embedding_of,
    splitter,
)
from eval.ports import Index, Method, Parts, Select
from eval.types import Question
from hiercomp.ports import Encoder, Tokenizer
from hiercomp.types import Document

if TYPE_CHECKING:
    from llama_index.core import StorageContext, VectorStoreIndex
    from llama_index.core.postprocessor import SentenceEmbeddingOptimizer
    from llama_index.core.schema import BaseNode, NodeWithScore, QueryBundle

TOP_K = "llama-index"
AUTO_MERGING = "llama-index/auto-merging"
SENTENCE_OPTIMIZER = "llama-index/sentence-optimizer"
NAMES = (TOP_K, AUTO_MERGING, SENTENCE_OPTIMIZER)

LEVEL_TOKENS = (2048, 512, 128)
"""The hierarchical parser's default sizes."""
MERGE_RATIO = 0.5
"""The merging retriever's default: a parent takes the place of its children when more than this share is found."""
SENTENCE_SHARE = 0.5
"""The share of a chunk's sentences that the optimizer keeps: the value of its documentation."""
NEIGHBOURS = 0
"""Sentences that the optimizer puts before and after each one it keeps. Its default of 1 writes every sentence up to
three times, and a chunk comes out longer than it went in."""


def build(name: str, parts: Parts) -> Method:
    """The method with a name.

    Raises:
        Unavailable: llama-index-core is not installed, or what it ships for splitting sentences cannot be read.
    """
    check()
    return {TOP_K: _top_k, AUTO_MERGING: _auto_merging, SENTENCE_OPTIMIZER: _sentence_optimizer}[name](parts)


@dataclass(frozen=True, slots=True)
class _LlamaIndex:
    """A pipeline of the framework, and what the run's file says of it."""

    make: Callable[[Document], Index]
    settings: dict[str, object]
    budgeted: bool = True

    def index(self, document: Document) -> Index:
        """The document's nodes, embedded."""
        return self.make(document)


def _settings(encoder: Encoder, **parameters: object) -> dict[str, object]:
    return {
        "llama-index-core": version("llama-index-core"),
        "encoder": encoder.name,
        "overlap_tokens": OVERLAP_TOKENS,
        **parameters,
    }


def _top_k(parts: Parts) -> Method:
    embedding = embedding_of(parts.encoder)

    def make(document: Document) -> Index:
        return _Nodes(chunked(document, embedding, parts.tokenizer), parts.tokenizer)

    return _LlamaIndex(make, _settings(parts.encoder, chunk_tokens=CHUNK_TOKENS))


def optimizer(encoder: Encoder) -> SentenceEmbeddingOptimizer:
    """What cuts a chunk to its best sentences."""
    from llama_index.core.postprocessor import SentenceEmbeddingOptimizer

    return SentenceEmbeddingOptimizer(
        embed_model=embedding_of(encoder),
        percentile_cutoff=SENTENCE_SHARE,
        context_before=NEIGHBOURS,
        context_after=NEIGHBOURS,
    )


def _sentence_optimizer(parts: Parts) -> Method:
    embedding, cutting = embedding_of(parts.encoder), optimizer(parts.encoder)

    def make(document: Document) -> Index:
        return _Optimized(chunked(document, embedding, parts.tokenizer), cutting, parts.tokenizer)

    cut = {"percentile_cutoff": SENTENCE_SHARE, "neighbours": NEIGHBOURS}
    return _LlamaIndex(make, _settings(parts.encoder, chunk_tokens=CHUNK_TOKENS, **cut))


def _auto_merging(parts: Parts) -> Method:
    from llama_index.core import StorageContext, VectorStoreIndex
    from llama_index.core.node_parser import HierarchicalNodeParser, get_leaf_nodes

    embedding = embedding_of(parts.encoder)
    levels = {str(tokens): splitter(tokens, parts.tokenizer) for tokens in LEVEL_TOKENS}
    parser = HierarchicalNodeParser.from_defaults(node_parser_ids=list(levels), node_parser_map={**levels})

    def make(document: Document) -> Index:
        nodes = parser.get_nodes_from_documents([document_of(document)])
        storage = StorageContext.from_defaults()
        storage.docstore.add_documents(nodes)
        leaves = VectorStoreIndex(get_leaf_nodes(nodes), storage_context=storage, embed_model=embedding)
        return _Merging(leaves, storage, _positions(nodes), parts.tokenizer)

    settings = _settings(
        parts.encoder,
        level_tokens=list(LEVEL_TOKENS),
        merge_ratio=MERGE_RATIO,
        top_k="leaves whose merged nodes fill the budget",
    )
    return _LlamaIndex(make, settings)


@dataclass(frozen=True, slots=True)
class _Nodes:
    """Chunks, all ranked: the budget decides how many are taken."""

    chunks: VectorStoreIndex
    tokenizer: Tokenizer

    def find(self, question: Question) -> Select:
        """The chunks by similarity."""
        ranked = [_unit(node) for node in _ranked(self.chunks, _bundle(question))]
        return lambda budget: fill(ranked, budget, self.tokenizer)


@dataclass(frozen=True, slots=True)
class _Optimized:
    """Chunks, each cut to its best sentences when its turn comes."""

    chunks: VectorStoreIndex
    optimizer: SentenceEmbeddingOptimizer
    tokenizer: Tokenizer

    def find(self, question: Question) -> Select:
        """The chunks by similarity; the optimizer reads only those that a budget has room for."""
        bundle = _bundle(question)
        waiting = _ranked(self.chunks, bundle)[::-1]
        units: list[Unit] = []
        filled = 0

        def select(budget: int) -> str:
            nonlocal filled
            # A joined text is at times a token or two shorter than its parts, so one more is read than counts say.
            while waiting and filled <= budget + CHUNK_TOKENS:
                node = waiting.pop()
                units.extend(map(_unit, self.optimizer.postprocess_nodes([node], bundle)))
                filled += self.tokenizer.count(units[-1].text)
            return fill(units, budget, self.tokenizer)

        return select


@dataclass(frozen=True, slots=True)
class _Merging:
    """Leaves in a vector index, all levels in a document store."""

    leaves: VectorStoreIndex
    storage: StorageContext
    positions: dict[str, int]
    tokenizer: Tokenizer

    def find(self, question: Question) -> Select:
        """The most leaves whose merged nodes fit, and one more, which is cut.

        More leaves would merge into parents that the budget has no room for.
        """
        bundle = _bundle(question)

        def select(budget: int) -> str:
            def fits(top_k: int) -> bool:
                return sum(self.tokenizer.count_many([unit.text for unit in self._merged(bundle, top_k)])) <= budget

            top_k = most(len(self.leaves.index_struct.nodes_dict), fits) + 1
            return fill(self._merged(bundle, top_k), budget, self.tokenizer)

        return select

    def _merged(self, bundle: QueryBundle, top_k: int) -> list[Unit]:
        """What the retriever makes of some of the best leaves."""
        from llama_index.core.indices.vector_store import VectorIndexRetriever
        from llama_index.core.retrievers import AutoMergingRetriever

        base = VectorIndexRetriever(self.leaves, similarity_top_k=top_k)
        nodes = AutoMergingRetriever(base, self.storage, simple_ratio_thresh=MERGE_RATIO).retrieve(bundle)
        return [Unit(_text(node), self.positions[node.node_id]) for node in nodes]


def _positions(nodes: Sequence[BaseNode]) -> dict[str, int]:
    """Where each node stands in the document; a node knows only its place in its parent, which comes before it."""
    found: dict[str, int] = {}
    for node in nodes:
        parent = node.parent_node
        found[node.node_id] = (found[parent.node_id] if parent else 0) + _start(node)
    return found


def _bundle(question: Question) -> QueryBundle:
    from llama_index.core.schema import QueryBundle

    return QueryBundle(question.text)  # keeps its embedding once a retriever has made it


def _ranked(nodes: VectorStoreIndex, bundle: QueryBundle) -> list[NodeWithScore]:
    """All nodes of an index by similarity."""
    return nodes.as_retriever(similarity_top_k=len(nodes.index_struct.nodes_dict)).retrieve(bundle)


def _text(node: NodeWithScore) -> str:
    return str(node.node.get_content())


def _start(node: BaseNode) -> int:
    """A chunk's place in what it was cut from."""
    return getattr(node, "start_char_idx", None) or 0


def _unit(node: NodeWithScore) -> Unit:
    return Unit(_text(node), _start(node.node))
