"""Compress the documents of a LangChain retriever to 200 tokens."""

from pathlib import Path

from langchain_classic.retrievers import ContextualCompressionRetriever
from langchain_core.documents import Document
from langchain_core.runnables import RunnableLambda

from hiercomp.integrations.langchain import HiercompDocumentCompressor

sections = Path("data/tarnholt_q4_2025_call.md").read_text(encoding="utf-8").split("\n## ")
documents = [Document(section, id=section.splitlines()[0]) for section in sections]
retriever = RunnableLambda(lambda question: documents)  # use yours, such as store.as_retriever()

compressing = ContextualCompressionRetriever(
    base_compressor=HiercompDocumentCompressor(budget=200), base_retriever=retriever
)
for document in compressing.invoke("Why did the effective tax rate rise?"):
    print(f"[{document.id}, characters {document.metadata['hiercomp']['spans']}]")
    print(document.page_content, end="\n\n")
