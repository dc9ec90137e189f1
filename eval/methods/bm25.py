"""BM25 over chunks: stop words out, words stemmed, idf never negative."""

from __future__ import annotations

from functools import partial
from typing import cast

from eval.methods._chunks import CHUNK_TOKENS, chunks
from eval.methods._ranking import Ranked
from eval.ports import Method, Parts
from hiercomp import registry
from hiercomp.ports import Retriever

NAMES = ("bm25",)


def build(name: str, parts: Parts) -> Method:
    """The method."""
    retriever = cast("Retriever", registry.build("retrievers", name))
    settings: dict[str, object] = {"chunk_tokens": CHUNK_TOKENS, "k1": 1.2, "b": 0.75}
    return Ranked(partial(chunks, tokenizer=parts.tokenizer), retriever, parts.tokenizer, settings)
