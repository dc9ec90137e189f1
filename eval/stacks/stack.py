"""The methods of both stacks, for `eval.run`, which takes a file with `NAMES` and `build`."""

from __future__ import annotations

from eval.ports import Method, Parts

LLAMA_INDEX = ("llama-index", "llama-index+hiercomp", "llama-index+sentence-optimizer", "llama-index+longllmlingua")
LANGCHAIN = ("langchain", "langchain+hiercomp", "langchain+embeddings-filter", "langchain+compressor-pipeline")
NAMES = (*LLAMA_INDEX, *LANGCHAIN)


def build(name: str, parts: Parts) -> Method:
    """The method with one of the names.

    Raises:
        Unavailable: a package that it needs is not installed.
    """
    from eval.stacks import langchain, llama_index

    build_one = llama_index.build if name in LLAMA_INDEX else langchain.build
    return build_one(name, parts)
