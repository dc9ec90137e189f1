"""A Haystack pipeline that puts 200 tokens of its documents into a prompt, and that is saved and loaded."""

from pathlib import Path

from haystack import Document, Pipeline
from haystack.components.builders import PromptBuilder
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
from haystack.document_stores.in_memory import InMemoryDocumentStore

from hiercomp.integrations.haystack import HiercompCompressor

sections = Path("data/tarnholt_q4_2025_call.md").read_text(encoding="utf-8").split("\n## ")
store = InMemoryDocumentStore()
store.write_documents([Document(content=section) for section in sections])
template = "{% for document in documents %}{{ document.content }}\n\n{% endfor %}{{ query }}"

pipeline = Pipeline()
pipeline.add_component("retriever", InMemoryBM25Retriever(store))
pipeline.add_component("compressor", HiercompCompressor(budget=200))
pipeline.add_component("prompt", PromptBuilder(template, required_variables=["documents", "query"]))
pipeline.connect("retriever.documents", "compressor.documents")
pipeline.connect("compressor.documents", "prompt.documents")

query = {"query": "Why did the effective tax rate rise?"}
result = pipeline.run({"retriever": query, "compressor": query, "prompt": query})
print(result["prompt"]["prompt"])

saved = pipeline.dumps()
print(Pipeline.loads(saved, allowed_modules=["hiercomp.*"]).get_component("compressor").budget)
