"""Two LlamaIndex query engines: one whose model reads 150 tokens of nodes, and one whose calls take 800 tokens."""

from llama_index.core import MockEmbedding, VectorStoreIndex
from llama_index.core.llms import MockLLM
from llama_index.core.node_parser import get_leaf_nodes

from hiercomp.integrations.llama_index import (
    HiercompNodeParser,
    HiercompPostprocessor,
    HiercompQueryEngine,
    HiercompReader,
    PlannedQuery,
)

REPORT = "data/tarnholt_2025_annual_report.pdf"
QUESTION = PlannedQuery(
    "How did the effective tax rate of 2025 compare with that of 2024?",
    plan=["provision for income taxes, effective rate, compared with"],  # what a document would say; may be left out
)

nodes = HiercompNodeParser().get_nodes_from_documents(HiercompReader().load_data(REPORT))
index = VectorStoreIndex(get_leaf_nodes(nodes), embed_model=MockEmbedding(8))  # use real models here
engine = index.as_query_engine(
    llm=MockLLM(max_tokens=1), similarity_top_k=200, node_postprocessors=[HiercompPostprocessor(budget=150)]
)
for node in engine.query(QUESTION).source_nodes:
    print(f"[page {node.metadata['page_label']}, characters {node.metadata['hiercomp']['spans']}]")
    print(node.text, end="\n\n")

print(HiercompQueryEngine(REPORT, budget=800, settings={"model": "extractive"}).query(QUESTION))
