"""LlamaIndex adapters: nodes within a token budget, retrieval and answers over documents, and a node parser.

    engine = index.as_query_engine(similarity_top_k=50, node_postprocessors=[HiercompPostprocessor(budget=2000)])

    HiercompPostprocessor  cuts retrieved nodes to the sentences that answer the question
    HiercompRetriever      retrieves from files, documents, nodes or an index
    HiercompQueryEngine    answers with checked citations; the budget bounds the whole call
    PlannedQuery           a question with its plan, for any of the three
    HiercompReader         reads files into documents that keep their pages and headings
    HiercompNodeParser     splits documents into sections and passages, for vector stores and AutoMergingRetriever
    HiercompTransform      cuts nodes to the window of an embedding model, in an ingestion pipeline

The adapters return copies of nodes, and keep ids, scores, relationships and metadata. `metadata["hiercomp"]` holds the
spans of the text that were kept. It is hidden from language models and embedding models.
"""

from hiercomp.integrations.llama_index._planned import PlannedQuery
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
    "PlannedQuery",
]
