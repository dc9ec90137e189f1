"""LlamaIndex: nodes within a token budget, retrieval and answers over documents, and documents as a hierarchy of nodes.

    engine = index.as_query_engine(similarity_top_k=50, node_postprocessors=[HiercompPostprocessor(budget=2000)])

    HiercompPostprocessor  retrieved nodes, cut to what serves the question
    HiercompRetriever      what serves a question of files, documents, nodes, or an index's nodes
    HiercompQueryEngine    the answer, its citations checked; the budget bounds the whole call
    HiercompReader         files as documents that keep their pages and headings
    HiercompNodeParser     documents as sections and passages, for vector stores and AutoMergingRetriever
    HiercompTransform      nodes cut to what an embedding model reads, in an ingestion pipeline

Nodes that go through are copies; ids, scores, relationships and metadata are kept. `metadata["hiercomp"]` says what of
a text was kept, and is hidden from language models and embedding models.
"""

from hiercomp.integrations.llama_index.events import CompressionEndEvent, CompressionStartEvent
from hiercomp.integrations.llama_index.node_parser import HiercompNodeParser
from hiercomp.integrations.llama_index.postprocessor import HiercompPostprocessor, HiercompTransform
from hiercomp.integrations.llama_index.query_engine import HiercompQueryEngine
from hiercomp.integrations.llama_index.reader import HiercompReader
from hiercomp.integrations.llama_index.retriever import HiercompRetriever

__all__ = [
    "CompressionEndEvent",
    "CompressionStartEvent",
    "HiercompNodeParser",
    "HiercompPostprocessor",
    "HiercompQueryEngine",
    "HiercompReader",
    "HiercompRetriever",
    "HiercompTransform",
]
