"""The methods of both frameworks. `eval.run` takes this file, which has `NAMES` and `build`."""

from __future__ import annotations

from eval.ports import Method, Parts

LLAMA_INDEX = ("llama-index", "llama-index+hiercomp", "llama-index+sentence-optimizer", "llama-index+longllmlingua")
LANGCHAIN = ("langchain", "langchain+hiercomp", "langchain+embeddings-filter", "langchain+compressor-pipeline")
NAMES = (*LLAMA_INDEX, *LANGCHAIN)


def build(name: str, parts: Parts) -> Method:
    """Build one of the methods.

    Raises:
        Unavailable: a required package is not installed.
    """
    from eval.stacks import langchain, llama_index

    build_one = llama_index.build if name in LLAMA_INDEX else langchain.build
    return build_one(name, parts)
