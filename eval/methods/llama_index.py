"""LlamaIndex's retrieval with its own classes: top-k chunks, merged chunks, and chunks cut to their best sentences.

Nodes keep the framework's order and texts. Only the encoder is replaced. The number of nodes never limits a method:
each method retrieves as many nodes as the budget can hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from eval.methods._filling import Unit, fill, largest_fitting
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
"""The merging retriever's default: a parent replaces its children if more than this share of them is found."""
SENTENCE_SHARE = 0.5
"""The share of a chunk's sentences that the optimizer keeps: the value in its documentation."""
NEIGHBOURS = 0
"""Sentences that the optimizer adds before and after each sentence it keeps.

With its default of 1 a sentence is written up to three times, and a chunk becomes longer.
"""


def build(name: str, parts: Parts) -> Method:
    """Build the method with a name.

    Raises:
        Unavailable: llama-index-core is not installed, or its data for splitting sentences cannot be read.
    """
    check()
    return {TOP_K: _top_k, AUTO_MERGING: _auto_merging, SENTENCE_OPTIMIZER: _sentence_optimizer}[name](parts)


@dataclass(frozen=True, slots=True)
class _LlamaIndex:
    """A pipeline of the framework, and its settings for the run's file."""

    make: Callable[[Document], Index]
    settings: dict[str, object]
    budgeted: bool = True

    def index(self, document: Document) -> Index:
        """Encode the document's nodes."""
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
    """Return the postprocessor that cuts a chunk to its best sentences."""
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
    """Chunks that are all ranked. The budget decides how many are used."""

    chunks: VectorStoreIndex
    tokenizer: Tokenizer

    def find(self, question: Question) -> Select:
        """Rank the chunks by similarity."""
        ranked = [_unit(node) for node in _ranked(self.chunks, _bundle(question))]
        return lambda budget: fill(ranked, budget, self.tokenizer)


@dataclass(frozen=True, slots=True)
class _Optimized:
    """Chunks that are cut to their best sentences when they are needed."""

    chunks: VectorStoreIndex
    optimizer: SentenceEmbeddingOptimizer
    tokenizer: Tokenizer

    def find(self, question: Question) -> Select:
        """Rank the chunks by similarity. The optimizer reads only the chunks that a budget has room for."""
        bundle = _bundle(question)
        waiting = _ranked(self.chunks, bundle)[::-1]
        units: list[Unit] = []
        filled = 0

        def select(budget: int) -> str:
            nonlocal filled
            # A joined text can be a token or two shorter than its parts, so one chunk more than the counts say is read.
            while waiting and filled <= budget + CHUNK_TOKENS:
                node = waiting.pop()
                units.extend(map(_unit, self.optimizer.postprocess_nodes([node], bundle)))
                filled += self.tokenizer.count(units[-1].text)
            return fill(units, budget, self.tokenizer)

        return select


@dataclass(frozen=True, slots=True)
class _Merging:
    """Leaves in a vector index, and all levels in a document store."""

    leaves: VectorStoreIndex
    storage: StorageContext
    positions: dict[str, int]
    tokenizer: Tokenizer

    def find(self, question: Question) -> Select:
        """Retrieve the most leaves whose merged nodes fit, and one more, which is cut.

        More leaves would merge into parents that exceed the budget.
        """
        bundle = _bundle(question)

        def select(budget: int) -> str:
            def fits(top_k: int) -> bool:
                return sum(self.tokenizer.count_many([unit.text for unit in self._merged(bundle, top_k)])) <= budget

            top_k = largest_fitting(len(self.leaves.index_struct.nodes_dict), fits) + 1
            return fill(self._merged(bundle, top_k), budget, self.tokenizer)

        return select

    def _merged(self, bundle: QueryBundle, top_k: int) -> list[Unit]:
        """Return the nodes that the retriever merges from the best leaves."""
        from llama_index.core.indices.vector_store import VectorIndexRetriever
        from llama_index.core.retrievers import AutoMergingRetriever

        base = VectorIndexRetriever(self.leaves, similarity_top_k=top_k)
        nodes = AutoMergingRetriever(base, self.storage, simple_ratio_thresh=MERGE_RATIO).retrieve(bundle)
        return [Unit(_text(node), self.positions[node.node_id]) for node in nodes]


def _positions(nodes: Sequence[BaseNode]) -> dict[str, int]:
    """Return each node's position in the document. A node has only its place in its parent, which comes before it."""
    found: dict[str, int] = {}
    for node in nodes:
        parent = node.parent_node
        found[node.node_id] = (found[parent.node_id] if parent else 0) + _start(node)
    return found


def _bundle(question: Question) -> QueryBundle:
    from llama_index.core.schema import QueryBundle

    return QueryBundle(question.query)  # It keeps its embedding after the first retrieval.


def _ranked(nodes: VectorStoreIndex, bundle: QueryBundle) -> list[NodeWithScore]:
    """Rank all nodes of an index by similarity."""
    return nodes.as_retriever(similarity_top_k=len(nodes.index_struct.nodes_dict)).retrieve(bundle)


def _text(node: NodeWithScore) -> str:
    return str(node.node.get_content())


def _start(node: BaseNode) -> int:
    """Return the position of a chunk in the text it was cut from."""
    return getattr(node, "start_char_idx", None) or 0


def _unit(node: NodeWithScore) -> Unit:
    return Unit(_text(node), _start(node.node))
